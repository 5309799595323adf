"""Fires of other shapes than the drill's, lit on the same real volumes."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from benchmarks.detection.drill import Drill, bench_module, stacked
from detectors.grid import Bools, Floats

DAY = 288
WARM_UP = 10 * DAY
LEAST_PEAK = 6.0  # posts in five minutes, as in the drill
_DISPERSION = 4.0  # the shape of the gamma of the drill's fires


def _fall(half_life: int = 36, length: int = 144) -> Floats:
    return np.asarray(0.5 ** (np.arange(length) / half_life), np.float64)


def step() -> tuple[Floats, int]:
    """All at once, for two hours; then it halves every three."""
    return np.concatenate([np.ones(24), _fall()]), 0


def ramp() -> tuple[Floats, int]:
    """Straight up for four hours."""
    return np.concatenate([np.linspace(0, 1, 49)[1:], np.ones(12), _fall()]), 48


def two_stages() -> tuple[Floats, int]:
    """A fifth of the peak for four hours, then in half an hour to the peak."""
    return np.concatenate([np.full(48, 0.2), np.linspace(0.2, 1, 7)[1:], np.ones(12), _fall()]), 54


def plateau() -> tuple[Floats, int]:
    """Half an hour up, twelve hours on."""
    return np.concatenate([np.linspace(0, 1, 7)[1:], np.ones(144)]), 6


SHAPES: tuple[Callable[[], tuple[Floats, int]], ...] = (step, ramp, two_stages, plateau)


def posts(rng: np.random.Generator, mean: Floats) -> Floats:
    """Overdispersed counts of this mean, as in the drill."""
    return rng.poisson(mean * rng.gamma(_DISPERSION, 1 / _DISPERSION, mean.shape)).astype(np.float64)


def started(mean: Floats) -> int:
    """The column by which five posts are expected."""
    return int(np.argmax(mean.cumsum() >= 5.0))


def real(bench: Path) -> list[tuple[str, list[datetime], Floats, Bools]]:
    """Name, times, counts and labelled columns of each real series."""
    fire_drill, reader = bench_module(bench, "fire_drill"), bench_module(bench, "series")
    found = []
    for name in reader.names():
        times, values = reader.load(reader.DATA / name)
        found.append(
            (name, times, np.asarray(values), np.asarray(fire_drill.labelled(times, name), np.bool_))
        )
    return found


def places(
    rng: np.random.Generator, labelled: Bools, length: int, apart: int, first: int = WARM_UP
) -> list[int]:
    """Columns so far apart and up to a day more; the next `length` keep a day away from what is labelled."""
    found, at = [], first + int(rng.integers(DAY))
    while at + length < len(labelled) - DAY:
        if labelled[max(0, at - DAY) : at + length + DAY].any():
            at += 72
        else:
            found.append(at)
            at += apart + int(rng.integers(DAY))
    return found


def of_the_drill(bench: Path, rng: np.random.Generator, usual: float) -> tuple[Floats, int]:
    """Expected posts of one of the drill's own fires, and its peak."""
    fire_drill = bench_module(bench, "fire_drill")
    peak, doubling = (
        max(float(rng.choice([1, 2, 4, 8])) * usual, LEAST_PEAK),
        int(rng.choice([10, 20, 40, 80])),
    )
    curve, top = fire_drill.fire_curve(peak, doubling)
    return np.asarray(curve, np.float64), int(top)


def lit(bench: Path, seed: int, *, rare: bool = False, variants: int = 2) -> Drill:
    """A drill of other shapes, each drawn by chance; or if `rare` of the drill's own, two weeks apart."""
    rng = np.random.default_rng([seed, 7])
    fire_drill = bench_module(bench, "fire_drill")
    series, quiet, fires_of = [], [], []
    for name, times, counts, labelled in real(bench) * variants:
        lit_here = counts.copy()
        fires: list[dict[str, int]] = []
        for at in places(rng, labelled, 2 * DAY, (14 if rare else 4) * DAY):
            shape, usual = int(rng.integers(len(SHAPES))), float(counts[at - DAY : at].mean())
            if rare:
                mean, top = of_the_drill(bench, rng, usual)
            else:
                curve, top = SHAPES[shape]()
                mean = curve * max(float(rng.choice([1, 2, 4, 8])) * usual, LEAST_PEAK)
            lit_here[at : at + len(mean)] += posts(rng, mean)
            end, start = at + len(mean), at + started(mean)
            fires.append({"lit": at, "start": start, "peak": at + top, "end": end, "shape": shape})
        series.append((times, lit_here.tolist()))
        quiet.append(np.asarray(fire_drill.quiet_rows(times, name, fires), np.bool_))
        fires_of.append(fires)
    stack, grid, starts = stacked(series)
    return Drill(stack, grid, [len(times) for times, _ in series], starts, quiet, fires_of)
