"""A series that has not learnt borrows the usual of series like it: wide, rather too high, or not at all."""

from collections.abc import Callable

import numpy as np
import pytest

from detectors import Baseline, FireDetector, Grid, threshold_for
from detectors.borrowed import LEAST_HOURS, LEAST_LENDERS, lend, scale
from detectors.grid import Floats

DAY, HOUR = 288, 12
DETECTOR = FireDetector()
HOURS_OF_DAY = np.arange(10 * 24) % 24
Grids = Callable[..., Grid]


def counts(per_hour: float, *, seed: int, heard: int = 10 * DAY) -> Floats:
    found = np.random.default_rng(seed).poisson(per_hour / HOUR, (1, 10 * DAY)).astype(np.float64)
    found[:, : 10 * DAY - heard] = np.nan
    return found


def fitted(rows: list[Floats], grid: Grids) -> Baseline:
    whole = np.concatenate(rows)
    return DETECTOR.fit(whole, np.ones(whole.shape, bool), grid(len(rows)))


@pytest.mark.parametrize("per_hour", [1.0, 8.0, 40.0])
def test_what_is_lent_is_wide_and_not_too_low(grid: Grids, per_hour: float) -> None:
    mine = counts(per_hour, seed=1, heard=DAY)
    others = [counts(per_hour * part, seed=2 + n) for n, part in enumerate((0.7, 1.0, 1.3))]
    baseline = fitted([mine, *others], grid)
    assert baseline.ready.tolist() == [False, True, True, True]
    lenders = baseline.of(slice(1, None))
    times = scale(mine[0], HOURS_OF_DAY, lenders, HOUR)
    assert times is not None
    lent = lend(baseline, 0, lenders, times)
    assert lent.ready.all()
    assert lent.rate[0] >= np.median(lenders.rate)
    assert lent.spread[0] > lenders.spread.max()
    for name in ("rate", "level", "spread"):
        assert (getattr(lent, name)[1:] == getattr(baseline, name)[1:]).all(), "the others keep their own"
    next_hour = [counts(per_hour, seed=20 + n)[:, :HOUR] for n in range(4)]
    whole = np.concatenate([np.concatenate([mine, *others]), np.concatenate(next_hour)], axis=1)
    ordinary = DETECTOR.score(lent, whole, grid(4), first=10 * DAY)
    assert ordinary.score[0].max() < threshold_for(1.0)


def test_a_series_unlike_the_others_borrows_nothing(grid: Grids) -> None:
    others = [counts(8.0, seed=2 + n) for n in range(3)]
    lenders = fitted(others, grid)
    much, few = counts(80.0, seed=9, heard=DAY), counts(8.0, seed=9, heard=(LEAST_HOURS - 1) * HOUR)
    larger, alike = counts(20.0, seed=9, heard=DAY), counts(8.0, seed=9, heard=DAY)
    times = [scale(one[0], HOURS_OF_DAY, lenders, HOUR) for one in (much, few, larger, alike)]
    assert times[:2] == [None, None]
    assert times[2] is not None
    assert 1.8 < times[2] < 3
    assert times[3] == pytest.approx(1.0, abs=0.3)


def test_its_fire_makes_a_series_no_larger(grid: Grids) -> None:
    lenders = fitted([counts(8.0, seed=2 + n) for n in range(3)], grid)
    burning = counts(8.0, seed=9, heard=DAY)
    burning[0, -8 * HOUR :] += 20
    times = scale(burning[0], HOURS_OF_DAY, lenders, HOUR)
    assert times == pytest.approx(1.0, abs=0.4)


def test_two_lend_nothing(grid: Grids) -> None:
    lenders = fitted([counts(8.0, seed=2 + n) for n in range(LEAST_LENDERS - 1)], grid)
    with pytest.raises(ValueError, match="it takes 3"):
        lend(lenders, 0, lenders, 1.0)
