"""A database that nobody else works on, and that may be replaced; of SQLite's a copy is kept beside it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app import db
from app.backup import rows
from app.errors import Conflict, TooNew
from app.models import Base

_OWN = ("source", "watch", "incident", "post")  # tables that a service which was never used leaves empty
_RUNS = (
    "{} is in use: the service, or another program, has it open. Stop it first, on every machine. "
    "Nothing was changed."
)


@contextmanager
def claim_sqlite(
    place: Path, *, force: bool, now: datetime, aside: list[Path]
) -> Iterator[sqlite3.Connection]:
    """SQLite's file, which nobody else has open until the end; a copy of what it holds is kept beside it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = beside(place, now)
    if place.exists() and _is_damaged(place):
        if not force:
            raise Conflict(f"{place} is no database that can be read. With --force it is set aside.")
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                place.with_name(f"{place.name}{end}").rename(kept.with_name(f"{kept.name}{end}"))
        aside.append(kept)
    place.touch(mode=0o600)
    target = sqlite3.connect(place, timeout=1, isolation_level=None)
    try:
        try:
            # To leave WAL mode it must be the only one that has the file open.
            target.execute("PRAGMA journal_mode=DELETE")
            target.execute("PRAGMA locking_mode=EXCLUSIVE")
            target.execute("BEGIN EXCLUSIVE")
            target.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Conflict(_RUNS.format(place)) from error
        if _holds_more(target):
            if not force:
                raise Conflict(_there_is(str(place)))
            _keep(target, kept)
            aside.append(kept)
        yield target
    finally:
        target.close()


def _keep(target: sqlite3.Connection, kept: Path) -> None:
    os.close(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy = sqlite3.connect(kept)
    try:
        target.backup(copy)
    finally:
        copy.close()


def beside(place: Path, now: datetime) -> Path:
    """A name for what is kept of it, that nothing has yet."""
    name = f"{place.name}.before-restore-{now:%Y%m%dT%H%M%S}"
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(path for each in names if not (path := place.with_name(each)).exists())


def _is_damaged(place: Path) -> bool:
    connection = sqlite3.connect(place, timeout=1)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False  # somebody has it
    except sqlite3.DatabaseError:
        return True
    finally:
        connection.close()
    return False


def _holds_more(target: sqlite3.Connection) -> bool:
    there = {name for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return any(
        target.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()  # noqa: S608 - names of ours
        for name in _OWN
        if name in there
    )


def _there_is(where: str) -> str:
    return (
        f"{where} holds a Tocsin that is in use. Restore into an empty database, or replace this one with "
        "--force. Nothing was changed."
    )


def claim_postgresql(connection: Connection, *, force: bool) -> None:
    """Nobody else is there until the end of the transaction, and no table of ours."""
    # A service that starts meanwhile waits, and finds what is restored.
    db.alone(connection, "tocsin: migrate")
    others = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    ).scalar_one()
    name = str(connection.engine.url.database)
    if others:
        raise Conflict(_RUNS.format(f"The database {name} ({others} connections)"))
    there = set(inspect(connection).get_table_names())
    if not force and any(
        connection.execute(text(f"SELECT 1 FROM {own} LIMIT 1")).first()  # noqa: S608 - names of ours
        for own in _OWN
        if own in there
    ):
        raise Conflict(_there_is(f"The database {name}"))
    if rows.REVISION in there:
        here = db.revision_of(connection)
        if here is not None and not db.is_known(here):
            raise TooNew(
                f"The database {name} is from a newer Tocsin (revision {here}), whose tables this version "
                "cannot take away. Restore with that version, or into another database. Nothing was changed."
            )
        db.upgrade(connection, "head")  # then its tables are those that are known
        Base.metadata.drop_all(connection)
        connection.execute(text(f"DROP TABLE {rows.REVISION}"))
