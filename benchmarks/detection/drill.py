"""Fire drills and NAB, from the benchmark folder that is given: series in, judgement of scores out."""

import importlib
import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np

from detectors import Grid
from detectors.grid import Bools, Floats

STEP = timedelta(minutes=5)
INCIDENT_GAP = 72  # columns: alarms closer than this are one incident, as in the drill
WEEK = 7 * 288
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the drill's files name no zone


@dataclass(frozen=True, slots=True)
class Drill:
    """Series on one grid, NaN outside their own time; which columns are quiet; and the fires of each."""

    counts: Floats
    grid: Grid
    lengths: list[int]
    starts: list[int]
    quiet: list[Bools]
    fires: list[list[dict[str, int]]]


def bench_module(bench: Path, name: str) -> ModuleType:
    """A module of the benchmark folder."""
    if str(bench) not in sys.path:
        sys.path.insert(0, str(bench))
    return importlib.import_module(name)


def stacked(series: list[tuple[list[datetime], list[float]]]) -> tuple[Floats, Grid, list[int]]:
    """Series of whole steps on one grid, and the column at which each begins."""
    first = [(times[0] - _EPOCH) // STEP for times, _ in series]
    last = max((times[-1] - _EPOCH) // STEP for times, _ in series)
    counts = np.full((len(series), last - min(first) + 1), np.nan)
    starts = [column - min(first) for column in first]
    for row, (start, (_, values)) in enumerate(zip(starts, series, strict=True)):
        counts[row, start : start + len(values)] = values
    start_at = (_EPOCH + min(first) * STEP).replace(tzinfo=UTC)
    return counts, Grid.of(start_at, STEP, series=len(series)), starts


def lit(bench: Path, folder: Path, seed: int) -> Drill:
    """The drill of a seed, lit in `folder`."""
    fire_drill, reader = bench_module(bench, "fire_drill"), bench_module(bench, "series")
    with redirect_stdout(sys.stderr):
        fire_drill.light(folder, seed, 2, [1, 2, 4, 8], [10, 20, 40, 80])
    truth = json.loads((folder / "truth.json").read_text())
    loaded = [reader.load(folder / name) for name in truth]
    counts, grid, starts = stacked(loaded)
    quiet = [
        np.asarray(fire_drill.quiet_rows(times, case["series"], case["fires"]), np.bool_)
        for (times, _), case in zip(loaded, truth.values(), strict=True)
    ]
    fires = [case["fires"] for case in truth.values()]
    return Drill(counts, grid, [len(times) for times, _ in loaded], starts, quiet, fires)


def incidents(columns: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """How many incidents alarms at these columns make."""
    return int(len(columns) > 0) + int((np.diff(columns) > INCIDENT_GAP).sum())


def own(scores: Floats, drill: Drill) -> list[Floats]:
    """The scores of each series over its own time; what is not a number is the smallest."""
    parts = (
        scores[row, start : start + length]
        for row, (start, length) in enumerate(zip(drill.starts, drill.lengths, strict=True))
    )
    return [np.where(np.isnan(part), -np.inf, part) for part in parts]


def false_a_week(scores: list[Floats], drill: Drill, line: float) -> float:
    """False incidents a brand-week at a line."""
    weeks = sum(int(quiet.sum()) for quiet in drill.quiet) / WEEK
    found = (
        incidents(np.flatnonzero(quiet & (score >= line)))
        for score, quiet in zip(scores, drill.quiet, strict=True)
    )
    return sum(found) / weeks


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a threshold buys: false incidents a brand-week, parts of all fires, minutes, and itself."""

    false: float
    seen: float
    before_peak: float
    delay: float
    line: float
    unlit: float = float("nan")  # false incidents a brand-week on the same series without any fire


def line_within(scores: Floats, drill: Drill, budget: float) -> float:
    """The lowest line that keeps the false incidents of a brand-week within the budget.

    It is sought from above: far below, where alarms never end, they make one long incident and would count as
    few.
    """
    parts = own(scores, drill)
    lines = np.unique(np.concatenate([part[q] for part, q in zip(parts, drill.quiet, strict=True)]))
    within, beyond, step = len(lines), -1, 1.0
    while beyond < 0 < within:
        at = max(0, len(lines) - int(step))
        if false_a_week(parts, drill, float(lines[at])) <= budget:
            within = at
        else:
            beyond = at
        step = step * 1.2 + 1
    while within - beyond > 1:
        middle = (within + beyond) // 2
        if false_a_week(parts, drill, float(lines[middle])) <= budget:
            within = middle
        else:
            beyond = middle
    return float(lines[within]) if within < len(lines) else float(np.nextafter(lines[-1], np.inf))


def outcome_at(scores: Floats, drill: Drill, line: float, **kind: int) -> Outcome:
    """What a line finds among the fires of a kind, as `shape=2`; among all of them if none is named."""
    parts = own(scores, drill)
    delays, early = [], 0
    for part, fires in zip(parts, drill.fires, strict=True):
        for fire in fires:
            if any(fire[name] != value for name, value in kind.items()):
                continue
            over = np.flatnonzero(part[fire["lit"] : fire["end"]] >= line)
            at = fire["lit"] + int(over[0]) if len(over) else None
            delays.append(float("inf") if at is None else max(0, at - fire.get("start", fire["lit"])) * 5.0)
            early += at is not None and at <= fire.get("peak", -1)
    delays.sort()
    seen = sum(delay < float("inf") for delay in delays)
    fires_lit = max(1, len(delays))
    median = delays[len(delays) // 2] if delays else float("nan")
    return Outcome(false_a_week(parts, drill, line), seen / fires_lit, early / fires_lit, median, line)


def unlit(bench: Path) -> tuple[Drill, list[str]]:
    """The real series of NAB as they happened, without any fire; and their names."""
    fire_drill, reader = bench_module(bench, "fire_drill"), bench_module(bench, "series")
    names = list(reader.names())
    loaded = [reader.load(reader.DATA / name) for name in names]
    counts, grid, starts = stacked(loaded)
    quiet = [
        np.asarray(fire_drill.quiet_rows(times, name, []), np.bool_)
        for (times, _), name in zip(loaded, names, strict=True)
    ]
    return Drill(counts, grid, [len(times) for times, _ in loaded], starts, quiet, [[] for _ in names]), names


def nab_scores(bench: Path, flashes: Floats, names: list[str]) -> list[float]:
    """NAB's three profiles, each at its best threshold."""
    judge, reader = bench_module(bench, "nab_score"), bench_module(bench, "series")
    rows = []
    for row, name in enumerate(names):  # they begin together
        flash = flashes[row, : len(reader.load(reader.DATA / name)[0])]
        rows += judge.rows_of(name, list(np.where(np.isnan(flash), -np.inf, flash)))
    return [float(judge.best(rows, *weights)[0]) for weights in judge.PROFILES.values()]
