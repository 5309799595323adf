"""Updates of an incident for stakeholders: switched on with where and how often, and off."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_by_name, pointer, record
from app.admin.crisis_specs import StakeholderUpdatesSpec
from app.admin.teams import require_open
from app.errors import Conflict, NotFound
from app.models import Channel, Incident, StakeholderUpdates, State
from app.pipeline.crisis.course import of_incidents


def audit_view(session: Session, updates: StakeholderUpdates) -> AuditView:
    """Where and how often, for people and for the audit log."""
    named = session.execute(select(Channel.id, Channel.name).where(Channel.id.in_(updates.channels)))
    names = {row.id: row.name for row in named}
    return {
        "incident_id": updates.incident_id,
        "channels": [names[one] for one in updates.channels if one in names],
        "every_minutes": updates.every_minutes,
        "on": updates.due_at is not None,
    }


def updates_of(session: Session, incident: Incident) -> list[StakeholderUpdates]:
    """Those of the incident and of the ones that are told with it, oldest first."""
    mine = select(StakeholderUpdates).where(of_incidents(StakeholderUpdates.incident_id, incident))
    return list(session.scalars(mine.order_by(StakeholderUpdates.id)))


def switch_on(
    session: Session, incident: Incident, spec: StakeholderUpdatesSpec, *, by: str, now: datetime
) -> StakeholderUpdates:
    """The first is told at once, then one at each interval until the story is out; Conflict if it is."""
    if incident.state is State.out:
        raise Conflict(f"incident {incident.id} is out: there is nothing left to tell")
    channels = []
    for n, name in enumerate(spec.channels):
        channel = get_by_name(session, Channel, name, pointer("channels", n))
        require_open(channel, incident.watch.team_id, pointer("channels", n))
        if not channel.enabled:
            raise Conflict(f"the channel “{name}” is switched off: enable it first")
        channels.append(channel.id)
    updates = StakeholderUpdates(
        incident_id=incident.id,
        channels=list(dict.fromkeys(channels)),
        every_minutes=spec.every_minutes,
        due_at=now,
        created_by=by,
        created_at=now,
    )
    session.add(updates)
    session.flush()
    record(session, updates, "create", before=None, after=audit_view(session, updates), by=by, now=now)
    return updates


def switch_off(
    session: Session, incident: Incident, updates_id: int, *, by: str, now: datetime
) -> StakeholderUpdates:
    """No more of them are told, not even a last one."""
    query = select(StakeholderUpdates).where(
        StakeholderUpdates.id == updates_id, of_incidents(StakeholderUpdates.incident_id, incident)
    )
    updates = session.scalar(query.with_for_update())
    if updates is None:
        raise NotFound(f"there are no updates {updates_id} of incident {incident.id}")
    before = audit_view(session, updates)
    if updates.due_at is not None:
        updates.due_at, updates.ended_at = None, now
    record(session, updates, "end", before=before, after=audit_view(session, updates), by=by, now=now)
    return updates
