"""The course of a story: what its team decided, said and did, and when; as it was known at an instant."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.channels.crisis import Course, LogLine, RoomLine, StatementLine, Step
from app.models import (
    CrisisRoom,
    Incident,
    LogEntry,
    LogState,
    Mention,
    Post,
    Reason,
    Statement,
    StatementStep,
    Transition,
    unreadable,
)
from app.pipeline.incidents.stories import of_story


def of_incidents(column: InstrumentedAttribute[int], incident: Incident) -> ColumnElement[bool]:
    """Whether what stands in the column is the incident, or one that is told with it."""
    return column.in_(select(Incident.id).where(of_story(incident)))


def course_of(session: Session, incident: Incident, *, at: datetime) -> Course:
    """The course of the incident's story until that instant; what cannot be read is left out."""
    room = room_of(session, incident)
    return Course(
        log=log_of(session, incident, at=at),
        statements=statements_of(session, incident, at=at),
        room=room_line(room) if room is not None else None,
        first_post_at=_first_post(session, incident),
        alert_at=session.scalar(select(func.min(Incident.burning_at)).where(of_story(incident))),
        acknowledged_at=session.scalar(
            select(func.min(Transition.at)).where(
                of_incidents(Transition.incident_id, incident), Transition.reason == Reason.acknowledged
            )
        ),
    )


def log_of(session: Session, incident: Incident, *, at: datetime) -> tuple[LogLine, ...]:
    """The log of the incident's story as it stood then, the oldest first."""
    query = select(LogEntry).where(of_incidents(LogEntry.incident_id, incident), LogEntry.at <= at)
    rows = session.scalars(query.order_by(LogEntry.at, LogEntry.id))
    return tuple(line_of(row, at=at) for row in rows if not unreadable(row))


def line_of(row: LogEntry, *, at: datetime | None = None) -> LogLine:
    """The entry; `at`: as it stood then, else as it stands."""
    later = at is not None and row.settled_at is not None and row.settled_at > at
    return LogLine(
        id=row.id,
        incident_id=row.incident_id,
        at=row.at,
        by=row.by,
        kind=row.kind,
        text=row.text,
        state=LogState.open if later else row.state,
        owner=row.owner,
        due_at=row.due_at,
        settled_at=None if later else row.settled_at,
        settled_by=None if later else row.settled_by,
    )


def statements_of(session: Session, incident: Incident, *, at: datetime) -> tuple[StatementLine, ...]:
    """The statements of the incident's story as they stood then, the oldest first."""
    query = select(Statement).where(of_incidents(Statement.incident_id, incident), Statement.created_at <= at)
    rows = session.scalars(query.order_by(Statement.id)).all()
    return tuple(statement_of(session, row, at=at) for row in rows if not unreadable(row))


def statement_of(session: Session, row: Statement, *, at: datetime) -> StatementLine:
    """The statement with its trace until that instant."""
    mine = select(StatementStep).where(StatementStep.statement_id == row.id, StatementStep.at <= at)
    steps = tuple(
        Step(at=step.at, by=step.by, act=step.act, version=step.version, text=step.text)
        for step in session.scalars(mine.order_by(StatementStep.id))
        if not unreadable(step)
    )
    return StatementLine(
        id=row.id,
        incident_id=row.incident_id,
        template=row.template,
        language=row.language,
        version=max((step.version for step in steps), default=row.version),
        steps=steps,
    )


def room_of(session: Session, incident: Incident) -> CrisisRoom | None:
    """The room of the incident's story; the first one, if two stories that had one each became one."""
    mine = select(CrisisRoom).where(of_incidents(CrisisRoom.incident_id, incident))
    return session.scalars(mine.order_by(CrisisRoom.id)).first()


def room_line(room: CrisisRoom) -> RoomLine:
    """The room as a value."""
    return RoomLine(
        lead=room.lead,
        spokesperson=room.spokesperson,
        scribe=room.scribe,
        slack_channel=room.slack_channel or "",
        name=room.name,
    )


def _first_post(session: Session, incident: Incident) -> datetime | None:
    """When the first post of the story was published, of those that are still known; else its onset."""
    onset = session.scalar(select(func.min(Incident.onset_at)).where(of_story(incident)))
    posts = (
        select(func.min(Post.published_at))
        .join(Mention, Mention.post_id == Post.id)
        .join(Incident, Incident.watch_id == Mention.watch_id)
        .where(
            of_story(incident),
            Mention.at >= Incident.onset_at,
            Mention.at <= func.coalesce(Incident.burning_at, Incident.peak_at),
        )
    )
    first = session.scalar(posts)
    return min(first, onset) if first is not None and onset is not None else first or onset
