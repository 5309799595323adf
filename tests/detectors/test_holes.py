"""Stretches of noughts that nobody can have heard, and fires that stay."""

from collections.abc import Callable

import numpy as np

from detectors import FireDetector
from detectors.baseline import beyond
from detectors.grid import Bools, Floats, Grid
from detectors.holes import without_holes
from tests.detectors.conftest import DAY

Make = Callable[..., Floats]
Grids = Callable[..., Grid]


def heard(counts: Floats) -> Bools:
    return without_holes(counts, np.isfinite(counts), 12)


def level(counts: Floats, grid: Grid, learn: Bools | None = None) -> float:
    learn = np.ones(counts.shape, np.bool_) if learn is None else learn
    return float(FireDetector().fit(counts, learn, grid).level[0])


def test_a_day_of_noughts_of_a_busy_brand_was_not_heard(brand: Make) -> None:
    counts = brand(20, usual=3.0)
    counts[0, 17 * DAY : 18 * DAY] = 0
    assert not heard(counts)[0, 17 * DAY : 18 * DAY].any()
    assert heard(counts).sum() > 19 * DAY - 20


def test_ten_quiet_minutes_of_a_busy_brand_and_a_quiet_week_of_a_small_one_are_heard(brand: Make) -> None:
    busy, small = brand(20, usual=3.0), np.zeros((1, 20 * DAY))
    busy[0, 1_000:1_002] = 0
    small[0, ::DAY] = 1.0
    small[0, 5 * DAY : 12 * DAY] = 0
    assert heard(busy).all()
    assert heard(small).all()


def test_a_night_in_which_nobody_ever_posts_is_heard() -> None:
    counts = np.full((1, 20 * DAY), 5.0)
    counts.reshape(20, DAY)[:, : DAY // 3] = 0
    assert heard(counts).all()


def test_the_quiet_days_before_a_fire_are_no_hole_until_a_day_measures_them(grid: Grids) -> None:
    counts = np.zeros((1, 20 * DAY))
    counts[0, -36:] = 30.0  # three hours of it, and not one post in all the weeks before
    assert heard(counts).all()
    assert FireDetector().fit(counts, np.ones(counts.shape, np.bool_), grid()).ready.all()
    counts[0, -DAY:] = 30.0  # a source that spoke up at last: what was before was not heard
    assert heard(counts)[0].sum() == DAY


def test_a_fire_of_a_brand_of_few_posts_makes_no_hole_of_the_weeks_before_it(grid: Grids) -> None:
    for length in (DAY // 2, DAY):
        counts = np.zeros((1, 20 * DAY))
        counts[0, 40 : 18 * DAY : 3 * DAY] = 1.0  # next to nothing, for weeks
        counts[0, 60 : 18 * DAY : 5 * DAY] = 1.0
        counts[0, -length::4] = 1.0  # and then three posts an hour
        assert heard(counts).all(), length
        assert FireDetector().fit(counts, np.ones(counts.shape, np.bool_), grid()).ready.all()


def hourly(days: int, posts: float) -> Floats:
    """So many posts in each hour, by the hour."""
    return np.full((1, 24 * days), posts)


def silent(counts: Floats, observed: Bools | None = None) -> list[int]:
    """The hours that nobody can have heard."""
    observed = np.isfinite(counts) if observed is None else observed
    return np.flatnonzero(observed[0] & ~without_holes(counts, observed, 1)[0]).tolist()


def test_a_hole_is_where_fifty_posts_were_due_by_the_same_hours_of_other_days() -> None:
    counts = hourly(10, 5.0)
    counts[0, 100:109] = 0
    assert silent(counts) == [], "45 were due"
    counts[0, 109] = 0
    assert silent(counts) == list(range(100, 110)), "50 were due"
    counts = hourly(10, 4.995)
    counts[0, 100:110] = 0
    assert silent(counts) == [], "49.95 were due, and what was not heard before adds nothing"
    first = hourly(10, 5.0)
    first[0, :10] = 0
    assert silent(first) == list(range(10)), "from the very first hour on"


def test_what_was_due_is_known_from_one_other_day_too() -> None:
    counts = hourly(2, 6.0)
    counts[0, 30:39] = 0
    assert silent(counts) == list(range(30, 39))


def test_of_two_stretches_each_is_judged_by_what_was_due_in_it() -> None:
    counts = hourly(10, 1.0)
    counts[0].reshape(10, 24)[:, 8:20] = 12.0
    counts[0, 48:56] = 0  # eight hours of the night
    counts[0, 105:110] = 0  # five of the day
    assert silent(counts) == list(range(105, 110))


def test_a_stretch_must_last_as_long_as_fifty_posts_take_at_eight_times_the_mean() -> None:
    def found(crowd: float, length: int, *, days: int = 40) -> list[int]:
        """Every day from noon on a crowd of two hours; on the tenth one or two of them are silent."""
        counts = hourly(40, 1.0)
        counts[0].reshape(40, 24)[:, 12:14] = crowd
        counts[0, 24 * days :] = np.nan
        counts[0, 252 : 252 + length] = 0
        return silent(counts)

    assert found(27.0, 2) == [], "at 8 times 3.11 an hour they take 2.01 hours"
    assert found(28.5, 2) == [252, 253], "at 8 times 3.23 they take 1.93"
    assert found(28.5, 1) == []
    assert found(27.0, 2, days=20) == [], "at 8 times 3.05, whatever was not heard"


def test_what_is_heard_is_not_changed_by_looking() -> None:
    counts = hourly(10, 5.0)
    counts[0, 100:110] = 0
    observed = np.ones(counts.shape, np.bool_)
    assert without_holes(counts, observed, 1).sum() == 230
    assert observed.all()


def test_what_comes_after_a_hole_is_compared_with_what_came_before_it(brand: Make, grid: Grids) -> None:
    counts = brand(20, usual=20.0)
    before = level(counts, grid())
    counts[0, 19 * DAY :] = 0
    assert abs(level(counts, grid()) - before) < 0.1 * before


def test_what_burns_for_more_than_three_days_of_a_week_is_a_new_level(brand: Make, grid: Grids) -> None:
    counts = brand(28, usual=20.0)
    learn = np.ones(counts.shape, np.bool_)
    before = level(counts, grid())
    counts[0, 21 * DAY :] *= 6
    learn[0, 21 * DAY :] = False
    assert level(counts, grid(), learn) > 1.8 * before
    # An incident that begins anew each morning is no way around it.
    learn[0].reshape(28, DAY)[21:, :96] = True
    assert level(counts, grid(), learn) > 1.8 * before


def test_the_week_is_that_up_to_the_hour_and_three_days_of_it_are_not_more_than_three() -> None:
    burning = np.zeros((4, 24 * 10), np.bool_)
    burning[:3, :72] = True
    burning[1, 167] = True  # the last hour of the first week
    burning[2, 168] = True  # a week after the first hour that burnt
    burning[3, 100:] = True
    learnt = [np.flatnonzero(row).tolist() for row in beyond(burning, 1)]
    assert learnt == [[], [167], [], list(range(172, 240))]
    five_minutes = beyond(np.repeat(burning[1:2], 12, axis=1), 12)
    assert np.flatnonzero(five_minutes).tolist() == list(range(2004, 2027)), (
        "until as much is over a week ago"
    )
