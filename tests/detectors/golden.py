"""A few series that can be described in a sentence, and what the detectors make of them to nine digits.

    python -m tests.detectors.golden

writes golden.json anew: do so only where scores are meant to change, and say in the commit why they do. A
change that the file does not show is none; one that it shows moves lines, budgets and the benchmarks too.
"""

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import numpy as np

from detectors import Baseline, Evidence, alarms_at, calm_for, delay_at, scan, threshold_for, walk
from detectors.feed import EPOCH, Arrival, Judgement, feed
from detectors.grid import Bools, Floats
from tests.detectors.series import A_DOZEN_DAYS, SERIES, Series

FILE = Path(__file__).with_name("golden.json")
EVIDENCE = tuple(f.name for f in fields(Evidence))
LINE, CALM = threshold_for(1.0), calm_for(threshold_for(1.0))
Kept = dict[str, dict[str, list[float | None]]]
SCANNED, BUDGETS = "the whole of ", "budgets and their lines"


def judged(series: Series) -> tuple[Baseline, Evidence]:
    """What was learnt before the last day, and the evidence of that day."""
    counts, grid, begin = series.counts(), series.grid(), series.at(0)
    uplift = None
    if series.uplift:
        since, until, times = series.uplift
        uplift = np.ones(counts.shape)
        uplift[:, series.at(since) : series.at(until)] = times
    floor = None if series.floor is None else np.asarray([series.floor])
    learn = np.ones(counts.shape, np.bool_)
    for since, until in series.kept_out:
        learn[:, series.at(since) : series.at(until)] = False
    whole = begin - (grid.phase + begin) % grid.per_hour
    learnt = series.detector.fit(counts[:, :whole], learn[:, :whole], grid)
    parts = walk(series.detector, counts, learn, grid, first=begin, uplift=uplift, floor=floor)
    evidence = [part for _, part in parts]
    return learnt, Evidence(
        *(np.concatenate([getattr(part, name) for part in evidence], axis=1) for name in EVIDENCE)
    )


def fed(series: Series) -> list[Judgement]:
    """The whole of a series as rows come one by one; of the last day one comes late, and one in two parts."""
    counts, begin = series.counts()[0], series.at(0)
    first = (datetime.fromisoformat(series.start) - EPOCH) // series.step
    rows = [Arrival(first + column, value) for column, value in enumerate(counts)]
    late = rows.pop(begin + 7)
    rows[begin + 9 : begin + 9] = [late, Arrival(late.column, 9.0)]
    return [said for _, said in feed(series.detector, rows, series.step, threshold=LINE, calm=CALM)]


def kept_of(name: str) -> Kept:
    """What is kept of a series: what was learnt, and some columns and the sum of what was said of its day."""
    if name == BUDGETS:
        return budgets()
    if name.startswith(SCANNED):
        return _scanned_and_fed(SERIES[name.removeprefix(SCANNED)])
    learnt, evidence = judged(SERIES[name])
    return {
        "learnt": {f.name: _few(np.ravel(getattr(learnt, f.name)), 6) for f in fields(Baseline)},
        "judged": {name: _few(getattr(evidence, name)[0]) for name in EVIDENCE},
    }


def _scanned_and_fed(series: Series) -> Kept:
    """The whole of a series, with alarms kept out of what is learnt: at once, and row by row."""
    found = scan(series.detector, series.counts(), series.grid(), threshold=LINE, calm=CALM)
    rows = np.asarray(fed(series)).T
    return {
        "judged": {name: _few(getattr(found.evidence, name)[0]) for name in EVIDENCE}
        | {"alarm": _few(found.alarm[0]), "open": _few(found.open[0])},
        "row by row": {name: _few(row) for name, row in zip(EVIDENCE, rows, strict=True)},
    }


def budgets() -> Kept:
    """The lines of budgets from 0.1 to 30 alarms a month, and what is said of lines from nought to four."""
    lines = np.linspace(0.0, 4.0, 161)
    delays = [delay_at(line) for line in lines]
    return {
        "lines": {
            "alarms a month": _few(np.asarray([threshold_for(a) for a in np.geomspace(0.1, 30.0, 160)]), 20)
        },
        "at lines": {
            "alarms a month": _few(np.asarray([alarms_at(line) for line in lines]), 20),
            "minutes": _few(np.asarray([np.nan if delay is None else delay for delay in delays]), 20),
            "calm": _few(np.asarray([calm_for(line) for line in lines]), 4),
        },
    }


def everything() -> dict[str, Kept]:
    """What the file holds."""
    return {name: kept_of(name) for name in (*SERIES, SCANNED + A_DOZEN_DAYS, BUDGETS)}


def _few(row: Floats | Bools, parts: int = 12) -> list[float | None]:
    """So many values of a row, the sum of it with each counted otherwise, and how many values there are."""
    row = row.astype(np.float64)
    apart = max(1, len(row) // parts)
    some = row[apart // 3 :: apart] if len(row) > parts else row
    total = np.nansum(row * (1 + np.arange(len(row)) % 7 / 7))
    return [
        None if np.isnan(value) else float(f"{value:.13g}")
        for value in (*some, total, np.isfinite(row).sum())
    ]


def written(kept: dict[str, Kept]) -> str:
    """JSON with a line for each row of numbers."""
    series = (
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(part)}: {{\n"
            + ",\n".join(f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
            + "\n  }"
            for part, rows in parts.items()
        )
        + "\n}"
        for name, parts in kept.items()
    )
    return "{\n" + ",\n".join(series) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(written(everything()), encoding="utf-8")
