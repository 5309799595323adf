"""API keys and the audit log over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import keys, teams
from app.admin.fields import Instant, Role
from app.admin.team_specs import KeySpec, RotationSpec
from app.api.access import Admin, Id, Now, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.views import Json, View
from app.models import ApiKey, AuditEntry

router = APIRouter(prefix="/keys", tags=["keys"])
audit = APIRouter(prefix="/audit", tags=["audit"])


class KeyView(View):
    """A key, of which only the beginning is known."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Grafana"])
    role: Role
    team: str | None = Field(description="which is all that it opens; empty: the house", examples=[None])
    prefix: str = Field(description="its beginning, to tell keys apart", examples=["tocsin_v_Xk3f9a"])
    created_at: datetime
    expires_at: datetime | None = Field(description="empty: never")
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="last use, to the minute")


class KeyMade(KeyView):
    """A new key."""

    key: str = Field(
        description="the key itself, shown this once", examples=["tocsin_v_Xk3f9a…the-only-sight-of-it"]
    )


class AuditView(View):
    """Who changed what."""

    id: int = Field(examples=[1])
    at: datetime
    actor: str = Field(description="name of the key, or of who used the command line", examples=["Léa"])
    action: str = Field(examples=["update"])
    subject: str = Field(examples=["watch"])
    subject_id: int | None = Field(examples=[1])
    before: Json | None = Field(examples=[{"enabled": True}])
    after: Json | None = Field(examples=[{"enabled": False}])


def _view(session: OrmSession, key: ApiKey) -> KeyView:
    own = {field: getattr(key, field) for field in KeyView.model_fields if field != "team"}
    return KeyView(**own, team=teams.name_of(session, key.team_id))


@router.get("")
def list_keys(_who: Admin, session: Session, paging: Paging) -> Page[KeyView]:
    """All keys, the revoked ones too, newest first."""
    rows, after = page(session, select(ApiKey), ApiKey.id, paging)
    return Page(items=[_view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_key(who: Admin, session: Session, now: Now, spec: KeySpec, response: Response) -> KeyMade:
    """A new key, which is in this answer and no other."""
    row, key = keys.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/keys/{row.id}"
    return KeyMade(**_view(session, row).model_dump(), key=key)


@router.post("/{id}/rotate", status_code=201)
def rotate_key(
    who: Admin, session: Session, now: Now, row_id: Id, spec: RotationSpec, response: Response
) -> KeyMade:
    """A new key like this one, in this answer and no other; the old one goes on opening for the overlap.

    The new key has the role and the team of the old one, its name with a number, and as long to live as the
    old one was made for. A key that is revoked or has expired is not rotated.
    """
    _old, row, key = keys.rotate(session, row_id, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/keys/{row.id}"
    return KeyMade(**_view(session, row).model_dump(), key=key)


@router.delete("/{id}")
def revoke_key(who: Admin, session: Session, now: Now, row_id: Id) -> KeyView:
    """Revoke a key: it opens nothing from now on, and stays in the list."""
    return _view(session, keys.revoke(session, row_id, by=who.name, now=now))


@audit.get("")
def list_audit_entries(
    _who: Viewer,
    session: Session,
    paging: Paging,
    subject: Annotated[
        str | None, Query(pattern="^[a-z_]{1,40}$", description="what was changed", examples=["watch"])
    ] = None,
    subject_id: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="which of them")] = None,
    since: Annotated[Instant | None, Query(description="not before")] = None,
) -> Page[AuditView]:
    """Every change with who made it, before and after, newest first; no secret is in it."""
    query = select(AuditEntry)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    rows, after = page(session, query, AuditEntry.id, paging)
    return Page(items=[AuditView.model_validate(row) for row in rows], next=after)
