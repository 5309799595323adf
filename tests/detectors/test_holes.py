"""Stretches of noughts that nobody can have heard, and fires that stay."""

from collections.abc import Callable

import numpy as np

from detectors import FireDetector
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
