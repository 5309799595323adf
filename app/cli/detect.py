"""`tocsin detect`: series of counts in, evidence of bursts and fires out, file by file."""

import csv
import math
import os
import re
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from detectors import FireDetector, calm_for, threshold_for
from detectors.feed import EPOCH, Arrival, feed

HEADER = ("timestamp", "value", "expected", "low", "high", "flash", "score", "alarm")
BUDGET = 1.0  # false alarms a month: the product's default
_T = TypeVar("_T")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}
_YEARS = range(1900, 2200)  # a year outside is a slip of the pen
_SHOWN = 20  # bad rows told for each file
_FEW = 3  # files that are done in less time than it takes to start processes


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: as it was given, and what it says if it is a good one."""

    line: int
    timestamp: str
    value: str
    arrival: Arrival | None


class Unreadable(Exception):  # noqa: N818 - read in a sentence
    """A file that gives no series."""


def detect(
    series: Annotated[list[Path], typer.Argument(help="CSV files with the columns timestamp and value.")],
    out: Annotated[Path, typer.Option(help="Folder for the results, one file of the same name each.")],
    step: Annotated[
        str, typer.Option(help="Width of a bucket: 5min, 15min, 1h; it divides one hour.")
    ] = "5min",
) -> None:
    """Score series of counts: evidence of a fire (`score`) and of a burst (`flash`) for each row.

    The files have the columns `timestamp` (ISO 8601, UTC if it names no zone) and `value` (mentions). The
    results have one row for each row, in order: timestamp, value, expected, low, high, flash, score, alarm.
    `expected`, `low` and `high` are what is usual in one bucket. `alarm` is 1 where the score is over the
    line of the default budget, one false alarm a month. A row depends on earlier rows and on itself only;
    scores are empty in the first three days.

    Rows of one bucket add up. A bucket without a row, or with an empty value, was not observed: it is not a
    zero. A row that cannot be read, or is weeks older than the rows before it, is told with its line number
    and has no scores.

    Exit code: 0 done; 1 a file could not be read or written, the others are done; 2 wrong usage.
    """
    width = step_of(step)
    names = [path.name for path in series]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise typer.BadParameter(
            f"two files are called {doubled[0]}: their results would overwrite each other"
        )
    if any(path.resolve().parent == out.resolve() for path in series):
        raise typer.BadParameter(f"{out} holds the series: the results would overwrite them")
    console, failed = Console(stderr=True, soft_wrap=True), False
    with ExitStack() as stack:
        workers = stack.enter_context(_workers(len(series)))
        jobs = [(path, workers.submit(_one, path, out, width)) for path in series]
        progress = stack.enter_context(
            Progress(console=console, transient=True, disable=not console.is_terminal)
        )
        files = progress.add_task("", total=len(series))
        for path, job in jobs:
            progress.update(files, description=escape(path.name))
            try:
                for problem in job.result():
                    console.print(escape(f"{path}: {problem}"), highlight=False)
            except (Unreadable, OSError) as error:
                console.print(escape(f"{path}: {error}"), style="red", highlight=False)
                failed = True
            progress.advance(files)
    if failed:
        raise typer.Exit(1)


def _workers(files: int) -> Executor:
    """One process for each core where there are files enough to be worth their start."""
    if files <= _FEW:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(min(files, os.cpu_count() or 1), get_context("spawn"))


def step_of(text: str) -> timedelta:
    """A duration as people write it.

    >>> step_of("5min"), step_of("1 h")
    (datetime.timedelta(seconds=300), datetime.timedelta(seconds=3600))
    """
    match = re.fullmatch(r"(\d{1,6})\s*(s|m|min|h)", text.strip().lower())
    if not match or not int(match[1]):
        raise typer.BadParameter(f"{text!r} is no duration; write 5min, 15min or 1h")
    step = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if timedelta(hours=1) % step:
        raise typer.BadParameter(f"a step divides one hour, as 5min or 15min do; {text} does not")
    return step


def _one(path: Path, out: Path, step: timedelta) -> list[str]:
    """Writes the results of one file; what was wrong with its rows."""
    rows, problems = read(path, step)
    threshold = threshold_for(BUDGET)
    good = [row for row in rows if row.arrival]
    arrivals = [row.arrival for row in rows if row.arrival]
    judged = dict(feed(FireDetector(), arrivals, step, threshold=threshold, calm=calm_for(threshold)))
    late = [row.line for i, row in enumerate(good) if i not in judged]
    by_line = {row.line: judged[i] for i, row in enumerate(good) if i in judged}
    problems += [f"line {number}: it is weeks older than the rows before it" for number in late]
    out.mkdir(parents=True, exist_ok=True)
    part = out / f".{path.name}.part"  # a result is there whole or not at all
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            found = by_line.get(row.line)
            cells = [_cell(value) for value in found] if found else [""] * 5
            writer.writerow([row.timestamp, row.value, *cells, int(bool(found and found.score >= threshold))])
    part.replace(out / path.name)
    if len(problems) > _SHOWN:
        problems = [*problems[:_SHOWN], f"and {len(problems) - _SHOWN} more bad rows"]
    return problems


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


def read(path: Path, step: timedelta) -> tuple[list[Row], list[str]]:
    """The rows of a file in their order, and what is wrong with some of them.

    Raises Unreadable if it is no such file, or has no good row.
    """
    rows: list[Row] = []
    problems: list[str] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if not {"timestamp", "value"} <= set(reader.fieldnames or ()):
                raise Unreadable("the first line must name the columns timestamp and value")
            for raw in reader:
                timestamp, value, line = raw["timestamp"] or "", raw["value"] or "", reader.line_num
                try:
                    rows.append(Row(line, timestamp, value, Arrival(_column(timestamp, step), _count(value))))
                except ValueError as error:
                    rows.append(Row(line, timestamp, value, None))
                    problems.append(f"line {line}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(str(error)) from error
    if not any(row.arrival for row in rows):
        raise Unreadable("there is no good row in it" + (f" ({problems[0]})" if problems else ""))
    return rows, problems


def _column(timestamp: str, step: timedelta) -> int:
    at = _parsed(datetime.fromisoformat, timestamp, "ISO 8601 time")
    if at.year not in _YEARS:
        raise ValueError(f"the year {at.year} cannot be right")
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH) // step


def _count(value: str) -> float:
    if not value.strip():
        return math.nan
    count = _parsed(float, value, "number")
    if count < 0 or math.isinf(count):
        raise ValueError(f"{value[:40]!r} is no count")
    return count


def _parsed(parse: Callable[[str], _T], text: str, what: str) -> _T:
    try:
        return parse(text.strip())
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is no {what}") from error
