"""The series of some watches with the evidence of their newest hours, as it is kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from app.clock import STEP
from app.models import Watch
from app.pipeline.scoring.counts import Floats, Series
from detectors import Evidence

LOOK_BACK = timedelta(hours=26)  # an explanation draws so much of the past
_KEPT = 2 * LOOK_BACK // STEP  # columns
_EVIDENCE = ("expected", "low", "high", "flash", "score")


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
        return cls(series, first, {name: np.full(shape, np.nan) for name in _EVIDENCE}, watches)

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
        for name, array in self.kept.items():
            which = slice(None) if rows is None else rows
            array[which, first - self.offset : last - self.offset] = getattr(evidence, name)
