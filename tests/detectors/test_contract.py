"""What must hold of every detector and every score, whatever the series."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors import Detector, Evidence, FireDetector, Grid, scan, walk
from detectors.grid import Floats

DAY = 288
DETECTOR = FireDetector(memory=timedelta(days=9))
# Each with a memory of nine days.
DETECTORS: dict[str, Detector[Any]] = {"fire": DETECTOR}
NAMES = ("expected", "low", "high", "flash", "score")
Make = Callable[..., Floats]
Grids = Callable[..., Grid]
Whole = Callable[..., dict[str, Floats]]


@pytest.fixture(params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> Detector[Any]:
    return DETECTORS[request.param]


@pytest.fixture
def whole(detector: Detector[Any]) -> Whole:
    return partial(scored, detector)


def scored(detector: Detector[Any], counts: Floats, grid: Grid, first: int = 0) -> dict[str, Floats]:
    parts = [
        evidence for _, evidence in walk(detector, counts, np.ones(counts.shape, np.bool_), grid, first=first)
    ]
    return {name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in NAMES}


def same(one: dict[str, Floats], other: dict[str, Floats]) -> None:
    for name in NAMES:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_score_does_not_change_when_later_columns_do(whole: Whole, brand: Make, grid: Grids) -> None:
    counts = brand(6, series=3)
    before = whole(counts, grid(3))
    at = 5 * DAY + 7
    counts[:, at:] = np.random.default_rng(0).poisson(500, counts[:, at:].shape)
    after = whole(counts, grid(3))
    same({k: v[:, :at] for k, v in before.items()}, {k: v[:, :at] for k, v in after.items()})


@pytest.mark.parametrize("end", [4 * DAY, 4 * DAY + 1, 4 * DAY + 11, 4 * DAY + 12])
def test_the_scores_of_a_prefix_are_the_prefix_of_the_scores(
    whole: Whole, brand: Make, grid: Grids, end: int
) -> None:
    counts = brand(5, series=2)
    full = whole(counts, grid(2), first=4 * DAY - 30)
    same(
        {k: v[:, : end - 4 * DAY + 30] for k, v in full.items()},
        whole(counts[:, :end], grid(2), 4 * DAY - 30),
    )


def test_nothing_older_than_the_memory_has_any_influence(whole: Whole, brand: Make, grid: Grids) -> None:
    counts = brand(12, series=2)
    full = whole(counts, grid(2), first=11 * DAY)
    cut = DAY + 5  # the hour of the first scored column begins 11 days in: 9 of them are memory
    moved = grid(2).moved(cut)
    same(full, whole(counts[:, cut:], moved, first=11 * DAY - cut))


def test_it_makes_no_difference_where_the_walk_starts_or_is_cut(
    whole: Whole, brand: Make, grid: Grids
) -> None:
    counts = brand(5)
    full = whole(counts, grid())
    for first in (3 * DAY + 1, 4 * DAY + 6):
        same({k: v[:, first:] for k, v in full.items()}, whole(counts, grid(), first))


def test_a_series_scores_alike_alone_and_among_others(whole: Whole, brand: Make, grid: Grids) -> None:
    counts = brand(5, series=4)
    counts[1] = counts[1] > 20  # few posts
    counts[3] = counts[3] > 15  # so many that both ways judge
    zones = ("UTC", "Asia/Tokyo", "UTC", "Europe/Paris")
    together = whole(counts, replace(grid(4), zones=zones), first=4 * DAY)
    for row, zone in enumerate(zones):
        alone = whole(counts[[row]], grid(1, zone), first=4 * DAY)
        same({k: v[[row]] for k, v in together.items()}, alone)


def test_a_fit_in_parts_is_the_same_fit(brand: Make, grid: Grids, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, learn = brand(5, series=5), np.ones((5, 5 * DAY), np.bool_)
    at_once = DETECTOR.fit(counts, learn, grid(5))
    monkeypatch.setattr("detectors.fire._CHUNK", 2 * counts.shape[1])
    in_parts = DETECTOR.fit(counts, learn, grid(5))
    for name in ("level", "burst_level", "profile", "spread", "unit", "burst_unit", "burst_max", "ready"):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(in_parts, name))


def test_scores_in_parts_are_the_same_scores(
    brand: Make, grid: Grids, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, uplift, floor = brand(5, series=5), np.ones((5, 5 * DAY)), np.arange(5.0)
    counts[3:] = counts[3:] > 9  # of few posts
    uplift[1] = 2.0
    learn = np.ones(counts.shape, np.bool_)

    def last() -> Evidence:
        steps = walk(DETECTOR, counts, learn, grid(5), first=5 * DAY - 12, uplift=uplift, floor=floor)
        return next(steps)[1]

    at_once = last()
    monkeypatch.setattr("detectors.fire._AT_HAND", 2 * 300)
    in_parts = last()
    for name in NAMES:
        np.testing.assert_allclose(getattr(at_once, name), getattr(in_parts, name), rtol=1e-9, err_msg=name)


def test_scoring_changes_none_of_its_inputs(detector: Detector[Any], brand: Make, grid: Grids) -> None:
    counts, uplift, floor = brand(5, series=2), np.full((2, 5 * DAY), 2.0), np.full(2, 3.0)
    learn = np.ones(counts.shape, np.bool_)
    copies = [array.copy() for array in (counts, uplift, floor, learn)]
    for _ in walk(detector, counts, learn, grid(2), uplift=uplift, floor=floor):
        pass
    for array, copy in zip((counts, uplift, floor, learn), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("hourly", [0.0, 0.05, 1.0, 60.0, 2_000.0, 50_000.0])
def test_from_silence_to_fifty_thousand_an_hour_everything_is_finite(
    whole: Whole, grid: Grids, hourly: float
) -> None:
    counts = np.random.default_rng(3).poisson(hourly / 12, (2, 5 * DAY)).astype(np.float64)
    found = whole(counts, grid(2), first=4 * DAY)
    for name in NAMES:
        assert np.isfinite(found[name]).all(), name
    assert (found["low"] <= found["expected"] + 1e-9).all()
    assert (found["expected"] <= found["high"] + 1e-9).all()
    assert (found["score"] < 3.5).all()


@pytest.mark.parametrize("value", [0.0, 1.0, 7.0, 5_000.0])
def test_a_constant_series_has_no_evidence_of_anything(whole: Whole, grid: Grids, value: float) -> None:
    found = whole(np.full((1, 5 * DAY), value), grid(), first=4 * DAY)
    assert np.isfinite(found["score"]).all()
    assert (found["score"] < 0.5).all()
    assert (found["flash"] < 1e-6).all()


def test_missing_columns_take_no_part(whole: Whole, brand: Make, grid: Grids) -> None:
    counts = brand(12, usual=20.0)
    holes = counts.copy()
    holes[:, ::2] = np.nan
    full, half = (whole(c, grid(), first=11 * DAY) for c in (counts, holes))
    assert np.isfinite(half["score"]).all()
    assert np.isnan(half["flash"][:, ::2]).all()
    np.testing.assert_allclose(half["expected"].mean(), full["expected"].mean(), rtol=0.1)
    zeros = np.nan_to_num(holes)
    assert whole(zeros, grid(), first=11 * DAY)["expected"].mean() < 0.8 * half["expected"].mean()


def test_a_long_outage_leaves_no_score_and_the_return_of_the_usual_is_no_fire(
    whole: Whole, brand: Make, grid: Grids
) -> None:
    counts = brand(8)
    counts[:, 6 * DAY : 7 * DAY] = np.nan
    found = whole(counts, grid(), first=6 * DAY)
    assert np.isnan(found["score"][:, 60:DAY]).all()
    assert (found["score"][:, DAY:] < 2.0).all()


def test_it_is_learning_until_three_days_were_observed(whole: Whole, brand: Make, grid: Grids) -> None:
    counts = brand(6)
    score = whole(counts, grid())["score"][0]
    assert np.isnan(score[: 3 * DAY]).all()
    assert np.isfinite(score[3 * DAY :]).all()
    counts[:, DAY : 2 * DAY] = np.nan
    assert np.isnan(whole(counts, grid())["score"][0, : 4 * DAY]).all()


@pytest.mark.parametrize(
    ("zone", "changed", "later"),  # the instant, and by how many steps later the zone's people then live
    [
        ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC), -12),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC), 6),
        ("Asia/Kolkata", datetime(2026, 3, 29, tzinfo=UTC), 0),
    ],
)
def test_a_clock_change_is_no_event(
    whole: Whole, brand: Make, grid: Grids, zone: str, changed: datetime, later: int
) -> None:
    start = datetime(2026, 3, 22, tzinfo=UTC)
    at = int((changed - start) / timedelta(minutes=5))
    counts = brand(20, usual=20.0)
    counts[:, at:] = np.roll(brand(20, usual=20.0, seed=2), later, axis=1)[:, at:]
    found = whole(counts, grid(zone=zone, start=start), first=6 * DAY)
    assert np.isfinite(found["score"]).all()
    assert (found["score"] < 2.8).all()


def test_the_local_hour_follows_the_clock_change(whole: Whole, grid: Grids) -> None:
    start = datetime(2026, 3, 19, 23, tzinfo=UTC)  # midnight in Paris; its clocks move on 29 March
    local = start.replace(tzinfo=None) + timedelta(hours=1)
    hours = [
        (local + timedelta(minutes=5 * i, hours=i * 5 >= (9 * 24 + 2) * 60)).hour for i in range(11 * DAY)
    ]
    counts = np.where(np.isin(hours, range(9, 18)), 40.0, 4.0)[None]
    nine_local = int((datetime(2026, 3, 30, 7, tzinfo=UTC) - start) / timedelta(minutes=5))
    there = whole(counts, grid(zone="Europe/Paris", start=start), first=nine_local - 12)
    in_utc = whole(counts, grid(zone="UTC", start=start), first=nine_local - 12)
    assert there["expected"][0, 18] > 2 * in_utc["expected"][0, 18]  # half past nine, with the office full
    assert in_utc["score"][0, 12:24].max() > there["score"][0, 12:24].max()


@settings(max_examples=25)
@given(
    arrays(
        np.float64, (2, 24 * 6), elements=st.sampled_from([0.0, 0.0, 1.0, 3.0, 40.0, 1e6, -2.0, float("nan")])
    ),
    st.integers(0, 11),
)
def test_no_history_makes_it_stumble_or_look_ahead(counts: Floats, cut: int) -> None:
    detector = FireDetector(memory=timedelta(days=1), warm_up=timedelta(hours=3))
    grid = Grid.of(datetime(2026, 1, 1, 0, 10, tzinfo=UTC), timedelta(minutes=10), series=2)
    full = scored(detector, counts, grid)
    ended = scored(detector, counts[:, : 144 - cut], grid)
    same({k: v[:, : 144 - cut] for k, v in full.items()}, ended)
    assert not any(np.isinf(full[name]).any() for name in NAMES)


def test_scan_is_causal_with_alarms_kept_out(detector: Detector[Any], brand: Make, grid: Grids) -> None:
    counts = brand(7, usual=20.0)
    counts[:, 5 * DAY : 5 * DAY + 90] *= 4
    full = scan(detector, counts, grid(), threshold=2.5, calm=1.2)
    cut = scan(detector, counts[:, : 6 * DAY + 3], grid(), threshold=2.5, calm=1.2)
    np.testing.assert_allclose(full.evidence.score[:, : 6 * DAY + 3], cut.evidence.score, atol=1e-9)
    np.testing.assert_array_equal(full.open[:, : 6 * DAY + 3], cut.open)
    assert isinstance(full.evidence, Evidence)
