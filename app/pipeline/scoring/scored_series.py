"""The series of some watches with the evidence of their newest hours, as it is kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from app.clock import STEP
from app.models import Watch
from app.pipeline.scoring.counts import HEARD, Floats, Series
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
