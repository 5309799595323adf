"""What is a fire, what is not, and how much it takes."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from detectors import FireDetector, Grid, calm_for, scan, threshold_for, walk
from detectors.grid import Bools, Floats

DAY = 288
DETECTOR = FireDetector()
LINE = threshold_for(1.0)
Make = Callable[..., Floats]
Grids = Callable[..., Grid]


def scores(counts: Floats, grid: Grid, first: int, **more: Floats) -> Floats:
    learn = np.ones(counts.shape, np.bool_)
    return np.concatenate(
        [evidence.score for _, evidence in walk(DETECTOR, counts, learn, grid, first=first, **more)], axis=1
    )


def test_one_burst_of_one_bucket_is_no_fire_but_a_flash(brand: Make, grid: Grids) -> None:
    counts = brand(15, usual=20.0)
    counts[0, 14 * DAY + 100] = 5_000
    scanned = scan(DETECTOR, counts, grid(), threshold=LINE, calm=calm_for(LINE))
    assert not scanned.alarm[0, 14 * DAY + 100 : 14 * DAY + 160].any()
    assert scanned.evidence.flash[0, 14 * DAY + 100] > 3


@pytest.mark.parametrize("usual", [10.0, 100.0, 4_000.0])
def test_twice_the_usual_for_hours_is_a_fire_on_a_busy_series(brand: Make, grid: Grids, usual: float) -> None:
    counts = brand(15, usual=usual)
    counts[0, 14 * DAY + 60 : 14 * DAY + 132] *= 2
    found = scores(counts, grid(), 14 * DAY)[0]
    assert found[:60].max() < LINE
    assert found[60:132].max() >= LINE


def test_the_same_fire_scores_alike_on_series_of_any_size(brand: Make, grid: Grids) -> None:
    peaks = []
    for usual in (20.0, 200.0, 2_000.0):
        counts = brand(15, usual=usual)
        counts[0, 14 * DAY + 60 : 14 * DAY + 132] *= 2.5
        peaks.append(scores(counts, grid(), 14 * DAY)[0].max())
    assert max(peaks) < 2 * min(peaks)


def test_a_crowd_in_a_silent_series_is_a_fire(grid: Grids) -> None:
    counts = np.zeros((1, 15 * DAY))
    counts[0, ::400] = 1
    counts[0, 14 * DAY : 14 * DAY + 24] = 2
    assert scores(counts, grid(), 14 * DAY)[0, :30].max() >= LINE


def test_four_posts_instead_of_two_are_no_fire(grid: Grids) -> None:
    counts = np.zeros((1, 15 * DAY))
    counts[0, ::144] = 1
    counts[0, 14 * DAY : 14 * DAY + 40 : 10] = 1
    assert scores(counts, grid(), 14 * DAY)[0].max() < threshold_for(30.0)


def test_the_floor_is_the_least_excess_that_counts(grid: Grids) -> None:
    counts = np.zeros((3, 15 * DAY))
    counts[:, ::400] = 1
    counts[:, 14 * DAY : 14 * DAY + 24] = 1
    found = scores(counts, grid(3), 14 * DAY, floor=np.asarray([0.0, 10.0, 100.0])).max(axis=1)
    assert found[0] >= LINE
    assert found[1] == found[0]
    assert found[2] < threshold_for(30.0)


def test_a_planned_event_raises_the_expectation_and_an_excess_above_it_still_rings(
    brand: Make, grid: Grids
) -> None:
    event = slice(14 * DAY + 60, 14 * DAY + 156)
    uplift = np.ones((1, 15 * DAY))
    uplift[:, event] = 3.0
    counts = brand(15, usual=50.0)
    counts[:, event] *= 3
    assert scores(counts, grid(), 14 * DAY).max() >= LINE
    assert scores(counts, grid(), 14 * DAY, uplift=uplift).max() < LINE
    counts[:, event] *= 3
    assert scores(counts, grid(), 14 * DAY, uplift=uplift).max() >= LINE


def learnt(counts: Floats, learn: Bools, grid: Grid) -> float:
    return float(DETECTOR.fit(counts, learn, grid).level[0])


def test_a_past_fire_that_was_kept_out_does_not_raise_the_usual(brand: Make, grid: Grids) -> None:
    calm, burnt = brand(20, usual=20.0), brand(20, usual=20.0)
    learn = np.ones(burnt.shape, np.bool_)
    burnt[:, 19 * DAY : 19 * DAY + 144] *= 6
    kept_in = learnt(burnt, learn, grid())
    learn[:, 19 * DAY : 19 * DAY + 144] = False
    usual = learnt(calm, learn, grid())
    assert abs(learnt(burnt, learn, grid()) - usual) < 0.05 * usual
    assert kept_in > 1.2 * usual


def test_workdays_and_rest_days_are_told_apart(brand: Make, grid: Grids) -> None:
    counts = brand(28, usual=40.0)
    for week in range(4):
        counts[:, (7 * week + 5) * DAY : (7 * week + 7) * DAY] *= 0.25
    next_monday = np.concatenate([counts, brand(1, usual=40.0, seed=9)], axis=1)
    assert scores(next_monday, grid(), 28 * DAY).max() < LINE


def test_an_alarm_opens_at_the_line_closes_when_calm_and_is_learnt_after_three_days(
    brand: Make, grid: Grids
) -> None:
    counts = brand(30, usual=20.0)
    counts[:, 15 * DAY :] *= 3
    scanned = scan(DETECTOR, counts, grid(), threshold=LINE, calm=calm_for(LINE))
    assert not scanned.open[0, 10 * DAY : 15 * DAY].any()
    assert scanned.open[0, 15 * DAY + 72 : 17 * DAY].any()
    assert (scanned.open | ~scanned.alarm).all()
    assert not scanned.alarm[0, 26 * DAY :].any()  # a new level


@pytest.mark.parametrize("minutes", [1, 15, 60])
def test_other_steps_work_too(brand: Make, grid: Grids, minutes: int) -> None:
    per_day = 1440 // minutes
    counts = brand(12, usual=30.0, per_day=per_day)
    hour = 60 // minutes
    counts[:, 11 * per_day + 6 * hour : 11 * per_day + 12 * hour] *= 3
    found = scores(counts, grid(step=timedelta(minutes=minutes)), 11 * per_day)[0]
    assert found[: 6 * hour].max() < LINE <= found.max()


def test_what_does_not_fit_together_is_refused(grid: Grids) -> None:
    counts = np.zeros((2, 24))
    with pytest.raises(ValueError, match="do not fit"):
        DETECTOR.fit(counts, np.ones((2, 23), np.bool_), grid(2))
    with pytest.raises(ValueError, match="full hour"):
        DETECTOR.fit(counts[:, :23], np.ones((2, 23), np.bool_), grid(2))
    with pytest.raises(ValueError, match="divide one hour"):
        grid(step=timedelta(minutes=7))
    with pytest.raises(ValueError, match="time zone"):
        Grid(grid().start.replace(tzinfo=None), timedelta(minutes=5), ("UTC",))


def test_a_smaller_budget_has_a_higher_line_and_a_lower_calm_line() -> None:
    budgets = [0.1, 0.25, 0.5, 1.0, 4.0, 12.0, 30.0]
    lines = [threshold_for(budget) for budget in budgets]
    assert lines == sorted(lines, reverse=True)
    assert len(set(lines)) == len(lines)
    assert all(0 < calm_for(line) < line for line in lines)
    for wrong in (0.05, 31.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="budget"):
            threshold_for(wrong)
