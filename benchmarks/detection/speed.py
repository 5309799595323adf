"""Scoring one new column of 100,000 series, and fitting 10,000, beside plain passes over the same arrays."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from detectors import FireDetector, Grid
from detectors.grid import Floats

WATCHES, FITTED, AT_ONCE = 100_000, 10_000, 1_000  # series; AT_ONCE: 8 weeks of them fit into memory
MANY, SOME, FEW = 5.0, 0.14, 0.01  # posts in five minutes: 60 an hour, 40 a day, 3 a day
MIXES = {"busy": (MANY,), "sparse, 40 a day": (SOME,), "sparse, 3 a day": (FEW,), "mixed": (MANY, SOME, FEW)}
START, STEP, WEEKS = datetime(2026, 3, 2, tzinfo=UTC), timedelta(minutes=5), timedelta(weeks=8)


def measure() -> None:
    """Prints seconds of one processor beside what must hold, and beside a plain pass of the same run."""
    detector, rng = FireDetector(), np.random.default_rng(1)
    print(f"one new column of {WATCHES:,} series whose baselines are at hand (must: 1 s)")
    for name, rates in MIXES.items():
        score, plain = _score(detector, rng, rates)
        print(f"  {name}: {score:.2f} s; root and running sum of the same columns: {plain:.2f} s")
    fit, plain = _fit(detector, rng, MIXES["mixed"])
    print(f"fit of {FITTED:,} mixed series to {WEEKS.days} days (must: 60 s)")
    print(f"  {fit:.1f} s; root and running sum of the same columns: {plain:.1f} s")
    one = rng.poisson(MANY, (1, detector.memory // STEP)).astype(np.float64)
    learn = np.ones(one.shape, np.bool_)
    alone = best_of(20, lambda: detector.fit(one, learn, Grid.of(START, STEP, series=1)))
    print(f"fit of one series to {detector.memory.days} days: {alone * 1e3:.2f} ms")


def _score(detector: FireDetector, rng: np.random.Generator, rates: tuple[float, ...]) -> tuple[float, float]:
    """Seconds of scoring, and of a plain pass."""
    learnt = _counts(rng, rates, AT_ONCE, detector.memory)
    grid = Grid.of(START, STEP, series=AT_ONCE)
    fitted = detector.fit(learnt, np.ones(learnt.shape, np.bool_), grid)
    baseline = fitted.of(np.arange(WATCHES) % AT_ONCE)
    recent = _counts(rng, rates, WATCHES, detector.reach + STEP)
    first = detector.reach // STEP
    at = Grid.of(START + detector.memory - detector.reach, STEP, series=WATCHES)
    score = best_of(3, lambda: detector.score(baseline, recent, at, first=first))
    return score, best_of(3, lambda: np.sqrt(recent).cumsum(axis=1))


def _fit(detector: FireDetector, rng: np.random.Generator, rates: tuple[float, ...]) -> tuple[float, float]:
    fit, plain = 0.0, 0.0
    grid = Grid.of(START, STEP, series=AT_ONCE)
    for _ in range(FITTED // AT_ONCE):
        counts = _counts(rng, rates, AT_ONCE, WEEKS)
        learn = np.ones(counts.shape, np.bool_)
        begun = time.process_time()
        detector.fit(counts, learn, grid)
        ended = time.process_time()
        np.sqrt(counts).cumsum(axis=1)
        fit, plain = fit + ended - begun, plain + time.process_time() - ended
    return fit, plain


def _counts(rng: np.random.Generator, rates: tuple[float, ...], series: int, span: timedelta) -> Floats:
    usual = np.resize(rates, series)[:, None]
    return rng.poisson(usual, (series, span // STEP)).astype(np.float64)


def best_of(times: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds of one processor, whoever else is at work."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)
