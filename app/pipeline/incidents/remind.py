"""Reminds of a fire that was told and that nobody has taken in hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.models import (
    WITH_WATCH,
    Delivery,
    Incident,
    Policy,
    Reason,
    Silence,
    State,
    Transition,
    Watch,
    require_readable,
)
from app.pipeline.guard import Guard, Row
from app.pipeline.incidents.incidents import last_facts, record

REMIND = "remind"  # the step
_SOON = 3  # reminders that come one wait after the other; from then on the wait doubles
_LONGEST = timedelta(hours=4)  # but never beyond this: while it burns in nobody's hands, somebody is called


def _waiting() -> Select[int, str, int, datetime | None, int]:
    """The incidents that were told aloud, burn, and are in nobody's hands; and how long each may wait."""
    now: BindParameter[datetime] = bindparam("now")
    silent = (
        select(Silence.id)
        .where(Silence.starts_at <= now, Silence.ends_at > now)
        .where(or_(Silence.watch_id == Incident.watch_id, Silence.watch_id.is_(None)))
        .exists()
    )
    return (
        select(
            Incident.id,
            Watch.name,
            Policy.remind_minutes,
            Incident.last_alert_at,
            func.coalesce(Incident.story_id, Incident.id),
        )
        .join(Watch, Watch.id == Incident.watch_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .where(
            Incident.state == State.burning,
            Incident.acknowledged_at.is_(None),
            Incident.verdict.is_(None),
            Incident.suppressed_by_kind.is_(False),
            Incident.suppressed_by_cooldown.is_(False),
            Incident.last_alert_at.is_not(None),
            or_(Incident.snoozed_until.is_(None), Incident.snoozed_until <= now),
            Policy.remind_minutes > 0,
            ~silent,
        )
    )


_WAITING = _waiting()  # written down once: putting it together takes longer than asking
TO_REMIND = _WAITING.exists()


def remind(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Write a transition for each burning incident that waits for somebody longer than its policy says."""
    with sessions() as session:
        only_read(session)
        rows = unanswered(session, now=now)
    guard.work(
        REMIND, rows, lambda session, group: write_reminders(session, group, now=now), row_of=lambda row: row
    )


def unanswered(session: Session, *, now: datetime) -> list[Row]:
    """The incidents of which somebody is to be reminded now; of several in one fire, once in a channel."""
    due: list[Row] = []
    reached: dict[int, set[int]] = {}  # by story: the channels
    for incident_id, watch, minutes, spoken, story in session.execute(
        _WAITING.order_by(Incident.id), {"now": now}
    ):
        if not _is_due(session, incident_id, story, timedelta(minutes=minutes), spoken, now):
            continue
        told = set(session.scalars(select(Delivery.channel_id).where(Delivery.incident_id == incident_id)))
        if story not in reached or told - reached[story]:
            reached.setdefault(story, set()).update(told)
            due.append(Row("incident", incident_id, f"{watch}, incident {incident_id}"))
    return due


def write_reminders(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Write the reminder of each incident, unless somebody has taken it meanwhile."""
    for row in rows:
        incident = session.get_one(
            Incident, row.id, options=[WITH_WATCH], with_for_update={"of": Incident, "key_share": True}
        )
        if incident.acknowledged_at is None:
            facts = last_facts(session, require_readable(incident))
            record(session, incident, Reason.reminded, at=now, facts=facts)


def _is_due(
    session: Session, incident_id: int, story: int, wait: timedelta, spoken: datetime | None, now: datetime
) -> bool:
    if now - (spoken or now) < wait:
        return False  # most often: nothing else need be asked
    reminded, told = _reminded(session, incident_id, story), _told(session, incident_id, spoken or now)
    if told is None:
        return False
    return now - max([spoken or now, told, *reminded]) >= wait_before(len(reminded), wait)


def _told(session: Session, incident_id: int, spoken: datetime) -> datetime | None:
    """When the alert reached somebody, which may be long after it; None: it is about to be told."""
    alert = (
        select(Delivery.due_at, Delivery.attempts, Delivery.sent_at)
        .join(Transition, Transition.id == Delivery.transition_id)
        .where(Delivery.incident_id == incident_id, Transition.at >= spoken)
    )
    deliveries = session.execute(alert.order_by(Delivery.id)).all()
    sent = [sent_at for _, _, sent_at in deliveries if sent_at is not None]
    if not sent and any(due is not None and not attempts for due, attempts, _ in deliveries):
        return None
    return min(sent, default=spoken)


def wait_before(reminders: int, wait: timedelta) -> timedelta:
    """How long to wait for the next reminder, after so many; `wait` is what the policy says.

    >>> [int(wait_before(n, timedelta(minutes=30)).total_seconds() // 60) for n in range(8)]
    [30, 30, 30, 60, 120, 240, 240, 240]
    """
    times = 1 << min(max(0, reminders - _SOON + 1), 10)
    return max(wait, min(times * wait, _LONGEST))


def _reminded(session: Session, incident_id: int, story: int) -> set[datetime]:
    """When people were reminded of it, or of what burns in the same fire."""
    same = select(Incident.id).where(
        or_(Incident.id == story, Incident.story_id == story), Incident.state != State.out
    )
    query = select(Transition.at).where(
        or_(Transition.incident_id == incident_id, Transition.incident_id.in_(same)),
        Transition.reason == Reason.reminded,
    )
    return set(session.scalars(query))
