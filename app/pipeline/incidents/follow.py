"""Scores to incidents: follows each watch bucket by bucket, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.clock import STEP, step_start
from app.db import Sessions, only_read
from app.models import Incident, Source, State, Watch, require_readable
from app.pipeline.delivery.outbox import CatchUp, catch_up_of
from app.pipeline.guard import Guard, Row
from app.pipeline.incidents.advance import advance, note_learning
from app.pipeline.incidents.follow_watch import BucketStep, Listener
from app.pipeline.incidents.late import LateFire, late_fires
from app.pipeline.incidents.patience import heard_until, patience
from app.pipeline.incidents.set_aside import SET_ASIDE, AsideJudge
from app.pipeline.incidents.standing import Rules, rules_of
from app.pipeline.roster import Roster
from app.pipeline.scoring.arming import armed
from app.pipeline.scoring.counts import Floats
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.learnt import SMOKE
from app.pipeline.scoring.planned import learn_events
from app.pipeline.scoring.scored_series import ScoredSeries
from app.pipeline.scoring.thresholds import Threshold, thresholds_of

DAY, HISTORY = timedelta(days=1), timedelta(days=7)
GIVE_UP_AFTER = timedelta(hours=1)  # on buckets that could not be followed: a gap is better than an end
JUDGE = "judge"  # the step
_TOGETHER = 20  # watches in which something is up, in one transaction


@dataclass(frozen=True, slots=True)
class Following:
    """What following needs to know of the service."""

    scoring: ScoringEngine
    told: Listener | None = None  # a replay listens in
    live: bool = True  # what happened since the pass before is told now; a replay tells it when it happened
    stories: bool = True  # watches that burn in one fire share a story; a preview's do not
    known: dict[object, dict[int, Threshold]] = field(default_factory=dict)  # those of one day
    late: dict[int, LateFire] = field(default_factory=dict)  # by watch: found by this pass, not told yet
    aside: AsideJudge = field(default_factory=AsideJudge)  # judges what is not about the watches

    def thresholds(
        self, sessions: Sessions, watches: Sequence[Watch], *, at: datetime
    ) -> dict[int, Threshold]:
        """The threshold of each watch at an instant, worked out once a day and when a policy changes."""
        key = (step_start(at, DAY), *((w.id, w.policy.id, w.policy.updated_at) for w in watches))
        if key not in self.known:
            with sessions() as session:
                only_read(session)
                learnt = thresholds_of(session, watches, at=at)
            self.known.clear()
            self.known[key] = learnt
        return self.known[key]


def follow_all(
    sessions: Sessions, following: Following, roster: Roster, guard: Guard, *, now: datetime
) -> None:
    """Judge every bucket that ended since the last time, in order, and write what follows from it.

    All watches are judged together, hour by hour; a watch that cannot be is found, and put off. One of which
    only what is set aside cannot be judged is judged by the rest.
    """

    def look(group: Sequence[Watch]) -> None:
        try:
            following.aside.look(sessions, group, roster.sources, following.thresholds, now=now)
        except Exception:
            following.aside.forget()
            raise

    def judge(group: Sequence[Watch]) -> None:
        try:
            follow(sessions, following, group, roster.sources, guard, now=now)
        except Exception:
            following.scoring.forget()  # what is kept of a judgement that failed is worth nothing
            raise

    guard.groups(SET_ASIDE, roster.watches, look, row_of=Row.of)
    guard.groups(JUDGE, roster.watches, judge, row_of=Row.of)


def follow(
    sessions: Sessions,
    following: Following,
    watches: Sequence[Watch],
    sources: Sequence[Source],
    guard: Guard,
    *,
    now: datetime,
) -> None:
    """Follow some watches, which are judged as one: the scores of an hour first, then what each comes to.

    An hour is one short transaction for all watches in which nothing is up, and one for a few of the others.
    """
    until = step_start(now)
    for watch in watches:
        require_readable(watch)
        require_readable(watch.policy)
    # What was before a watch was made is history and not news, and so is what is older than a week.
    fresh = [watch for watch in watches if watch.scored_until is None]
    stale = [w for w in watches if w.scored_until and w.scored_until < until - HISTORY and following.live]
    for passed_over, end in ((fresh, until), (stale, until - HISTORY)):
        if passed_over:
            with sessions.begin() as session:
                advance(session, passed_over, end)
    since = min((w.scored_until or until for w in watches), default=until)
    if since >= until:
        return
    waits = patience(watches, sources)
    with sessions() as session:
        only_read(session)
        burning = set(session.scalars(select(Incident.watch_id).where(Incident.state != State.out)))
    catch_up = catch_up_of(sessions, since, now=now) if following.live else None
    events = learn_events(sessions, since - following.scoring.reach, until)
    for scored, first, last in following.scoring.advance(
        sessions, watches, sources, events, since=since, until=until
    ):
        if first == scored.series.column(since):
            _look_again(sessions, following, scored, watches, now=now)
        hour = _Hour(sessions, following, scored, burning, {}, catch_up)
        for row, watch in enumerate(watches):
            begin = scored.series.column(watch.scored_until or until)
            alarm = partial(_alarm, sessions, following, watches, watch, at=step_start(now))
            stop = heard_until(scored, row, begin, last, now - waits[watch.id], alarm=alarm)
            if watch.id in following.late:
                stop = max(stop, min(last, begin + 1))  # what has come need not wait for what has not
            if first <= begin < stop:
                hour.spans[watch.id] = (begin, stop)
        hour.follow([watch for watch in watches if watch.id in hour.spans], first, guard)


def _alarm(
    sessions: Sessions, following: Following, watches: Sequence[Watch], watch: Watch, *, at: datetime
) -> float:
    return following.thresholds(sessions, watches, at=at)[watch.id].alarm


def _look_again(
    sessions: Sessions, following: Following, scored: ScoredSeries, watches: Sequence[Watch], *, now: datetime
) -> None:
    """Find what burnt in buckets that were judged before their posts came."""
    thresholds = partial(following.thresholds, sessions, watches, at=step_start(now))
    with sessions() as session:
        only_read(session)
        fires = late_fires(session, following.scoring, scored, watches, thresholds)
    following.late.clear()
    following.late.update(fires)


@dataclass(frozen=True, slots=True)
class _Hour:
    """One hour of some watches: what was judged of it, and how far each of them is followed."""

    sessions: Sessions
    following: Following
    scored: ScoredSeries
    burning: set[int]  # watches that have an open incident
    spans: dict[int, tuple[int, int]]  # by watch: the columns to follow
    catch_up: CatchUp | None  # the pass comes long after them

    def follow(self, watches: Sequence[Watch], first: int, guard: Guard) -> None:
        """Follow the watches through the hour; one that cannot be is put off, and the others go on."""
        at = self._at(first)
        thresholds = self.following.thresholds(self.sessions, watches, at=at)
        busy = [watch for watch in watches if self._is_busy(watch, thresholds[watch.id])]
        quiet = {watch.id for watch in watches} - {watch.id for watch in busy}
        self._pass_over([watch for watch in watches if watch.id in quiet])
        guard.groups(
            JUDGE, busy, lambda group: self._walk(group, thresholds), row_of=Row.of, chunk=_TOGETHER
        )  # fmt: skip
        late = [w for w in busy if self._is_stuck(w) and self.scored.series.end - at > GIVE_UP_AFTER]
        self._pass_over(late)  # a gap is better than an end

    def _walk(self, watches: Sequence[Watch], thresholds: dict[int, Threshold]) -> None:
        """Follow some watches in one transaction."""
        try:
            with self.sessions.begin() as session:
                ids = [watch.id for watch in watches]
                mine = select(Incident).where(Incident.watch_id.in_(ids), Incident.state != State.out)
                rows = session.scalars(
                    mine.order_by(Incident.id).with_for_update(of=Incident, key_share=True)
                )
                opened = {incident.watch_id: incident for incident in rows}
                for watch in watches:
                    if watch.id in opened:
                        set_committed_value(opened[watch.id], "watch", watch)
                walk = _Walk(session, self.following, self.scored, opened, thresholds, self.catch_up)
                before = {watch.id: watch.scored_until for watch in watches}
                ours = self._ours(session, watches)
                walk.follow(ours, self.spans)
                for watch in ours:
                    advance(session, [watch], self._at(self.spans[watch.id][1]))
                    note_learning(session, watch, self.scored.learning.get(watch.id))
        except Exception:
            for watch in watches:
                set_committed_value(watch, "scored_until", before[watch.id])
            self.following.scoring.forget_incidents()
            raise
        self.burning.difference_update(ids)
        self.burning.update(walk.opened)

    def _ours(self, session: Session, watches: Sequence[Watch]) -> list[Watch]:
        """Those that no other process has followed meanwhile; the others come again in the next pass."""
        now_at = select(Watch.id, Watch.scored_until).where(Watch.id.in_([watch.id for watch in watches]))
        # Their keys stay: posts that are stored meanwhile may refer to them.
        mine = now_at.order_by(Watch.id).with_for_update(key_share=True)
        there = dict(iter(session.execute(mine)))
        return [watch for watch in watches if there.get(watch.id) == watch.scored_until]

    def _pass_over(self, watches: Sequence[Watch]) -> None:
        """Note that nothing is up in these watches."""
        if not watches:
            return
        with self.sessions.begin() as session:
            for stop, group in groupby(sorted(watches, key=self._stop), key=self._stop):
                members = list(group)
                advance(session, members, self._at(stop))
                for watch in members:
                    note_learning(session, watch, self.scored.learning.get(watch.id))
                    self._note_first_score(session, watch)

    def _stop(self, watch: Watch) -> int:
        return self.spans[watch.id][1]

    def _is_stuck(self, watch: Watch) -> bool:
        return watch.scored_until is None or self.scored.series.column(watch.scored_until) < self._stop(watch)

    def _is_busy(self, watch: Watch, threshold: Threshold) -> bool:
        """Whether an incident is open, or something is worth recording."""
        if watch.id in self.burning or watch.id in self.following.late:
            return True
        first, last = self.spans[watch.id]
        scores = _scores(self.scored, watch, first, last)
        if np.nan_to_num(scores, nan=-np.inf).max() >= SMOKE * threshold.alarm:
            return True
        return bool(armed(self.scored, watch, first, last, threshold=threshold.alarm).any())

    def _note_first_score(self, session: Session, watch: Watch) -> None:
        if watch.judged_since is not None or watch.id in self.scored.learning:
            return
        first, last = self.spans[watch.id]
        known = np.flatnonzero(~np.isnan(_scores(self.scored, watch, first, last)))
        if len(known):
            since = self._at(first + int(known[0]))
            session.execute(update(Watch).where(Watch.id == watch.id).values(judged_since=since))
            set_committed_value(watch, "judged_since", since)

    def _at(self, column: int) -> datetime:
        return self.scored.series.start + column * STEP


def _scores(scored: ScoredSeries, watch: Watch, first: int, last: int) -> Floats:
    return scored.scores(scored.row(watch.id), first, last)[0]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Some watches through one hour, on the way from scores to transitions."""

    session: Session
    following: Following
    scored: ScoredSeries
    opened: dict[int, Incident]  # by watch
    thresholds: dict[int, Threshold]  # by watch
    catch_up: CatchUp | None

    def follow(self, watches: Sequence[Watch], spans: Mapping[int, tuple[int, int]]) -> None:
        """Follow the watches from bucket to bucket, side by side: what one is told the next one knows."""
        for watch_id in self.opened.keys() & {watch.id for watch in watches}:
            require_readable(self.opened[watch_id])
        rules = {w.id: rules_of(w.policy, self.thresholds[w.id].alarm) for w in watches}
        scores = {watch.id: _scores(self.scored, watch, *spans[watch.id]) for watch in watches}
        for column in sorted({column for watch in watches for column in range(*spans[watch.id])}):
            for watch in watches:
                first, last = spans[watch.id]
                if first <= column < last:
                    self._step(watch, rules[watch.id], column, float(scores[watch.id][column - first]))

    def _step(self, watch: Watch, rules: Rules, column: int, score: float) -> None:
        """What one bucket means for one watch."""
        following = self.following
        incident = BucketStep(
            self.session, following.scoring, self.scored, watch, rules, column, score,
            following.told, self.catch_up, following.stories, following.late.pop(watch.id, None),
        ).follow(self.opened.get(watch.id))  # fmt: skip
        if incident is not None:
            self.opened[watch.id] = incident
        else:
            self.opened.pop(watch.id, None)
