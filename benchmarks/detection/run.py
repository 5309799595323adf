"""All tasks of a run, on several cores."""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.detection import measure
from benchmarks.detection.drill import Outcome
from benchmarks.detection.measure import BUDGETS, TOCSIN, Bought, Key, Played
from benchmarks.detection.peers import PEERS
from benchmarks.detection.scenes import SCENES
from benchmarks.detection.sparse import RATES

BEST_PEERS = 3  # beside Tocsin in the scenes
SCENE_SEEDS = 2
SIMULATED = "clock change"  # the scene that does not stand on the series of NAB


@dataclass(frozen=True, slots=True)
class Results:
    """What a run gave; lists are over seeds."""

    seeds: list[int]
    drills: list[Bought]
    shipped: list[dict[str, Outcome]]
    rare: list[Bought]
    rare_shipped: list[dict[str, Outcome]]
    shapes: list[dict[str, Bought]]
    sparse: dict[float, list[Bought]]
    nab: dict[Key, list[float]]
    scenes: dict[str, dict[str, dict[str, Played]]]  # by scene, method, budget; all seeds together
    peers: list[str]  # those in the scenes


def best_settings(drills: list[Bought], budget: str) -> dict[str, str]:
    """The setting of each method that sees most at a budget, and of equals the one that is early."""
    found: dict[str, tuple[tuple[float, float], str]] = {}
    for method, setting in drills[0]:
        each = [one[method, setting][budget] for one in drills]
        worth = mean(one.seen for one in each), mean(one.before_peak for one in each)
        if method not in found or worth > found[method][0]:
            found[method] = worth, setting
    return {method: setting for method, (_, setting) in found.items()}


def _wait(what: str, futures: Sequence[Future[Any]]) -> None:
    """Tells on standard error how far they are."""
    began = time.perf_counter()
    for done, future in enumerate(as_completed(futures), 1):
        future.result()
        print(f"{what}: {done} of {len(futures)}, {time.perf_counter() - began:.0f} s", file=sys.stderr)


def run(bench: Path, seeds: list[int], jobs: int) -> Results:
    """Everything, in so many processes."""
    # One thread for each process: the arrays are small, and threads would only wait for each other.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        first = pool.submit(measure.realtweets, bench)
        rare = [pool.submit(measure.rare_fires, bench, seed) for seed in seeds]
        _wait("series as they happened", [first])
        marks, plain = first.result()
        drills = [pool.submit(measure.fire_drill, bench, seed, plain) for seed in seeds]
        sparse = {
            rate: [pool.submit(measure.few_posts, bench, seed, rate) for seed in seeds] for rate in RATES
        }
        shapes = [pool.submit(measure.other_shapes, bench, seed) for seed in seeds]
        _wait("rare fires", rare)
        bought = [one.result()[0] for one in rare]
        settings = best_settings(bought, "1 a week")
        peers = best_peers(bought, settings)
        lines = {
            (method, settings[method]): {
                budget: median(one[method, settings[method]][budget].line for one in bought)
                for budget in BUDGETS
            }
            for method in (*peers, TOCSIN)
        }
        scenes = {
            name: [
                pool.submit(
                    measure.played,
                    bench,
                    name,
                    seed,
                    lines,
                    None if name == SIMULATED else plain[TOCSIN, ""],
                )
                for seed in seeds[:SCENE_SEEDS]
            ]
            for name in SCENES
        }
        rest: list[Future[Any]] = [*drills, *shapes]
        rest += [one for rate in sparse.values() for one in rate]
        rest += [one for scene in scenes.values() for one in scene]
        _wait("drills, shapes, sparse brands and scenes", rest)
    return Results(
        seeds=seeds,
        drills=[one.result()[0] for one in drills],
        shipped=[one.result()[1] for one in drills],
        rare=bought,
        rare_shipped=[one.result()[1] for one in rare],
        shapes=[one.result() for one in shapes],
        sparse={rate: [one.result() for one in group] for rate, group in sparse.items()},
        nab=marks,
        scenes={name: _together([one.result() for one in group]) for name, group in scenes.items()},
        peers=peers,
    )


def best_peers(drills: list[Bought], settings: dict[str, str]) -> list[str]:
    """The rules that see most at one false alarm a week, those of the libraries aside."""
    seen = {
        peer.name: mean(one[peer.name, settings[peer.name]]["1 a week"].seen for one in drills)
        for peer in PEERS
    }
    return sorted(seen, key=lambda name: -seen[name])[:BEST_PEERS]


def _together(each: list[dict[str, dict[str, Played]]]) -> dict[str, dict[str, Played]]:
    first, *others = each
    for other in others:
        first = {
            method: {budget: played + other[method][budget] for budget, played in budgets.items()}
            for method, budgets in first.items()
        }
    return first
