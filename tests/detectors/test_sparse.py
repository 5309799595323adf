"""Brands of a few posts: what rings, what does not, and what is said to be usual."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detectors import FireDetector, Grid, calm_for, scan, sparse, threshold_for, walk
from detectors.grid import Floats
from detectors.sparse import FEW, MANY, sparse_part, tail

DAY = 288
DETECTOR = FireDetector()
LINE = threshold_for(1.0)
NAMES = ("expected", "low", "high", "flash", "score")
Grids = Callable[..., Grid]
FORTY_MINUTES = np.asarray([0, 1, 3, 4, 6, 7, 8])  # seven stories, none with another


def quiet(days: int, a_day: float, seed: int = 1, series: int = 1) -> Floats:
    return np.random.default_rng(seed).poisson(a_day / DAY, (series, days * DAY)).astype(np.float64)


def judged(counts: Floats, grid: Grid, first: int, **more: Floats) -> dict[str, Floats]:
    learn = np.ones(counts.shape, np.bool_)
    parts = [evidence for _, evidence in walk(DETECTOR, counts, learn, grid, first=first, **more)]
    return {name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in NAMES}


@pytest.mark.parametrize("a_day", [1 / 7, 1.0, 1.8, 5.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_seven_posts_in_forty_minutes_are_seen_within_the_hour(grid: Grids, a_day: float, seed: int) -> None:
    counts = quiet(16, a_day, seed)
    at = 15 * DAY + 222
    counts[0, at + FORTY_MINUTES] += 1
    score = judged(counts, grid(), 15 * DAY)["score"][0]
    assert score[:222].max() < LINE
    assert score[222 : 222 + 12].max() >= LINE


def test_six_posts_over_a_morning_are_a_fire_where_one_comes_in_a_week(grid: Grids) -> None:
    counts = np.zeros((1, 29 * DAY))
    counts[0, 500 :: 7 * DAY] = 1
    counts[0, 28 * DAY + 84 : 28 * DAY + 156 : 12] = 1
    score = judged(counts, grid(), 28 * DAY)["score"][0]
    assert score[: 84 + 36].max() < LINE  # three posts
    assert score[84:156].max() >= LINE


def test_a_brand_of_one_post_a_week_is_calm_when_it_comes(grid: Grids) -> None:
    counts = np.zeros((1, 35 * DAY))
    counts[0, 500 :: 7 * DAY] = 1
    found = judged(counts, grid(), 28 * DAY)
    assert found["score"].max() < calm_for(LINE)
    a_day = found["expected"][0, :DAY].sum()
    assert 0.5 / 7 < a_day < 2 / 7


def test_three_posts_instead_of_one_a_day_are_no_fire(grid: Grids) -> None:
    counts = np.zeros((1, 15 * DAY))
    counts[0, 100::DAY] = 1
    counts[0, 14 * DAY + 98 : 14 * DAY + 104 : 2] = 1
    assert judged(counts, grid(), 14 * DAY)["score"].max() < calm_for(LINE)


@pytest.mark.parametrize("copies", [5.0, 40.0])
def test_copies_in_one_bucket_are_no_fire(grid: Grids, copies: float) -> None:
    counts = quiet(16, 1.0)
    counts[0, 15 * DAY + 100] = copies
    assert judged(counts, grid(), 15 * DAY)["score"].max() < calm_for(LINE)


def test_what_ended_six_hours_ago_burns_no_more(grid: Grids) -> None:
    counts = quiet(16, 1.0)
    counts[0, 15 * DAY :] = 0
    counts[0, 15 * DAY + FORTY_MINUTES] = 1
    counts[0, 15 * DAY + 96] = 1  # one more, eight hours later
    score = judged(counts, grid(), 15 * DAY)["score"][0]
    assert score[:12].max() >= LINE
    assert score[81:].max() < LINE
    assert score[84:96].max() < calm_for(LINE)


@pytest.mark.story
@pytest.mark.parametrize(
    "a_day", [0.2, 5.0, 80.0, *(pytest.param(n, marks=pytest.mark.whole) for n in (1.0, 20.0, 50.0))]
)
def test_a_month_of_chance_alone_rings_hardly_ever(grid: Grids, a_day: float) -> None:
    counts = quiet(20, a_day, series=20)
    scanned = scan(DETECTOR, counts, grid(20), threshold=LINE, calm=calm_for(LINE))
    assert scanned.alarm.any(axis=1).sum() <= 4  # in eleven months of a brand


def test_the_usual_is_a_mean_and_its_interval_is_one_of_an_hour(grid: Grids) -> None:
    counts = quiet(29, 2.0, series=10)
    found = judged(counts, grid(10), 28 * DAY)
    np.testing.assert_allclose(found["expected"].sum(axis=1).mean(), 2.0, rtol=0.2)
    assert (found["low"] <= found["expected"]).all()
    above = found["high"][:, :12] - found["expected"][:, :12]
    together = np.sqrt(0.75 * (above**2).sum(axis=1) + 0.25 * above.sum(axis=1) ** 2)
    assert (together > 0.2).all()
    assert (together < 2.0).all()


def test_a_planned_event_is_expected_of_a_sparse_brand_too(grid: Grids) -> None:
    counts, uplift = quiet(16, 5.0), np.ones((1, 16 * DAY))
    counts[0, 15 * DAY + 100 : 15 * DAY + 172 : 7] = 1
    uplift[0, 15 * DAY + 90 : 15 * DAY + 180] = 8.0
    assert judged(counts, grid(), 15 * DAY)["score"].max() >= LINE
    assert judged(counts, grid(), 15 * DAY, uplift=uplift)["score"].max() < LINE


def test_what_was_not_observed_is_not_expected(grid: Grids) -> None:
    counts = quiet(29, 4.0, series=8)
    holes = counts.copy()
    holes[:, : 28 * DAY].reshape(8, 28, DAY)[:, :, ::2] = np.nan
    zeros = np.nan_to_num(holes)
    full, half, less = (judged(c, grid(8), 28 * DAY)["expected"].mean() for c in (counts, holes, zeros))
    np.testing.assert_allclose(half, full, rtol=0.2)
    assert less < 0.7 * half


def test_scores_of_a_sparse_series_depend_on_a_memory_and_on_nothing_later(grid: Grids) -> None:
    counts = quiet(32, 3.0, series=2)
    full = judged(counts, grid(2), 31 * DAY)
    cut = 2 * DAY + 5
    moved = judged(counts[:, cut:-30], grid(2).moved(cut), 31 * DAY - cut)
    for name in NAMES:
        np.testing.assert_allclose(full[name][:, :-30], moved[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_the_two_ways_of_judging_pass_into_each_other(grid: Grids) -> None:
    a_day = np.asarray([0.0, FEW, (FEW * MANY) ** 0.5, MANY, 5_000.0])
    np.testing.assert_allclose(sparse_part(a_day / DAY, 12), [1, 1, 0.5, 0, 0], atol=1e-9)
    peaks = []
    for usual in (30.0, 45.0, 60.0, 75.0, 100.0):
        counts = quiet(16, usual, seed=4)
        counts[0, 15 * DAY + 100 : 15 * DAY + 136] += 1
        peaks.append(judged(counts, grid(), 15 * DAY)["score"].max())
    assert min(peaks) >= LINE


def test_tails_grow_with_the_posts_and_fall_with_what_is_usual_and_how_loose_it_is() -> None:
    posts = np.arange(0.0, 40.0)
    grown = tail(posts, np.full(40, 2.0), np.full(40, 0.2))
    assert grown[0] == 0
    assert (np.diff(grown) > 0).all()
    usual = np.geomspace(1e-9, 1e3, 40)
    assert (np.diff(tail(np.full(40, 6.0), usual, np.full(40, 0.2))) <= 0).all()
    assert (np.diff(tail(np.full(40, 6.0), np.full(40, 1.0), np.geomspace(0.1, 5, 40))) < 0).all()
    assert np.isfinite(tail(np.asarray([1e6]), np.asarray([0.0]), np.asarray([0.2]))).all()


@pytest.mark.parametrize("minutes", [1, 15, 30, 60])
def test_other_steps_work_for_sparse_series_too(minutes: int) -> None:
    per_day = 1440 // minutes
    start = datetime(2026, 3, 2, tzinfo=UTC)
    counts = np.random.default_rng(1).poisson(1.5 / per_day, (1, 16 * per_day)).astype(np.float64)
    came = 15 * 1440 + 600 + np.arange(10) * 7
    np.add.at(counts[0], came // minutes, 1)
    grid = Grid.of(start, timedelta(minutes=minutes), series=1)
    score = judged(counts, grid, 15 * per_day)["score"][0]
    assert score[: 600 // minutes].max() < LINE
    assert score[600 // minutes : 720 // minutes].max() >= LINE


def test_short_cuts_where_all_was_observed_change_nothing(grid: Grids) -> None:
    counts = np.concatenate([quiet(30, a_day, seed=6) for a_day in (0.5, 4.0, 15.0, 60.0)])
    counts[:, 29 * DAY + 40 : 29 * DAY + 60] += 1
    short = judged(counts, grid(4), 29 * DAY)
    hardly = np.full(counts.shape, 1 + 1e-13)  # times the usual: it takes the long way
    for name, values in judged(counts, grid(4), 29 * DAY, uplift=hardly).items():
        np.testing.assert_allclose(values, short[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_an_excess_of_just_the_floor_counts(grid: Grids) -> None:
    """By the hour, and where an event was planned, what is due is what is usual to the last bit."""
    counts = np.zeros((1, 24 * 29))
    counts[0, : 24 * 28 : 24] = 1
    counts[0, -1] = 5
    hours = grid(step=timedelta(hours=1))
    learnt = DETECTOR.fit(counts[:, :-1], np.ones((1, counts.shape[1] - 1), np.bool_), hours)
    last, event = hours.moved(counts.shape[1] - 48), np.ones((1, 48))
    event[0, 40] = 2.0

    def judge(least: float) -> tuple[float, float]:
        usual, _, score = sparse.judged(learnt, counts[:, -48:], last, 47, event, np.asarray([least]))
        return float(usual[0, 0]), float(score[0, 0])

    usual, score = judge(0.0)
    assert judge(5 - usual)[1] == score > LINE
    assert judge(float(np.nextafter(5 - usual, 9)))[1] == pytest.approx(0.3)
