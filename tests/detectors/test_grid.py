"""The calendar of a table of counts: zones, clock changes, days of rest."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from detectors import FireDetector, Grid
from detectors.grid import local_hours, slots_of

FIVE = timedelta(minutes=5)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def test_a_day_of_rest_has_the_slots_of_a_sunday() -> None:
    wednesday = (date(2026, 11, 11) - date(1970, 1, 1)).days
    hours = np.arange(wednesday * 24, wednesday * 24 + 24)
    assert slots_of(hours).tolist() == list(range(24))
    assert slots_of(hours, frozenset({wednesday})).tolist() == list(range(24, 48))


def test_each_row_lives_by_its_own_calendar() -> None:
    holiday = frozenset({(date(2026, 11, 2) - date(1970, 1, 1)).days})
    none: frozenset[int] = frozenset()
    grid = Grid(MONDAY, FIVE, ("UTC", "UTC", "Asia/Tokyo"), (holiday, none, none))
    slots = {int(row): slot.tolist() for rows, slot in grid.slots(grid.hour_number(), 2) for row in rows}
    assert slots == {0: [24, 25], 1: [0, 1], 2: [9, 10]}
    assert grid.only(np.asarray([0])).rest == (holiday,)


def test_rows_and_calendars_must_fit() -> None:
    with pytest.raises(ValueError, match="1 calendars do not fit 2 time zones"):
        Grid(MONDAY, FIVE, ("UTC", "UTC"), (frozenset(),))


def test_a_quiet_sunday_is_expected_on_a_holiday_too() -> None:
    rng = np.random.default_rng(3)
    days = 28
    at = np.arange(days * 288)
    weekend = np.isin((at // 288) % 7, (5, 6))
    counts = rng.poisson(np.where(weekend, 2.0, 20.0))[None].astype(float)
    learn = np.ones(counts.shape, np.bool_)
    next_monday = (MONDAY + timedelta(days=days)).date()
    rest = frozenset({(next_monday - date(1970, 1, 1)).days})
    expected = []
    for calendar in ((), (rest,)):
        grid = Grid(MONDAY, FIVE, ("UTC",), calendar)
        baseline = FireDetector().fit(counts, learn, grid)
        recent = counts[:, -288:]
        evidence = FireDetector().score(
            baseline,
            np.concatenate([recent, recent[:, :12]], axis=1),
            grid.moved(days * 288 - 288),
            first=288,
        )
        expected.append(float(evidence.expected.mean()))
    assert expected[1] < expected[0] - 5


def test_the_night_of_a_clock_change_has_one_hour_more_or_less() -> None:
    october = datetime(2026, 10, 25, tzinfo=UTC)
    first = (october - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(hours=1)
    assert [int(hour) % 24 for hour in local_hours("Europe/Paris", first, 3)] == [2, 2, 3]
