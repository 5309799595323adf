"""Buckets as arrays: what detectors read, kept in memory and refreshed by what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.clock import STEP, step_start
from app.models import Bucket, Source, Watch
from app.pipeline.scoring.coverage import CoverageModel

Floats = npt.NDArray[np.float64]

# What is counted: what is about the watch, as far as it was taught; all that matches; what is set aside.
Measure = Literal["asked", "whole", "aside"]
_CHUNK = 500
_FEW = 50  # watches that are asked for by name; of more, all buckets are read
HEARD = 0.5  # a bucket of which less was observed, by weight of its sources, is missing
_SETTLE = timedelta(minutes=10)  # a transaction may commit so long after it read the clock


@dataclass(slots=True)
class Series:
    """The counts of some watches on the five-minute grid.

    `mentions` (watches, columns) is what was counted, `coverage` what part was observed, from 0 to 1;
    column 0 begins at `start`.
    """

    watch_ids: tuple[int, ...]
    start: datetime
    mentions: Floats
    coverage: Floats
    coverage_model: CoverageModel
    measure: Measure = "asked"
    whole: frozenset[int] = frozenset()  # watches of which all that matches is counted, for a time

    @property
    def end(self) -> datetime:
        """The end of the last column."""
        columns: int = self.mentions.shape[1]
        return self.start + columns * STEP

    def column(self, at: datetime) -> int:
        """The column that begins at `at`."""
        return (at - self.start) // STEP

    def values(self, first: int, last: int, rows: slice | Sequence[int] = slice(None)) -> Floats:
        """Mentions of the columns from `first` to before `last`; NaN where too little was observed.

        What a partly deaf bucket holds is taken up in proportion. An explanation asks for weeks of one row:
        those of the others are not worked out.
        """
        return self._of(first, last, rows, np.nan)

    def seen(self, first: int, last: int, rows: slice | Sequence[int] = slice(None)) -> Floats:
        """The same with what was seen where too little was observed: there were at least so many."""
        return self._of(first, last, rows, self.mentions[rows, first:last])

    def known(self, first: int, last: int, rows: slice | Sequence[int] = slice(None)) -> Floats:
        """The same; NaN where too little was observed and nothing seen, which says nothing."""
        seen = self.mentions[rows, first:last]
        return self._of(first, last, rows, np.where(seen > 0, seen, np.nan))

    def partly_heard(self, first: int, last: int) -> NDArray[np.bool_]:
        """(watches,): whether something was seen in these columns where too little was observed."""
        part = (self.coverage[:, first:last] < HEARD) & (self.mentions[:, first:last] > 0)
        return np.asarray(part.any(axis=1), np.bool_)

    def _of(self, first: int, last: int, rows: slice | Sequence[int], instead: Floats | float) -> Floats:
        coverage = self.coverage[rows, first:last]
        heard = coverage >= HEARD
        return np.where(heard, self.mentions[rows, first:last] / np.where(heard, coverage, 1.0), instead)


def load(
    session: Session,
    watches: Sequence[Watch],
    sources: Sequence[Source],
    *,
    since: datetime,
    until: datetime,
    measure: Measure = "asked",
) -> Series:
    """The series of these watches from the stored buckets; `sources` are all that are enabled."""
    since, until = step_start(since), step_start(until)
    columns = max(0, (until - since) // STEP)
    coverage_model = CoverageModel.of(watches, sources)
    coverage_model.know_history(session)
    series = Series(
        tuple(w.id for w in watches),
        since,
        np.zeros((len(watches), columns)),
        np.zeros((len(watches), columns)),
        coverage_model,
        measure,
        wholly_counted(watches),
    )
    _count(session, series, since, until)
    _cover(session, series, since, until)
    return series


def wholly_counted(watches: Sequence[Watch]) -> frozenset[int]:
    """The ids of the watches of which all that matches counts for a time, set aside or not."""
    return frozenset(watch.id for watch in watches if watch.counts_again_since is not None)


def refresh(session: Session, series: Series, *, changed_since: datetime, until: datetime) -> None:
    """Bring the series up to `until`: new columns, and older ones that were counted again since."""
    until = step_start(until)
    known = series.end
    more = (until - known) // STEP
    if more > 0:
        shape = (len(series.watch_ids), more)
        series.mentions = np.concatenate([series.mentions, np.zeros(shape)], axis=1)
        series.coverage = np.concatenate([series.coverage, np.zeros(shape)], axis=1)
    # Asked by `counted_at` and nothing else, so that SQLite reads that index and not a month of buckets.
    changed = select(Bucket.at).where(Bucket.counted_at >= changed_since - _SETTLE)
    late = sorted({at for at in session.scalars(changed) if series.start <= at < known})
    for at in late:
        series.mentions[:, series.column(at)] = 0.0
    for k in range(0, len(late), _CHUNK):
        _fill(session, series, Bucket.at.in_(late[k : k + _CHUNK]))
    _count(session, series, known, until)
    # Coverage of the last buckets grows as slow sources catch up.
    _cover(session, series, max(series.start, known - timedelta(hours=2)), until)


def forget_before(series: Series, at: datetime) -> int:
    """Drop the columns before `at`, which nothing will ask for again; how many these were."""
    drop = max(0, series.column(step_start(at)))
    series.start += drop * STEP
    series.mentions = series.mentions[:, drop:].copy()
    series.coverage = series.coverage[:, drop:].copy()
    return drop


def _count(session: Session, series: Series, since: datetime, until: datetime) -> None:
    if until <= since or not series.watch_ids:
        return
    series.mentions[:, series.column(since) : series.column(until)] = 0.0
    _fill(session, series, and_(Bucket.at >= since, Bucket.at < until))


def _fill(session: Session, series: Series, which: ColumnElement[bool]) -> None:
    rows = {watch_id: row for row, watch_id in enumerate(series.watch_ids)}
    sums = (func.sum(Bucket.mentions), func.sum(Bucket.again), func.sum(Bucket.aside))
    counted = select(Bucket.watch_id, Bucket.at, *sums).where(which)
    if len(rows) <= _FEW:
        counted = counted.where(Bucket.watch_id.in_(series.watch_ids))
    for watch_id, at, mentions, again, aside in session.execute(counted.group_by(Bucket.watch_id, Bucket.at)):
        if watch_id not in rows:
            continue
        count = mentions - again
        if series.measure == "aside":
            count = again + aside
        elif series.measure == "whole" or watch_id in series.whole:
            count = mentions + aside
        series.mentions[rows[watch_id], series.column(at)] = count


def _cover(session: Session, series: Series, since: datetime, until: datetime) -> None:
    if until > since and series.watch_ids:
        first, last = series.column(since), series.column(until)
        series.coverage[:, first:last] = series.coverage_model.coverage(session, since, until)
