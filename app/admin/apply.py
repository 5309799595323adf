"""Makes the settings what a file says, by name: changes what is there, makes what is not, deletes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import channels, people, policies, rotas, sources, statement_templates, teams, watches
from app.admin.change import AuditView, Invalid, masked
from app.admin.crisis_specs import StatementTemplateSpec
from app.admin.policy_specs import PolicySpec
from app.admin.specs import ChannelSpec, SourceSpec, WatchSpec
from app.admin.team_specs import PersonSpec, RotaSpec, TeamSpec
from app.admin.yaml_file import BadFile, Read
from app.errors import AppError
from app.models import AuditEntry, Channel, Person, Policy, Rota, Source, StatementTemplate, Team, Watch
from app.reading.query.doubts import doubts_of
from app.vault import Vault

_Plain = TeamSpec | PersonSpec | RotaSpec | StatementTemplateSpec | PolicySpec | WatchSpec
Spec = _Plain | SourceSpec | ChannelSpec
# Each needs those before it.
_PARTS = (
    "teams",
    "people",
    "rotas",
    "statements",
    "policies",
    "sources",
    "channels",
    "watches",
)

_TABLES = {
    TeamSpec: Team, PersonSpec: Person, RotaSpec: Rota, PolicySpec: Policy, SourceSpec: Source,
    ChannelSpec: Channel, WatchSpec: Watch, StatementTemplateSpec: StatementTemplate,
}  # fmt: skip


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
    with teams.moving(session):
        wrong, shown = _set_all(session, given, vault=vault, by=by, now=now)
    if wrong := wrong or teams.misfits(session):
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


def _set_all(
    session: Session, given: Read, *, vault: Vault, by: str, now: datetime
) -> tuple[list[str], list[tuple[str, str]]]:
    """(what cannot be done, with its line; the secrets that were made, by name)."""
    wrong: list[str] = []
    shown: list[tuple[str, str]] = []
    for part in _PARTS:
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
    return wrong, shown


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
    known = session.scalar(select(_table(spec).id).where(_table(spec).name == spec.name))
    match spec:
        case SourceSpec():
            if known is None:
                return sources.create(session, spec, vault=vault, by=by, now=now)[1]
            changes = _changes(spec)
            if not (sources.kind_of(spec.kind).starts or "enabled" in spec.model_fields_set):
                del changes["enabled"]  # it was added switched off, and stays as people set it since
            sources.update(session, known, changes, vault=vault, by=by, now=now)
        case ChannelSpec():
            if known is None:
                return channels.create(session, spec, vault=vault, by=by, now=now)[1]
            channels.update(session, known, _changes(spec), vault=vault, by=by, now=now)
        case _:
            _set_plain(session, spec, known, by=by, now=now)
    return None


def _set_plain(
    session: Session,
    spec: _Plain,
    known: int | None,
    *,
    by: str,
    now: datetime,
) -> None:
    """Set what has no secret."""
    if known is not None:
        update = {
            Team: teams.update, Person: people.update, Rota: rotas.update, Policy: policies.update,
            Watch: watches.update, StatementTemplate: statement_templates.update,
        }  # fmt: skip
        update[_table(spec)](session, known, spec.model_dump(), by=by, now=now)
        return
    match spec:
        case TeamSpec():
            teams.create(session, spec, by=by, now=now)
        case PersonSpec():
            people.create(session, spec, by=by, now=now)
        case RotaSpec():
            rotas.create(session, spec, by=by, now=now)
        case StatementTemplateSpec():
            statement_templates.create(session, spec, by=by, now=now)
        case PolicySpec():
            policies.create(session, spec, by=by, now=now)
        case WatchSpec():
            watches.create(session, spec, by=by, now=now)


def _table(spec: Spec) -> Any:  # noqa: ANN401 - one of the tables whose rows have names
    return _TABLES[type(spec)]


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
