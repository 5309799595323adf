"""Buckets to scores: every series judged hour by hour, live and in a replay by the same code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from app.clock import STEP, known_zone, step_start
from app.models import PlannedEvent, Source, Watch
from app.pipeline.scoring.counts import Floats, Measure, forget_before, load, refresh
from app.pipeline.scoring.coverage import history_stage
from app.pipeline.scoring.learnt import BurntSpan, burnt_spans, learnt_columns
from app.pipeline.scoring.lending import completed, emergency_scores, learning_of
from app.pipeline.scoring.planned import uplift
from app.pipeline.scoring.rest_days import rest_days
from app.pipeline.scoring.scored_series import LOOK_BACK, ScoredSeries
from detectors import Baseline, Evidence, FireDetector, Grid

HOUR = timedelta(hours=1)
HOUR_STEPS = HOUR // STEP
Opening = Callable[[], AbstractContextManager[Session]]
_PARTS = 64  # of an excess: so finely is it said what would not have rung


@dataclass(slots=True)
class ScoringEngine:
    """Keeps the series in memory and judges new columns; the tables hold all that it needs."""

    detector: FireDetector
    measure: Measure = "asked"
    _heard: tuple[object, ...] = ()  # the sources that the series were read for
    _scored: ScoredSeries | None = None
    _refreshed: datetime | None = None
    _fitted: dict[datetime, Baseline] = field(default_factory=dict)
    _looked: dict[int, int] = field(default_factory=dict)
    _known_incidents: list[BurntSpan] | None = None
    _zones: tuple[str, ...] = ()
    _countries: tuple[str, ...] = ()
    _kinds: Mapping[int, str] = field(default_factory=dict)  # of sources
    _floors: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def reach(self) -> timedelta:
        """How far before an hour its judgement reads: the hours of an explanation, and what these read."""
        return LOOK_BACK + self.detector.reach

    @property
    def scored(self) -> ScoredSeries | None:
        """What was judged last, with the evidence of the hours before."""
        return self._scored

    def advance(
        self,
        sessions: Opening,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        events: Sequence[PlannedEvent],
        *,
        since: datetime,
        until: datetime,
    ) -> Iterator[tuple[ScoredSeries, int, int]]:
        """Judge the columns from `since` to `until`; yields (evidence, first column, column after the last).

        `events` are those that touch the time from `reach` before, which is what the hours before read.
        The caller writes what follows from an hour before it asks for the next: an incident that opens is
        kept out of the baseline of the hours after. No session is open meanwhile.
        """
        self.forget_incidents()
        with sessions() as session:
            anew = self._prepare(session, watches, sources, since, until)
        self._ready.events = events
        if anew:
            # The rules read the hour before; what is older is made again where an explanation asks for it.
            for _ in self._walk(sessions, since - HOUR, since):
                pass
        yield from self._walk(sessions, since, until)

    def _walk(
        self, sessions: Opening, since: datetime, until: datetime
    ) -> Iterator[tuple[ScoredSeries, int, int]]:
        scored, at = self._ready, since
        while at < until:
            end = min(until, step_start(at, HOUR) + HOUR)
            first, last = scored.series.column(at), scored.series.column(end)
            with sessions() as session:
                self._note(session, self._baseline(session, step_start(at, HOUR)), first, last)
            yield scored, first, last
            at = end

    def _note(
        self,
        session: Session,
        baseline: Baseline,
        first: int,
        last: int,
        rows: Sequence[int] | None = None,
    ) -> None:
        """Keep the evidence of the columns, and of rows that were hardly heard the score of what was seen."""
        scored, series = self._ready, self._ready.series
        scored.note(self._score(baseline, first, last, rows), first, last, rows)
        back = max(0, first - self.detector.reach // STEP)
        asked = np.arange(len(series.watch_ids)) if rows is None else np.asarray(rows)
        partly = np.flatnonzero(series.partly_heard(back, last)[asked])
        if len(partly):
            mine = asked[partly].tolist()
            evidence = self._score(baseline.of(partly), first, last, mine, series.seen(back, last, mine))
            scored.note_bound(evidence.score, first, last, mine)
        for row in asked.tolist():
            watch = scored.watches[row]
            learning = scored.learning.get(watch.id)
            if learning is not None and learning.per_hour is not None:
                found = emergency_scores(session, series, row, watch, first, last)
                scored.note_absolute(found, learning.per_hour / HOUR_STEPS, first, last, row)

    def judge_again(self, session: Session, row: int, first: int, last: int) -> None:
        """Judge columns of a row anew, as posts of them came late."""
        series = self._ready.series
        while first < last:
            hour = step_start(series.start + first * STEP, HOUR)
            end = min(last, series.column(hour + HOUR))
            self._note(session, self._fit(session, hour, [row]), first, end, [row])
            first = end

    def look_back(self, session: Session, row: int, last: int) -> None:
        """See that a row's evidence is there for the hours before column `last`, which an explanation draws.

        After a start it is not; it is made again for the one row that is asked for.
        """
        scored = self._ready
        first = max(scored.offset, last - LOOK_BACK // STEP)
        missing = np.flatnonzero(np.isnan(scored.evidence("expected", row, first, last)))
        if not len(missing) or self._looked.get(row, -1) >= first:
            return
        self._looked[row] = last
        self.judge_again(session, row, first + int(missing[0]), last)

    def quiet_factor(self, session: Session, row: int, last: int, threshold: float) -> float:
        """The part of the recent excess, from 0 to 1, that would just not have reached the threshold.

        Answers "what would have kept it quiet": the column before `last` is judged again with less excess.
        """
        scored, series = self._ready, self._ready.series
        hour = step_start(series.start + (last - 1) * STEP, HOUR)
        # What came late may be of an hour that is not kept.
        kept = self._fitted.get(hour)
        baseline = self._fit(session, hour, [row]) if kept is None else kept.of(np.asarray([row]))
        back = max(0, last - 1 - self.detector.reach // STEP)
        counts = series.seen if scored.is_by_bound(row, last - 1) else series.values
        values = counts(back, last, [row])[0]
        usual = np.nan_to_num(scored.evidence("expected", row, back, last))
        excess = np.maximum(0.0, values - usual)
        # All that halving could ask for, judged in one go, each as a series of its own.
        rows = [row] * (_PARTS - 1)
        parts = np.arange(1, _PARTS)[:, None] / _PARTS
        less = np.where(excess > 0, usual + parts * excess, values)
        score = self._score(baseline.of(np.zeros(len(rows), np.int64)), last - 1, last, rows, less).score[
            :, -1
        ]
        low, high = 0, _PARTS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if score[middle - 1] >= threshold else (middle, high)
        return low / _PARTS

    @property
    def _ready(self) -> ScoredSeries:
        assert self._scored is not None, "advance() comes first"  # noqa: S101 - a mistake of ours
        return self._scored

    def _prepare(
        self,
        session: Session,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        since: datetime,
        until: datetime,
    ) -> bool:
        """Have the series as stored now; whether all of it had to be read."""
        self._zones = tuple(known_zone(w.time_zone) for w in watches)
        self._countries = tuple(w.country for w in watches)
        self._kinds = {source.id: source.kind for source in sources}
        self._floors = np.array([w.policy.floor for w in watches], dtype=float)
        stage = history_stage(session, until)
        heard = (stage, *((source.id, source.updated_at) for source in sources))
        start = step_start(since, HOUR) - LOOK_BACK - self.detector.memory
        moved = self._refreshed is not None and until < self._refreshed  # the clock was set back
        if self._scored is None or moved or heard != self._heard or self._scored.series.start > start:
            series = load(session, watches, sources, since=start, until=until, measure=self.measure)
            self._scored = ScoredSeries.of(
                series, series.column(step_start(since, HOUR) - LOOK_BACK), watches
            )
            self._heard, self._refreshed, self._fitted, self._looked = heard, until, {}, {}
            return True
        anew = self._scored.follow_changes(session, watches, sources)
        if anew:
            self._fitted, self._looked = {}, {}
        series, self._scored.watches = self._scored.series, watches
        if series.start < start - timedelta(days=1):
            self._scored.offset -= forget_before(series, start)
            self._looked = {}
        refresh(session, series, changed_since=self._refreshed or until, until=max(until, series.end))
        self._refreshed = until
        return anew

    def _baseline(self, session: Session, hour: datetime) -> Baseline:
        """What is usual for all rows in the hour; kept, as each pass of the chain asks for it."""
        if hour not in self._fitted:
            self._fitted[hour] = self._fit(session, hour)
            for old in sorted(self._fitted)[:-2]:
                del self._fitted[old]
        return self._fitted[hour]

    def _fit(
        self, session: Session, hour: datetime, rows: Sequence[int] | None = None, *, lends: bool = True
    ) -> Baseline:
        series = self._ready.series
        last = series.column(hour)
        first = max(0, last - self.detector.memory // STEP)
        which = slice(None) if rows is None else rows
        counts = series.values(first, last, which)
        learn = learnt_columns(self._incidents(session), series, first, last)[which]
        baseline = self.detector.fit(counts, learn, self._grid(first, rows))
        return self._completed(session, baseline, counts, hour, rows) if lends else baseline

    def _completed(
        self,
        session: Session,
        baseline: Baseline,
        counts: Floats,
        hour: datetime,
        rows: Sequence[int] | None,
    ) -> Baseline:
        """The baseline with what watches that still learn borrow of others; how each is judged is noted."""
        scored, which = self._ready, range(len(baseline.ready)) if rows is None else rows
        learning = np.flatnonzero(~baseline.ready).tolist()
        for place in np.flatnonzero(baseline.ready).tolist() if scored.learning else ():
            scored.learning.pop(scored.watches[which[place]].id, None)

        def fit(others: Sequence[int]) -> Baseline:
            if rows is None:
                return own.of(np.asarray(others))
            return self._fit(session, hour, others, lends=False)

        own = baseline
        if learning:
            baseline, lent = completed(own, scored.watches, which, counts, fit, self._kinds, hour)
            for place in learning:
                watch, heard = scored.watches[which[place]], counts[place]
                scored.learning[watch.id] = learning_of(watch, heard, lent, hour, self.detector.warm_up)
        return baseline

    def _incidents(self, session: Session) -> list[BurntSpan]:
        if self._known_incidents is None:
            self._known_incidents = burnt_spans(session, self._ready.series.start)
        return self._known_incidents

    def forget(self) -> None:
        """Read everything again next time: the tables hold all that is known."""
        self._scored, self._heard = None, ()

    def forget_incidents(self) -> None:
        """Read the incidents again before the next hour: one began, changed or ended."""
        self._known_incidents = None

    def _score(
        self,
        baseline: Baseline,
        first: int,
        last: int,
        rows: Sequence[int] | None = None,
        values: Floats | None = None,
    ) -> Evidence:
        """The evidence in the columns from `first` to before `last`, of `values` if they are given."""
        series = self._ready.series
        back = max(0, first - self.detector.reach // STEP)
        which = slice(None) if rows is None else rows
        return self.detector.score(
            baseline,
            series.values(back, last, which) if values is None else values,
            self._grid(back, rows),
            first=first - back,
            uplift=uplift(self._ready.events, series, back, last, rows),
            floor=self._floors[which],
        )

    def _grid(self, first: int, rows: Sequence[int] | None) -> Grid:
        series = self._ready.series
        rest = tuple(rest_days(country, series.start, series.end) for country in self._countries)
        grid = Grid(series.start + first * STEP, STEP, self._zones, rest if any(rest) else ())
        return grid if rows is None else grid.only(np.asarray(rows))
