"""Channels that fail: what waits in one, or is refused, goes to the first of its fallbacks that works."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.logs import log
from app.models import Channel, Delivery
from app.pipeline.delivery.outbox import enabled, fallback_of
from app.pipeline.guard import Guard, Row

FAILOVER = "failover"  # the step
PATIENCE = timedelta(minutes=1)  # a channel that fails so long does not keep an alert waiting


def hand_over(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Queue what is due in a channel that fails for the channel that stands in.

    It stays in the queue of its own channel as well: told late is told, and who reads there finds it whole.
    """
    with sessions() as session:
        only_read(session)
        failing = select(Channel.id, Channel.name).where(
            Channel.enabled, or_(Channel.broken_since.is_not(None), Channel.failing_since.is_not(None))
        )
        rows = [Row("channel", channel_id, name) for channel_id, name in session.execute(failing)]
    guard.work(FAILOVER, rows, lambda session, group: _hand_over(session, group, now), row_of=lambda row: row)


def _hand_over(session: Session, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        channel = session.get_one(Channel, row.id)
        if not (fallback_of(channel) and fails(channel, now)):
            continue
        waits = Delivery.due_at.is_not(None) & or_(Delivery.due_at <= now, Delivery.attempts > 0)
        query = select(Delivery).where(Delivery.channel_id == channel.id, waits).order_by(Delivery.id)
        for delivery in list(session.scalars(query)):
            pass_on(session, delivery, channel, now=now)


def pass_on(session: Session, delivery: Delivery, channel: Channel, *, now: datetime) -> None:
    """Queue one delivery of the channel for the first of its fallbacks that works, if there is one."""
    channels = {other.name: other for other in enabled(session)}
    heirs = [channels[name] for name in fallback_of(channel) if name in channels]
    if not heirs:
        return
    heir = next((heir for heir in heirs if not fails(heir, now)), heirs[0])
    if _has(session, delivery, heir):
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


def _has(session: Session, delivery: Delivery, heir: Channel) -> bool:
    same = Delivery.transition_id == delivery.transition_id
    if delivery.notice_id is not None:
        same = Delivery.notice_id == delivery.notice_id
    mine = select(Delivery.id).where(same, Delivery.channel_id == heir.id)
    return session.scalars(mine).first() is not None
