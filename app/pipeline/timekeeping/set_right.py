"""What stands in the future, set right: by what its column says, and the few rows of which more follows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, case, delete, or_, select, update
from sqlalchemy.orm import Session

from app.channels.acts import LOUDNESS
from app.clock import STEP, step_start
from app.models import (
    Aside,
    Base,
    Coverage,
    Delivery,
    DeliveryState,
    Incident,
    Intake,
    Mention,
    Notice,
    Post,
    PostPrecision,
    QuotaUse,
    Reason,
    Source,
    Transition,
)
from app.pipeline.delivery.queue import LEASE
from app.pipeline.incidents.hold import hold_of
from app.pipeline.ingest.count import recount
from app.pipeline.timekeeping.times import TIMES, TOLERANCE, Says

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # in SQLite, what is no date at all is later
_LOOKED_BACK = timedelta(days=1)  # for a message that may have been sent while the clock was wrong
_OURS = (PostPrecision.first_seen, PostPrecision.clamped)  # posts that our own clock dated


def set_right(session: Session, *, now: datetime) -> None:
    """Take nothing for true that lies later than now allows, whatever the table; the clock was ahead."""
    _forget_bulletins(session, now)
    _end_stories(session, now)
    _set_deliveries(session, now)
    _move_posts(session, now)
    _set_cursors(session, now)
    for counted in (Coverage, Intake):
        session.execute(delete(counted).where(counted.at > now))
    session.execute(delete(QuotaUse).where(QuotaUse.day > (now + timedelta(days=1)).date().isoformat()))
    session.flush()
    for table in Base.metadata.sorted_tables:
        _set_columns(session, table, now)
    session.expire_all()


def is_between(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """Whether the column holds an instant that is later than now."""
    return (column > now) & (column < NEVER)


def _set_columns(session: Session, table: Table, now: datetime) -> None:
    """Each column of the table that may not lie ahead."""
    here = {Says.HAPPENED: now, Says.JUDGED: step_start(now), Says.DUE: now}
    wanted = {
        column: here[says]
        for column in table.columns
        if (says := TIMES.get(f"{table.name}.{column.name}")) in here and column is not _DELIVERY_DUE
    }
    if not wanted:
        return
    ahead = {column: is_between(column, limit) for column, limit in wanted.items()}
    values = {c.name: case((ahead[c], limit), else_=c) for c, limit in wanted.items()}
    session.connection().execute(update(table).where(or_(*ahead.values())).values(values))


_DELIVERY_DUE = Base.metadata.tables["delivery"].c.due_at


def _forget_bulletins(session: Session, now: datetime) -> None:
    """A bulletin of a day that is yet to come is made again when it has come."""
    ahead = is_between(Notice.__table__.c.at, now + TOLERANCE)
    session.execute(delete(Notice).where(Notice.period != "", ahead))


def _end_stories(session: Session, now: datetime) -> None:
    """What ended in the future may burn: it is told aloud if it does, whenever it was last told."""
    ended = is_between(Incident.__table__.c.out_at, step_start(now))
    session.execute(
        update(Incident).where(ended).values(last_alert_at=None),
        execution_options={"synchronize_session": False},
    )


def _set_deliveries(session: Session, now: datetime) -> None:
    """Due as they would be, had they been written now; one that was tried is looked for further back."""
    columns = Delivery.__table__.c
    tried = update(Delivery).where(is_between(columns.attempted_at, now))
    session.execute(
        tried.values(attempted_at=now - _LOOKED_BACK), execution_options={"synchronize_session": False}
    )
    query = select(Delivery).where(is_between(columns.due_at, now))
    for delivery in list(session.scalars(query)):
        delivery.due_at = _due(session, delivery, now)


def _due(session: Session, delivery: Delivery, now: datetime) -> datetime:
    assert delivery.due_at is not None  # noqa: S101 - it was asked for by it
    if delivery.state is DeliveryState.sending:
        return min(delivery.due_at, now + LEASE)  # somebody may be sending it
    began = min(delivery.created_at, now)
    incident = session.get(Incident, delivery.incident_id) if delivery.incident_id else None
    if delivery.attempts or incident is None:
        return began
    hold = hold_of(session, incident, at=now)
    transition = session.get_one(Transition, delivery.transition_id)
    through = isinstance(transition.reason, Reason) and LOUDNESS[transition.reason].through_snooze
    return max(
        until for until in (began, hold.silenced_until, None if through else hold.snoozed_until) if until
    )


def _move_posts(session: Session, now: datetime) -> None:
    """What our clock dated moves back by as far as it had run ahead, and is counted there.

    A date that the source gave stays: it is not of our clock, and time will come there.
    """
    here, bucket_at = step_start(now), Post.__table__.c.bucket_at
    ours = (is_between(bucket_at, here), Post.precision.in_(_OURS))
    found = session.execute(select(Post.source_id, Post.bucket_at).where(*ours).distinct()).all()
    if not found:
        return
    back = max(at for _, at in found) - here
    touched: dict[int, set[datetime]] = {}
    for source_id, at in sorted(found):
        posts = select(Post.id).where(Post.source_id == source_id, Post.bucket_at == at, *ours)
        ids = list(session.scalars(posts))
        for some in _chunks(ids):
            for table in (Mention, Aside):
                session.execute(update(table).where(table.post_id.in_(some)).values(at=at - back))
            moved = {"bucket_at": at - back, "published_at": min(at - back + STEP, now)}
            session.execute(update(Post).where(Post.id.in_(some)).values(moved))
        touched.setdefault(source_id, set()).update((at, at - back))
    for source_id, buckets in touched.items():
        recount(session, source_id, buckets, now=now)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]


def _set_cursors(session: Session, now: datetime) -> None:
    """No source is asked for what comes after tomorrow: the instants in its cursor are taken for now."""
    for source in session.scalars(select(Source)):
        if isinstance(source.cursor, dict) and "holds" not in source.cursor:
            believed = _believed(source.cursor, now)
            if believed != source.cursor:
                source.cursor = believed


def _believed(value: Any, now: datetime) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _believed(one, now) for key, one in value.items()}
    if isinstance(value, list):
        return [_believed(one, now) for one in value]
    if not isinstance(value, str) or not value.startswith("2"):
        return value
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return now.isoformat() if at.tzinfo is not None and at > now else value
