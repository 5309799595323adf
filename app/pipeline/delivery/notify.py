"""Deliveries to channels: the queue, worked off in order, each message once as far as that can be known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app import metrics
from app.backoff import CHANNELS, FAULTS, wait_after
from app.channels.base import Alert, Earlier, Refused, Sent
from app.channels.base import Channel as Telling
from app.channels.notices import known_language
from app.clock import known_zone
from app.db import Sessions, only_read
from app.errors import ChannelError
from app.logs import log, mask
from app.models import (
    DRILL,
    DRILL_NAME,
    Channel,
    Delivery,
    DeliveryState,
    Fault,
    Incident,
    State,
    Transition,
    require_readable,
)
from app.pipeline.delivery.failover import hand_over, pass_on
from app.pipeline.guard import MOST_TRIES, Guard, Row

DELIVER = "deliver"  # the step
LEASE = timedelta(minutes=3)  # a sender that is silent for so long is taken for dead
GIVE_UP_AFTER = timedelta(days=3)  # an alert so late helps nobody


@dataclass(frozen=True, slots=True)
class Mouth:
    """What telling needs beside the database."""

    open: Callable[[Channel], Telling]
    language: str  # of alerts, unless the watch says
    link: Callable[[int], str | None]  # from an incident's id to the page of it
    clock: Callable[[], datetime] | None = (
        None  # reads the time of each attempt and of its end; None: all are `now`
    )


@dataclass(frozen=True, slots=True)
class _Claimed:
    delivery_id: int
    channel: Channel
    alert: Alert
    earlier: Earlier


class _Before(NamedTuple):
    """How a delivery stood before it was claimed."""

    due_at: datetime | None
    attempts: int
    attempted_at: datetime | None
    ambiguous: bool
    state: DeliveryState


def notify(
    sessions: Sessions, mouth: Mouth, guard: Guard | None = None, *, now: datetime, most: int = 500
) -> int:
    """Tell what is due, oldest first; how many deliveries were tried.

    0. What a channel that fails keeps waiting is given to the one that stands in for it.
    1. Find the oldest delivery that is due and whose story has nothing older waiting in that channel.
    2. Claim it: move its `due_at` forward by a lease, if nobody else did meanwhile.
    3. Outside of any transaction, tell it. An attempt before this one makes the channel look before it sends.
    4. Write down what became of it: sent, again later, or dead.

    A delivery that this version cannot tell is put off by the guard, and holds up nothing that comes after.
    """
    guard = guard or Guard(sessions, now=now)
    hand_over(sessions, guard, now=now)
    blocked: set[int] = set()  # channels that failed in this pass: trying the next at once would not help
    passed: set[int] = set()  # deliveries that were looked at and not claimed
    for tried in range(most):
        at = _time(mouth, now)
        with sessions() as session:
            only_read(session)
            row = _next(session, guard, blocked, passed, at)
        if row is None:
            return tried
        with guard.row(DELIVER, row):
            if not _deliver(sessions, mouth, guard, row.id, blocked, now):
                passed.add(row.id)
    return most


def _deliver(
    sessions: Sessions, mouth: Mouth, guard: Guard, delivery_id: int, blocked: set[int], now: datetime
) -> bool:
    """Claim one delivery and tell it; False if somebody else has it. A mistake of ours is a failed try."""
    at = _time(mouth, now)
    with sessions.begin() as session:
        before = _claim(session, delivery_id, at)
    if before is None:
        return False
    try:
        with sessions.begin() as session:
            claimed = _read(session, mouth, delivery_id, before, at)
        if claimed is None:
            return True
        sent = mouth.open(claimed.channel).tell(claimed.alert, claimed.earlier, now=at)
    except ChannelError as error:
        # Telling takes time, and a wait that was asked for begins when it was.
        ended = _time(mouth, now)
        with sessions.begin() as session:
            blocked.add(_failed(session, delivery_id, error, ended))
        hand_over(sessions, guard, now=ended)
    except Exception as error:
        # A mistake of ours in one message must not keep the others from going out, in this channel either.
        with sessions.begin() as session:
            _crashed(session, delivery_id, error, _time(mouth, now))
        raise
    else:
        with sessions.begin() as session:
            _done(session, claimed, sent, at)
    return True


def _time(mouth: Mouth, now: datetime) -> datetime:
    return mouth.clock() if mouth.clock else now


def _put_off(delivery_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the guard put the delivery off."""
    mine = select(Fault.id).where(
        Fault.step == DELIVER, Fault.subject == "delivery", Fault.subject_id == delivery_id
    )
    return mine.exists()


def _due() -> Select[int, str]:
    older, same = aliased(Delivery), aliased(Incident)
    waits = (
        select(older.id)
        .join(same, same.id == older.incident_id)
        .where(
            older.channel_id == Delivery.channel_id,
            older.due_at.is_not(None),
            # What a snooze or a silence holds back keeps nothing waiting that is told all the same.
            or_(older.due_at <= bindparam("now"), older.attempts > 0),
            older.id < Delivery.id,
            # Nor does what this version cannot tell.
            ~_put_off(older.id),
            func.coalesce(same.story_id, same.id) == func.coalesce(Incident.story_id, Incident.id),
        )
        .exists()
    )
    return (
        select(Delivery.id, Channel.name)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(
            Delivery.due_at <= bindparam("now"),
            Delivery.channel_id.not_in(bindparam("blocked", expanding=True)),
            Delivery.id.not_in(bindparam("passed", expanding=True)),
            ~waits,
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(20)
    )


# Written down once: putting them together takes longer than asking.
_DUE = _due()
_ROOT = (
    select(Delivery.external_id)
    .join(Incident, Incident.id == Delivery.incident_id)
    .where(
        Delivery.channel_id == bindparam("channel"),
        Delivery.external_id.is_not(None),
        func.coalesce(Incident.story_id, Incident.id) == bindparam("story"),
    )
    .order_by(Delivery.id)
    .limit(1)
)


def _next(session: Session, guard: Guard, blocked: set[int], passed: set[int], now: datetime) -> Row | None:
    """The oldest delivery that can be told now."""
    asked = {"now": now, "blocked": sorted(blocked), "passed": sorted(passed)}
    for delivery_id, channel in session.execute(_DUE, asked):
        row = Row("delivery", delivery_id, f"delivery {delivery_id} to {channel}")
        if guard.is_due(DELIVER, row):
            return row
    return None


def _claim(session: Session, delivery_id: int, now: datetime) -> _Before | None:
    """Move the delivery's `due_at` forward by a lease, before anything else is done with it.

    How it stood before; None if somebody else has it, or it is done.
    """
    columns = [getattr(Delivery, name) for name in _Before._fields]
    row = session.execute(select(*columns).where(Delivery.id == delivery_id)).one_or_none()
    if row is None:
        return None
    before = _Before(*row)
    mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.due_at == before.due_at)
    taken = session.connection().execute(
        mine.values(
            due_at=now + LEASE,
            attempts=Delivery.attempts + 1,
            attempted_at=now,
            ambiguous=or_(Delivery.ambiguous, Delivery.state == DeliveryState.sending),
            state=DeliveryState.sending,
        )
    )
    return before if taken.rowcount == 1 else None


def _read(
    session: Session, mouth: Mouth, delivery_id: int, before: _Before, now: datetime
) -> _Claimed | None:
    """What is to be told of a claimed delivery; None if that is nothing any more."""
    delivery = require_readable(session.get_one(Delivery, delivery_id))
    incident = require_readable(session.get_one(Incident, delivery.incident_id))
    # A sender that died left it `sending`: what it sent may have arrived. Who knows what another version did?
    doubtful = before.ambiguous or before.state is not DeliveryState.pending
    earlier = Earlier(_root(session, delivery), before.attempts, before.attempted_at, doubtful)
    held = before.attempts == 0 and before.due_at is not None and before.due_at > delivery.created_at
    if held and earlier.root is None and incident.state is State.out:
        # Nobody was told while the watch was silent, and it is over.
        _end(session, delivery.id, DeliveryState.skipped, error="out before the silence ended")
        return None
    _overtake(session, delivery, incident, now)
    channel = session.get_one(Channel, delivery.channel_id)
    return _Claimed(delivery.id, channel, alert_of(session, mouth, delivery, incident), earlier)


def _overtake(session: Session, delivery: Delivery, incident: Incident, now: datetime) -> None:
    """Skip what is held back of the story's past: told later, it would paint the present over."""
    story = func.coalesce(Incident.story_id, Incident.id) == (incident.story_id or incident.id)
    held = update(Delivery).where(
        Delivery.channel_id == delivery.channel_id,
        Delivery.incident_id.in_(select(Incident.id).where(story)),
        Delivery.id < delivery.id,
        Delivery.due_at > now,
        or_(Delivery.attempts == 0, _put_off(Delivery.id)),
    )
    session.execute(
        held.values(state=DeliveryState.skipped, due_at=None, error="overtaken while it was held back"),
        execution_options={"synchronize_session": False},
    )


def _root(session: Session, delivery: Delivery) -> str | None:
    """The channel's handle of the first message of the story."""
    incident = session.get_one(Incident, delivery.incident_id)
    story = incident.story_id or incident.id
    return session.scalars(_ROOT, {"channel": delivery.channel_id, "story": story}).first()


def alert_of(session: Session, mouth: Mouth, delivery: Delivery, incident: Incident) -> Alert:
    """What a channel is told: the transition as it was when it happened."""
    transition = require_readable(session.get_one(Transition, delivery.transition_id))
    watch, channel = incident.watch, session.get_one(Channel, delivery.channel_id)
    return Alert.model_validate(
        {
            **transition.standing,
            "delivery_id": delivery.id,
            "transition_id": transition.id,
            "incident_id": incident.id,
            "story_id": incident.story_id or incident.id,
            "watch_id": watch.id,
            "watch": watch.name.removeprefix(DRILL_NAME) if watch.kind == DRILL else watch.name,
            "drill": watch.kind == DRILL,
            "objective": watch.objective,
            "language": known_language(channel.language, watch.language, mouth.language),
            "time_zone": known_zone(watch.time_zone),
            "reason": transition.reason,
            "state": transition.state,
            "level": transition.level,
            "at": transition.at,
            "by": transition.by,
            "note": transition.note,
            "instead_of": delivery.instead_of,
            "link": mouth.link(incident.id),
            "facts": transition.facts,
        }
    )


def _done(session: Session, claimed: _Claimed, sent: Sent, now: datetime) -> None:
    _end(
        session,
        claimed.delivery_id,
        DeliveryState.sent,
        sent_at=now,
        external_id=sent.external_id,
        payload={"calls": sent.calls, "recognised": sent.recognised},
    )
    channel = session.get_one(Channel, claimed.channel.id, populate_existing=True)
    channel.broken_since, channel.broken_why, channel.failing_since = None, "", None
    metrics.count(metrics.deliveries, claimed.channel.kind, "sent")


def _failed(session: Session, delivery_id: int, error: ChannelError, now: datetime) -> int:
    """Write down that the channel did not take it; the id of the channel."""
    why = mask(str(error))[:500]
    delivery = session.get_one(Delivery, delivery_id)
    delivery.error = why
    delivery.ambiguous = delivery.ambiguous or error.ambiguous
    refused = isinstance(error, Refused)  # this one message; the channel works
    channel = session.get_one(Channel, delivery.channel_id, populate_existing=True)
    if not refused:
        channel.failing_since = channel.failing_since or now
        if error.permanent:
            channel.broken_since, channel.broken_why = channel.broken_since or now, why
    if refused or now - delivery.created_at > GIVE_UP_AFTER:
        _end(session, delivery.id, DeliveryState.dead, error=why)
        pass_on(session, delivery, channel, now=now)
    else:
        delivery.state = DeliveryState.pending
        asked = error.retry_after or (CHANNELS.longest if error.permanent else None)
        delivery.due_at = now + wait_after(CHANNELS, delivery.attempts, asked=asked)
    metrics.count(metrics.deliveries, channel.kind, "failed")
    log().warning("not told", delivery=delivery.id, channel=channel.name, why=why)
    return channel.id


def _crashed(session: Session, delivery_id: int, error: Exception, now: datetime) -> None:
    """Put off a delivery that this version cannot tell, without reading it; in time it is dead."""
    mine = Delivery.id == delivery_id
    attempts = session.scalars(select(Delivery.attempts).where(mine)).one_or_none() or 1
    why = mask(f"{type(error).__name__}: {error}")[:500]
    if attempts >= MOST_TRIES:
        _end(session, delivery_id, DeliveryState.dead, error=why)
        return
    later = update(Delivery).where(mine)
    session.execute(
        later.values(state=DeliveryState.pending, due_at=now + wait_after(FAULTS, attempts), error=why),
        execution_options={"synchronize_session": False},
    )


def _end(session: Session, delivery_id: int, state: DeliveryState, **values: Any) -> None:  # noqa: ANN401
    done = update(Delivery).where(Delivery.id == delivery_id)
    session.execute(done.values(state=state, due_at=None, **values))
