"""Sources: where posts come from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import sources
from app.admin import secret, teams
from app.admin.change import (
    AuditView,
    Invalid,
    changed,
    checked,
    ensure_unique,
    get_or_404,
    record,
    unveiled,
    veiled_settings,
)
from app.admin.specs import SourceSpec
from app.errors import AppError, Conflict
from app.models import LookBack, Source, Subscription, Volume, Watch, WatchSource
from app.pipeline.ingest.look_back import ask_for
from app.pipeline.ingest.quotas import Spent, spent
from app.sources.base import Kind
from app.vault import Vault


def audit_view(session: Session, source: Source) -> AuditView:
    """The source as its spec but for the secret, for people and for the audit log."""
    return {
        "name": source.name,
        "kind": source.kind,
        "settings": dict(source.settings),
        "cadence_seconds": source.cadence_seconds,
        "enabled": source.enabled,
        "team": teams.name_of(session, source.team_id),
    }


def veiled(given: AuditView) -> AuditView:
    """The source as people may see it: of its addresses all but the keys."""
    return given | {"settings": veiled_settings(given["settings"])} if "settings" in given else given


def create(
    session: Session, spec: SourceSpec, *, vault: Vault, by: str, now: datetime
) -> tuple[Source, str | None]:
    """A new source, due at once, and its secret if one was made: this is the only sight of it."""
    ensure_unique(session, Source, spec.name)
    kind = kind_of(spec.kind)
    stored, shown = secret.first(kind.secret, spec.secret, vault, kind.name)
    enabled, why = switch(kind, spec)
    source = Source(
        name=spec.name,
        kind=kind.name,
        team_id=teams.named(session, spec.team),
        settings=_settings(kind, unveiled(spec.settings, None, None, "settings")),
        secret=stored,
        cadence_seconds=spec.cadence_seconds or int(kind.cadence.total_seconds()),
        cursor={},
        enabled=enabled,
        due_at=now if enabled else None,
        health_since=now,
        health_why=why,
        created_at=now,
        updated_at=now,
    )
    session.add(source)
    session.flush()
    ask_for(session, [source], now=now)
    after = audit_view(session, source) | {"secret": "set" if stored else "none"}
    after |= {"switched off": why} if why else {}
    record(session, source, "create", before=None, after=after, by=by, now=now, veiled=veiled)
    return source, shown


def switch(kind: Kind, spec: SourceSpec) -> tuple[bool, str]:
    """(whether a new source starts at once, why not): some kinds wait for a person to say that they may."""
    if kind.starts or "enabled" in spec.model_fields_set:
        return spec.enabled, ""
    return False, f"{kind.needs} Set enabled to true when you have that.".lstrip()


def update(
    session: Session, source_id: int, changes: Mapping[str, Any], *, vault: Vault, by: str, now: datetime
) -> Source:
    """The source with the changes; with new settings it starts from the beginning, storing no post twice."""
    source = get_or_404(session, Source, source_id)
    kind = kind_of(source.kind)
    if changes.get("preset") is not None:
        detail = "a preset makes a new source: change the settings of this one instead"
        raise Invalid([{"pointer": "#/preset", "detail": detail}])
    before: AuditView = audit_view(session, source) | {"settings": _settings(kind, source.settings)}
    spec = changed(SourceSpec, before, changes)
    if spec.kind != source.kind:
        detail = f"a source stays of its kind, {source.kind}: make a new one instead"
        raise Invalid([{"pointer": "#/kind", "detail": detail}])
    ensure_unique(session, Source, spec.name, source.id)
    source.name, source.enabled = spec.name, spec.enabled
    source.team_id = teams.named(session, spec.team)
    named = select(Watch.name, Watch.team_id).join(WatchSource).where(WatchSource.source_id == source.id)
    with session.no_autoflush:
        users = [(row.name, row.team_id) for row in session.execute(named)]
    teams.require_open_to_all(session, source, users)
    given = unveiled(spec.settings, before["settings"], veiled(before)["settings"], "settings")
    source.settings = _settings(kind, given)
    source.cadence_seconds = spec.cadence_seconds or int(kind.cadence.total_seconds())
    after = audit_view(session, source)
    if "secret" in changes:
        source.secret, text = secret.replaced(kind.secret, source.secret, spec.secret, vault, kind.name)
        before, after = before | {"secret": "before"}, after | {"secret": text}
    if after != before:
        source.updated_at = now
    if after["settings"] != before["settings"]:
        source.cursor = {}
        session.execute(delete_rows(LookBack).where(LookBack.source_id == source.id))
        session.flush()
        ask_for(session, [source], now=now)
        session.execute(delete_rows(Subscription).where(Subscription.source_id == source.id))
        if after["settings"].get("query") != before["settings"].get("query"):
            # What another query counted is no measure for this one.
            session.execute(delete_rows(Volume).where(Volume.source_id == source.id))
    if source.enabled and not before["enabled"]:
        source.health_why = ""
        ask_for(session, [source], now=now)
    if any(after.get(field) != before.get(field) for field in ("settings", "secret", "enabled")):
        source.due_at = now if source.enabled else None
    record(session, source, "update", before=before, after=after, by=by, now=now, veiled=veiled)
    return source


def delete(session: Session, source_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the source, its posts included; Conflict while a watch names it."""
    source = get_or_404(session, Source, source_id)
    users = session.scalars(
        select(Watch.name).join(WatchSource).where(WatchSource.source_id == source.id).order_by(Watch.name)
    ).all()
    if users:
        # Taken out in silence, the last source of a watch would make it listen to all of them.
        raise Conflict(f"the source is named by {', '.join(users)}: take it out of them first")
    before = audit_view(session, source)
    session.delete(source)
    record(session, source, "delete", before=before, after=None, by=by, now=now, veiled=veiled)


def run_now(session: Session, source_id: int, *, by: str, now: datetime) -> Source:
    """The source, due at once: the next cycle runs it."""
    source = get_or_404(session, Source, source_id)
    kind = kind_of(source.kind)
    if kind.build is None and kind.listen is None:
        raise Conflict(f"nothing is fetched from a source of the kind {source.kind}: posts are brought to it")
    if not source.enabled:
        raise Conflict("the source is switched off: enable it first")
    before = {"due_at": source.due_at.isoformat() if source.due_at else None}
    source.due_at = now
    record(session, source, "run now", before=before, after={"due_at": now.isoformat()}, by=by, now=now)
    return source


def rotate_secret(session: Session, source_id: int, *, vault: Vault, by: str, now: datetime) -> str:
    """The new secret of a source whose secret Tocsin makes; the old one opens nothing from now on."""
    source = get_or_404(session, Source, source_id)
    kind = kind_of(source.kind)
    if kind.secret != "made":  # noqa: S105 - a word, not a secret
        raise Conflict(f"no secret is made for the kind {kind.name}; set one with PATCH if it takes one")
    source.secret, shown = secret.first(kind.secret, None, vault, kind.name)
    source.updated_at = now
    record(session, source, "rotate secret", before=None, after={"secret": "changed"}, by=by, now=now)
    return shown or ""


def spending(session: Session, source: Source, *, vault: Vault, now: datetime) -> Spent:
    """What the source cost today, and what is left of its quotas and budgets."""
    kind = kind_of(source.kind)
    try:
        settings = kind.settings.model_validate(source.settings)
        opened = vault.open(source.secret) if source.secret else None
    except (ValueError, AppError):  # settings of another version, or a lost key: told when it is run
        return Spent(0.0, [])
    return spent(session, kind, settings, source, opened, now=now)


def kind_of(name: str) -> Kind:
    """The kind of source; Invalid lists the ones there are."""
    for kind in sources.KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in sources.KINDS)
    raise Invalid([{"pointer": "#/kind", "detail": f"there is no kind “{name}”; there are {known}"}])


def _settings(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    return checked(kind.settings, given, "settings").model_dump(mode="json")
