"""Every method on the same series, at equal budgets; each function is a task of its own process."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.detection import scenes, shapes, sparse
from benchmarks.detection.drill import (
    Drill,
    Outcome,
    false_a_week,
    incidents,
    line_within,
    lit,
    nab_scores,
    outcome_at,
    own,
    unlit,
)
from benchmarks.detection.libraries import installed
from benchmarks.detection.peers import PEERS, Peer
from benchmarks.detection.shipped import SHIPPED
from detectors import FireDetector, calm_for, scan, threshold_for
from detectors.grid import Floats, Grid

BUDGETS = {"1 a week": 1.0, "1 a month": 0.25}  # false incidents a brand-week, as in the drill
DEFAULT = 1.0  # false alarms a month: the budget of a new watch
TOCSIN = "Tocsin"
TOLD_NOTHING = "Tocsin, not told"
APART = 12  # columns without an alarm that make the next one another

Key = tuple[str, str]  # method, setting
Bought = dict[Key, dict[str, Outcome]]  # by method and setting, then by budget


def tocsin(counts: Floats, grid: Grid, uplift: Floats | None = None) -> tuple[Floats, Floats]:
    """Score and flash at the default budget, as `tocsin detect` gives them."""
    line = threshold_for(DEFAULT)
    evidence = scan(FireDetector(), counts, grid, threshold=line, calm=calm_for(line), uplift=uplift).evidence
    return evidence.score, evidence.flash


def _each(counts: Floats, peers: tuple[Peer, ...]) -> dict[Key, Floats]:
    """The scores of all peers in all their settings."""
    heard = np.nan_to_num(counts)
    return {(peer.name, name): rule(heard) for peer in peers for name, rule in peer.settings.items()}


def fire_drill(bench: Path, seed: int, plain: dict[Key, Floats]) -> tuple[Bought, dict[str, Outcome]]:
    """The drill of a seed at equal budgets, and with the settings that rules come with.

    `plain`: the scores of the same series without its fires.
    """
    with tempfile.TemporaryDirectory() as folder:
        drill = lit(bench, Path(folder), seed)
    calm, _ = unlit(bench)
    scores = _all(drill)
    bought = {
        key: {
            budget: replace(one, unlit=false_a_week(own(plain[key], calm), calm, one.line))
            for budget, one in _bought(found, drill).items()
        }
        for key, found in scores.items()
    }
    as_calm = _shipped(calm, plain[TOCSIN, ""])
    shipped = {
        name: replace(one, unlit=as_calm[name].false)
        for name, one in _shipped(drill, scores[TOCSIN, ""]).items()
    }
    return bought, shipped


def rare_fires(bench: Path, seed: int) -> tuple[Bought, dict[str, Outcome]]:
    """The same of the drill's fires two weeks apart, at lines set on the weeks between them."""
    drill = shapes.lit(bench, seed, rare=True)
    scores = _all(drill)
    return {key: _bought(found, drill) for key, found in scores.items()}, _shipped(drill, scores[TOCSIN, ""])


def _shipped(drill: Drill, ours: Floats) -> dict[str, Outcome]:
    """Every rule with the settings that it comes with."""
    heard = np.nan_to_num(drill.counts)
    found = {name: outcome_at(rule(heard), drill, 0.5) for name, rule in SHIPPED.items()}
    return {**found, "Tocsin, 1 a month": outcome_at(ours, drill, threshold_for(DEFAULT))}


def _all(drill: Drill) -> dict[Key, Floats]:
    """The scores of every method that is there."""
    scores = _each(drill.counts, (*PEERS, *installed()))
    scores[TOCSIN, ""] = tocsin(drill.counts, drill.grid)[0]
    return scores


def _bought(scores: Floats, drill: Drill) -> dict[str, Outcome]:
    return {
        name: outcome_at(scores, drill, line_within(scores, drill, budget))
        for name, budget in BUDGETS.items()
    }


def other_shapes(bench: Path, seed: int) -> dict[str, Bought]:
    """The drill with fires of other shapes; for each shape what one line for all of them finds."""
    drill = shapes.lit(bench, seed)
    scores = _each(drill.counts, PEERS)
    scores[TOCSIN, ""] = tocsin(drill.counts, drill.grid)[0]
    lines = {
        key: {name: one.line for name, one in _bought(found, drill).items()} for key, found in scores.items()
    }
    return {
        shape.__name__: {
            key: {name: outcome_at(found, drill, lines[key][name], shape=number) for name in BUDGETS}
            for key, found in scores.items()
        }
        for number, shape in enumerate(shapes.SHAPES)
    }


def few_posts(bench: Path, seed: int, rate: float) -> Bought:
    """Brands of so many posts a day, all at equal budgets."""
    drill = sparse.thinned(bench, rate, seed)
    scores = _each(drill.counts, PEERS)
    scores[TOCSIN, ""] = tocsin(drill.counts, drill.grid)[0]
    return {key: _bought(found, drill) for key, found in scores.items()}


def realtweets(bench: Path) -> tuple[dict[Key, list[float]], dict[Key, Floats]]:
    """NAB's three profiles of each method, and the scores of its series."""
    calm, names = unlit(bench)
    scores = _each(calm.counts, (*PEERS, *installed()))
    marks = {key: nab_scores(bench, found, names) for key, found in scores.items()}
    scores[TOCSIN, ""], flash = tocsin(calm.counts, calm.grid)
    marks[TOCSIN, ""] = nab_scores(bench, flash, names)
    return marks, scores


@dataclass(frozen=True, slots=True)
class Played:
    """What a line does in a scene: false incidents in the spans, and in those without it; the fires."""

    false: int
    spans: int
    control_false: int
    control_spans: int
    delays: list[float]  # minutes of each fire; infinite: not told
    sparks: list[float]

    def __add__(self, other: "Played") -> "Played":
        return Played(
            self.false + other.false,
            self.spans + other.spans,
            self.control_false + other.control_false,
            self.control_spans + other.control_spans,
            self.delays + other.delays,
            self.sparks + other.sparks,
        )


def play(scene: scenes.Scene, scores: Floats, plain: Floats, line: float) -> Played:
    """How a method with this line gets through a scene; `plain`: its scores of the undisturbed counts."""
    over = np.nan_to_num(scores, nan=-np.inf) >= line
    over_plain = (np.nan_to_num(plain, nan=-np.inf) >= line) & ~scene.ignored
    control = scene.control or scene.calm
    quiet = over & ~scene.ignored
    told: dict[bool, list[float]] = {False: [], True: []}
    for fire in scene.fires:
        begin = fire.lit if fire.apart_from is None else fire.apart_from
        at = begin + np.flatnonzero(over[fire.row, begin : fire.end])
        if fire.apart_from is not None:
            at = at[np.diff(at, prepend=-APART - 1) > APART]
        at = at[at >= fire.lit]
        told[fire.spark].append(max(0, int(at[0]) - fire.start) * 5.0 if len(at) else float("inf"))
    return Played(
        sum(incidents(np.flatnonzero(quiet[row, a:b])) for row, a, b in scene.calm),
        len(scene.calm),
        sum(incidents(np.flatnonzero(over_plain[row, a:b])) for row, a, b in control),
        len(control),
        told[False],
        told[True],
    )


def played(
    bench: Path, name: str, seed: int, lines: dict[Key, dict[str, float]], known: Floats | None
) -> dict[str, dict[str, Played]]:
    """A scene, by method and budget; `known`: Tocsin's scores of the plain series."""
    scene = scenes.SCENES[name](bench, seed)
    ours = tocsin(scene.counts, scene.grid, scene.uplift)[0]
    plain = ours if scene.plain is scene.counts or known is None else known
    pairs: dict[str, tuple[Key, Floats, Floats]] = {TOCSIN: ((TOCSIN, ""), ours, plain)}
    if scene.untold is not None:
        blind = tocsin(scene.counts, scene.untold)[0]
        pairs[TOLD_NOTHING] = ((TOCSIN, ""), blind, blind if plain is ours else plain)
    for peer in PEERS:
        for setting, rule in peer.settings.items():
            if (peer.name, setting) in lines:
                with_it, without = (rule(np.nan_to_num(x)) for x in (scene.counts, scene.plain))
                pairs[peer.name] = ((peer.name, setting), with_it, without)
    return {
        method: {budget: play(scene, with_it, without, line) for budget, line in lines[key].items()}
        for method, (key, with_it, without) in pairs.items()
    }
