"""Reminds of a fire that was told and that nobody has taken in hand; with a rota, calls who is on duty.

Without a rota the channels are reminded, after as long as the policy says. With one, people are called: first
whoever is on duty, by a mention in the channel and by their own ways, with each call one person more, and the
lead at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select
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
from app.pipeline.oncall.duty import Call, Duty, duty_of

REMIND = "remind"  # the step
_SOON = 3  # reminders that come one wait after the other; from then on the wait doubles
_LONGEST = timedelta(hours=4)  # but never beyond this: while it burns in nobody's hands, somebody is called
_LONGEST_CALL = timedelta(minutes=30)  # the same, where people are called by name


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a fire waits for somebody before people are told of it again."""

    wait: timedelta
    soon: int = _SOON
    longest: timedelta = _LONGEST

    def before(self, reminders: int) -> timedelta:
        """How long to wait for the next reminder, after so many.

        >>> pace = Pace(timedelta(minutes=30))
        >>> [int(pace.before(n).total_seconds() // 60) for n in range(8)]
        [30, 30, 30, 60, 120, 240, 240, 240]
        """
        times = 1 << min(max(0, reminders - self.soon + 1), 10)
        return max(self.wait, min(times * self.wait, self.longest))


class _Waits(NamedTuple):
    """An incident that waits for somebody."""

    id: int
    watch: str
    minutes: int
    rota: str
    level: int
    spoken: datetime
    story: int


def silenced(now: BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether the watch of an incident is silent."""
    return (
        select(Silence.id)
        .where(Silence.starts_at <= now, Silence.ends_at > now)
        .where(or_(Silence.watch_id == Incident.watch_id, Silence.watch_id.is_(None)))
        .exists()
    )


def _waiting() -> Select[int, str, int, str, int, datetime | None, int]:
    """The incidents that were told aloud, burn, and are in nobody's hands; and how long each may wait."""
    now: BindParameter[datetime] = bindparam("now")
    return (
        select(
            Incident.id,
            Watch.name,
            Policy.remind_minutes,
            Policy.rota,
            Incident.level,
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
            or_(Policy.remind_minutes > 0, Policy.rota != ""),
            ~silenced(now),
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
    duties: dict[str, Duty | None] = {}
    for row in session.execute(_WAITING.order_by(Incident.id), {"now": now}):
        waits = _Waits._make(row)
        if waits.rota not in duties:
            duties[waits.rota] = duty_of(session, waits.rota, since=now, until=now)
        pace = _pace(waits, duties[waits.rota], now)
        if pace is None or not _is_due(session, waits, pace, now):
            continue
        told = set(session.scalars(select(Delivery.channel_id).where(Delivery.incident_id == waits.id)))
        if waits.story not in reached or told - reached[waits.story]:
            reached.setdefault(waits.story, set()).update(told)
            due.append(Row("incident", waits.id, f"{waits.watch}, incident {waits.id}"))
    return due


def write_reminders(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Write the reminder of each incident, unless somebody has taken it meanwhile."""
    for row in rows:
        incident = session.get_one(
            Incident, row.id, options=[WITH_WATCH], with_for_update={"of": Incident, "key_share": True}
        )
        if incident.acknowledged_at is None:
            facts = last_facts(session, require_readable(incident))
            call = _next_call(session, incident, now)
            record(session, incident, Reason.reminded, at=now, facts=facts, call=call)


def _next_call(session: Session, incident: Incident, now: datetime) -> Call | None:
    """Who is called by the next reminder; None: no rota says who."""
    duty = duty_of(session, incident.watch.policy.rota, since=now, until=now)
    if duty is None:
        return None
    if duty.sleeps(incident.level, now):
        return Call(())
    number = len(_reminded(session, incident.id, incident.story_id or incident.id).at) + 1
    return Call(
        duty.calls(number, incident.level, now), in_person=True, unanswered=number >= duty.steady_calls(now)
    )


def _pace(waits: _Waits, duty: Duty | None, now: datetime) -> Pace | None:
    """How long it waits; None: for ever."""
    if duty is not None and not duty.sleeps(waits.level, now):
        return Pace(duty.every, duty.steady_calls(now), _LONGEST_CALL)
    return Pace(timedelta(minutes=waits.minutes)) if waits.minutes > 0 else None


def _is_due(session: Session, waits: _Waits, pace: Pace, now: datetime) -> bool:
    if now - waits.spoken < pace.wait:
        return False  # most often: nothing else need be asked
    reminded, told = _reminded(session, waits.id, waits.story), _told(session, waits.id, waits.spoken)
    if told is None:
        return False
    last = max([waits.spoken, told, *reminded.at, *([reminded.lapsed_at] if reminded.lapsed_at else [])])
    return now - last >= pace.before(len(reminded.at))


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


class _Reminded(NamedTuple):
    """When people were reminded of a fire since it came to be in nobody's hands."""

    at: set[datetime]
    lapsed_at: datetime | None  # when it came to that, if somebody had it before


def _reminded(session: Session, incident_id: int, story: int) -> _Reminded:
    """When people were reminded of it, or of what burns in the same fire."""
    same = select(Incident.id).where(
        or_(Incident.id == story, Incident.story_id == story), Incident.state != State.out
    )
    query = select(Transition.at, Transition.reason).where(
        or_(Transition.incident_id == incident_id, Transition.incident_id.in_(same)),
        Transition.reason.in_((Reason.reminded, Reason.lapsed)),
    )
    rows = session.execute(query).all()
    lapsed = max((row.at for row in rows if row.reason is Reason.lapsed), default=None)
    since = {row.at for row in rows if row.reason is Reason.reminded and (lapsed is None or row.at > lapsed)}
    return _Reminded(since, lapsed)
