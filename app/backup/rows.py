"""Rows out of a database and into one, the same from SQLite and from PostgreSQL, without the models.

The tables are taken as they are found, so that those of an older version can be backed up before it is
replaced, and restored before they are brought up. A document of JSON stays the text that it was, also one
that no version can read; an instant is written as ISO 8601, in UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from sqlalchemy import JSON, Boolean, Connection, DateTime, MetaData, Table, cast, column, select, text
from sqlalchemy import Text as AnyText
from sqlalchemy import table as any_table
from sqlalchemy.types import TypeEngine

from app.errors import BadInput
from app.models import Base
from app.models.post_words import is_known

REVISION = "alembic_version"
_AT_ONCE = 1_000
Kind = Literal["value", "time", "json", "bool"]


def tables_of(connection: Connection, *, known: bool) -> list[Table]:
    """The tables that are there, those first that others refer to; `known`: only this version's."""
    found = MetaData()

    def is_wanted(name: str, _of: object) -> bool:
        return name in Base.metadata.tables if known else is_known(name, "table", {})

    found.reflect(connection, only=is_wanted)
    return [each for each in found.sorted_tables if each.name != REVISION]


def count(connection: Connection, table: Table) -> int:
    """How many rows it has."""
    return connection.scalar(text(f"SELECT count(*) FROM {_quoted(connection, table.name)}")) or 0  # noqa: S608


def read(connection: Connection, table: Table) -> Iterator[Any]:
    """The columns of the table with their kinds, then each of its rows."""
    # What a database makes of the other columns by itself it makes again.
    columns = [each for each in table.columns if each.computed is None]
    kinds = [_kind(each.type) for each in columns]
    yield [[each.name, kind] for each, kind in zip(columns, kinds, strict=True)]
    as_text = connection.dialect.name == "postgresql"
    bare = [
        cast(column(each.name), AnyText) if kind == "json" and as_text else column(each.name)
        for each, kind in zip(columns, kinds, strict=True)
    ]
    reading = [(i, _OUT[kind]) for i, kind in enumerate(kinds) if kind in _OUT]
    rows = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(
        select(*bare).select_from(any_table(table.name))
    )
    for row in rows:
        values = list(row)
        for i, out in reading:
            if values[i] is not None:
                values[i] = out(values[i])
        yield values


def write(connection: Connection, table: Table, lines: Iterable[Any], seen: Callable[[int], None]) -> None:
    """Put the rows into the table, which is empty; `seen` is told of each how many they were."""
    rows = iter(lines)
    head: list[tuple[str, Kind]] = [(name, kind) for name, kind in next(rows)]
    names = [name for name, _ in head]
    own = next((each.parent.name for each in table.foreign_keys if each.column.table is table), None)
    later = names.index(own) if own in names else None  # it may refer to a row that comes after it
    key = names.index("id") if later is not None else 0
    put = _putting(connection, table, head)
    links: list[dict[str, Any]] = []
    while part := list(islice(rows, _AT_ONCE)):
        if later is not None:
            links += [{"id": row[key], "to": row[later]} for row in part if row[later] is not None]
            for row in part:
                row[later] = None
        put(part)
        seen(len(part))
    if links:
        quoted, link = _quoted(connection, table.name), _quoted(connection, str(own))
        connection.execute(text(f"UPDATE {quoted} SET {link} = :to WHERE id = :id"), links)  # noqa: S608


def _putting(
    connection: Connection, table: Table, head: Sequence[tuple[str, Kind]]
) -> Callable[[list[Any]], None]:
    quoted, names = _quoted(connection, table.name), [_quoted(connection, name) for name, _ in head]
    columns = ", ".join(names)
    if connection.dialect.name == "postgresql":
        copying = f"COPY {quoted} ({columns}) FROM STDIN"

        def copy(rows: list[Any]) -> None:
            driver: Any = connection.connection.driver_connection
            try:
                with driver.cursor() as cursor, cursor.copy(copying) as target:
                    for row in rows:
                        target.write_row(row)
            except connection.dialect.loaded_dbapi.Error as error:
                why = str(error).strip().splitlines()[0]
                raise BadInput(
                    f"PostgreSQL does not take the backup's rows of {table.name}: {why}. Nothing was changed."
                ) from error

        return copy
    statement = f"INSERT INTO {quoted} ({columns}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    back = [(i, _IN[kind]) for i, (_, kind) in enumerate(head) if kind in _IN]

    def insert(rows: list[Any]) -> None:
        for row in rows:
            for i, into in back:
                if row[i] is not None:
                    row[i] = into(row[i])
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])

    return insert


def set_sequences(connection: Connection, table: Table) -> None:
    """Let PostgreSQL go on after the ids that were put in; SQLite looks by itself."""
    if connection.dialect.name != "postgresql" or "id" not in table.columns:
        return
    quoted = _quoted(connection, table.name)
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": quoted})
    if sequence is not None:
        connection.execute(
            text(f"SELECT setval(:sequence, (SELECT coalesce(max(id), 0) + 1 FROM {quoted}), false)"),  # noqa: S608
            {"sequence": sequence},
        )


def _kind(of: TypeEngine[Any]) -> Kind:
    if isinstance(of, DateTime):
        return "time"
    if isinstance(of, JSON):
        return "json"
    return "bool" if isinstance(of, Boolean) else "value"


def _instant(value: Any) -> str:  # noqa: ANN401 - a datetime, or the text that SQLite keeps
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat(timespec="microseconds")
    except (ValueError, TypeError):
        return str(value)  # of another version


def _as_sqlite_keeps_it(value: str) -> str:
    return f"{value[:10]} {value[11:-6]}" if value.endswith("+00:00") else value


_OUT: dict[str, Callable[[Any], Any]] = {"time": _instant, "bool": bool}
_IN: dict[str, Callable[[Any], Any]] = {"time": _as_sqlite_keeps_it, "bool": int}


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
