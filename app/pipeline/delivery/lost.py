"""What a restore lost: messages that were told since the backup, and that the database knows nothing of.

They are read from the channels that remember what they were told (`app.pipeline.delivery.recover`). What is
told next is compared with them: a fire that is found again goes on in its old message, and news that stand in
its thread already are not written there twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.channels.acts import Act
from app.channels.base import Alert
from app.channels.notices import Announcement, subject_of
from app.models import (
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    LostMessage,
    Reason,
    Restoration,
    Transition,
)

_NEAR = timedelta(minutes=30)  # a fire that is found again may begin or end so much later than it did
_SAME = timedelta(minutes=5)  # a reminder that two channels were told is one


def newest_restoration(session: Session) -> Restoration | None:
    """The newest restore from a backup; None if there was none."""
    return session.scalars(select(Restoration).order_by(Restoration.id.desc()).limit(1)).first()


def unread(session: Session) -> set[int]:
    """The channels of which nobody has read yet what they were told in the time that a restore lost."""
    mark = newest_restoration(session)
    if mark is None or mark.settled_at is not None:
        return set()
    return set(session.scalars(select(Channel.id).where(Channel.enabled))) - set(mark.read_channels)


def unsettled(session: Session, channel_id: int) -> list[LostMessage]:
    """The messages of a channel that nobody has found again, oldest first."""
    query = select(LostMessage).where(LostMessage.channel_id == channel_id, LostMessage.settled_at.is_(None))
    return list(session.scalars(query.order_by(LostMessage.at, LostMessage.id)))


def told_before(
    session: Session, channel_id: int, message: Alert | Announcement, root: str | None
) -> str | None:
    """The handle of the message that told the same before a restore; None: there is none."""
    lost = unsettled(session, channel_id)
    if not lost:
        return None
    if isinstance(message, Alert):
        mine = _first_of(session, lost, message) if root is None else _news_of(lost, message, root)
    else:
        about = subject_of(message)
        mine = [one for one in lost if one.identity.get("subject") == about]
    return mine[0].handle if mine else None


def _first_of(session: Session, lost: list[LostMessage], alert: Alert) -> list[LostMessage]:
    """The first messages of fires in which a watch of the story burnt at that time, its own first."""
    story = func.coalesce(Incident.story_id, Incident.id) == alert.story_id
    watches = set(session.scalars(select(Incident.watch_id).where(story))) | {alert.watch_id}
    mark = newest_restoration(session)
    ends = {one.thread: one.at for one in lost if one.identity.get("reason") == Reason.went_out.value}
    found = [
        one
        for one in lost
        if one.thread is None
        and one.identity.get("watch_id") in watches
        # One whose end was not told burnt on, also where its first posts are not found again.
        and alert.opened_at - _NEAR <= ends.get(one.handle, mark.restored_at if mark else one.at)
        and (alert.out_at is None or one.at <= alert.out_at + _NEAR)
    ]
    return sorted(found, key=lambda one: one.identity["watch_id"] != alert.watch_id)


def _news_of(lost: list[LostMessage], alert: Alert, root: str) -> list[LostMessage]:
    """The messages in the story's thread that tell the same of the same watch."""
    if alert.act(has_root=True) not in {Act.reply, Act.broadcast}:
        return []
    wanted = {"watch_id": alert.watch_id, "reason": alert.reason.value, "level": alert.level}
    return [
        one
        for one in lost
        if one.thread == root and all(one.identity.get(key) == value for key, value in wanted.items())
    ]


def settle(session: Session, channel_id: int, handle: str, incident_id: int | None, now: datetime) -> None:
    """Note that the message was found again: as that of the incident, if it was an alert."""
    for one in unsettled(session, channel_id):
        if one.handle == handle:
            one.settled_at = now
        elif one.thread == handle and incident_id is not None and is_reminder(one):
            recall_reminder(session, one, incident_id, now)


def is_reminder(lost: LostMessage) -> bool:
    """Whether it reminded of a fire that nobody had taken."""
    return lost.identity.get("reason") == Reason.reminded.value


def recall_reminder(session: Session, lost: LostMessage, incident_id: int, now: datetime) -> None:
    """Write a reminder down that was told: the next one waits as long as if nothing had happened."""
    history = select(Transition).where(Transition.incident_id == incident_id)
    near = Transition.at.between(lost.at - _SAME, lost.at + _SAME)
    reminder = session.scalars(history.where(Transition.reason == Reason.reminded, near)).first()
    if reminder is None:
        last = session.scalars(history.order_by(Transition.id.desc()).limit(1)).one()
        reminder = Transition(
            incident_id=incident_id, at=lost.at, reason=Reason.reminded, state=last.state, level=last.level,
            score=last.score, observed=last.observed, expected=last.expected, low=last.low, high=last.high,
            by="tocsin", note="", facts=last.facts, standing=last.standing, forgotten_at=last.forgotten_at,
        )  # fmt: skip
        session.add(reminder)
        session.flush()
    session.add(
        Delivery(
            transition_id=reminder.id, incident_id=incident_id, channel_id=lost.channel_id,
            state=DeliveryState.sent, due_at=None, attempts=1, attempted_at=lost.at, sent_at=lost.at,
            external_id=lost.handle, payload={"calls": [], "recognised": True}, created_at=lost.at,
        )
    )  # fmt: skip
    lost.settled_at = now
    session.flush()
