"""The calendar of a table of counts: zones, clock changes, days of rest."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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
    two = grid.only(slice(1, 3))
    assert [(rows.tolist(), slot.tolist()) for rows, slot in two.slots(two.hour_number(), 1)] == [
        ([0], [0]),
        ([1], [9]),
    ]


@pytest.mark.parametrize("minutes", [0, -5, 7, 90])
def test_a_step_divides_an_hour(minutes: int) -> None:
    with pytest.raises(ValueError, match="must divide one hour"):
        Grid.of(MONDAY, timedelta(minutes=minutes), series=1)


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


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/St_Johns", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("before", "hours"), [(1, 1), (1, 2), (0, 4096), (0, 4097), (5, 8207), (2000, 100), (4096, 4096)]
)
def test_hours_are_local_wherever_what_is_kept_of_them_begins_and_ends(
    zone: str, before: int, hours: int
) -> None:
    """Half a year of clock changes is kept at once: here from hour 491,520 on, in January 2026."""
    first = 120 * 4096 - before
    starts = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=first + n) for n in range(hours)]
    local = [start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for start in starts]
    numbers = [(at - datetime(1970, 1, 1)) // timedelta(hours=1) for at in local]  # noqa: DTZ001 - local time
    assert local_hours(zone, first, hours).tolist() == numbers
    grid = Grid.of(starts[0], FIVE, series=1, zone=zone)
    [(_, slots)] = grid.slots(first, hours)
    assert slots.tolist() == [at.hour + 24 * (at.weekday() >= 5) for at in local]
