"""What every change shares: find it, check it, write it to the audit log."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from app.errors import BadInput, Conflict, NotFound, sentence
from app.logs import mask
from app.models import AuditEntry, Base, Channel, Policy, Source, Watch

Row = TypeVar("Row", bound=Base)
Named = TypeVar("Named", Policy, Source, Channel, Watch)
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


def changed(spec: type[Checked], seen: AuditView, changes: Mapping[str, Any]) -> Checked:
    """What is set now with the changes over it, checked as a whole."""
    return checked(spec, seen | dict(changes))


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
    taken = session.scalar(select(table.id).where(table.name == name))
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
    veil: Callable[[AuditView], AuditView] = lambda seen: seen,
) -> None:
    """Write the change of a row and its audit entry; Conflict if somebody was first.

    `veil` hides what people may not read in this kind of row; passwords and tokens are always hidden.
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
        before=None if before is None else masked(veil(before)),
        after=None if after is None else masked(veil(after)),
    )
    session.add(entry)
    session.flush()


def masked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value without passwords in addresses, tokens and keys, at any depth."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {k: masked(v) for k, v in value.items()}
    return [masked(v) for v in value] if isinstance(value, list) else value
