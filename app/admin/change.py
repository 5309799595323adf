"""What every change shares: find it, check it, write it to the audit log."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from app.admin import scope
from app.errors import BadInput, Conflict, NotFound, sentence
from app.logs import VEIL, mask, veil
from app.models import (
    AuditEntry,
    Base,
    Channel,
    Incident,
    Person,
    Policy,
    Post,
    Rota,
    Source,
    StatementTemplate,
    Substitution,
    Team,
    Watch,
)

Row = TypeVar("Row", bound=Base)
Named = TypeVar("Named", Policy, Source, Channel, Watch, Person, Rota, StatementTemplate, Team)
Checked = TypeVar("Checked", bound=BaseModel)
AuditView = dict[str, Any]


class Problem(TypedDict):
    """One thing that is wrong: where (a JSON pointer into what was given), and what."""

    pointer: str
    detail: str


class Invalid(BadInput):
    """Several things are wrong with what was given."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p['pointer'].lstrip('#/') or 'it'}: {p['detail']}" for p in problems))
        self.problems = problems


def pointer(*path: str | int) -> str:
    """A JSON pointer (RFC 6901) in a fragment.

    >>> pointer("settings", "a/b", 0)
    '#/settings/a~1b/0'
    """
    return "#" + "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)


def checked(model: type[Checked], given: Mapping[str, Any], *under: str) -> Checked:
    """What was given as the model; Invalid names each field that is wrong. `under` is where it stood."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(
            [
                {"pointer": pointer(*under, *e["loc"]), "detail": sentence(e)}
                for e in error.errors(include_input=False, include_url=False)
            ]
        ) from None


class Patch(dict[str, Any]):
    """Changes that are merged into what is set, at any depth (RFC 7396); others replace it field by field."""


def changed(spec: type[Checked], seen: AuditView, changes: Mapping[str, Any]) -> Checked:
    """What is set now with the changes over it, checked as a whole."""
    if isinstance(changes, Patch):
        # Of the fields themselves, null is a value: not all of them may be empty.
        changes = {
            name: value if value is None else _merged(seen.get(name), value)
            for name, value in changes.items()
        }
    return checked(spec, seen | dict(changes))


def _merged(seen: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(patch, Mapping):
        return patch
    target = dict(seen) if isinstance(seen, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = _merged(target.get(name), value)
    return target


def get_or_404(session: Session, table: type[Row], row_id: int | str, *loaded: ExecutableOption) -> Row:
    """The row, with the relationships that are asked for; NotFound says what there is none of."""
    key = inspect(table).primary_key[0]
    # A query and no `get`: that would leave a row that is known already without what is asked for.
    row = session.scalar(select(table).where(key == row_id).options(*loaded)) if loaded else None
    row = row or session.get(table, row_id)
    if row is None:
        raise NotFound(f"there is no {word(table)} {row_id}")
    return row


def get_by_name(session: Session, table: type[Named], name: str, at: str) -> Named:
    """The row of that name; Invalid points at the field that asked for it."""
    row = session.scalar(select(table).where(table.name == name))
    if row is None:
        raise Invalid([{"pointer": at, "detail": f"there is no {word(table)} “{name}”"}])
    return row


def ensure_unique(session: Session, table: type[Named], name: str, row_id: int | None = None) -> None:
    """Nothing, if the name is not taken by another; else Conflict."""
    taken = session.scalar(
        select(table.id).where(table.name == name), execution_options={scope.WHOLE_HOUSE: True}
    )
    if taken is not None and taken != row_id:
        raise Conflict(f"there is a {word(table)} “{name}” already: choose another name, or change that one")


def word(table: type[Base]) -> str:
    """The word of the product for the rows of a table."""
    return str(table.__tablename__).replace("_", " ")


def record(
    session: Session,
    row: Base,
    action: str,
    *,
    before: AuditView | None,
    after: AuditView | None,
    by: str,
    now: datetime,
    veiled: Callable[[AuditView], AuditView] = lambda seen: seen,
) -> None:
    """Write the change of a row and its audit entry; Conflict if somebody was first.

    `veiled` hides what people may not read in this kind of row; passwords and tokens are always hidden.
    """
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("somebody changed the same thing at the same moment: look, and try again") from error
    if before is not None and before == after:
        return
    entry = AuditEntry(
        at=now,
        actor=by,
        action=action,
        subject=row.__tablename__,
        subject_id=getattr(row, "id", None),
        team_id=_team_of(session, row),
        before=None if before is None else masked(veiled(before)),
        after=None if after is None else masked(veiled(after)),
    )
    session.add(entry)
    session.flush()


def _team_of(session: Session, row: Base) -> int | None:
    """Whose log the change of a row belongs into; None: the house's alone."""
    if (team_id := getattr(row, "team_id", None)) is not None:
        return int(team_id)
    if isinstance(row, Team):
        return row.id
    if (watch_id := getattr(row, "watch_id", None)) is not None:
        return session.scalar(select(Watch.team_id).where(Watch.id == watch_id))
    if (incident_id := getattr(row, "incident_id", None)) is not None:
        whose = select(Watch.team_id).join(Incident, Incident.watch_id == Watch.id)
        return session.scalar(whose.where(Incident.id == incident_id))
    if isinstance(row, Substitution):
        return session.scalar(select(Rota.team_id).where(Rota.id == row.rota_id))
    bound = scope.teams_of(session)
    return next(iter(bound)) if bound and len(bound) == 1 else None


def masked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value without passwords in addresses, tokens and keys, at any depth."""
    return _through(value, mask)


def veiled_settings(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Settings as people may see them: as `masked`, and without keys in the paths of addresses."""
    return _through(value, veil)


def unveiled(
    given: Any,  # noqa: ANN401 - any JSON
    stored: Any,  # noqa: ANN401
    seen: Any,  # noqa: ANN401
    *under: str | int,
) -> Any:  # noqa: ANN401
    """What was given, and what is stored where that is given back as people have `seen` it, with its veil.

    Invalid where something else is veiled: nobody knows what is meant.
    """
    if isinstance(given, dict):
        stored, seen = (one if isinstance(one, dict) else {} for one in (stored, seen))
        return {k: unveiled(v, stored.get(k), seen.get(k), *under, k) for k, v in given.items()}
    if isinstance(given, list):
        known = list(zip(stored, seen, strict=True)) if isinstance(stored, list) else []
        return [
            unveiled(v, *next((pair for pair in known if pair[1] == v), (None, None)), *under, i)
            for i, v in enumerate(given)
        ]
    if not isinstance(given, str) or VEIL not in given:
        return given
    if given == seen:
        return stored
    detail = f"holds {VEIL} in place of what is not shown: give it whole, or leave it out"
    raise Invalid([{"pointer": pointer(*under), "detail": detail}])


def _through(value: Any, hide: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {k: _through(v, hide) for k, v in value.items()}
    return [_through(v, hide) for v in value] if isinstance(value, list) else value


def newest_post(session: Session) -> int | None:
    """The last post that is stored: up to it, a changed watch is matched again."""
    return session.scalar(select(func.max(Post.id)))
