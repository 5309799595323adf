"""Deliveries to channels: the queue, worked off in order, each message once as far as that can be known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import metrics
from app.channels.base import Alert, Earlier, Refused, Sent
from app.channels.base import Channel as Telling
from app.db import Sessions
from app.errors import ChannelError
from app.logs import log, mask
from app.models import DRILL, DRILL_NAME, Channel, Delivery, DeliveryState, Incident, State, Transition
from app.pipeline.stand_in import hand_over, pass_on

LEASE = timedelta(minutes=3)  # a sender that is silent for so long is taken for dead
GIVE_UP_AFTER = timedelta(days=3)  # an alert so late helps nobody
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)


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


def notify(sessions: Sessions, mouth: Mouth, *, now: datetime, most: int = 500) -> int:
    """Tell what is due, oldest first; how many deliveries were tried.

    0. What a channel that fails keeps waiting is given to the one that stands in for it.
    1. Find the oldest delivery that is due and whose story has nothing older waiting in that channel.
    2. Claim it: move its `due_at` forward by a lease, if nobody else did meanwhile.
    3. Outside of any transaction, tell it. An attempt before this one makes the channel look before it sends.
    4. Write down what became of it: sent, again later, or dead.
    """
    with sessions.begin() as session:
        hand_over(session, now=now)
    blocked: set[int] = set()  # channels that failed in this pass: trying the next at once would not help
    for tried in range(most):
        at = _time(mouth, now)
        with sessions.begin() as session:
            claimed = _claim_next(session, mouth, blocked, at)
        if claimed is None:
            return tried
        try:
            sent = mouth.open(claimed.channel).tell(claimed.alert, claimed.earlier, now=at)
        except ChannelError as error:
            blocked.add(claimed.channel.id)
            with sessions.begin() as session:
                # Telling takes time, and a wait that was asked for begins when it was.
                ended = _time(mouth, now)
                _failed(session, claimed, error, ended)
                hand_over(session, now=ended)
        except Exception as error:  # noqa: BLE001
            # A mistake of ours in one message must not keep the others from going out.
            log().exception("telling crashed", delivery=claimed.delivery_id)
            blocked.add(claimed.channel.id)
            with sessions.begin() as session:
                _failed(session, claimed, ChannelError(f"{type(error).__name__}: {error}"), _time(mouth, now))
        else:
            with sessions.begin() as session:
                _done(session, claimed, sent, at)
    return most


def _time(mouth: Mouth, now: datetime) -> datetime:
    return mouth.clock() if mouth.clock else now


def _due() -> Select[Delivery]:
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
            func.coalesce(same.story_id, same.id) == func.coalesce(Incident.story_id, Incident.id),
        )
        .exists()
    )
    return (
        select(Delivery)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(
            Delivery.due_at <= bindparam("now"),
            Delivery.channel_id.not_in(bindparam("blocked", expanding=True)),
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


def _claim_next(session: Session, mouth: Mouth, blocked: set[int], now: datetime) -> _Claimed | None:
    for delivery in session.scalars(_DUE, {"now": now, "blocked": sorted(blocked)}):
        held = (
            delivery.attempts == 0 and delivery.due_at is not None and delivery.due_at > delivery.created_at
        )
        # A sender that died left it `sending`: what it sent may have arrived.
        doubtful = delivery.ambiguous or delivery.state is DeliveryState.sending
        earlier = Earlier(_root(session, delivery), delivery.attempts, delivery.attempted_at, doubtful)
        if not _claim(session, delivery, now):
            continue
        incident = session.get_one(Incident, delivery.incident_id)
        if held and earlier.root is None and incident.state is State.out:
            # Nobody was told while the watch was silent, and it is over.
            _end(session, delivery.id, DeliveryState.skipped, error="out before the silence ended")
            continue
        _overtake(session, delivery, incident, now)
        channel = session.get_one(Channel, delivery.channel_id)
        return _Claimed(delivery.id, channel, alert_of(session, mouth, delivery, incident), earlier)
    return None


def _claim(session: Session, delivery: Delivery, now: datetime) -> bool:
    mine = update(Delivery).where(Delivery.id == delivery.id, Delivery.due_at == delivery.due_at)
    taken = session.connection().execute(
        mine.values(
            due_at=now + LEASE,
            attempts=Delivery.attempts + 1,
            attempted_at=now,
            ambiguous=or_(Delivery.ambiguous, Delivery.state == DeliveryState.sending),
            state=DeliveryState.sending,
        )
    )
    return taken.rowcount == 1


def _overtake(session: Session, delivery: Delivery, incident: Incident, now: datetime) -> None:
    """Skip what is held back of the story's past: told later, it would paint the present over."""
    story = func.coalesce(Incident.story_id, Incident.id) == (incident.story_id or incident.id)
    held = update(Delivery).where(
        Delivery.channel_id == delivery.channel_id,
        Delivery.incident_id.in_(select(Incident.id).where(story)),
        Delivery.id < delivery.id,
        Delivery.due_at > now,
        Delivery.attempts == 0,
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
    transition = session.get_one(Transition, delivery.transition_id)
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
            "language": channel.language or watch.language or mouth.language,
            "time_zone": watch.time_zone,
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


def _failed(session: Session, claimed: _Claimed, error: ChannelError, now: datetime) -> None:
    why = mask(str(error))[:500]
    delivery = session.get_one(Delivery, claimed.delivery_id)
    delivery.error = why
    delivery.ambiguous = delivery.ambiguous or error.ambiguous
    refused = isinstance(error, Refused)  # this one message; the channel works
    channel = session.get_one(Channel, claimed.channel.id, populate_existing=True)
    if not refused:
        channel.failing_since = channel.failing_since or now
        if error.permanent:
            channel.broken_since, channel.broken_why = channel.broken_since or now, why
    if refused or now - delivery.created_at > GIVE_UP_AFTER:
        _end(session, delivery.id, DeliveryState.dead, error=why)
        pass_on(session, delivery, channel, now=now)
    else:
        wait = min(_FIRST_WAIT * 2 ** min(delivery.attempts - 1, 10), _LONGEST_WAIT)
        delivery.state = DeliveryState.pending
        delivery.due_at = now + (error.retry_after or (_LONGEST_WAIT if error.permanent else wait))
    metrics.count(metrics.deliveries, claimed.channel.kind, "failed")
    log().warning("not told", delivery=delivery.id, channel=claimed.channel.name, why=why)


def _end(session: Session, delivery_id: int, state: DeliveryState, **values: Any) -> None:  # noqa: ANN401
    done = update(Delivery).where(Delivery.id == delivery_id)
    session.execute(done.values(state=state, due_at=None, **values))
