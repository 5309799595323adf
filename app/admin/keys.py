"""Keys of the REST API: made once, shown once, kept as a hash."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.admin import teams
from app.admin.change import AuditView, get_or_404, record
from app.admin.fields import Role
from app.admin.team_specs import KeySpec, RotationSpec
from app.db import alone
from app.errors import Conflict, Forbidden, Unauthorized
from app.models import ApiKey

ROLES: tuple[Role, ...] = get_args(Role)  # each may do what those before it may
_SHOWN = len("tocsin_a_") + 6
_USE_NOTED_EVERY = timedelta(minutes=1)
_LASTS = timedelta(days=7)  # an admin key that ends sooner is on its way out: nobody can rely on it
_NUMBERED = re.compile(r"(?P<name>.+) \((?P<n>[1-9]\d{0,5})\)")
_LONGEST = 120  # of a name
BORN_EXPIRED = "the key would have expired already: expires_at must lie ahead"
LAST_ADMIN = "this is the last admin key: make another first, or nobody could make any"
ENDED = "this key opens nothing any more: make a new one instead"


def audit_view(session: Session, key: ApiKey) -> AuditView:
    """The key as people and the audit log may see it."""
    return {
        "name": key.name,
        "role": key.role,
        "team": teams.name_of(session, key.team_id),
        "prefix": key.prefix,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def create(session: Session, spec: KeySpec, *, by: str, now: datetime) -> tuple[ApiKey, str]:
    """A new key, and the one sight of it that there will ever be."""
    if spec.expires_at is not None and spec.expires_at <= now:
        raise Conflict(BORN_EXPIRED)
    token = f"tocsin_{spec.role[0]}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        name=spec.name,
        role=spec.role,
        team_id=teams.named(session, spec.team),
        prefix=token[:_SHOWN],
        digest=_digest(token),
        created_at=now,
        expires_at=spec.expires_at,
    )
    session.add(key)
    record(session, key, "create", before=None, after=audit_view(session, key), by=by, now=now)
    return key, token


def revoke(session: Session, key_id: int, *, by: str, now: datetime) -> ApiKey:
    """The key, which opens nothing any more; its row stays, for the audit log. Not the last admin's."""
    key = get_or_404(session, ApiKey, key_id)
    if state(key, now=now) == "good" and key.role == "admin" and not _other_admin_keys(session, key, now):
        raise Conflict(LAST_ADMIN)
    before = audit_view(session, key)
    key.revoked_at = key.revoked_at or now
    record(session, key, "revoke", before=before, after=audit_view(session, key), by=by, now=now)
    return key


def rotate(
    session: Session, key_id: int, spec: RotationSpec, *, by: str, now: datetime
) -> tuple[ApiKey, ApiKey, str]:
    """(the old key, a new one like it, the one sight of the new one): both open until the overlap ends.

    The new key has the role and the team of the old one, its name with a number, and as long to live as the
    old one was made for. Conflict where the old one is revoked or has expired.
    """
    old = get_or_404(session, ApiKey, key_id)
    session.refresh(old, with_for_update=True)  # of two at once, the second sees what the first has done
    if state(old, now=now) != "good":
        raise Conflict(ENDED)
    before = audit_view(session, old)
    expires_at = old.expires_at and now + (old.expires_at - old.created_at)
    role: Role = old.role  # type: ignore[assignment] # the spec let no other in
    like = KeySpec(name=_next_name(session, old.name), role=role, expires_at=expires_at, team=before["team"])
    new, token = create(session, like, by=by, now=now)
    until = now + timedelta(days=spec.overlap_days)
    old.expires_at = min(old.expires_at or until, until)
    after = audit_view(session, old) | {"replaced_by": new.prefix}
    record(session, old, "rotate", before=before, after=after, by=by, now=now)
    return old, new, token


def _next_name(session: Session, name: str) -> str:
    """The name with the next number that no key has: Grafana, Grafana (2), Grafana (3)."""
    found = _NUMBERED.fullmatch(name)
    base, n = (found["name"], int(found["n"])) if found else (name, 1)
    while True:
        n += 1
        number = f" ({n})"
        numbered = base[: _LONGEST - len(number)].rstrip() + number
        if session.scalar(select(ApiKey.id).where(ApiKey.name == numbered).limit(1)) is None:
            return numbered


def _other_admin_keys(session: Session, key: ApiKey, now: datetime) -> bool:
    """Whether another admin key of the house opens for a week more, or for as long as this one."""
    if key.team_id is not None:
        return True  # a key of the house can make another
    until = min(key.expires_at or now + _LASTS, now + _LASTS)
    admins = select(ApiKey).where(ApiKey.role == "admin", ApiKey.team_id.is_(None), ApiKey.id != key.id)
    admins = admins.with_for_update()
    return any(state(other, now=until) == "good" for other in session.scalars(admins))


def first_key(session: Session, *, now: datetime) -> str | None:
    """An admin key if there is no key at all, to be shown once; else None."""
    alone(session, "tocsin: first key")  # of several that start at once, one has it
    if session.scalar(select(ApiKey.id).limit(1)) is not None:
        return None
    return create(session, KeySpec(name="first key", role="admin"), by="tocsin", now=now)[1]


def authenticate(session: Session, token: str, *, now: datetime) -> ApiKey:
    """The key that the token is; Unauthorized if it opens nothing.

    The look-up is by the hash of 256 random bits, so its time says nothing about any key.
    """
    key = session.scalar(select(ApiKey).where(ApiKey.digest == _digest(token)))
    if key is None:
        raise Unauthorized("this key is not known: make one with `tocsin keys create`")
    if key.revoked_at is not None:
        raise Unauthorized("this key was revoked: ask an admin for another")
    if key.expires_at is not None and key.expires_at <= now:
        raise Unauthorized("this key has expired: ask an admin for another")
    return key


def note_use(session: Session, key: ApiKey, *, now: datetime) -> None:
    """Write down that the key was used just now."""
    session.execute(update(ApiKey).where(ApiKey.id == key.id).values(used_at=now))


def use_is_noted(key: ApiKey, *, now: datetime) -> bool:
    """Whether its last use was written down not long ago: once a minute is enough."""
    return key.used_at is not None and now - key.used_at < _USE_NOTED_EVERY


def require(key: ApiKey, role: Role) -> None:
    """Nothing, if the key's role may do what `role` may; else Forbidden."""
    if ROLES.index(role) > ROLES.index(key.role):
        raise Forbidden(f"this takes a key of the role {role}; yours is {key.role}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def state(key: ApiKey, *, now: datetime) -> str:
    """The word for whether the key opens anything: good, expired or revoked."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "good"
