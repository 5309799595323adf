"""Which delivery is told next: of what is due the oldest, unless something older of its story waits."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.models import Channel, Delivery, Fault, Incident, Notice
from app.pipeline.guard import Guard, Row

DELIVER = "deliver"  # the step


def put_off(delivery_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the guard put the delivery off."""
    mine = select(Fault.id).where(
        Fault.step == DELIVER, Fault.subject == "delivery", Fault.subject_id == delivery_id
    )
    return mine.exists()


def _due() -> Select[int, str]:
    """What is due and has nothing older before it; alerts first."""
    older, same, other = aliased(Delivery), aliased(Incident), aliased(Notice)
    waits = and_(
        older.channel_id == Delivery.channel_id,
        older.due_at.is_not(None),
        # What a snooze or a silence holds back keeps nothing waiting that is told all the same.
        or_(older.due_at <= bindparam("now"), older.attempts > 0),
        older.id < Delivery.id,
        older.external_id.is_(None),  # some of its recipients have it: the others keep nobody waiting
        # Nor does what this version cannot tell.
        ~put_off(older.id),
    )
    of_story = (
        select(older.id)
        .join(same, same.id == older.incident_id)
        .where(waits, func.coalesce(same.story_id, same.id) == func.coalesce(Incident.story_id, Incident.id))
    )
    of_source = (
        select(older.id)
        .join(other, other.id == older.notice_id)
        .where(waits, other.source_id == Notice.source_id)
    )
    return (
        select(Delivery.id, Channel.name)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(Incident, Incident.id == Delivery.incident_id)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .where(
            Delivery.due_at <= bindparam("now"),
            Delivery.channel_id.not_in(bindparam("blocked", expanding=True)),
            Delivery.id.not_in(bindparam("passed", expanding=True)),
            ~of_story.exists(),
            ~of_source.exists(),
        )
        .order_by(Delivery.notice_id.is_not(None), Delivery.due_at, Delivery.id)
        .limit(20)
    )


# Written down once: putting it together takes longer than asking.
_DUE = _due()


def next_due(
    session: Session, guard: Guard, blocked: set[int], passed: set[int], now: datetime
) -> Row | None:
    """The delivery that is told next: of all alerts the oldest, then the oldest notice."""
    params = {"now": now, "blocked": sorted(blocked), "passed": sorted(passed)}
    for delivery_id, channel in session.execute(_DUE, params):
        row = Row("delivery", delivery_id, f"delivery {delivery_id} to {channel}")
        if guard.is_due(DELIVER, row):
            return row
    return None
