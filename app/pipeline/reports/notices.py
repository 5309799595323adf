"""News of a source's health to the channels, once for each change; bulletins go the same way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import metrics
from app.backoff import CHANNELS, wait_after
from app.channels.notices import Bulletin, News, known_language
from app.clock import known_zone
from app.db import Sessions, only_read
from app.errors import ChannelError
from app.logs import log, mask
from app.models import Channel, DeliveryState, Notice, NoticeDelivery, Source, Watch, require_readable
from app.pipeline.delivery.notify import GIVE_UP_AFTER, LEASE, Mouth
from app.pipeline.delivery.outbox import enabled, first_told
from app.pipeline.guard import Guard, Row
from app.pipeline.reports.bulletins import bulletin_of

ANNOUNCE, DELIVER = "announce", "deliver"  # the steps
PATIENCE = timedelta(minutes=10)  # what is heard only in part so long is told; what is down is told at once
_STEADY = timedelta(minutes=5)  # heard again so long is mended
_MOST_TRIES = 400  # a notice whose own time cannot be read is given up all the same
_RANK = {"ok": 0, "new": 0, "degraded": 1, "down": 2}


def announce(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Make a notice of each change of health that people should know, with a delivery for each channel."""
    with sessions() as session:
        only_read(session)
        changed = select(Source.id, Source.name).where(Source.told_health != Source.health)
        rows = [Row("source", source_id, name) for source_id, name in session.execute(changed)]

    def tell(session: Session, group: Sequence[Row]) -> None:
        for row in group:
            _announce(session, require_readable(session.get_one(Source, row.id)), now)

    guard.work(ANNOUNCE, rows, tell, row_of=lambda row: row)


def _announce(session: Session, source: Source, now: datetime) -> None:
    told = worth_telling(source.told_health, source.health, now - source.health_since, enabled=source.enabled)
    if told is None:
        return
    since = source.health_since if told != "ok" else _began(session, source)
    source.told_health = told
    if not source.enabled:
        return
    notice = Notice(source_id=source.id, at=now, health=told, since=since, why=source.health_why)
    session.add(notice)
    session.flush()
    for channel in _channels(session, source):
        session.add(NoticeDelivery(notice_id=notice.id, channel_id=channel.id, due_at=now))


def worth_telling(told: str, health: str, lasted: timedelta, *, enabled: bool) -> str | None:
    """The health to tell now, or None: worse is told, what is deaf at once; better only once it is heard."""
    if not enabled:
        return "ok" if told != "ok" else None
    here, there = _RANK[health], _RANK[told]
    if here > there:
        return health if health == "down" or lasted >= PATIENCE else None
    if here == 0 < there:
        return "ok" if lasted >= _STEADY else None
    return None


def deliver_notices(sessions: Sessions, mouth: Mouth, guard: Guard, *, now: datetime) -> None:
    """Tell what is due, each notice once for each channel; what fails is told later."""
    with sessions() as session:
        only_read(session)
        due = list(
            session.scalars(
                select(NoticeDelivery.id).where(NoticeDelivery.due_at <= now).order_by(NoticeDelivery.id)
            )
        )
    for delivery_id in due:
        row = Row("notice_delivery", delivery_id, f"notice delivery {delivery_id}")
        with guard.row(DELIVER, row):
            with sessions.begin() as session:
                if not _claim(session, delivery_id, now):
                    continue
            _tell(sessions, mouth, delivery_id, now)


def _tell(sessions: Sessions, mouth: Mouth, delivery_id: int, now: datetime) -> None:
    """Tell one notice that is claimed; what goes wrong is written down before it is raised."""
    kind, told_at = "", now
    try:
        with sessions() as session:
            only_read(session)
            channel, news = _news(session, mouth, delivery_id)
        kind, told_at = channel.kind, news.at
        mouth.open(channel).say(news, now=now)
    except ChannelError as error:
        _end(sessions, delivery_id, told_at, error, now)
    except Exception as error:
        _end(sessions, delivery_id, told_at, ChannelError(f"{type(error).__name__}: {error}"), now)
        raise
    else:
        _end(sessions, delivery_id, told_at, None, now)
        metrics.count(metrics.deliveries, kind, "sent")
        return
    metrics.count(metrics.deliveries, kind, "failed")


def _claim(session: Session, delivery_id: int, now: datetime) -> bool:
    mine = update(NoticeDelivery).where(NoticeDelivery.id == delivery_id, NoticeDelivery.due_at <= now)
    taken = session.connection().execute(
        mine.values(due_at=now + LEASE, attempts=NoticeDelivery.attempts + 1, state=DeliveryState.sending)
    )
    return taken.rowcount == 1


def _news(session: Session, mouth: Mouth, delivery_id: int) -> tuple[Channel, News | Bulletin]:
    """What is told to whom; an error if a row of it cannot be read."""
    delivery = require_readable(session.get_one(NoticeDelivery, delivery_id))
    notice = require_readable(session.get_one(Notice, delivery.notice_id))
    channel = session.get_one(Channel, delivery.channel_id)
    if notice.source_id is None:
        return channel, bulletin_of(session, notice, delivery.id, channel, mouth.language)
    source = session.get_one(Source, notice.source_id)
    zone = session.scalars(select(Watch.time_zone).where(Watch.enabled).order_by(Watch.id).limit(1)).first()
    news = News(
        notice_id=notice.id,
        delivery_id=delivery.id,
        source_id=source.id,
        source=source.name,
        kind=source.kind,
        health=notice.health,
        at=notice.at,
        since=notice.since,
        why=notice.why,
        language=known_language(channel.language, mouth.language),
        time_zone=known_zone(zone or "UTC"),
    )
    return channel, news


def _end(
    sessions: Sessions, delivery_id: int, told_at: datetime, error: ChannelError | None, now: datetime
) -> None:
    with sessions.begin() as session:
        delivery = session.get(NoticeDelivery, delivery_id)
        if delivery is None:
            return  # its source or channel was deleted meanwhile
        if error is None:
            delivery.state, delivery.due_at, delivery.sent_at = DeliveryState.sent, None, now
            return
        delivery.error = mask(str(error))[:500]
        if now - told_at > GIVE_UP_AFTER or delivery.attempts >= _MOST_TRIES:
            delivery.state, delivery.due_at = DeliveryState.dead, None
            return
        delivery.state = DeliveryState.pending
        asked = error.retry_after or (CHANNELS.longest if error.permanent else None)
        delivery.due_at = now + wait_after(CHANNELS, delivery.attempts, asked=asked)
        log().warning("not told", notice_delivery=delivery_id, why=delivery.error)


def _began(session: Session, source: Source) -> datetime:
    """When the trouble began that is over now."""
    notices = select(Notice).where(Notice.source_id == source.id).order_by(Notice.id.desc())
    since = source.health_since
    for notice in session.scalars(notices):
        if notice.health == "ok":
            break
        since = notice.since
    return since


def _channels(session: Session, source: Source) -> list[Channel]:
    """The channels of the watches that listen to the source; all, if one of them or no watch names any."""
    everyone = enabled(session)
    watches = session.scalars(select(Watch).where(Watch.enabled)).all()
    listening = [w for w in watches if not w.source_ids or source.id in w.source_ids]
    if not listening or any(not watch.channel_ids for watch in listening):
        return first_told(everyone)
    named = {channel for watch in listening for channel in watch.channel_ids}
    return [channel for channel in everyone if channel.id in named]
