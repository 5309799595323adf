"""Outages: that a channel cannot be told is told by a way that works, once; and once that it can be again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.logs import log
from app.models import Channel, Delivery, DeliveryState, Notice
from app.pipeline.delivery.failover import fails
from app.pipeline.delivery.messages import CHANNEL
from app.pipeline.delivery.outbox import enabled, enqueue_notice, fallback_of, open_to
from app.pipeline.guard import Guard, Row

OUTAGE = "outage"  # the step
_FAILING = Channel.broken_since.is_not(None), Channel.failing_since.is_not(None)
CONCERNED = and_(Channel.enabled, or_(*_FAILING, Channel.told_since.is_not(None)))
TOLD_FROM = timedelta(minutes=10)  # of a channel that may come back by itself; what is to be mended: at once


def concerned(session: Session) -> dict[Row, bool]:
    """The channels that cannot be told, or of which that was told; and whether it is so now."""
    query = select(Channel.id, Channel.name, or_(*_FAILING)).where(CONCERNED)
    return {Row("channel", channel_id, name): bool(now) for channel_id, name, now in session.execute(query)}


def tell_outages(guard: Guard, rows: Sequence[Row], *, now: datetime) -> None:
    """Queue the news of each channel that cannot be told any more, or can be again."""
    guard.work(OUTAGE, rows, lambda session, group: _tell(session, group, now), row_of=lambda row: row)


def is_outage(channel: Channel, now: datetime) -> bool:
    """Whether people should know that the channel cannot be told."""
    if channel.broken_since is not None:
        return True
    return channel.failing_since is not None and now - channel.failing_since >= TOLD_FROM


def works(channel: Channel) -> bool:
    """Whether nothing is known against the channel."""
    return channel.broken_since is None and channel.failing_since is None


def _tell(session: Session, rows: Sequence[Row], now: datetime) -> None:
    for row in rows:
        channel = session.get_one(Channel, row.id)
        told = channel.told_since
        if told is None and is_outage(channel, now):
            channel.told_since = now
            since = min(since for since in (channel.failing_since, channel.broken_since) if since)
            heard = _reached(session, channel, now)
            if not heard:
                log().error("nobody can be told that a channel fails", channel=channel.name)
                continue
            _announce(session, channel, heard, since, now)
        elif told is not None and works(channel) and channel.worked_at and channel.worked_at >= told:
            channel.told_since = None
            known, heard = _informed(session, channel)
            if known is not None:
                _announce(session, channel, heard, known.since, now)


def _reached(session: Session, channel: Channel, now: datetime) -> list[Channel]:
    """Who is told that the channel fails: who stands in for it, else all others that work, else all."""
    others = [other for other in enabled(session) if other.id != channel.id]
    # Of a team's channel other teams hear nothing; of the house's they do where nobody else is left.
    others = open_to(others, channel.team_id) or ([] if channel.team_id is not None else others)
    working = [other for other in others if not fails(other, now)]
    stand_in = [other for name in fallback_of(channel) for other in working if other.name == name]
    return stand_in[:1] or working or others


def _informed(session: Session, channel: Channel) -> tuple[Notice | None, list[Channel]]:
    """The notice that it failed, and the channels that were told, or will be."""
    query = select(Notice).where(Notice.health == CHANNEL).order_by(Notice.id.desc()).limit(100)
    about = (notice for notice in session.scalars(query) if notice.facts["channel_id"] == channel.id)
    notice = next(about, None)
    if notice is None or notice.facts["works"]:
        return None, []
    told = (
        select(Channel)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(
            Channel.enabled,
            Channel.id != channel.id,
            Delivery.notice_id == notice.id,
            Delivery.state.in_([DeliveryState.sent, DeliveryState.sending, DeliveryState.pending]),
        )
    )
    return notice, list(session.scalars(told))


def _announce(
    session: Session, channel: Channel, heard: Sequence[Channel], since: datetime, now: datetime
) -> None:
    facts = {
        "channel_id": channel.id,
        "channel": channel.name,
        "kind": channel.kind,
        "works": works(channel),
        "fallback": fallback_of(channel),
    }
    notice = Notice(at=now, since=since, health=CHANNEL, why=channel.broken_why, facts=facts)
    session.add(notice)
    session.flush()
    for one in heard:
        enqueue_notice(session, notice, one)
