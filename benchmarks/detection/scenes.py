"""What a drill lacks: outages, planned events, copies, a spark before a fire, growth, a clock change.

Each scene holds counts with what happened to them, the same counts without it, spans in which nothing must
ring, and fires that must. What was not observed is NaN; peers, which know of no coverage, read nought.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.detection.drill import STEP, bench_module, stacked
from benchmarks.detection.peers import HOUR
from benchmarks.detection.shapes import DAY, LEAST_PEAK, places, posts, real, started
from detectors import Grid
from detectors.grid import Bools, Floats


@dataclass(frozen=True, slots=True)
class Fire:
    """Where it burns, and since when no alarm may have been heard for an hour if it is to be told apart."""

    row: int
    lit: int
    start: int  # five posts are expected to have come
    end: int
    apart_from: int | None = None  # the column of an earlier event that may have rung
    spark: bool = False


@dataclass(slots=True)
class Scene:
    """Counts (S, N) with a disturbance and without; (row, first, end) of the spans; the fires."""

    counts: Floats
    plain: Floats
    grid: Grid
    ignored: Bools  # columns that count for nothing, as labelled ones
    calm: list[tuple[int, int, int]] = field(default_factory=list)
    control: list[tuple[int, int, int]] = field(default_factory=list)  # spans of `plain`; if none, `calm`
    fires: list[Fire] = field(default_factory=list)
    uplift: Floats | None = None
    untold: Grid | None = None  # what Tocsin sees when it is not told of the event or the time zone

    def light(
        self, rng: np.random.Generator, row: int, at: int, mean: Floats, apart_from: int | None = None
    ) -> None:
        """Adds a fire."""
        self.counts[row, at : at + len(mean)] += posts(rng, mean)
        heard = np.where(np.isnan(self.counts[row, at : at + len(mean)]), 0.0, mean)
        self.fires.append(Fire(row, at, at + started(heard), at + len(mean), apart_from))


def _stage(bench: Path) -> Scene:
    series = real(bench)
    counts, grid, _ = stacked([(times, values.tolist()) for _, times, values, _ in series])
    ignored = np.zeros(counts.shape, np.bool_)
    for row, (_, _, _, labelled) in enumerate(series):
        ignored[row, : len(labelled)] = labelled
    return Scene(counts.copy(), counts, grid, ignored)


def _curve(bench: Path, rng: np.random.Generator, usual: float, multiples: list[int]) -> Floats:
    """A fire of the drill's shape."""
    peak = max(float(rng.choice(multiples)) * usual, LEAST_PEAK)
    rise_hold_fall, _ = bench_module(bench, "fire_drill").fire_curve(peak, int(rng.choice([10, 20, 40, 80])))
    return np.asarray(rise_hold_fall, np.float64)


def _smooth(values: Floats) -> Floats:
    """The mean of the hour around each column."""
    return np.convolve(np.nan_to_num(values), np.full(HOUR, 1 / HOUR), mode="same")


def _usual(scene: Scene, row: int, at: int) -> float:
    return float(scene.plain[row, at - DAY : at].mean())


def outages(bench: Path, seed: int) -> Scene:
    """Hours that were not observed, one to twelve; every other time a fire is lit around their end."""
    rng, scene = np.random.default_rng([seed, 1]), _stage(bench)
    for row in range(len(scene.counts)):
        for i, at in enumerate(places(rng, scene.ignored[row], 2 * DAY, 4 * DAY)):
            end = at + int(rng.choice([1, 3, 6, 12])) * HOUR
            scene.counts[row, at:end] = np.nan
            if i % 2:
                lit = end + int(rng.integers(-6, 13))
                scene.light(rng, row, lit, _curve(bench, rng, _usual(scene, row, at), [2, 4, 8]))
            else:
                scene.calm.append((row, at, end + 12 * HOUR))
    return scene


def planned(bench: Path, seed: int) -> Scene:
    """Six hours of two to five times the usual, foretold within a fifth; every other time a fire on top."""
    rng, scene = np.random.default_rng([seed, 2]), _stage(bench)
    uplift = np.ones(scene.counts.shape)
    for row in range(len(scene.counts)):
        for i, at in enumerate(places(rng, scene.ignored[row], 2 * DAY, 4 * DAY)):
            told, end = float(rng.choice([2, 3, 5])), at + 6 * HOUR
            really = max(1.0, told * rng.lognormal(0.0, 0.2))
            scene.counts[row, at:end] += posts(rng, (really - 1) * _smooth(scene.plain[row])[at:end])
            uplift[row, at:end] = told
            if i % 2:
                mean = _curve(bench, rng, told * _usual(scene, row, at), [2, 4])
                scene.light(rng, row, at + HOUR, mean, apart_from=at)
            else:
                scene.calm.append((row, at, end + HOUR))
    return replace(scene, uplift=uplift, untold=scene.grid)


def copies(bench: Path, seed: int) -> Scene:
    """In one bucket as many posts as in one, four or sixteen usual hours."""
    rng, scene = np.random.default_rng([seed, 3]), _stage(bench)
    for row in range(len(scene.counts)):
        for at in places(rng, scene.ignored[row], DAY, 2 * DAY):
            usual_hours = HOUR * _usual(scene, row, at) * float(rng.choice([1, 4, 16]))
            scene.counts[row, at] += round(max(30.0, usual_hours))
            scene.calm.append((row, at, at + 6 * HOUR))
    return scene


def spark_then_fire(bench: Path, seed: int) -> Scene:
    """A spark of half an hour, and eight hours after it a fire."""
    rng, scene = np.random.default_rng([seed, 4]), _stage(bench)
    fire_drill = bench_module(bench, "fire_drill")
    for row in range(len(scene.counts)):
        for at in places(rng, scene.ignored[row], 2 * DAY, 4 * DAY):
            peak = max(4.0 * _usual(scene, row, at), LEAST_PEAK)
            curve, _ = fire_drill.fire_curve(peak, 10, hold=30, half_life=20, tail=120)
            mean = np.asarray(curve, np.float64)
            scene.light(rng, row, at, mean)
            scene.fires[-1] = replace(scene.fires[-1], end=at + len(mean) + HOUR, spark=True)
            lit = scene.fires[-1].start + 8 * HOUR
            scene.light(rng, row, lit, _curve(bench, rng, _usual(scene, row, at), [2, 4, 8]), apart_from=at)
    return scene


def growth(bench: Path, seed: int) -> Scene:
    """A week in which a brand grows evenly to twice or three times its volume, and stays there."""
    rng, scene = np.random.default_rng([seed, 5]), _stage(bench)
    for row in range(len(scene.counts)):
        at, to = int(rng.integers(14 * DAY, 30 * DAY)), float(rng.choice([2, 3]))
        more = np.interp(np.arange(scene.counts.shape[1]), [at, at + 7 * DAY], [0.0, to - 1.0])
        scene.counts[row] += posts(rng, more * _smooth(scene.plain[row]))
        scene.calm.append((row, at, at + 9 * DAY))
    return scene


def clock_change(_bench: Path, seed: int) -> Scene:
    """Simulated brands that live by the clock of Paris: the week after a change, beside the week before."""
    rng, weeks, brands, zone = np.random.default_rng([seed, 6]), 7, 20, ZoneInfo("Europe/Paris")
    columns = weeks * 7 * DAY
    # Of each hour, in parts of the day's mean: a night, a steep morning, an evening.
    night, morning = [0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.3], [1.0, 1.8, 1.8, 1.5, 1.4]
    rhythm = np.asarray([*night, *morning, 1.5, 1.3, 1.2, 1.2, 1.2, 1.3, 1.5, 1.7, 1.7, 1.4, 0.9, 0.5])
    start = datetime.fromisoformat("2025-09-15T00:00:00+00:00" if seed % 2 else "2026-02-16T00:00:00+00:00")
    grid = Grid.of(start, STEP, series=brands, zone=zone.key)
    local = np.asarray([grid.at(column).astimezone(zone).hour for column in range(columns)])
    shift = np.asarray([grid.at(day * DAY + 144).astimezone(zone).utcoffset() for day in range(weeks * 7)])
    change = int(np.argmax(shift != shift[0])) * DAY
    daily = np.exp(rng.uniform(np.log(300), np.log(20_000), brands))
    drift = np.zeros((brands, columns // HOUR))
    for hour in range(1, columns // HOUR):
        drift[:, hour] = 0.9 * drift[:, hour - 1] + rng.normal(0, 0.05, brands)
    counts = posts(rng, daily[:, None] / DAY * rhythm[local] * np.exp(np.repeat(drift, HOUR, axis=1)))
    scene = Scene(counts, counts, grid, np.zeros(counts.shape, np.bool_))
    scene.calm = [(row, change, change + 7 * DAY) for row in range(brands)]
    scene.control = [(row, change - 7 * DAY, change) for row in range(brands)]
    return replace(scene, untold=Grid.of(start, STEP, series=brands))


SCENES: dict[str, Callable[[Path, int], Scene]] = {
    "source outages": outages,
    "planned events": planned,
    "floods of copies": copies,
    "spark, 8 h later a fire": spark_then_fire,
    "growth of a week": growth,
    "clock change": clock_change,
}
