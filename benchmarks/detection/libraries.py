"""Streaming detectors of other libraries as they ship, where they are installed.

They are of the dependency group `bench`, not of the service. Each series is fed to a model of its own, value
by value, and a value is scored before it is learnt.
"""

import importlib
import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.detection.peers import HOUR, Peer, each_hour, told_at_the_end
from detectors.grid import Floats
from detectors.windows import trailing_sums

_PROBATION = 10 * 24  # hours: the warm-up of the drill


def missing() -> list[str]:
    """The libraries that are not installed."""
    return [name for name in ("river", "pysad") if importlib.util.find_spec(name) is None]


def _of_each(values: Floats, model: Callable[[], Callable[[float], float]]) -> Floats:
    """Every series through a model of its own."""
    return np.asarray(
        [[step(value) for value in row] for step, row in ((model(), row.tolist()) for row in values)]
    )


def _half_space_trees() -> Callable[[float], float]:
    """HalfSpaceTrees of river behind a MinMaxScaler, as its documentation advises for values beyond 1."""
    scaler: Any = importlib.import_module("river.preprocessing").MinMaxScaler()
    trees: Any = importlib.import_module("river.anomaly").HalfSpaceTrees(seed=1)

    def step(value: float) -> float:
        x = {"count": value}
        scaler.learn_one(x)
        x = scaler.transform_one(x)
        score = float(trees.score_one(x))
        trees.learn_one(x)
        return score

    return step


def _gaussian() -> Callable[[float], float]:
    """The GaussianScorer of river."""
    scorer: Any = importlib.import_module("river.anomaly").GaussianScorer()

    def step(value: float) -> float:
        score = float(scorer.score_one(None, value))
        scorer.learn_one(None, value)
        return score

    return step


def _knn_cad(probation: int) -> Callable[[float], float]:
    """KNN-CAD of PySAD, known from NAB."""
    model: Any = importlib.import_module("pysad.models").KNNCAD(probationary_period=probation)

    def step(value: float) -> float:
        return float(model.fit_score_partial(np.asarray([value])))

    return step


def _rolling(counts: Floats, model: Callable[[], Callable[[float], float]]) -> Floats:
    return _of_each(trailing_sums(counts, HOUR), model)


def _hourly(counts: Floats, model: Callable[[], Callable[[float], float]]) -> Floats:
    return told_at_the_end(_of_each(each_hour(counts), model), counts.shape[1])


def installed() -> tuple[Peer, ...]:
    """The detectors of those libraries that are there."""
    absent = missing()
    found: list[Peer] = []
    if "river" not in absent:
        for name, model in (("HalfSpaceTrees", _half_space_trees), ("GaussianScorer", _gaussian)):
            settings = {"5 min": partial(_of_each, model=model), "1 h": partial(_rolling, model=model)}
            found.append(Peer(f"river {name}", settings))
    if "pysad" not in absent:
        found.append(Peer("PySAD KNN-CAD", {"1 h": partial(_hourly, model=partial(_knn_cad, _PROBATION))}))
    return tuple(found)
