"""Buckets to scores: every series judged hour by hour, live and in a replay by the same code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.clock import STEP, floor
from app.models import Incident, PlannedEvent, Source, Watch
from app.pipeline.counts import Floats, Series, forget_before, load, refresh
from detectors import Baseline, Evidence, FireDetector, Grid

HOUR = timedelta(hours=1)
LOOK_BACK = timedelta(hours=26)  # an explanation draws so much of the past
NEW_NORMAL_AFTER = timedelta(days=3)  # an incident so old is no longer kept out of the baseline
_KEPT = 2 * LOOK_BACK // STEP  # columns
_EVIDENCE = ("expected", "low", "high", "flash", "score")


@dataclass(slots=True)
class Judged:
    """Some watches' series, with the evidence in their newest columns; NaN where nothing is known (yet)."""

    series: Series
    offset: int  # the series' column that is column 0 of the evidence
    kept: dict[str, Floats]

    @classmethod
    def of(cls, series: Series, first: int) -> "Judged":
        """The series, to be judged from column `first` on."""
        shape = (len(series.watch_ids), 2 * _KEPT)
        return cls(series, first, {name: np.full(shape, np.nan) for name in _EVIDENCE})

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

    def note(self, evidence: Evidence, first: int, last: int) -> None:
        """Keep the evidence of the series' columns from `first` to before `last`."""
        if last - self.offset > 2 * _KEPT:
            drop = last - self.offset - _KEPT
            for name, array in self.kept.items():
                self.kept[name] = np.concatenate(
                    [array[:, drop:], np.full((array.shape[0], min(drop, 2 * _KEPT)), np.nan)], axis=1
                )[:, : 2 * _KEPT]
            self.offset += drop
        for name, array in self.kept.items():
            array[:, first - self.offset : last - self.offset] = getattr(evidence, name)


@dataclass(slots=True)
class Judge:
    """Keeps the series in memory and judges new columns; the tables hold all that it needs."""

    detector: FireDetector
    _key: tuple[object, ...] = ()
    _judged: Judged | None = None
    _refreshed: datetime | None = None
    _fitted: dict[datetime, Baseline] = field(default_factory=dict)
    _zones: tuple[str, ...] = ()
    _floors: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def judged(self) -> Judged | None:
        """What was judged last, with the evidence of the hours before."""
        return self._judged

    def advance(
        self, session: Session, watches: Sequence[Watch], *, since: datetime, until: datetime
    ) -> Iterator[tuple[Judged, int, int]]:
        """Judge the columns from `since` to `until`; yields (evidence, first column, column after the last).

        The caller writes what follows from an hour before it asks for the next: an incident that opens is
        kept out of the baseline of the hours after.
        """
        judged = self._prepare(session, watches, since, until)
        yield from self._walk(session, judged, since, until)

    def _walk(
        self, session: Session, judged: Judged, since: datetime, until: datetime
    ) -> Iterator[tuple[Judged, int, int]]:
        series = judged.series
        zones = self._zones
        events = _events(session, since - self.detector.reach, until)
        at = since
        while at < until:
            end = min(until, floor(at, HOUR) + HOUR)
            first, last = series.column(at), series.column(end)
            baseline = self._baseline(session, series, floor(at, HOUR), zones)
            back = max(0, first - self.detector.reach // STEP)
            evidence = self.detector.score(
                baseline,
                series.values(back, last),
                Grid(series.start + back * STEP, STEP, zones),
                first=first - back,
                uplift=_uplift(events, series, back, last),
                floor=self._floors,
            )
            judged.note(evidence, first, last)
            yield judged, first, last
            at = end

    def quiet_factor(self, session: Session, row: int, last: int, line: float) -> float:
        """The part of the recent excess, from 0 to 1, that would just not have reached the line.

        Answers "what would have kept it quiet": the column before `last` is judged again with less excess.
        """
        judged = self._judged
        assert judged is not None, "advance() comes first"  # noqa: S101 - a mistake of ours, not of a user
        series = judged.series
        zones = self._zones
        at = series.start + (last - 1) * STEP
        baseline = self._baseline(session, series, floor(at, HOUR), zones)
        back = max(0, last - 1 - self.detector.reach // STEP)
        values = series.values(back, last)
        usual = np.nan_to_num(judged.evidence("expected", row, back, last))
        excess = np.maximum(0.0, values[row] - usual)
        grid = Grid(series.start + back * STEP, STEP, zones)
        events = _events(session, grid.start, at + STEP)
        uplift = _uplift(events, series, back, last)
        low, high = 0.0, 1.0
        for _ in range(6):
            middle = (low + high) / 2
            values[row] = np.where(excess > 0, usual + middle * excess, values[row])
            evidence = self.detector.score(
                baseline, values, grid, first=last - 1 - back, uplift=uplift, floor=self._floors
            )
            low, high = (low, middle) if evidence.score[row, -1] >= line else (middle, high)
        return low

    def _prepare(
        self, session: Session, watches: Sequence[Watch], since: datetime, until: datetime
    ) -> Judged:
        """The series as stored now, with the evidence of the hours before `since`."""
        key = _key(session, watches)
        start = floor(since, HOUR) - LOOK_BACK - self.detector.memory
        if self._judged is None or key != self._key or self._judged.series.start > start:
            series = load(session, watches, since=start, until=until)
            begin = floor(since, HOUR) - LOOK_BACK
            self._judged = Judged.of(series, series.column(begin))
            self._key, self._refreshed, self._fitted = key, until, {}
            self._zones = tuple(w.time_zone for w in watches)
            self._floors = np.array([w.policy.floor for w in watches], dtype=float)
            for _ in self._walk(session, self._judged, begin, since):
                pass  # an explanation looks back
            return self._judged
        series = self._judged.series
        if series.start < start - timedelta(days=1):
            self._judged.offset -= forget_before(series, start)
        refresh(session, series, changed_since=self._refreshed or until, until=max(until, series.end))
        self._refreshed = until
        return self._judged

    def _baseline(self, session: Session, series: Series, hour: datetime, zones: tuple[str, ...]) -> Baseline:
        if hour not in self._fitted:
            last = series.column(hour)
            first = max(0, last - self.detector.memory // STEP)
            self._fitted[hour] = self.detector.fit(
                series.values(first, last),
                _learn(session, series, first, last),
                Grid(series.start + first * STEP, STEP, zones),
            )
            for old in sorted(self._fitted)[:-2]:
                del self._fitted[old]
        return self._fitted[hour]


def _key(session: Session, watches: Sequence[Watch]) -> tuple[object, ...]:
    sources = session.execute(select(func.count(Source.id), func.max(Source.updated_at))).one()
    return (*((w.id, w.updated_at) for w in watches), *sources)


def _learn(session: Session, series: Series, first: int, last: int) -> npt.NDArray[np.bool_]:
    """(watches, columns): False in incidents, so that a crisis does not become the new normal."""
    learn = np.ones((len(series.watch_ids), last - first), dtype=bool)
    since, until = series.start + first * STEP, series.start + last * STEP
    burnt = select(Incident.watch_id, Incident.onset_at, Incident.out_at).where(
        Incident.onset_at < until,
        or_(Incident.out_at.is_(None), Incident.out_at > since),
        # What the team calls a false alarm is the ordinary life of the brand, and is learnt.
        func.coalesce(Incident.verdict, "") != "false_alarm",
    )
    rows = {watch_id: row for row, watch_id in enumerate(series.watch_ids)}
    for watch_id, onset, out in session.execute(burnt):
        if watch_id in rows:
            end = min(out or until, onset + NEW_NORMAL_AFTER)
            begin, stop = series.column(max(onset, since)) - first, series.column(end) - first
            learn[rows[watch_id], begin : max(begin, stop)] = False
    return learn


def _events(session: Session, since: datetime, until: datetime) -> list[PlannedEvent]:
    asked = select(PlannedEvent).where(PlannedEvent.starts_at < until, PlannedEvent.ends_at > since)
    return list(session.scalars(asked))


def _uplift(events: Sequence[PlannedEvent], series: Series, first: int, last: int) -> Floats:
    """(watches, columns): by how much planned events raise the expectation."""
    uplift = np.ones((len(series.watch_ids), last - first))
    since, until = series.start + first * STEP, series.start + last * STEP
    rows = {watch_id: row for row, watch_id in enumerate(series.watch_ids)}
    for event in events:
        begin = series.column(floor(max(event.starts_at, since))) - first
        end = series.column(floor(min(event.ends_at, until))) - first
        if begin >= end or (event.watch_id is not None and event.watch_id not in rows):
            continue
        where = slice(None) if event.watch_id is None else rows[event.watch_id]
        uplift[where, begin:end] = np.maximum(uplift[where, begin:end], event.factor)
    return uplift
