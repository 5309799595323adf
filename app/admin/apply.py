"""Makes the settings what a file says, by name: changes what is there, makes what is not, deletes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import channels, policies, sources, watches
from app.admin.change import AuditView, Invalid, masked
from app.admin.specs import ChannelSpec, PolicySpec, SourceSpec, WatchSpec
from app.admin.yaml_file import BadFile, Read
from app.errors import AppError
from app.models import AuditEntry, Channel, Policy, Source, Watch
from app.reading.query.doubts import doubts_of
from app.vault import Vault

Spec = PolicySpec | SourceSpec | ChannelSpec | WatchSpec


@dataclass(frozen=True, slots=True)
class FileChange:
    """One thing that the file makes or changes; `fields` are (path, before, after) for people."""

    action: str  # create or update
    subject: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """All changes, and the secrets that were made: this is the only sight of them."""

    changes: tuple[FileChange, ...]
    secrets: tuple[tuple[str, str], ...]
    doubts: tuple[tuple[str, str], ...] = ()  # of a watch: what is likely a slip in its query


def apply(session: Session, given: Read, *, vault: Vault, by: str, now: datetime) -> Applied:
    """Make it so, in the caller's transaction; to see only what would change, roll it back.

    BadFile lists everything that cannot be done, with its line.
    """
    seen_until = session.scalar(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)) or 0
    wrong: list[str] = []
    shown: list[tuple[str, str]] = []
    for part in ("policies", "sources", "channels", "watches"):
        for i, spec in _in_order(getattr(given.file, part)):
            try:
                with session.begin_nested():
                    secret = _set(session, spec, vault=vault, by=by, now=now)
            except Invalid as error:
                wrong += [
                    f"{given.at(part, i, *_place(p['pointer']))}: {p['detail']}" for p in error.problems
                ]
            except AppError as error:
                wrong.append(f"{given.at(part, i)}: {error}")
            else:
                shown += [(spec.name, secret)] if secret else []
    if wrong:
        raise BadFile(wrong)
    mine = select(AuditEntry).where(AuditEntry.id > seen_until, AuditEntry.actor == by, AuditEntry.at == now)
    entries = session.scalars(mine.order_by(AuditEntry.id))
    doubts = [
        (spec.name, doubt) for spec in given.file.watches for doubt in doubts_of(spec.query, kind=spec.kind)
    ]
    return Applied(
        tuple(_change(entry) for entry in entries),
        tuple(shown),
        tuple((name, doubt.sentence()) for name, doubt in doubts),
    )


def _in_order(specs: Sequence[Spec]) -> list[tuple[int, Spec]]:
    """The specs with their places in the file; a channel comes after those that stand in for it."""
    left, ordered = dict(enumerate(specs)), list[tuple[int, Spec]]()
    while left:
        waiting = {spec.name for spec in left.values()}
        ready = [
            (i, spec)
            for i, spec in left.items()
            if not (isinstance(spec, ChannelSpec) and waiting & set(spec.fallback))
        ]
        ordered += ready or list(left.items())  # those that wait for each other: the first says what it lacks
        left = {i: spec for i, spec in left.items() if (i, spec) not in ordered}
    return ordered


def _set(session: Session, spec: Spec, *, vault: Vault, by: str, now: datetime) -> str | None:
    """The secret that was made, if one was."""
    match spec:
        case PolicySpec():
            known = session.scalar(select(Policy.id).where(Policy.name == spec.name))
            if known is None:
                policies.create(session, spec, by=by, now=now)
            else:
                policies.update(session, known, spec.model_dump(), by=by, now=now)
        case SourceSpec():
            known = session.scalar(select(Source.id).where(Source.name == spec.name))
            if known is None:
                return sources.create(session, spec, vault=vault, by=by, now=now)[1]
            changes = _changes(spec)
            if not (sources.kind_of(spec.kind).starts or "enabled" in spec.model_fields_set):
                del changes["enabled"]  # it was added switched off, and stays as people set it since
            sources.update(session, known, changes, vault=vault, by=by, now=now)
        case ChannelSpec():
            known = session.scalar(select(Channel.id).where(Channel.name == spec.name))
            if known is None:
                return channels.create(session, spec, vault=vault, by=by, now=now)[1]
            channels.update(session, known, _changes(spec), vault=vault, by=by, now=now)
        case WatchSpec():
            known = session.scalar(select(Watch.id).where(Watch.name == spec.name))
            if known is None:
                watches.create(session, spec, by=by, now=now)
            else:
                watches.update(session, known, spec.model_dump(), by=by, now=now)
    return None


def _place(pointer: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in pointer.split("/")[1:]]


def _changes(spec: SourceSpec | ChannelSpec) -> AuditView:
    """All that the spec says; a secret that it does not name stays as it is."""
    return spec.model_dump(exclude=None if spec.secret is not None else {"secret"})


def _change(entry: AuditEntry) -> FileChange:
    before, after = _flat(entry.before or {}), _flat(entry.after or {})
    fields = tuple(
        (path, masked(before.get(path)), masked(after.get(path)))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    )
    return FileChange(entry.action, entry.subject, str((entry.after or {}).get("name", "")), fields)


def _flat(seen: AuditView, under: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in seen.items():
        flat |= _flat(value, f"{under}{name}.") if isinstance(value, dict) else {f"{under}{name}": value}
    return flat
