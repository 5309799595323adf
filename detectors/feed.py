"""Rows as they come, one after the other, judged by the rows before them and themselves."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from detectors.detector import B, Detector
from detectors.grid import HOUR, Bools, Floats, Grid
from detectors.walk import Guard

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RUN = 256  # rows judged at once: it bounds the memory where thousands share an hour


class Arrival(NamedTuple):
    """A row: which step since 1970 it belongs to, and its count (NaN: not observed)."""

    column: int
    value: float


class Judgement(NamedTuple):
    """The evidence when a row had come, as in `Evidence`."""

    expected: float
    low: float
    high: float
    flash: float
    score: float


@dataclass
class _Recent:
    """The counts of one series as far back as they matter, in arrays that move on with time."""

    step: timedelta
    keep: int
    zone: str

    def __post_init__(self) -> None:
        self.base = -(1 << 62)
        self.counts: Floats = np.full((1, 2 * self.keep), np.nan)
        self.learn: Bools = np.ones((1, 2 * self.keep), np.bool_)

    def place(self, column: int) -> int:
        """Where a column stands in the arrays, room made for it; negative: it is too old to matter."""
        size = 2 * self.keep
        if column - self.base >= size:
            base = column - self.keep - column % self.keep
            kept = max(0, size - (base - self.base))
            self.counts[:, :kept], self.learn[:, :kept] = (
                self.counts[:, size - kept :],
                self.learn[:, size - kept :],
            )
            self.counts[:, kept:], self.learn[:, kept:] = np.nan, True
            self.base = base
        return column - self.base

    def add(self, arrival: Arrival) -> None:
        """One more row; rows of one column add up."""
        place = self.place(arrival.column)
        if place >= 0 and not math.isnan(arrival.value):
            before = float(self.counts[0, place])
            self.counts[0, place] = arrival.value + (0.0 if math.isnan(before) else before)

    def grid(self, place: int, series: int = 1) -> Grid:
        """The grid of the arrays from this place on."""
        return Grid.of(EPOCH + (self.base + place) * self.step, self.step, series=series, zone=self.zone)


def feed(
    detector: Detector[B],
    arrivals: Sequence[Arrival],
    step: timedelta,
    *,
    threshold: float,
    calm: float,
    zone: str = "UTC",
) -> Iterator[tuple[int, Judgement]]:
    """(number of the arrival, its judgement), in order; rows of one step are added up as they come.

    A row that comes out of order is judged at its own time by what came before it, and counts for the rows
    after it; one that is older than what is kept, the memory at least, is passed over. Alarms are kept out
    of the baseline as `scan` does.
    """
    per_hour = HOUR // step
    memory, reach = detector.memory // step, detector.reach // step
    recent = _Recent(step, memory + reach + per_hour, zone)
    guard = Guard(1, threshold=threshold, calm=calm, per_hour=per_hour)
    hour, judged, baseline = -(1 << 62), -(1 << 62), None
    for run in _runs(arrivals, per_hour):
        first, last = arrivals[run.start].column, arrivals[run.stop - 1].column
        end = recent.place(last) + 1  # makes room, so that the places below stay
        start = recent.place(first // per_hour * per_hour)
        if start < 0:
            continue
        if baseline is None or first // per_hour != hour:
            hour = first // per_hour
            past = slice(max(0, start - memory), start)
            baseline = detector.fit(recent.counts[:, past], recent.learn[:, past], recent.grid(past.start))
        back = max(0, start - reach)
        states = np.repeat(recent.counts[:, back:end], len(run), axis=0)
        for n, i in enumerate(run):
            recent.add(arrivals[i])
            states[n, start - back :] = recent.counts[0, start:end]
        rows = np.zeros(len(run), np.int64)
        grid = recent.grid(back, len(run))
        evidence = detector.score(baseline.of(rows), states, grid, first=start - back)
        for n, i in enumerate(run):
            column = arrivals[i].column
            at = recent.place(column) - start
            values = (evidence.expected, evidence.low, evidence.high, evidence.flash, evidence.score)
            yield i, Judgement(*(float(value[n, at]) for value in values))
            if column > judged and (i + 1 == run.stop or arrivals[i + 1].column != column):
                learn = guard.see(evidence.score[n, at : at + 1])
                recent.learn[0, recent.place(column)] = learn[0]
                judged = column


def _runs(arrivals: Sequence[Arrival], per_hour: int) -> Iterator[range]:
    """The arrivals in stretches that stay within one hour and never go back in time."""
    begin = 0
    for i in range(1, len(arrivals) + 1):
        if i < len(arrivals) and i - begin < _RUN:
            before, column = arrivals[i - 1].column, arrivals[i].column
            if before <= column and before // per_hour == column // per_hour:
                continue
        yield range(begin, i)
        begin = i
