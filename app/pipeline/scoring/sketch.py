"""A day of many watches at once, for small pictures: judged without learning each of its hours anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.clock import step_start
from app.models import PlannedEvent, Source, Watch
from app.pipeline.scoring.detect import HOUR, Opening, ScoringEngine
from app.pipeline.scoring.scored_series import ScoredSeries


@dataclass(slots=True)
class SketchingEngine(ScoringEngine):
    """An engine whose hours are all judged by what was usual in the first of them."""

    def sketch(
        self,
        sessions: Opening,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        events: Sequence[PlannedEvent],
        *,
        since: datetime,
        until: datetime,
    ) -> tuple[ScoredSeries, int, int]:
        """All columns by what was usual when they begin, for small pictures: hours are not learnt anew.

        (evidence, first column, column after the last).
        """
        self.forget_incidents()
        with sessions() as session:
            self._prepare(session, watches, sources, since, until)
            self._ready.events, scored = events, self._ready
            baseline, at = self._baseline(session, step_start(since, HOUR)), since
            while at < until:
                end = min(until, step_start(at, HOUR) + HOUR)
                self._note(session, baseline, scored.series.column(at), scored.series.column(end))
                at, baseline = end, replace(baseline, hour_number=baseline.hour_number + 1)
        return scored, scored.series.column(since), scored.series.column(until)
