"""Scores to incidents: follows each watch bucket by bucket, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isnan, nan

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.channels.base import Facts, Voice
from app.clock import STEP, floor
from app.logs import log
from app.models import Incident, Policy, Reason, Source, State, Transition, Watch
from app.pipeline.counts import HEARD, Floats
from app.pipeline.decide import Lines, Rules, Signal, Standing, decide
from app.pipeline.detect import Judge, Judged
from app.pipeline.explain import explain
from app.pipeline.hours import hour_before
from app.pipeline.incidents import last_facts, last_of, open_incident, record
from app.pipeline.lines import Line, lines_of
from app.pipeline.newness import joining, news_of, told_of
from detectors import calm_for

SMOKE = 0.75  # of the alarm line: worth recording, not worth telling
LATE = timedelta(minutes=10)  # a source may answer so long after its cadence
LONGEST_WAIT = timedelta(hours=6)
DAY = timedelta(days=1)
GIVE_UP_AFTER = timedelta(hours=1)  # on buckets that could not be followed: a gap is better than an end


@dataclass(frozen=True, slots=True)
class Following:
    """What following needs to know of the service."""

    judge: Judge
    told: Callable[[Transition, Incident], None] | None = None  # a replay listens in
    known: dict[object, dict[int, Line]] = field(default_factory=dict)  # the lines of one day

    def lines(self, session: Session, watches: Sequence[Watch], *, at: datetime) -> dict[int, Line]:
        """The line of each watch at an instant, worked out once a day and when a policy changes."""
        key = (floor(at, DAY), *((w.id, w.policy.id, w.policy.updated_at) for w in watches))
        if key not in self.known:
            self.known.clear()
            self.known[key] = lines_of(session, watches, at=at)
        return self.known[key]


def rules_of(policy: Policy, alarm: float) -> Rules:
    """The waits that a policy asks for, and the lines about the one at which it rings."""
    return Rules(
        Lines(alarm, calm_for(alarm), SMOKE * alarm),
        timedelta(minutes=policy.calm_minutes),
        timedelta(minutes=policy.out_minutes),
        cooldown=timedelta(minutes=policy.cooldown_minutes),
    )


def follow(session: Session, following: Following, watches: Sequence[Watch], *, now: datetime) -> None:
    """Judge every bucket that ended since the last time, in order, and write what follows from it."""
    until = floor(now)
    for watch in watches:
        # What was before a watch was made is history and not news.
        watch.scored_until = watch.scored_until or until
    since = min((w.scored_until or until for w in watches), default=until)
    if since >= until:
        return
    waits = _patience(session, watches)
    opened = {i.watch_id: i for i in session.scalars(_open_incidents())}
    for judged, first, last in following.judge.advance(session, watches, since=since, until=until):
        at = judged.series.start + first * STEP
        walk = _Walk(session, following, judged, opened, following.lines(session, watches, at=at))
        for row, watch in enumerate(watches):
            begin = judged.series.column(watch.scored_until or until)
            stop = _heard_until(judged, row, begin, last, now - waits[watch.id])
            if first <= begin < stop and walk.follow(watch, begin, stop):
                watch.scored_until = judged.series.start + stop * STEP


def _patience(session: Session, watches: Sequence[Watch]) -> dict[int, timedelta]:
    """How long each watch waits for what its sources have not told yet: the slowest cadence, and more."""
    cadences = {
        source: timedelta(seconds=seconds)
        for source, seconds in session.execute(
            select(Source.id, Source.cadence_seconds).where(Source.enabled, Source.health != "down")
        )
    }
    slowest = max(cadences.values(), default=timedelta(0))
    waits = {}
    for watch in watches:
        own = [cadences[s.id] for s in watch.sources if s.id in cadences]
        wait = max(own, default=timedelta(0)) if watch.sources else slowest
        waits[watch.id] = min(wait + LATE, LONGEST_WAIT)
    return waits


def _heard_until(judged: Judged, row: int, first: int, last: int, since: datetime) -> int:
    """The column before which all is known, or given up on because it is from before `since`."""
    young = judged.series.column(since)
    for column in range(max(first, young), last):
        if judged.series.coverage[row, column] < HEARD:
            return column
    return last


def _open_incidents() -> Select[Incident]:
    return select(Incident).where(Incident.state != State.out)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One hour of all watches, on the way from scores to transitions."""

    session: Session
    following: Following
    judged: Judged
    opened: dict[int, Incident]  # by watch
    lines: dict[int, Line]  # by watch

    def follow(self, watch: Watch, first: int, last: int) -> bool:
        """Follow one watch; whether that is done with. A mistake of ours in one must not stop the others."""
        scores = self._scores(watch, first, last)
        if watch.judged_since is None and not np.isnan(scores).all():
            watch.judged_since = self._at(first + int(np.flatnonzero(~np.isnan(scores))[0]))
        rules = rules_of(watch.policy, self.lines[watch.id].alarm)
        if watch.id not in self.opened and np.nan_to_num(scores, nan=-np.inf).max() < rules.lines.smoke:
            return True
        try:
            with self.session.begin_nested():
                for column, score in zip(range(first, last), scores, strict=True):
                    self._step(watch, rules, column, float(score))
        except Exception:  # noqa: BLE001 - whatever it is, the other watches go on
            log().exception("a watch could not be followed", watch=watch.name)
            self.opened.pop(watch.id, None)
            again = self.session.scalars(_open_incidents().where(Incident.watch_id == watch.id))
            self.opened.update({incident.watch_id: incident for incident in again})
            return self.judged.series.end - self._at(first) > GIVE_UP_AFTER
        return True

    def _scores(self, watch: Watch, first: int, last: int) -> Floats:
        row = self.judged.row(watch.id)
        heard = self.judged.series.coverage[row, first:last] >= HEARD
        return np.where(heard, self.judged.evidence("score", row, first, last), nan)

    def _at(self, column: int) -> datetime:
        return self.judged.series.start + column * STEP

    def _step(self, watch: Watch, rules: Rules, column: int, score: float) -> None:
        """What one bucket means for one watch."""
        judged, row, at = self.judged, self.judged.row(watch.id), self._at(column + 1)
        incident = self.opened.get(watch.id)
        hour = hour_before(judged, row, column + 1)
        signal = Signal(
            at, score, hour.observed, hour.high, self._news(watch, incident, rules, score, hour.observed, at)
        )
        reason, standing = decide(self._standing(watch, incident, rules, signal), signal, rules)
        if reason is not None:
            self.following.judge.look_back(self.session, row, column + 1)
        if reason in {Reason.ignited, Reason.relit, Reason.smoke} and incident is None:
            incident = open_incident(self.session, judged, watch, column + 1, line=rules.lines.alarm)
            if incident is not None:
                self.opened[watch.id] = incident
        if incident is None or standing is None:
            return  # quiet, or another cycle was first and the next one goes on from what it wrote
        _note(incident, standing, signal, judged.series.mentions[row, column])
        if reason is not None:
            self.following.judge.forget_incidents()
            joined = joining(self.session, watch, incident, at=at) if reason is Reason.joined else None
            if standing.spoken_at == at:
                self._spoken(watch, incident, reason, at)
            self._tell(watch, incident, reason, standing, column, rules, joined)
        if incident.state is State.out:
            del self.opened[watch.id]

    def _spoken(self, watch: Watch, incident: Incident, reason: Reason, at: datetime) -> None:
        """Remember what the story was told to be, which is no news any more."""
        incident.spoken_at = at
        incident.spoken_of = told_of(self.session, watch, incident, reason, at=at).model_dump(mode="json")

    def _standing(
        self, watch: Watch, incident: Incident | None, rules: Rules, signal: Signal
    ) -> Standing | None:
        if incident is not None:
            return _standing(incident)
        story = last_of(self.session, watch, at=signal.at) if signal.score >= rules.lines.smoke else None
        return replace(_standing(story), state=State.out, level=0, calm_since=None) if story else None

    def _news(
        self,
        watch: Watch,
        incident: Incident | None,
        rules: Rules,
        score: float,
        observed: float,
        at: datetime,
    ) -> Reason | None:
        """What is new of a fire since it was last told aloud; looked for no oftener than it may be told."""
        if incident is None or incident.spoken_at is None or not score >= rules.lines.alarm:
            return None
        if at - incident.spoken_at < rules.refresh_after:
            return None
        with self.session.no_autoflush:  # what was noted of the incident is not what is asked for
            return news_of(self.session, watch, incident, at=at, observed=observed)

    def _tell(
        self,
        watch: Watch,
        incident: Incident,
        reason: Reason,
        standing: Standing,
        column: int,
        rules: Rules,
        joined: Voice | None,
    ) -> None:
        at = self._at(column + 1)
        incident.state, incident.told_at = standing.state, at
        if reason in {Reason.ignited, Reason.relit} and incident.burning_at is None:
            incident.burning_at = at
        if incident.state is State.out:
            incident.out_at = at
        facts = explain(
            self.session,
            self.following.judge,
            self.judged,
            watch,
            began=incident.onset_at,
            last=column + 1,
            line=rules.lines.alarm,
            known=_as_told(self.session, incident, at),
            reread=reason is not Reason.went_on,
        )
        if joined is not None:
            facts = facts.model_copy(update={"joined": joined})
        reason = _as_it_rings(incident, reason, facts, watch.policy.rings, at)
        transition = record(self.session, incident, reason, at=at, facts=facts)
        if self.following.told is not None:
            self.following.told(transition, incident)


def _as_it_rings(
    incident: Incident, reason: Reason, facts: Facts, rings: Sequence[str], at: datetime
) -> Reason:
    """The reason, as it is told: an incident keeps quiet until it is of a kind that rings."""
    told = incident.burning_at is not None and incident.burning_at < at and not incident.quiet
    kind = incident.kind = facts.kind
    if incident.state is not State.burning:
        return reason
    if incident.quiet and kind in rings:
        # Its life as a fire begins: what it grew to untold is no level of it.
        incident.quiet, incident.spoken_at, incident.level, incident.alerted = False, at, 0, facts.observed
        return Reason.revealed
    incident.quiet = kind not in rings and not told
    if incident.quiet:
        incident.spoken_at = None  # nobody was told, so nothing is to cool down
    return reason


def _as_told(session: Session, incident: Incident, at: datetime) -> Facts | None:
    """What people are reading; None: nobody was told, so all is read anew."""
    told = incident.burning_at is not None and incident.burning_at < at and not incident.quiet
    return last_facts(session, incident) if told else None


def _standing(incident: Incident) -> Standing:
    return Standing(
        incident.state,
        incident.level,
        incident.alerted,
        incident.calm_since,
        incident.told_at,
        incident.spoken_at,
        incident.hushed,
    )


def _note(incident: Incident, standing: Standing, signal: Signal, mentions: float) -> None:
    incident.level, incident.alerted = standing.level, standing.alerted
    incident.calm_since, incident.hushed = standing.calm_since, standing.hushed
    incident.top_score = max(incident.top_score, 0.0 if isnan(signal.score) else signal.score)
    incident.mentions += int(mentions)
    if signal.observed > incident.peak:
        incident.peak, incident.peak_at = signal.observed, signal.at
