"""Fires that everybody was called for, and that nobody has taken."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import WITH_WATCH, Incident, Reason, State, Transition


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One of them."""

    incident_id: int
    watch: str
    since: datetime  # when it was first said that nobody answers
    called: list[str]  # names


def unanswered_calls(session: Session) -> list[Unanswered]:
    """Those that burn and are in nobody's hands, the oldest first."""
    open_ones = (
        select(Incident)
        .where(Incident.state == State.burning, Incident.acknowledged_at.is_(None))
        .options(WITH_WATCH)
        .order_by(Incident.id)
    )
    found: list[Unanswered] = []
    for incident in session.scalars(open_ones):
        calls = select(Transition.at, Transition.standing, Transition.reason).where(
            Transition.incident_id == incident.id,
            Transition.reason.in_((Reason.reminded, Reason.lapsed, Reason.acknowledged)),
        )
        since: datetime | None = None
        called: list[str] = []
        for at, standing, reason in session.execute(calls.order_by(Transition.id)):
            if reason is not Reason.reminded:
                since = None
            elif isinstance(standing, dict) and standing.get("unanswered"):
                since, called = since or at, [one["name"] for one in standing.get("called") or ()]
        if since is not None:
            found.append(Unanswered(incident.id, incident.watch.name, since, called))
    return found
