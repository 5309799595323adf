"""Quiet channels: each is asked once a day, in the afternoon, whether it would take an alert in the night.

A channel that fails while nothing waits in it is asked more often: no delivery would find it mended.
Webhooks are not asked: a ping is a request that a program of the team's acts on. `tocsin check` sends one.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.errors import ChannelError
from app.logs import log, mask
from app.models import Channel, Delivery
from app.pipeline.delivery.failover import note_failure, note_success
from app.pipeline.delivery.messages import DeliveryContext, first_zone
from app.pipeline.delivery.outages import works
from app.pipeline.delivery.outbox import switched_on
from app.pipeline.guard import Guard, Row

PROBE = "probe"  # the step
AT_HOUR = 16  # of the first watch's day: somebody is there to mend it before the night
AGAIN, MENDED = timedelta(minutes=5), timedelta(hours=1)  # what may come back by itself; what is to be mended
TO_PROBE = exists().where(
    Channel.enabled,
    Channel.kind.in_(bindparam("probed", expanding=True)),
    or_(
        Channel.broken_since.is_not(None),
        Channel.failing_since.is_not(None),
        and_(
            Channel.created_at < bindparam("afternoon"),
            func.coalesce(Channel.worked_at, Channel.created_at) < bindparam("afternoon"),
            func.coalesce(Channel.probed_at, Channel.created_at) < bindparam("afternoon"),
        ),
    ),
)
_MOST = 2  # in one pass, as each may take half a minute


def probe(sessions: Sessions, context: DeliveryContext, guard: Guard, *, now: datetime) -> None:
    """Ask the channels whose turn it is whether they work, and note what they say."""
    with sessions() as session:
        only_read(session)
        due = [channel for channel in switched_on(session) if channel.kind in context.probed]
        zone = first_zone(session)
        due = [channel for channel in due if is_due(session, channel, zone, now)]
    due = [channel for channel in due if guard.is_due(PROBE, Row.of(channel))]
    for channel in due[:_MOST]:
        with guard.row(PROBE, Row.of(channel)):
            _probe(sessions, context, channel, now)


def is_due(session: Session, channel: Channel, zone: ZoneInfo, now: datetime) -> bool:
    """Whether it is the channel's turn: nothing was heard of it since the afternoon, or it fails unasked."""
    if works(channel):
        known = (channel.created_at, channel.worked_at, channel.probed_at)
        return max(at for at in known if at) < afternoon(zone, now)
    waits = select(Delivery.id).where(
        Delivery.channel_id == channel.id, Delivery.due_at.is_not(None), Delivery.attempts > 0
    )
    if session.scalars(waits.limit(1)).first() is not None:
        return False  # what waits is tried, and finds out
    tried = [at for at in (channel.probed_at, channel.failing_since, channel.broken_since) if at]
    return now - max(tried) >= (AGAIN if channel.broken_since is None else MENDED)


def afternoon(zone: ZoneInfo, now: datetime) -> datetime:
    """The newest hour of probes."""
    local = now.astimezone(zone)
    at = local.replace(hour=AT_HOUR, minute=0, second=0, microsecond=0)
    return at if at <= local else at - timedelta(days=1)


def _probe(sessions: Sessions, context: DeliveryContext, channel: Channel, now: datetime) -> None:
    with sessions.begin() as session:
        mine = update(Channel).where(
            Channel.id == channel.id, Channel.probed_at.is_not_distinct_from(channel.probed_at)
        )
        if not session.execute(mine.values(probed_at=now).returning(Channel.id)).all():
            return  # another process asks it
    failure: ChannelError | None = None
    try:
        context.open(channel).check(now=now)
    except ChannelError as error:
        failure = error
    with sessions.begin() as session:
        asked = session.get(Channel, channel.id)
        if asked is None:
            return
        if failure is None:
            note_success(asked, now=now)
            return
        note_failure(asked, mask(str(failure))[:500], permanent=failure.permanent, now=now)
        log().warning("a probe failed", channel=channel.name, why=asked.broken_why)
