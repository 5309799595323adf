"""What is set aside as not about a watch is judged too: where it would ring with it, it counts again.

Two series more of each watch that sets posts aside: all that matches, and what is set aside alone. Where the
first crosses the threshold, all of it counts from its onset on, and the watch is judged by all that matches
against all that matched before, until nothing burns. Where only the second does, people are told of it. So a
model that is wrong of what is new keeps no fire quiet, and posts that count for a time change no usual. What
rings by what is about it alone rings without them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.channels.facts import Apart
from app.clock import STEP, step_start
from app.db import Sessions
from app.models import WITH_SOURCES, Bucket, Incident, Notice, Source, State, Watch, unreadable
from app.pipeline.delivery.messages import ASIDE
from app.pipeline.delivery.outbox import enabled, enqueue_notice, named_channels, routed
from app.pipeline.incidents.patience import heard_until, patience
from app.pipeline.incidents.tally import Mine
from app.pipeline.ingest.match import sets_aside
from app.pipeline.ingest.rematch import count_again
from app.pipeline.scoring.counts import Measure
from app.pipeline.scoring.detect import HOUR, ScoringEngine
from app.pipeline.scoring.hours import hour_before, onset
from app.pipeline.scoring.planned import learn_events
from app.pipeline.scoring.scored_series import ScoredSeries
from app.pipeline.scoring.thresholds import Threshold
from detectors import FireDetector

SET_ASIDE = "set aside"  # the step
CALM = 0.75  # of the alarm threshold: below it nothing has to count again
_AT_MOST = timedelta(days=7)  # of the past: what is older is no news
_AGAIN_AFTER = timedelta(days=1)  # one swing is told once
ThresholdsOf = Callable[..., Mapping[int, Threshold]]  # (sessions, watches, at=), as `Following.thresholds`


def _engines() -> dict[Measure, ScoringEngine]:
    measures: tuple[Measure, ...] = ("asked", "whole", "aside")
    return {measure: ScoringEngine(FireDetector(), measure) for measure in measures}


@dataclass(frozen=True, slots=True)
class _Crossing:
    """Where a series first crosses the threshold."""

    at: datetime  # the end of the bucket
    began: datetime
    observed: float  # in the hour before
    expected: float


@dataclass(frozen=True, slots=True)
class AsideJudge:
    """Judges what is set aside, before the watches are judged without it."""

    _engines: dict[Measure, ScoringEngine] = field(default_factory=_engines)

    def forget(self) -> None:
        """Read everything again next time."""
        for engine in self._engines.values():
            engine.forget()

    def look(
        self,
        sessions: Sessions,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        thresholds: ThresholdsOf,
        *,
        now: datetime,
    ) -> None:
        """Have what is set aside count again, or no longer, in those of the watches that set posts aside."""
        # Of what cannot be read at all it is said once, where the watch is judged.
        mine = [w for w in watches if not unreadable(w) and sets_aside(w) and w.scored_until is not None]
        if not mine:
            return
        known = thresholds(sessions, watches, at=step_start(now))
        alarms = {watch.id: known[watch.id].alarm for watch in mine}
        whole, highest = self._judge("whole", sessions, mine, sources, alarms, now)
        alone, _ = self._judge("aside", sessions, mine, sources, alarms, now)
        rings = self._ring_without(
            sessions, [watch for watch in mine if watch.id in whole], sources, alarms, now
        )
        for watch in mine:
            if watch.counts_again_since is not None:
                if _is_new_hour(watch, now) and not highest.get(watch.id, 0.0) >= CALM * alarms[watch.id]:
                    _release(sessions, watch, now)
            elif watch.id in whole and watch.id not in rings:
                _count_again(sessions, watch, whole[watch.id].began, now)
            elif watch.id in alone:
                with sessions.begin() as session:
                    tell_swing(session, watch, alone[watch.id])

    def _ring_without(
        self,
        sessions: Sessions,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        alarms: Mapping[int, float],
        now: datetime,
    ) -> set[int]:
        """The ids of those that ring by what is about them alone, or are in an incident."""
        if not watches:
            return set()
        ids = [watch.id for watch in watches]
        with sessions() as session:
            burns = select(Incident.watch_id).where(Incident.watch_id.in_(ids), Incident.state != State.out)
            rings = set(session.scalars(burns))
        return rings | self._judge("asked", sessions, watches, sources, alarms, now)[0].keys()

    def _judge(
        self,
        measure: Measure,
        sessions: Sessions,
        watches: Sequence[Watch],
        sources: Sequence[Source],
        alarms: Mapping[int, float],
        now: datetime,
    ) -> tuple[dict[int, _Crossing], dict[int, float]]:
        """(by watch where it crosses the threshold, its newest score)."""
        engine, until = self._engines[measure], step_start(now)
        since = max(min(watch.scored_until or until for watch in watches), until - _AT_MOST)
        found: dict[int, _Crossing] = {}
        newest: dict[int, float] = {}
        if since >= until:
            return found, newest
        waits = patience(watches, sources)
        events = learn_events(sessions, since - engine.reach, until)
        for scored, first, last in engine.advance(
            sessions, watches, sources, events, since=since, until=until
        ):
            for row, watch in enumerate(watches):
                begin = max(first, scored.series.column(watch.scored_until or until))
                alarm = alarms[watch.id]
                stop = heard_until(
                    scored, row, begin, last, now - waits[watch.id], alarm=partial(float, alarm)
                )
                if begin >= stop:
                    continue
                scores = scored.scores(row, begin, stop)[0]
                newest[watch.id] = float(scores[-1])
                crossed = np.flatnonzero(scores >= alarm)
                if watch.id not in found and len(crossed):
                    with sessions() as session:
                        engine.look_back(session, row, begin + int(crossed[0]) + 1)
                    found[watch.id] = _crossing(scored, row, begin + int(crossed[0]) + 1)
        return found, newest


def _crossing(scored: ScoredSeries, row: int, last: int) -> _Crossing:
    hour = hour_before(scored, row, last)
    return _Crossing(
        scored.series.start + last * STEP, onset(scored, row, last), hour.observed, hour.expected
    )


def _is_new_hour(watch: Watch, now: datetime) -> bool:
    """Once an hour, live and in a replay, which goes through the past of such a watch by the hour."""
    return step_start(watch.scored_until or now, HOUR) < step_start(now, HOUR)


def _count_again(sessions: Sessions, watch: Watch, since: datetime, now: datetime) -> None:
    with sessions.begin() as session:
        row = session.get_one(Watch, watch.id, options=[WITH_SOURCES], with_for_update={"key_share": True})
        if row.counts_again_since is None and sets_aside(row):
            row.counts_again_since, row.updated_at = since, now
            session.flush()
            count_again(session, row, now=now)
        _follow(watch, row)


def _release(sessions: Sessions, watch: Watch, now: datetime) -> None:
    """Set aside again what comes from now on, unless something burns."""
    with sessions.begin() as session:
        burns = select(Incident.id).where(Incident.watch_id == watch.id, Incident.state != State.out)
        if session.scalars(burns.limit(1)).first() is not None:
            return
        row = session.get_one(Watch, watch.id, with_for_update={"key_share": True})
        row.counts_again_since, row.updated_at = None, now
        _follow(watch, row)


def _follow(watch: Watch, row: Watch) -> None:
    """The watch that was read for the whole pass, as its row is now."""
    for name in ("counts_again_since", "updated_at"):
        set_committed_value(watch, name, getattr(row, name))


def tell_swing(session: Session, watch: Watch, crossing: _Crossing) -> None:
    """Have it told quietly that far more is set aside than usual; once a day."""
    known = select(Notice.facts).where(Notice.health == ASIDE, Notice.at > crossing.at - _AGAIN_AFTER)
    if any(facts["watch_id"] == watch.id and not facts["begins"] for facts in session.scalars(known)):
        return
    figures: dict[str, Any] = {"observed": round(crossing.observed), "usual": round(crossing.expected, 1)}
    tell(session, watch, figures | {"begins": False}, at=crossing.at, since=crossing.began)


def tell(session: Session, watch: Watch, facts: dict[str, Any], *, at: datetime, since: datetime) -> None:
    """A notice of what is set aside from the watch, for its channels; it calls nobody."""
    notice = Notice(
        at=at, since=since, health=ASIDE, facts={"watch_id": watch.id, "watch": watch.name} | facts
    )
    session.add(notice)
    session.flush()
    own = named_channels(session, [watch.id])[watch.id]
    for channel in routed(own, enabled(session), watch.team_id):
        enqueue_notice(session, notice, channel)


def apart(session: Session, watch: Watch, mine: Mine) -> Apart | None:
    """What of an incident is set aside, and what counts again; None where neither is."""
    if watch.relevance is None:
        return None
    counted = select(func.sum(Bucket.aside), func.sum(Bucket.again)).where(
        Bucket.watch_id == watch.id, Bucket.at >= mine.began, Bucket.at < mine.at
    )
    aside, again = (int(count or 0) for count in session.execute(counted).one())
    return Apart(posts=aside, again=again) if aside or again else None
