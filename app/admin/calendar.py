"""Silences and planned events: times that a watch knows beforehand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, changed, get_by_name, get_or_404, record
from app.admin.specs import PlannedEventSpec, SilenceSpec
from app.models import Delivery, DeliveryState, Incident, PlannedEvent, Silence, Watch
from app.pipeline.scoring import planned


def audit_view(session: Session, row: Silence | PlannedEvent) -> AuditView:
    """The silence or planned event as its spec, for people and for the audit log."""
    name = session.scalar(select(Watch.name).where(Watch.id == row.watch_id)) if row.watch_id else None
    own = {"why": row.why} if isinstance(row, Silence) else _of_event(row)
    return {
        "watch": name,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        **own,
    }


def expects(session: Session, event: PlannedEvent) -> dict[str, list[float]]:
    """By watch, times the usual that the event makes us expect, hour by hour."""
    learnt = event.learnt
    if event.factor is None and learnt is None:
        learnt = {str(watch): factors for watch, factors in planned.learn(session, event).items()}
    mine = select(Watch.id, Watch.name).order_by(Watch.name)
    if event.watch_id is not None:
        mine = mine.where(Watch.id == event.watch_id)
    return {name: planned.factors_of(event, watch, learnt) for watch, name in session.execute(mine)}


def _of_event(event: PlannedEvent) -> AuditView:
    return {"name": event.name, "kind": event.kind, "factor": event.factor}


def create_silence(session: Session, spec: SilenceSpec, *, by: str, now: datetime) -> Silence:
    """A new silence."""
    silence = Silence(created_by=by, created_at=now)
    _set(session, silence, spec)
    session.add(silence)
    record(session, silence, "create", before=None, after=audit_view(session, silence), by=by, now=now)
    return silence


def update_silence(
    session: Session, silence_id: int, changes: Mapping[str, Any], *, by: str, now: datetime
) -> Silence:
    """The silence with the changes."""
    silence = get_or_404(session, Silence, silence_id)
    before, ended = audit_view(session, silence), silence.ends_at
    _set(session, silence, changed(SilenceSpec, before, changes))
    _hold_until(session, silence, ended, silence.ends_at, now)
    record(session, silence, "update", before=before, after=audit_view(session, silence), by=by, now=now)
    return silence


def create_event(session: Session, spec: PlannedEventSpec, *, by: str, now: datetime) -> PlannedEvent:
    """A new planned event."""
    event = PlannedEvent(created_by=by, created_at=now)
    _set(session, event, spec)
    session.add(event)
    record(session, event, "create", before=None, after=audit_view(session, event), by=by, now=now)
    return event


def update_event(
    session: Session, event_id: int, changes: Mapping[str, Any], *, by: str, now: datetime
) -> PlannedEvent:
    """The planned event with the changes."""
    event = get_or_404(session, PlannedEvent, event_id)
    before = audit_view(session, event)
    _set(session, event, changed(PlannedEventSpec, before, changes))
    record(session, event, "update", before=before, after=audit_view(session, event), by=by, now=now)
    return event


def delete(
    session: Session, table: type[Silence] | type[PlannedEvent], row_id: int, *, by: str, now: datetime
) -> None:
    """Nothing is left of the silence or planned event."""
    row = get_or_404(session, table, row_id)
    before = audit_view(session, row)
    if isinstance(row, Silence):
        _hold_until(session, row, row.ends_at, now, now)
    session.delete(row)
    record(session, row, "delete", before=before, after=None, by=by, now=now)


def _set(session: Session, row: Silence | PlannedEvent, spec: SilenceSpec | PlannedEventSpec) -> None:
    row.watch_id = get_by_name(session, Watch, spec.watch, "#/watch").id if spec.watch else None
    row.starts_at, row.ends_at = spec.starts_at, spec.ends_at
    if isinstance(row, Silence) and isinstance(spec, SilenceSpec):
        row.why = spec.why
    elif isinstance(row, PlannedEvent) and isinstance(spec, PlannedEventSpec):
        row.name, row.kind, row.factor = spec.name, spec.kind, spec.factor
        row.learnt = None  # another time or kind has other earlier events


def _hold_until(session: Session, silence: Silence, ended: datetime, ends: datetime, now: datetime) -> None:
    """Alerts that waited for the old end of the silence wait for the new one, or for another silence."""
    waiting = select(Delivery).where(
        Delivery.incident_id.is_not(None),
        Delivery.state == DeliveryState.pending,
        Delivery.attempts == 0,
        Delivery.due_at == ended,
    )
    others = select(func.max(Silence.ends_at)).where(
        Silence.id != silence.id, Silence.starts_at <= now, Silence.ends_at > now
    )
    if silence.watch_id is not None:
        waiting = waiting.join(Incident, Incident.id == Delivery.incident_id).where(
            Incident.watch_id == silence.watch_id
        )
        others = others.where(or_(Silence.watch_id == silence.watch_id, Silence.watch_id.is_(None)))
    until = max(now, ends, session.scalar(others) or now)
    for delivery in session.scalars(waiting):
        delivery.due_at = until
