"""Brands of few posts: real volumes thinned to some posts a day, and fires of some posts lit on them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.detection.drill import Drill, bench_module, incidents, own, stacked
from detectors import FireDetector, calm_for, scan, threshold_for
from detectors.grid import Bools

RATES = (1.0, 5.0, 20.0)  # posts a day
POSTS = (6, 12, 25)  # of a fire
HOURS = (2, 4, 8, 12)  # over which they are spread
DAY = 288
WARM_UP = 10 * DAY
MONTH = 30.44 * DAY


@dataclass(frozen=True, slots=True)
class Found:
    """What the default line gives: false alarms and brand-months, and for each size of fire its delays."""

    false: int
    months: float
    delays: dict[int, list[float]]  # minutes from the first post of a fire; infinite: not seen


def thinned(bench: Path, rate: float, seed: int) -> Drill:
    """The real series, each post kept by chance so that `rate` a day are left, with fires lit on them."""
    fire_drill, reader = bench_module(bench, "fire_drill"), bench_module(bench, "series")
    rng = np.random.default_rng([seed, int(rate)])
    series, fires, quiet = [], [], []
    for name in reader.names():
        times, values = reader.load(reader.DATA / name)
        counts = np.asarray(values, np.int64)
        kept = rng.binomial(counts, min(1.0, rate / (counts.mean() * DAY)))
        labelled = np.asarray(fire_drill.labelled(times, name), np.bool_)
        lit = light(kept, labelled, rng)
        series.append((times, [float(value) for value in kept]))
        fires.append(lit)
        calm: Bools = ~labelled
        calm[:WARM_UP] = False
        for fire in lit:
            calm[fire["lit"] : fire["end"] + DAY] = False
        quiet.append(calm)
    stack, grid, starts = stacked(series)
    return Drill(stack, grid, [len(times) for times, _ in series], starts, quiet, fires)


def light(
    counts: np.ndarray[tuple[int], np.dtype[np.int64]], labelled: Bools, rng: np.random.Generator
) -> list[dict[str, int]]:
    """Adds fires to the counts, in place, days apart and away from what is labelled; tells where."""
    fires, at = [], WARM_UP + int(rng.integers(DAY))
    while at < len(counts) - 2 * DAY:
        posts, width = int(rng.choice(POSTS)), int(rng.choice(HOURS)) * 12
        if not labelled[max(0, at - DAY) : at + width].any():
            came = at + np.sort(rng.integers(0, width, posts))
            np.add.at(counts, came, 1)
            fires.append({"lit": int(came[0]), "end": int(came[-1]) + 1, "posts": posts})
        at += width + 3 * DAY + int(rng.integers(DAY))
    return fires


def judged(drill: Drill) -> Found:
    """The default detector at the default line."""
    line = threshold_for(1.0)
    evidence = scan(FireDetector(), drill.counts, drill.grid, threshold=line, calm=calm_for(line)).evidence
    false, months = 0, 0.0
    delays: dict[int, list[float]] = {posts: [] for posts in POSTS}
    for score, quiet, fires in zip(own(evidence.score, drill), drill.quiet, drill.fires, strict=True):
        false += incidents(np.flatnonzero(quiet & (score >= line)))
        months += float(quiet.sum()) / MONTH
        for fire in fires:
            over = 5 * np.flatnonzero(score[fire["lit"] : fire["end"]] >= line)
            delays[fire["posts"]].append(float(over[0]) if len(over) else float("inf"))
    return Found(false, months, delays)


def measure(bench: Path, seeds: list[int]) -> None:
    """Prints, for each rate, false alarms a month; and of each size of fire those seen and their delay."""
    print("sparse brands at the default line, 1 false alarm a month; seen and median minutes of fires of")
    print(f"{'posts a day':>11s} {'false a month':>14s}" + "".join(f"{posts:>12d} posts" for posts in POSTS))
    for rate in RATES:
        found = [judged(thinned(bench, rate, seed)) for seed in seeds]
        false = sum(one.false for one in found) / sum(one.months for one in found)
        cells = ""
        for posts in POSTS:
            delays = sorted(delay for one in found for delay in one.delays[posts])
            seen = sum(delay < float("inf") for delay in delays) / len(delays)
            cells += f"{seen:>11.0%} {delays[len(delays) // 2]:>6g}"
        print(f"{rate:>11g} {false:>14.2f}{cells}")
