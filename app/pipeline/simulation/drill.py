"""A drill: a fire of made-up posts, told to the real channels as a drill, and how fast the team took it.

The posts run through the chain in a database of their own, which is thrown away. What is told stands under a
watch of the kind `drill`, that listens to nothing and is deleted at the end with all that was told of it: no
count, score, threshold or precision ever knows of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.channels.facts import Facts
from app.clock import EPOCH
from app.errors import AppError, BadInput, Conflict
from app.models import (
    DRILL,
    DRILL_NAME,
    AuditEntry,
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    IncidentKind,
    Policy,
    Reason,
    State,
    Transition,
    Watch,
)
from app.pipeline.delivery.outbox import enabled, named_channels, routed, takes
from app.pipeline.incidents import respond
from app.pipeline.incidents.incidents import record
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.replay import Named, Replay
from detectors import FireDetector


@dataclass(frozen=True, slots=True)
class Reached:
    """A channel, and how long after the alarm it was told."""

    channel: str
    after: timedelta | None  # None: not yet
    error: str


@dataclass(frozen=True, slots=True)
class Times:
    """How far a drill is."""

    began: datetime
    reached: tuple[Reached, ...]
    taken_by: str | None
    taken_after: timedelta | None  # after the first channel was told
    over: bool  # somebody ended it, or said what it is

    @property
    def told(self) -> bool:
        """Whether every channel was told."""
        return all(one.after is not None for one in self.reached)


def rehearse(posts: Sequence[Named], *, name: str, query: str, time_zone: str) -> Facts:
    """Run the posts through the whole chain, aside; the explanation of the alarm that they raise."""
    raised: list[Transition] = []

    def told(transition: Transition, _incident: Incident) -> None:
        if transition.reason is Reason.ignited:
            raised.append(transition)

    watch = Watch(
        name=name, query={"any_of": [query]}, languages=[], time_zone=time_zone, created_at=EPOCH,
        updated_at=EPOCH,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'drill.db'}"
        db.migrate(url)
        engine = db.connect(url, durable=False)
        policy = Policy(name="drill", created_at=EPOCH, updated_at=EPOCH)
        Replay(db.sessions_of(engine), ScoringEngine(FireDetector()), "en").run(
            posts, [watch], policy, told=told
        )
        engine.dispose()
    if not raised:
        raise AppError("the made-up fire did not ring: this is a mistake of ours, please tell us")
    return Facts.model_validate(raised[-1].facts)


def told_of(session: Session, watch: Watch) -> list[Channel]:
    """The channels that a drill of the watch rings in: those that a fire is told in at once."""
    own = named_channels(session, [watch.id])[watch.id]
    routes = routed(own, enabled(session), watch.team_id)
    return [channel for channel in routes if takes(channel, IncidentKind.fire, 0)]


def begin(session: Session, watch: Watch, facts: Facts, *, by: str, now: datetime) -> Incident:
    """Write the drill's incident; the queue tells it to the channels of the watch, as it tells a fire."""
    if watch.kind == DRILL:
        raise BadInput("a drill of a drill drills nobody: name a watch")
    name = f"{DRILL_NAME}{watch.name}"[:120]
    if session.scalar(select(Watch.id).where(Watch.name == name)) is not None:
        raise Conflict(f"a drill of “{watch.name}” is under way; end it with: tocsin drill --stop")
    told = told_of(session, watch)
    if not told:
        raise Conflict("no channel would be told: `tocsin check` says why")
    stage = Watch(
        name=name, kind=DRILL, objective=watch.objective, query={"any_of": []}, languages=[], enabled=False,
        time_zone=watch.time_zone, language=watch.language, policy_id=watch.policy_id, channels=told,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(stage)
    session.flush()
    incident = Incident(
        watch=stage, state=State.burning, level=0, onset_at=facts.onset_at, opened_at=now,
        burning_at=now, last_transition_at=now, last_alert_at=now, peak_at=now, peak=facts.observed,
        mentions=facts.mentions, alerted_rate=facts.observed, top_score=facts.score,
        threshold=facts.threshold,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    record(session, incident, Reason.ignited, at=now, facts=facts, by=by)
    return incident


def times_of(session: Session, incident_id: int) -> Times:
    """How far the drill is."""
    incident = session.get_one(Incident, incident_id, populate_existing=True)
    began = incident.opened_at
    query = (
        select(Channel.name, Delivery)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .join(Transition, Transition.id == Delivery.transition_id)
        .where(Delivery.incident_id == incident_id, Transition.reason == Reason.ignited)
        .order_by(Channel.id)
        .execution_options(populate_existing=True)
    )
    reached = tuple(
        Reached(name, one.sent_at - began if one.sent_at else None, "" if one.sent_at else one.error)
        for name, one in session.execute(query)
    )
    first = min((one.after for one in reached if one.after is not None), default=timedelta(0))
    taken = incident.acknowledged_at
    return Times(
        began,
        reached,
        incident.acknowledged_by,
        max(taken - began - first, timedelta(0)) if taken else None,
        incident.state is State.out or incident.verdict is not None,
    )


def end(session: Session, incident_id: int, *, by: str, now: datetime) -> None:
    """Close it, so that the channels say that it is over."""
    if session.get_one(Incident, incident_id).state is not State.out:
        respond.close(session, incident_id, by=by, now=now)


def waits(session: Session, incident_id: int) -> bool:
    """Whether something of the drill is still to be told."""
    left = select(Delivery.id).where(
        Delivery.incident_id == incident_id,
        Delivery.due_at.is_not(None),
        Delivery.state != DeliveryState.dead,
    )
    return session.scalars(left).first() is not None


def forget(session: Session, watch_name: str, times: Times | None, *, by: str, now: datetime) -> None:
    """Delete all that was told; only the times stay, in the audit log."""
    stage = session.scalar(
        select(Watch).where(Watch.name == f"{DRILL_NAME}{watch_name}"[:120], Watch.kind == DRILL)
    )
    if stage is not None:
        session.delete(stage)
    if times is None:
        return
    after = {
        "watch": watch_name,
        "began": times.began.isoformat(),
        "told_after_seconds": {
            one.channel: one.after and round(one.after.total_seconds(), 1) for one in times.reached
        },
        "taken_by": times.taken_by,
        "taken_after_seconds": times.taken_after and round(times.taken_after.total_seconds(), 1),
    }
    session.add(
        AuditEntry(
            at=now, actor=by, action="drill", subject="watch", subject_id=None, before=None, after=after
        )
    )


def running(session: Session) -> list[str]:
    """The names of the watches of which a drill is under way, or was broken off."""
    query = select(Watch.name).where(Watch.kind == DRILL).order_by(Watch.name)
    return [name.removeprefix(DRILL_NAME) for name in session.scalars(query)]
