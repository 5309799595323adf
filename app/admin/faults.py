"""What the chain could not work off: shown, and tried again when somebody asks for it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import incidents
from app.admin.change import AuditView, get_or_404, record
from app.models import (
    WITH_SOURCES,
    Base,
    Channel,
    Delivery,
    DeliveryState,
    Fault,
    PlannedEvent,
    Policy,
    Source,
    Watch,
    unreadable,
)
from app.pipeline import guard
from app.pipeline.ingest.match import compile_watches
from app.pipeline.scoring.planned import wrong_with


def listed(session: Session) -> list[Fault]:
    """All faults, oldest first."""
    return list(session.scalars(select(Fault).order_by(Fault.id)))


def retry(session: Session, fault_id: int, *, by: str, now: datetime) -> Fault:
    """The fault, whose row the next pass tries again."""
    fault = get_or_404(session, Fault, fault_id)
    before = audit_view(fault)
    if fault.subject == Delivery.__tablename__:
        delivery = session.get(Delivery, fault.subject_id)
        if delivery is not None and delivery.state is DeliveryState.dead:
            incidents.retry(session, delivery.id, by=by, now=now)
        elif delivery is not None and delivery.due_at is not None:
            delivery.due_at = now
    guard.retry(session, fault_id, now=now)
    record(session, fault, "retry", before=before, after=audit_view(fault), by=by, now=now)
    return fault


def audit_view(fault: Fault) -> AuditView:
    """The fault as the audit log keeps it."""
    return {
        "step": fault.step, "subject": fault.subject, "subject_id": fault.subject_id, "name": fault.name,
        "error": fault.error, "attempts": fault.attempts,
        "due_at": fault.due_at and fault.due_at.isoformat(),
    }  # fmt: skip


def unsound(session: Session) -> list[tuple[guard.Row, str]]:
    """(row, what is wrong) of all settings that a pass could not work with; no pass is needed to know."""
    wrong: list[tuple[guard.Row, str]] = []
    tables: tuple[type[Base], ...] = (Policy, Source, Channel, Watch, PlannedEvent)
    for table in tables:
        for row in session.scalars(select(table)).unique():
            if why := unreadable(row):
                wrong.append((guard.Row.of(row), "; ".join(why)))
            elif isinstance(row, PlannedEvent) and (event := wrong_with(row)):
                wrong.append((guard.Row.of(row), event))
    watches = [
        watch
        for watch in session.scalars(select(Watch).where(Watch.enabled).options(WITH_SOURCES))
        if not unreadable(watch)
    ]
    names = {watch.id: guard.Row.of(watch) for watch in watches}
    return wrong + [(names[i], str(error)) for i, error in compile_watches(watches).broken.items()]
