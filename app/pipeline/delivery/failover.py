"""Channels that fail: what waits in one, or is refused, goes to the first of its fallbacks that works.

Who stands in learns at once what burns, too: a fire that the channel was told of before it failed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.channels.acts import LOUDNESS, Act
from app.logs import log
from app.models import Channel, Delivery, DeliveryState, Incident, Notice, Silence, State, Transition
from app.pipeline.delivery.messages import CHANNEL
from app.pipeline.delivery.outbox import fallback_of, switched_on
from app.pipeline.guard import Guard, Row

FAILOVER = "failover"  # the step
PATIENCE = timedelta(minutes=1)  # a channel that fails so long does not keep an alert waiting


def hand_over(guard: Guard, rows: Sequence[Row], *, now: datetime) -> None:
    """Queue what is due in channels that fail for the channel that stands in.

    It stays in the queue of its own channel as well: told late is told, and who reads there finds it whole.
    """
    guard.work(FAILOVER, rows, lambda session, group: _hand_over(session, group, now), row_of=lambda row: row)


def _hand_over(session: Session, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        channel = session.get_one(Channel, row.id)
        heir = heir_of(session, channel, now=now) if fails(channel, now) else None
        if heir is None:
            continue
        _tell_so_far(session, channel, heir, now)
        waits = Delivery.due_at.is_not(None) & or_(Delivery.due_at <= now, Delivery.attempts > 0)
        query = select(Delivery).where(Delivery.channel_id == channel.id, waits).order_by(Delivery.id)
        for delivery in list(session.scalars(query)):
            pass_on(session, delivery, channel, now=now)


def _tell_so_far(session: Session, channel: Channel, heir: Channel, now: datetime) -> None:
    """Queue for the heir how each fire stands that the channel was told of and that is not over, once."""
    told, first, silenced = aliased(Delivery), aliased(Delivery), aliased(Silence)
    began, same = aliased(Incident), func.coalesce(Incident.story_id, Incident.id)
    newest = (
        select(func.max(told.transition_id), Incident.id)
        .join(Incident, Incident.id == told.incident_id)
        .where(
            told.channel_id == channel.id,
            told.state == DeliveryState.sent,
            Incident.state != State.out,
            or_(Incident.snoozed_until.is_(None), Incident.snoozed_until <= now),
            ~exists().where(
                Delivery.channel_id == heir.id,
                Delivery.incident_id == Incident.id,
                or_(Delivery.due_at.is_not(None), Delivery.external_id.is_not(None)),
            ),
            ~exists().where(
                silenced.starts_at <= now,
                silenced.ends_at > now,
                or_(silenced.watch_id.is_(None), silenced.watch_id == Incident.watch_id),
            ),
            select(first.id)
            .join(began, began.id == first.incident_id)
            .where(
                first.channel_id == channel.id,
                first.external_id.is_not(None),
                func.coalesce(began.story_id, began.id) == same,
            )
            .exists(),
        )
        .group_by(Incident.id)
        .order_by(Incident.id)
    )
    for transition_id, incident_id in session.execute(newest).all():
        if _was_given(session, heir, Delivery.transition_id == transition_id):
            continue
        session.add(
            Delivery(
                transition_id=transition_id,
                incident_id=incident_id,
                channel_id=heir.id,
                due_at=now,
                created_at=now,
                instead_of=channel.name,
            )
        )
        session.flush()
        log().warning("told so far", incident=incident_id, channel=channel.name, to=heir.name)


def heir_of(session: Session, channel: Channel, *, now: datetime) -> Channel | None:
    """Who stands in for the channel: the first of its fallbacks that works, else the first; None: nobody."""
    channels = {other.name: other for other in switched_on(session)}
    heirs = [channels[name] for name in fallback_of(channel) if name in channels]
    return next((heir for heir in heirs if not fails(heir, now)), heirs[0] if heirs else None)


def pass_on(session: Session, delivery: Delivery, channel: Channel, *, now: datetime) -> None:
    """Queue one delivery of the channel for the first of its fallbacks that works, if there is one."""
    heir = heir_of(session, channel, now=now)
    if heir is None or _has(session, delivery, heir) or _is_about(session, delivery, heir):
        return
    session.add(
        Delivery(
            transition_id=delivery.transition_id,
            incident_id=delivery.incident_id,
            notice_id=delivery.notice_id,
            channel_id=heir.id,
            due_at=now,
            created_at=delivery.created_at,
            instead_of=channel.name,
        )
    )
    session.flush()
    log().warning("handed over", delivery=delivery.id, channel=channel.name, to=heir.name)


def fails(channel: Channel, now: datetime) -> bool:
    """Whether a channel keeps what it is given waiting."""
    if channel.broken_since is not None:
        return True
    return channel.failing_since is not None and now - channel.failing_since >= PATIENCE


def is_news(incident: Incident, transition: Transition, now: datetime) -> bool:
    """Whether who knows nothing of the fire should hear: not that it is snoozed, nor that it is over."""
    snoozed = incident.snoozed_until is not None and incident.snoozed_until > now
    is_note = LOUDNESS[transition.reason].later is Act.update
    return incident.state is not State.out and not (snoozed and is_note)


def note_failure(channel: Channel, why: str, *, permanent: bool, now: datetime) -> None:
    """Note that the channel did not take something, and why; `permanent`: somebody must mend it."""
    channel.failing_since = channel.failing_since or now
    if permanent:
        channel.broken_since = channel.broken_since or now
    if permanent or channel.broken_since is None:
        channel.broken_why = why


def note_success(channel: Channel, *, now: datetime) -> None:
    """Note that the channel works: nobody stands in for it any more."""
    channel.broken_since, channel.broken_why, channel.failing_since = None, "", None
    channel.worked_at = now


def _is_about(session: Session, delivery: Delivery, heir: Channel) -> bool:
    """Whether it says that the heir itself fails: it need not be told that."""
    notice = session.get(Notice, delivery.notice_id) if delivery.notice_id is not None else None
    return notice is not None and notice.health == CHANNEL and notice.facts["channel_id"] == heir.id


def _has(session: Session, delivery: Delivery, heir: Channel) -> bool:
    same = Delivery.transition_id == delivery.transition_id
    if delivery.notice_id is not None:
        same = Delivery.notice_id == delivery.notice_id
    return _was_given(session, heir, same)


def _was_given(session: Session, heir: Channel, what: ColumnElement[bool]) -> bool:
    return (
        session.scalars(select(Delivery.id).where(what, Delivery.channel_id == heir.id)).first() is not None
    )
