"""Who of the people in Slack may act: each is bound to a role, like a key of the API."""

import hashlib
import re
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, record
from app.admin.keys import ROLES
from app.admin.specs import SlackUserSpec
from app.db import upsert
from app.errors import NotFound
from app.models import SlackPress, SlackUser

_REMEMBERED = timedelta(days=1)  # far longer than a signature holds
_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def audit_view(person: SlackUser) -> AuditView:
    """The person as the audit log shows them."""
    return {"user_id": person.user_id, "name": person.name, "role": person.role}


def bind(session: Session, user_id: str, spec: SlackUserSpec, *, by: str, now: datetime) -> SlackUser:
    """The person, who may do from now on what the role may."""
    if not _ID.fullmatch(user_id):
        raise NotFound(
            f"there is no {user_id!r} in Slack: the id of a person begins with U or W, as in U0123ABCD"
        )
    person = session.get(SlackUser, user_id)
    before = audit_view(person) if person else None
    if person is None:
        person = SlackUser(user_id=user_id, name=spec.name, role=spec.role, created_at=now)
        session.add(person)
    person.name, person.role = spec.name, spec.role
    record(session, person, "bind", before=before, after=audit_view(person), by=by, now=now)
    return person


def unbind(session: Session, user_id: str, *, by: str, now: datetime) -> None:
    """The person may look only, from now on; NotFound if they could not do more before."""
    person = get_or_404(session, SlackUser, user_id)
    record(session, person, "unbind", before=audit_view(person), after=None, by=by, now=now)
    session.delete(person)


def may_act(person: SlackUser | None) -> bool:
    """Whether they may act on incidents."""
    return person is not None and ROLES.index(person.role) >= ROLES.index("responder")


def obeyed_before(session: Session, press: str, *, now: datetime) -> bool:
    """Whether the same request was obeyed already: a signature holds for five minutes, and Slack asks again.

    `press` tells one request from all others; empty: it cannot be told.
    """
    if not press:
        return False
    session.execute(delete(SlackPress).where(SlackPress.at < now - _REMEMBERED))
    digest = hashlib.sha256(press.encode()).hexdigest()
    insert = upsert(session.get_bind().dialect, SlackPress).values(digest=digest, at=now)
    made = session.connection().execute(insert.on_conflict_do_nothing())
    return made.rowcount == 0
