"""Updates of a fire for stakeholders: at an interval while it burns, on the clock, and once more at its end.

Each is made once, by whoever moves its time on first: several processes, and one that is killed, tell none
twice and lose none. What passes while nobody could tell is told as one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.channels.crisis import Course, Decided, SaidOnce
from app.clock import known_zone
from app.db import Sessions, only_read
from app.errors import AppError
from app.models import (
    DRILL,
    WITH_WATCH,
    Bucket,
    Incident,
    LogKind,
    Notice,
    StakeholderUpdates,
    State,
    StatementAct,
    require_readable,
)
from app.pipeline.crisis.course import course_of
from app.pipeline.delivery.messages import UPDATE
from app.pipeline.delivery.outbox import enqueue_notice, open_to, switched_on
from app.pipeline.guard import Guard, Row
from app.pipeline.incidents.incidents import last_facts
from app.pipeline.incidents.stories import of_story

INFORM = "inform"  # the step
TO_INFORM = select(StakeholderUpdates.id).where(StakeholderUpdates.due_at.is_not(None)).exists()
_DECIDED, _SAID, _ABOUT = 5, 3, 3  # at most, of each
_HOUR = timedelta(hours=1)


def inform(sessions: Sessions, guard: Guard, *, now: datetime) -> None:
    """Make the updates that are due, and the last one of each story that is over."""
    with sessions() as session:
        only_read(session)
        on = session.scalars(select(StakeholderUpdates).where(StakeholderUpdates.due_at.is_not(None)))
        rows = [Row.of(one) for one in on]

    def tell(session: Session, group: Sequence[Row]) -> None:
        for row in group:
            _inform(session, require_readable(session.get_one(StakeholderUpdates, row.id)), now)

    guard.work(INFORM, rows, tell, row_of=lambda row: row)


def _inform(session: Session, updates: StakeholderUpdates, now: datetime) -> None:
    incident = session.get_one(Incident, updates.incident_id, options=[WITH_WATCH])
    incident, over = _leading(session, incident)
    if updates.due_at is None or (updates.due_at > now and not over):
        return
    zone = ZoneInfo(known_zone(incident.watch.time_zone))
    next_at = None if over else next_time(now, updates.every_minutes, zone)
    named = [channel for channel in switched_on(session) if channel.id in updates.channels]
    channels = open_to(named, incident.watch.team_id)
    if not channels:
        raise ValueError(f"no channel is left that the updates of incident {incident.id} could be told in")
    mine = update(StakeholderUpdates).where(
        StakeholderUpdates.id == updates.id, StakeholderUpdates.due_at == updates.due_at
    )
    moved = mine.values(due_at=next_at, told=updates.told + 1, ended_at=now if over else None)
    if session.connection().execute(moved).rowcount == 0:
        return  # another process was first
    notice = Notice(
        at=now,
        since=incident.onset_at,
        health=UPDATE,
        facts=_facts(session, incident, now)
        | {
            "number": updates.told + 1,
            "last": over,
            "next_at": next_at.isoformat() if next_at else None,
        },
    )
    session.add(notice)
    session.flush()
    for channel in channels:
        enqueue_notice(session, notice, channel)


def next_time(now: datetime, every_minutes: int, zone: ZoneInfo) -> datetime:
    """The next full interval on the clock of the zone, a quarter of it ahead at least: 60 is at full hours.

    >>> next_time(datetime(2026, 11, 22, 9, 20, tzinfo=UTC), 60, ZoneInfo("Asia/Kolkata")).isoformat()
    '2026-11-22T10:30:00+00:00'
    """
    every = timedelta(minutes=every_minutes)
    behind = now.astimezone(zone).utcoffset() or timedelta()
    midnight = datetime(2000, 1, 1, tzinfo=UTC) - behind
    return midnight + every * ((now + every / 4 - midnight) // every + 1)


def _leading(session: Session, incident: Incident) -> tuple[Incident, bool]:
    """The incident, or while it is out another of its story that is not; and whether all of that is over."""
    if incident.state is not State.out:
        return incident, False
    left = select(Incident).where(
        of_story(incident), Incident.state != State.out, Incident.burning_at.is_not(None)
    )
    other = session.scalars(left.options(WITH_WATCH).order_by(Incident.id)).first()
    return other or incident, other is None


def _facts(session: Session, incident: Incident, now: datetime) -> dict[str, object]:
    course = course_of(session, incident, at=now)
    told = select(Incident).where(
        of_story(incident), Incident.burning_at.is_not(None), Incident.watch_id != incident.watch_id
    )
    others = session.scalars(told.options(WITH_WATCH).order_by(Incident.id))
    last_hour = select(func.sum(Bucket.mentions)).where(
        Bucket.watch_id == incident.watch_id, Bucket.at >= now - _HOUR, Bucket.at < now
    )
    return {
        "incident_id": incident.id,
        "watch": incident.watch.name,
        "watch_language": incident.watch.language,
        "time_zone": incident.watch.time_zone,
        "drill": incident.watch.kind == DRILL,
        "state": incident.state.value,
        "began_at": incident.onset_at.isoformat(),
        "mentions": incident.mentions,
        "last_hour": session.scalar(last_hour) or 0,
        "peak": incident.peak,
        "about": _spoken(session, incident),
        "with_it": list(dict.fromkeys(one.watch.name for one in others)),
        "taken_by": incident.acknowledged_by,
        "decided": [one.model_dump(mode="json") for one in _decided(course)],
        "said": [one.model_dump(mode="json") for one in _said(course)],
    }


def _spoken(session: Session, incident: Incident) -> list[str]:
    """The words of what is said most; none where its history cannot be read."""
    try:
        facts = last_facts(session, incident)
    except AppError:
        return []
    return list((facts.topics[0].words if facts.topics else facts.new_words)[:_ABOUT])


def _decided(course: Course) -> list[Decided]:
    lines = [line for line in course.log if line.kind is LogKind.decision]
    return [Decided(at=line.at, text=line.text) for line in lines[-_DECIDED:]]


def _said(course: Course) -> list[SaidOnce]:
    """What was published, in the wording that was approved."""
    said = [
        (step.at, SaidOnce(text=one.wording(step.version), where=step.text))
        for one in course.statements
        for step in one.of(StatementAct.said)
    ]
    return [one for _, one in sorted(said, key=lambda pair: pair[0])[-_SAID:]]
