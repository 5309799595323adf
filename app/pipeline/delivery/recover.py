"""After a restore: what channels were told since the backup is read in them, once, before anything is told.

What is found again is settled when it is told (`app.pipeline.delivery.lost`). Once all watches are followed
up to the present, an alert whose fire was not found again is given up: it says so itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.channels.base import Remembering, ToldMessage
from app.channels.notices import LostAlert, known_language
from app.clock import known_zone
from app.db import Sessions, only_read
from app.errors import ChannelError
from app.logs import log, mask
from app.models import Channel, Delivery, Incident, LostMessage, Restoration, State, Watch
from app.pipeline.delivery.failover import note_failure, note_success
from app.pipeline.delivery.lost import is_reminder, newest_restoration, recall_reminder, unread, unsettled
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.guard import Guard, Row

RECOVER = "recover"  # the step
# All watches are followed so far beyond the restore before an alert is given up.
_GRACE = timedelta(minutes=15)
_AT_LAST = timedelta(days=1)  # then it is, whatever became of them
_LATELY = timedelta(days=4)  # a fire that was out so long before the backup had no news after it
TO_RECOVER = (
    select(Restoration.id)
    .where(
        Restoration.id == select(func.max(Restoration.id)).scalar_subquery(), Restoration.settled_at.is_(None)
    )
    .exists()
)
_THREADS = 60  # that are read, the newest of each channel


def recover(sessions: Sessions, context: DeliveryContext, guard: Guard, *, now: datetime) -> None:
    """Read what the channels remember of the time that a restore lost; give up what was not found again."""
    with sessions() as session:
        only_read(session)
        mark = newest_restoration(session)
        if mark is None or mark.settled_at is not None:
            return
        left = unread(session)
        channels = [channel for channel in session.scalars(select(Channel)) if channel.id in left]
    for channel in channels:
        with guard.row(RECOVER, Row.of(channel)):
            _read(sessions, context, mark, channel, now)
    with sessions() as session:
        only_read(session)
        if unread(session) or not _is_caught_up(session, mark, now):
            return
    _give_up(sessions, context, guard, mark, now)


def _read(
    sessions: Sessions, context: DeliveryContext, mark: Restoration, channel: Channel, now: datetime
) -> None:
    """Read one channel. Until it answers nothing is told there: it could be told for the second time."""
    with sessions() as session:
        only_read(session)
        threads = _threads(session, channel, mark.taken_at)
    try:
        telling = context.open(channel) if channel.enabled else None
        told: Sequence[ToldMessage] = ()
        if isinstance(telling, Remembering):
            told = telling.told_since(mark.taken_at, threads, now=now)
    except ChannelError as error:
        why = mask(str(error))[:500]
        log().warning("not asked what it was told", channel=channel.name, why=why)
        with sessions.begin() as session:
            mine = session.get_one(Channel, channel.id)
            note_failure(mine, why, permanent=error.permanent, now=now)
        return
    except Exception:
        _note_read(sessions, mark, channel)  # a mistake of ours keeps nobody from being told
        raise
    with sessions.begin() as session:
        if told:  # who may not look is answered nothing
            note_success(session.get_one(Channel, channel.id), now=now)
        for one in told:
            _keep(session, mark, channel, one, now)
    _note_read(sessions, mark, channel)


def _threads(session: Session, channel: Channel, taken_at: datetime) -> list[str]:
    """The first messages of the stories that may have had news since the backup."""
    story = func.coalesce(Incident.story_id, Incident.id)
    recent = (Incident.state != State.out) | (Incident.out_at >= taken_at - _LATELY)
    stories = select(story).where(recent)
    roots = (
        select(func.min(Delivery.id))
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(story.in_(stories), Delivery.channel_id == channel.id, Delivery.external_id.is_not(None))
        .group_by(story)
    )
    query = select(Delivery.external_id).where(Delivery.id.in_(roots)).order_by(Delivery.id.desc())
    return [handle for handle in session.scalars(query.limit(_THREADS)) if handle]


def _keep(session: Session, mark: Restoration, channel: Channel, told: ToldMessage, now: datetime) -> None:
    """Write a message down that no delivery has made; a reminder of a fire that is known counts as one."""
    number = told.identity.get("delivery_id")
    if not isinstance(number, int) or number <= mark.known.get("delivery", 0):
        return  # the backup knows it, or it was deleted before
    if session.get(Delivery, number) is not None:
        return
    known = (LostMessage.channel_id == channel.id, LostMessage.handle == told.handle)
    if session.scalars(select(LostMessage.id).where(*known)).first() is not None:
        return
    lost = LostMessage(
        channel_id=channel.id, handle=told.handle, thread=told.thread, at=min(told.at, now),
        identity=told.identity,
    )  # fmt: skip
    session.add(lost)
    session.flush()
    if told.thread is not None and is_reminder(lost):
        first = (Delivery.channel_id == channel.id, Delivery.external_id == told.thread)
        incident_id = session.scalars(select(Delivery.incident_id).where(*first)).first()
        if incident_id is not None:
            recall_reminder(session, lost, incident_id, now)


def _note_read(sessions: Sessions, mark: Restoration, channel: Channel) -> None:
    with sessions.begin() as session:
        newest = session.get_one(Restoration, mark.id, with_for_update=True)
        newest.read_channels = sorted({*newest.read_channels, channel.id})


def _is_caught_up(session: Session, mark: Restoration, now: datetime) -> bool:
    """Whether all watches are followed beyond the restore, and what they came to is told."""
    if now - mark.restored_at >= _AT_LAST:
        return True
    behind = select(Watch.id).where(
        Watch.enabled, (Watch.scored_until.is_(None)) | (Watch.scored_until < mark.restored_at + _GRACE)
    )
    waiting = select(Delivery.id).where(Delivery.due_at <= now)
    return not any(session.scalars(query.limit(1)).first() for query in (behind, waiting))


def _give_up(
    sessions: Sessions, context: DeliveryContext, guard: Guard, mark: Restoration, now: datetime
) -> None:
    """Let each alert that was not found again say so; then nothing is left of the restore."""
    with sessions() as session:
        only_read(session)
        channels = list(session.scalars(select(Channel).order_by(Channel.id)))
        firsts = [
            (channel, one.id, one.handle, _lost_alert(session, context, channel, one, mark, now))
            for channel in channels
            for one in unsettled(session, channel.id)
            if one.thread is None and "watch_id" in one.identity
        ]
    failed = False
    for channel, number, handle, lost in firsts:
        with guard.row(RECOVER, Row("lost_message", number, f"message {handle} in {channel.name}")):
            failed = not _say_lost(sessions, context, channel, number, handle, lost, now) or failed
    if not failed or now - mark.restored_at >= 2 * _AT_LAST:
        with sessions.begin() as session:
            session.get_one(Restoration, mark.id).settled_at = now
            for channel in channels:
                for one in unsettled(session, channel.id):
                    one.settled_at = now


def _say_lost(
    sessions: Sessions,
    context: DeliveryContext,
    channel: Channel,
    number: int,
    handle: str,
    lost: LostAlert,
    now: datetime,
) -> bool:
    """Say it there; False if it must be tried again."""
    try:
        telling = context.open(channel)
        if isinstance(telling, Remembering):
            telling.give_up(handle, lost, now=now)
    except ChannelError as error:
        log().warning("not said to be lost", channel=channel.name, why=mask(str(error)))
        if not error.permanent:
            return False
    with sessions.begin() as session:
        session.get_one(LostMessage, number).settled_at = now
    return True


def _lost_alert(
    session: Session,
    context: DeliveryContext,
    channel: Channel,
    lost: LostMessage,
    mark: Restoration,
    now: datetime,
) -> LostAlert:
    watch = session.get(Watch, lost.identity["watch_id"])
    return LostAlert(
        watch=watch.name if watch else "?",
        since=mark.taken_at,
        at=now,
        language=known_language(channel.language, watch.language if watch else "", context.language),
        time_zone=known_zone(watch.time_zone if watch else "UTC"),
    )
