"""The series of some watches with the evidence of their newest hours, as it is kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.channels.facts import Learning
from app.clock import STEP
from app.models import PlannedEvent, Source, Watch
from app.pipeline.scoring.counts import HEARD, Floats, Series, load, wholly_counted
from app.pipeline.scoring.coverage import CoverageModel
from detectors import Evidence

Bools = NDArray[np.bool_]
LOOK_BACK = timedelta(hours=26)  # an explanation draws so much of the past
_KEPT = 2 * LOOK_BACK // STEP  # columns
_EVIDENCE = ("expected", "low", "high", "flash", "score")
# The score of what was seen, little as was heard of it; of other rows there is none.
_BOUND = "bound"


@dataclass(slots=True)
class ScoredSeries:
    """Some watches' series, with the evidence in their newest columns; NaN where nothing is known (yet)."""

    series: Series
    offset: int  # the series' column that is column 0 of the evidence
    kept: dict[str, Floats]
    watches: Sequence[Watch]  # in the order of the rows
    learning: dict[int, Learning] = field(default_factory=dict)  # by watch: those that have not learnt
    events: Sequence[PlannedEvent] = ()  # that raise what is expected

    @classmethod
    def of(cls, series: Series, first: int, watches: Sequence[Watch]) -> "ScoredSeries":
        """The series, to be judged from column `first` on."""
        shape = (len(series.watch_ids), 2 * _KEPT)
        return cls(series, first, {name: np.full(shape, np.nan) for name in (*_EVIDENCE, _BOUND)}, watches)

    def row(self, watch_id: int) -> int:
        """The row of a watch."""
        return self.series.watch_ids.index(watch_id)

    def evidence(self, name: str, row: int, first: int, last: int) -> Floats:
        """One kind of evidence in the series' columns from `first` to before `last`."""
        found = np.full(last - first, np.nan)
        begin = min(max(first, self.offset), last)
        found[begin - first :] = self.kept[name][
            row, max(0, begin - self.offset) : max(0, last - self.offset)
        ]
        return found

    def note(self, evidence: Evidence, first: int, last: int, rows: Sequence[int] | None = None) -> None:
        """Keep the evidence of the series' columns from `first` to before `last`, of all rows or of some."""
        if last - self.offset > 2 * _KEPT:
            drop = last - self.offset - _KEPT
            for name, array in self.kept.items():
                self.kept[name] = np.concatenate(
                    [array[:, drop:], np.full((array.shape[0], min(drop, 2 * _KEPT)), np.nan)], axis=1
                )[:, : 2 * _KEPT]
            self.offset += drop
        columns = slice(first - self.offset, last - self.offset)
        which = slice(None) if rows is None else rows
        for name in _EVIDENCE:
            self.kept[name][which, columns] = getattr(evidence, name)
        self.kept[_BOUND][which, columns] = np.nan

    def note_bound(self, scores: Floats, first: int, last: int, rows: Sequence[int]) -> None:
        """Keep the scores of what was seen of these rows, behind their evidence."""
        self.kept[_BOUND][rows, first - self.offset : last - self.offset] = scores

    def note_absolute(self, scores: Floats, high: float, first: int, last: int, row: int) -> None:
        """Keep scores that rest on no usual; `high` is the count of a column that would begin to matter."""
        columns = slice(first - self.offset, last - self.offset)
        for name, values in (
            ("expected", 0.0),
            ("low", 0.0),
            ("high", high),
            ("score", scores),
            (_BOUND, scores),
        ):
            self.kept[name][row, columns] = values

    def scores(self, row: int, first: int, last: int) -> tuple[Floats, Bools]:
        """(the score of each column, whether enough of it was heard to be calm).

        What was seen is a lower bound: by it a score may be higher, and where too little was heard nothing
        but that says anything. NaN: nothing is known.
        """
        heard = self.series.coverage[row, first:last] >= HEARD
        score, bound = self.evidence("score", row, first, last), self.evidence(_BOUND, row, first, last)
        return np.where(heard, np.fmax(score, bound), bound), heard

    def newest_score(self, row: int, last: int) -> float:
        """The score where column `last` begins, however much was heard; NaN: nothing is known."""
        both = (self.evidence(name, row, last - 1, last)[0] for name in ("score", _BOUND))
        return float(np.fmax(*both))

    def is_by_bound(self, row: int, column: int) -> bool:
        """Whether it is what was seen that makes the score of the column."""
        score = self.evidence("score", row, column, column + 1)[0]
        bound = self.evidence(_BOUND, row, column, column + 1)[0]
        unheard = self.series.coverage[row, column] < HEARD
        return bool(not np.isnan(bound) and (unheard or not score >= bound))

    def follow_changes(self, session: Session, watches: Sequence[Watch], sources: Sequence[Source]) -> bool:
        """Read the series of the watches that are new or were edited; the others stay. Whether any were."""
        now = {watch.id: watch.updated_at for watch in watches}
        known = enumerate(self.watches)
        before = {watch.id: row for row, watch in known if now.get(watch.id) == watch.updated_at}
        if list(before) == list(now) and len(before) == len(self.watches):
            return False
        changed = [watch for watch in watches if watch.id not in before]
        part = load(
            session, changed, sources, since=self.series.start, until=self.series.end,
            measure=self.series.measure,
        )  # fmt: skip
        rows = [before.get(watch.id, -1) for watch in watches]
        fresh = {watch.id: row for row, watch in enumerate(changed)}
        self.kept = {name: _arranged(kept, rows, np.nan) for name, kept in self.kept.items()}
        series = self.series
        series.mentions, series.coverage = _arranged(series.mentions, rows), _arranged(series.coverage, rows)
        for row, watch in enumerate(watches):
            if watch.id in fresh:
                series.mentions[row] = part.mentions[fresh[watch.id]]
                series.coverage[row] = part.coverage[fresh[watch.id]]
        series.watch_ids = tuple(watch.id for watch in watches)
        series.whole = wholly_counted(watches)
        series.coverage_model = CoverageModel.of(watches, sources)
        series.coverage_model.know_history(session)
        return True


def _arranged(array: Floats, rows: Sequence[int], missing: float = 0.0) -> Floats:
    """The rows of the array in another order; -1: one of which nothing is known."""
    arranged = np.full((len(rows), array.shape[1]), missing)
    known = [row >= 0 for row in rows]
    arranged[known] = array[[row for row in rows if row >= 0]]
    return arranged
