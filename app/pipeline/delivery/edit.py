"""Messages that were sent and show what must be forgotten: edited, in the channels that let us."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from app.backoff import CHANNELS
from app.channels.base import Alert, Editing, Refused
from app.db import Sessions, only_read
from app.errors import ChannelError
from app.logs import log, mask
from app.models import WITH_WATCH, Channel, Delivery, DeliveryState, Incident, Transition
from app.pipeline.delivery.companions import Member, in_story
from app.pipeline.delivery.messages import DeliveryContext, alert_of
from app.pipeline.forgetting import empty_record
from app.pipeline.guard import Guard, Row

EDIT = "edit"  # the step
_LEASE = timedelta(minutes=3)
TO_EDIT = exists().where(Delivery.edit_due_at <= bindparam("now"), Delivery.state == DeliveryState.sent)
_MOST = 10  # in a pass, a second each: what is due to be told must not wait for it


@dataclass(frozen=True, slots=True)
class _Message:
    delivery_id: int
    channel: Channel
    handle: str
    first: bool
    alert: Alert


def edit(sessions: Sessions, context: DeliveryContext, guard: Guard, *, now: datetime) -> int:
    """Edit what is due, oldest first; how many messages were looked at.

    1. Claim one: move its `edit_due_at` forward by a lease.
    2. Outside of any transaction, write its message anew from the facts as they are now.
    3. Empty its time. What the channel will never take is logged, and counted as done.
    """
    blocked: set[int] = set()
    for tried in range(_MOST):
        with sessions() as session:
            only_read(session)
            row = _next(session, blocked, now)
        if row is None:
            return tried
        with guard.row(EDIT, row):
            channel_id = _edit(sessions, context, row.id, now)
            if channel_id is not None:
                blocked.add(channel_id)
    return _MOST


def _next(session: Session, blocked: Collection[int], now: datetime) -> Row | None:
    due = select(Delivery.id, Channel.name).join(Channel, Channel.id == Delivery.channel_id)
    due = due.where(
        Delivery.edit_due_at <= now,
        Delivery.state == DeliveryState.sent,
        Delivery.channel_id.not_in(blocked),
    )
    found = session.execute(due.order_by(Delivery.edit_due_at, Delivery.id).limit(1)).first()
    return Row("delivery", found[0], f"delivery {found[0]} to {found[1]}") if found else None


def _edit(sessions: Sessions, context: DeliveryContext, delivery_id: int, now: datetime) -> int | None:
    """Edit one; the id of its channel if that does not work just now."""
    with sessions.begin() as session:
        # First of all: what cannot be read must not come again at once.
        _put_off(session, delivery_id, now + _LEASE)
    with sessions() as session:
        only_read(session)
        message = _message(session, context, delivery_id)
    if message is not None:
        try:
            channel = context.open(message.channel)
            if isinstance(channel, Editing):
                channel.edit(message.handle, message.alert, first=message.first, now=now)
        except ChannelError as error:
            why = mask(str(error))
            log().warning("not edited", delivery=delivery_id, channel=message.channel.name, why=why)
            if not isinstance(error, Refused):
                wait = error.retry_after or (CHANNELS.longest if error.permanent else CHANNELS.first)
                with sessions.begin() as session:
                    _put_off(session, delivery_id, now + min(wait, CHANNELS.longest))
                return message.channel.id
    with sessions.begin() as session:
        delivery = session.get(Delivery, delivery_id)
        if delivery is not None:
            delivery.edit_due_at = None
            empty_record(delivery)  # it may have been on its way when the others were emptied
    return None


def _put_off(session: Session, delivery_id: int, until: datetime) -> None:
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(edit_due_at=until))


def _message(session: Session, context: DeliveryContext, delivery_id: int) -> _Message | None:
    """What the message of the delivery is to show now; None if it made none."""
    query = select(Delivery, Channel, Incident, Transition)
    query = query.join(Channel, Channel.id == Delivery.channel_id)
    query = query.join(Incident, Incident.id == Delivery.incident_id)
    query = query.join(Transition, Transition.id == Delivery.transition_id)
    found = session.execute(query.where(Delivery.id == delivery_id).options(WITH_WATCH)).first()
    handle = found and found[0].external_id
    if found is None or handle is None:
        return None
    delivery, channel, incident, transition = found
    story = func.coalesce(Incident.story_id, Incident.id) == (incident.story_id or incident.id)
    mine = select(Delivery.id).join(Incident, Incident.id == Delivery.incident_id)
    mine = mine.where(story, Delivery.channel_id == channel.id)
    root = session.scalars(mine.where(Delivery.external_id.is_not(None)).order_by(Delivery.id).limit(1)).one()
    first = root == delivery.id
    member = Member(incident, transition)
    if first:
        # As the story stood when it was last told there.
        newest = (
            select(Incident, Transition)
            .join(Transition, Transition.incident_id == Incident.id)
            .join(Delivery, Delivery.transition_id == Transition.id)
            .where(
                story,
                Incident.watch_id == incident.watch_id,
                Delivery.channel_id == channel.id,
                Delivery.state == DeliveryState.sent,
            )
            .order_by(Transition.id.desc())
            .limit(1)
            .options(WITH_WATCH)
        )
        member = Member(*session.execute(newest).one())
    alert = alert_of(
        context, *member, language=channel.language, delivery_id=delivery.id, instead_of=delivery.instead_of
    )
    # Whichever watch leads is asked for, also where nothing is new of it.
    asked = alert.model_copy(update={"catches_up": True})
    told = in_story(session, context, asked, member, channel, root_watch=incident.watch_id)
    shown = told.shown if first and told.shown is not None else told.alert
    alert = shown.model_copy(update={"catches_up": alert.catches_up if shown is told.alert else False})
    return _Message(delivery.id, channel, handle, first, alert)
