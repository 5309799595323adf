"""Scoring one new column of 10,000 series, and fitting them, beside plain passes over the same arrays."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from detectors import FireDetector, Grid

SERIES, FITTED = 10_000, 500


def best_of(times: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def measure() -> None:
    """Prints seconds beside the limit of the same run."""
    rng, detector, step = np.random.default_rng(1), FireDetector(), timedelta(minutes=5)
    memory, reach = detector.memory // step, detector.reach // step
    start = datetime(2026, 3, 2, tzinfo=UTC)
    counts = rng.poisson(5.0, (FITTED, memory)).astype(np.float64)
    learn = np.ones(counts.shape, np.bool_)
    grid = Grid.of(start, step, series=FITTED)
    fit = best_of(3, lambda: detector.fit(counts, learn, grid))
    limit = best_of(3, lambda: np.sqrt(counts).sum(axis=1))
    print(f"fit, {FITTED} series x {memory} columns: {fit:.2f} s; root and sum of them: {limit:.3f} s")
    print(f"  10,000 series: {fit * 10_000 / FITTED:.1f} s")
    baseline = detector.fit(counts, learn, grid).of(np.arange(SERIES) % FITTED)
    recent = rng.poisson(5.0, (SERIES, reach + 1)).astype(np.float64)
    at = Grid.of(start + detector.memory - detector.reach, step, series=SERIES)
    score = best_of(5, lambda: detector.score(baseline, recent, at, first=reach))
    limit = best_of(5, lambda: np.sqrt(recent).cumsum(axis=1))
    print(f"score, one new column of {SERIES} series: {score * 1e3:.0f} ms (wanted: 1,000 ms at most)")
    print(f"  root and running sum of the same columns: {limit * 1e3:.0f} ms")
    few = rng.poisson(0.01, (FITTED, memory)).astype(np.float64)
    usual = detector.fit(few, learn, grid).of(np.arange(SERIES) % FITTED)
    posts = rng.poisson(0.01, (SERIES, reach + 1)).astype(np.float64)
    sparse = best_of(5, lambda: detector.score(usual, posts, at, first=reach))
    print(f"score, the same of {SERIES} sparse series: {sparse * 1e3:.0f} ms")
    one = counts[:1]
    alone = best_of(20, lambda: detector.fit(one, learn[:1], Grid.of(start, step, series=1)))
    print(f"fit of one series: {alone * 1e3:.2f} ms")
