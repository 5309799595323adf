"""What all tables share: names for constraints, and columns that a value they cannot hold does not break.

A value that this version cannot read (a state of a newer version, half a JSON document, a date of 'soon')
is loaded as `Unreadable`, so that one bad row does not keep the rows beside it from being loaded. Who works
on a row asks `require_readable` first: its error names the row, the column and the value.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, inspect
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

_LONE = re.compile("[\ud800-\udfff]")  # a pair is one character of Python's; what is left over is a half

# SQLite counts rows only in a column of type INTEGER, which holds 64 bits there anyway.
BigId = BigInteger().with_variant(Integer, "sqlite")

# A number that was told to somebody is never given out again, also not of a row that is gone.
NEVER_TWICE = {"sqlite_autoincrement": True}


class Text(TypeDecorator[str]):
    """A text that every database can hold: half a surrogate pair and the null character are none."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text, with a sign where something stood that cannot be stored."""
        return storable(value) if isinstance(value, str) else value


def storable(text: str) -> str:
    r"""The text without what UTF-8 or PostgreSQL cannot hold, each replaced by a sign that says so.

    >>> storable("a\ud83db\x00") == "a\ufffdb\ufffd"
    True
    """
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _LONE.sub("\ufffd", text)
    return text


class Unreadable:
    """What stands in a column that this version cannot read; it is written back as it was."""

    __slots__ = ("raw",)

    def __init__(self, raw: object) -> None:
        self.raw = raw

    def __str__(self) -> str:
        return str(self.raw)

    def __repr__(self) -> str:
        return f"Unreadable({str(self.raw)[:40]!r})"


class UnreadableRow(ValueError):  # noqa: N818 - read in sentences
    """A row holds what this version cannot read."""


class _SQLiteInstant(DATETIME):
    """SQLite's instants are texts; one that is no instant is given on as it is."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        parse = super().result_processor(dialect, coltype)

        def read(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
            try:
                return parse(value) if parse else value
            except (ValueError, TypeError):
                return Unreadable(value)

        return read


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite, which forgets time zones, gets and gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """On SQLite the type that survives a text which is no instant."""
        survivor: type[TypeEngine[Any]] = _SQLiteInstant
        return survivor() if dialect.name == "sqlite" else dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a time zone: nobody knows when that was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - perhaps Unreadable
        """Give the time zone back."""
        if value is None or isinstance(value, Unreadable):
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Document(TypeDecorator[Any]):
    """A JSON document of one shape."""

    impl = JSON
    cache_ok = True
    shape: type = object

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Write back what could not be read, as it was."""
        return value.raw if isinstance(value, Unreadable) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """The document, if it is of the shape."""
        if value is None or isinstance(value, (self.shape, Unreadable)):
            return value
        return Unreadable(value)


class JsonObject(_Document):
    """A JSON object."""

    cache_ok = True
    shape = dict


class JsonArray(_Document):
    """A JSON array."""

    cache_ok = True
    shape = list


class Word(TypeDecorator[Any]):
    """One word of a closed list; a word that is not in it is one of another version."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int = 14) -> None:
        super().__init__(length)
        self.words, self.length = words, length

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002
        """The word as text; ValueError if it is not of the list."""
        if value is None or isinstance(value, Unreadable):
            return None if value is None else str(value.raw)
        return self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """The word as a member of the list."""
        if value is None:
            return None
        try:
            return self.words(value)
        except ValueError:
            return Unreadable(value)


class Base(DeclarativeBase):
    """All tables, with names for their constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as it is
        datetime: UTCDateTime,
        str: Text,
        dict[str, Any]: JsonObject,
        list[str]: JsonArray,
        list[Any]: JsonArray,
    }


Row = TypeVar("Row", bound=Base)


def unreadable(row: Base) -> list[str]:
    """What this version cannot read of a row that was loaded, a sentence for each column; empty if it can."""
    return [
        f"{column.key} holds {str(value.raw)[:80]!r}, which this version cannot read"
        for column in inspect(type(row)).column_attrs
        if isinstance(value := row.__dict__.get(column.key), Unreadable)
    ]


def require_readable(row: Row) -> Row:
    """The row; UnreadableRow names the columns that this version cannot read."""
    if wrong := unreadable(row):
        raise UnreadableRow(f"{row.__tablename__} {row.__dict__.get('id', '')}: {'; '.join(wrong)}")
    return row
