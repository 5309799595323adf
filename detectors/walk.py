"""Walking through a series hour by hour: the one way that a live run, a replay and a preview score."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.detector import B, Detector, Evidence
from detectors.grid import Bools, Floats, Grid

CALM_HOURS = 1


def walk(
    detector: Detector[B],
    counts: Floats,
    learn: Bools,
    grid: Grid,
    *,
    first: int = 0,
    uplift: Floats | None = None,
    floor: Floats | None = None,
) -> Iterator[tuple[slice, Evidence]]:
    """The columns from `first` on, hour by hour, each with its evidence.

    At the start of each hour (universal time) the baseline is fitted on the memory before it. The caller may
    clear `learn[row, columns]` in place before taking the next hour: that keeps open incidents out of the
    baseline. The evidence of a column depends on the memory before its hour, on the columns since, and on
    `learn`; on nothing else.
    """
    memory, reach = detector.memory // grid.step, detector.reach // grid.step
    columns, at = counts.shape[1], first
    while at < columns:
        hour = max(0, at - (grid.phase + at) % grid.per_hour)
        end = min(columns, at - (grid.phase + at) % grid.per_hour + grid.per_hour)
        hour_is_whole = (grid.phase + hour) % grid.per_hour == 0
        if hour_is_whole:
            past = slice(max(0, hour - memory), hour)
            baseline = detector.fit(counts[:, past], learn[:, past], grid.moved(past.start))
        else:  # the array begins within this hour: nothing is known before it
            baseline = detector.fit(counts[:, :0], learn[:, :0], grid.moved(-grid.phase))
        back = max(0, hour - reach)
        evidence = detector.score(
            baseline,
            counts[:, back:end],
            grid.moved(back),
            first=at - back,
            uplift=None if uplift is None else uplift[:, back:end],
            floor=floor,
        )
        yield slice(at, end), evidence
        at = end


class Guard:
    """Which series have an alarm open, column by column: what keeps a fire from becoming the new normal.

    An alarm opens at `line` and closes after an hour below `calm`; an instant without a score changes
    nothing. What is seen while it is open is kept out of the baseline, as long as `fit` goes along.
    """

    def __init__(self, series: int, *, threshold: float, calm: float, per_hour: int) -> None:
        self.open: Bools = np.zeros(series, np.bool_)
        self._line, self._calm = threshold, calm
        self._patience = CALM_HOURS * per_hour
        self._calm_for = np.zeros(series, np.int64)

    def see(self, score: Floats) -> Bools:
        """Whether to learn from a column of this score, (S,)."""
        self.open = self.open | (score >= self._line)
        self._calm_for = np.where(
            score < self._calm, self._calm_for + 1, np.where(np.isnan(score), self._calm_for, 0)
        )
        self.open = self.open & (self._calm_for < self._patience)
        return ~self.open


@dataclass(frozen=True, slots=True)
class Scan:
    """The evidence of each column, where it is over the threshold, and where an alarm is open, (S, n)."""

    evidence: Evidence
    alarm: Bools  # the score is at the threshold or over it
    open: Bools  # from an alarm until the score was below the calm line for an hour


def scan(
    detector: Detector[B],
    counts: Floats,
    grid: Grid,
    *,
    threshold: float,
    calm: float,
    uplift: Floats | None = None,
    floor: Floats | None = None,
) -> Scan:
    """A whole array scored, alarms kept out of the baseline for at most three days of a week."""
    series = counts.shape[0]
    learn = np.ones(counts.shape, np.bool_)
    opened = np.zeros(counts.shape, np.bool_)
    guard = Guard(series, threshold=threshold, calm=calm, per_hour=grid.per_hour)
    parts: list[Evidence] = []
    for piece, evidence in walk(detector, counts, learn, grid, uplift=uplift, floor=floor):
        parts.append(evidence)
        for i, column in enumerate(range(piece.start, piece.stop)):
            learn[:, column] = guard.see(evidence.score[:, i])
            opened[:, column] = guard.open
    evidence = _joined(parts) if parts else Evidence(*np.empty((5, series, 0)))
    return Scan(evidence, evidence.score >= threshold, opened)


def _joined(parts: list[Evidence]) -> Evidence:
    return Evidence(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in ("expected", "low", "high", "flash", "score")
        )
    )
