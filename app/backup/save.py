"""A backup of the running service: one instant of the database, and the key, as one file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from app import db
from app.backup import rows
from app.backup.archive import Manifest, draft
from app.errors import BadInput, NotFound
from app.settings import Settings
from app.vault import KEY_FILE, fingerprint

Seen = Callable[[str, int, int], None]  # a table, how many of its rows are done, and how many there are


@dataclass(frozen=True, slots=True)
class Saved:
    """What was backed up."""

    manifest: Manifest
    size: int  # of the file


def save(settings: Settings, path: Path, *, with_key: bool, force: bool, seen: Seen, now: datetime) -> Saved:
    """Back the database up as it is at this instant, while others go on writing to it.

    All is read in one transaction that sees no later change: on SQLite a reader in WAL mode, which keeps
    nobody waiting, on PostgreSQL a repeatable read. `with_key`: with the key, if it is the one in the data
    folder; one that was given by the environment is kept where it came from.
    """
    key = settings.data_dir / KEY_FILE
    given = settings.secret_key.get_secret_value() if settings.secret_key else None
    stored = key.read_text().strip() if given is None and key.exists() else None
    engine = _existing(settings)
    try:
        revision = db.revision(engine)[0]
        if revision is None:
            raise NotFound("The database has no tables yet: there is nothing to back up.")
        with draft(path, force=force) as file, _snapshot(engine) as connection:
            known = revision == db.revision(engine)[1]
            for table in rows.tables_of(connection, known=known):
                wanted = rows.count(connection, table)
                file.add(table.name, _watched(rows.read(connection, table), table.name, wanted, seen), head=1)
            if with_key and stored is not None:
                file.add_key(stored)
            if settings.forgotten().exists():
                file.add_forgotten(settings.forgotten().read_text("utf-8", "replace").splitlines())
            in_use = given or stored
            manifest = file.finish(
                version=version("tocsin"), revision=revision, taken_at=now,
                database=engine.dialect.name, key=fingerprint(in_use) if in_use else "",
            )  # fmt: skip
    finally:
        engine.dispose()
    return Saved(manifest, path.stat().st_size)


def _existing(settings: Settings) -> Engine:
    """The database of the settings, which a backup does not make."""
    url = settings.database()
    place = db.sqlite_file(url)
    if place is not None and not place.exists():
        raise NotFound(f"There is no database {place}: nothing to back up. Is TOCSIN_DATA_DIR right?")
    return db.connect(url)


def _snapshot(engine: Engine) -> Connection:
    """A connection whose transaction sees one instant, and keeps nobody waiting."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(reading=True)
    if engine.dialect.name != "postgresql":
        raise BadInput(f"{engine.dialect.name} is not a kind of database that Tocsin knows.")
    return engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _watched(lines: Iterator[Any], name: str, wanted: int, seen: Seen) -> Iterator[Any]:
    for number, line in enumerate(lines):
        if number % 1000 == 0 or number == wanted:
            seen(name, number, wanted)
        yield line
