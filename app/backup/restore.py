"""A backup put back: whole or not at all, into SQLite or PostgreSQL, whichever it was taken from."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from app import db
from app.backup import rows
from app.backup.archive import Archive, Manifest, whole
from app.backup.claim import beside, claim_postgresql, claim_sqlite
from app.backup.save import Seen
from app.errors import AppError, BadInput, Conflict, TooNew
from app.forgotten import Forgotten, read_entry
from app.models import Channel, Source
from app.settings import Settings
from app.vault import KEY_FILE, Vault, fingerprint, write_key

_PAGES = 2_000  # of SQLite's, that are put in their place between two looks at the clock


@dataclass(slots=True)
class Restored:
    """What was put back, and what people should know of it."""

    manifest: Manifest
    aside: list[Path] = field(default_factory=list)  # what was there before
    sealed: list[str] = field(default_factory=list)  # whose secrets the key at hand does not open


# What is made of the rows before anybody works on them, with what was forgotten.
Mend = Callable[[Session, Manifest, Forgotten], None]


def restore(
    settings: Settings, path: Path, *, force: bool, mend: Mend, seen: Seen, now: datetime
) -> Restored:
    """Put the backup in the place of the database; by force also where there is one in use.

    1. Read the file from end to end. A byte that is wrong ends it here.
    2. See that nobody has the database open, and that it holds nothing, or `force`.
    3. Put the key back, if it is in the file; one that was there is kept beside it.
    4. Make the tables as they were, fill them, bring them up, mend them; all in one transaction, of SQLite in
       a file beside it, which then takes the place of the other in one transaction of SQLite's own.

    Killed before its end it leaves the database as it was, and can be run again.
    """
    with whole(path) as archive:
        _know(archive.manifest)
        restored = Restored(archive.manifest)
        place = db.sqlite_file(settings.database())
        if place is not None:
            try:
                with claim_sqlite(place, force=force, now=now, aside=restored.aside) as target:
                    _put_key(settings, archive, force=force, restored=restored, now=now)
                    _into_sqlite(place, target, settings, archive, mend, seen)
            except sqlite3.Error as error:
                raise AppError(f"{place} cannot be written, and is as it was: {error}.") from error
        else:
            engine = db.connect(settings.database())
            try:
                with engine.begin() as connection:
                    claim_postgresql(connection, force=force)
                    _put_key(settings, archive, force=force, restored=restored, now=now)
                    _fill(connection, settings, archive, mend, seen)
                with engine.begin() as connection:
                    connection.execute(text("ANALYZE"))
            finally:
                engine.dispose()
        restored.sealed = _sealed(settings)
        return restored


def _know(manifest: Manifest) -> None:
    if not db.is_known(manifest.revision):
        raise TooNew(
            f"The backup is from a newer Tocsin ({manifest.version}): its tables are at revision "
            f"{manifest.revision}, which this version does not know. Nothing was changed. Install that "
            "version or a later one, and restore it then."
        )


def _fill(connection: Connection, settings: Settings, archive: Archive, mend: Mend, seen: Seen) -> None:
    """Make the tables of that revision, put the rows in, bring them up, mend them."""
    db.upgrade(connection, archive.manifest.revision)
    wanted = archive.manifest.tables
    for table in rows.tables_of(connection, known=False):
        if table.name in wanted:
            done = 0

            def note(more: int, name: str = table.name) -> None:
                nonlocal done
                done += more
                seen(name, done, wanted[name])

            rows.write(connection, table, archive.lines(table.name), note)
            rows.set_sequences(connection, table)
    db.upgrade(connection, "head")
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        mend(session, archive.manifest, _forgotten(settings, archive))
        session.commit()


def _forgotten(settings: Settings, archive: Archive) -> Forgotten:
    """The list of what was forgotten, here and by the time of the backup."""
    vault = _vault(settings)
    known = Forgotten(settings.forgotten(), vault.derive if vault else lambda word: word)
    there = set(known.entries())
    known.add(entry for line in archive.forgotten() if (entry := read_entry(line)) and entry not in there)
    return known


def _into_sqlite(
    place: Path,
    target: sqlite3.Connection,
    settings: Settings,
    archive: Archive,
    mend: Mend,
    seen: Seen,
) -> None:
    def progress(_status: int, left: int, wanted: int) -> None:
        seen("database", wanted - left, wanted)

    made = place.with_name(f"{place.name}.restoring")
    _remove(made)  # of one that was killed
    engine = db.connect(f"sqlite:///{made}", durable=False)
    try:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - it is open
            # A table that is made anew on the way up must not take with it what refers to it.
            driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                _fill(connection, settings, archive, mend, seen)
        engine.dispose()
        source = sqlite3.connect(made)
        try:
            # SQLite writes it in one transaction: whoever is killed here leaves the database as it was.
            source.backup(target, pages=_PAGES, progress=progress)
        finally:
            source.close()
    finally:
        engine.dispose()
        _remove(made)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)


def _put_key(settings: Settings, archive: Archive, *, force: bool, restored: Restored, now: datetime) -> None:
    """The key of the backup into the data folder; one that is there and another is kept beside it."""
    key, known = archive.key(), archive.manifest.key
    if settings.secret_key is not None:
        if known and fingerprint(settings.secret_key.get_secret_value()) != known and key is not None:
            raise BadInput(
                "TOCSIN_SECRET_KEY is not the key of this backup, which holds its own. Take the setting "
                "away, or give it that key. Nothing was changed."
            )
        return
    if key is None:
        return
    place = settings.data_dir / KEY_FILE
    if place.exists():
        if fingerprint(place.read_text().strip()) == known:
            return
        if not force and _is_used(settings):
            raise Conflict(f"{place} is another key than the backup's. With --force it is set aside.")
        kept = beside(place, now)
        place.rename(kept)
        restored.aside.append(kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_key(place, key)


def _is_used(settings: Settings) -> bool:
    return (
        db.sqlite_file(settings.database()) is None
    )  # a key beside an empty database of SQLite seals nothing


def _sealed(settings: Settings) -> list[str]:
    """Whose secrets the key that the service will have does not open."""
    vault = _vault(settings)
    engine: Engine = db.connect(settings.database())
    try:
        with Session(engine) as session:
            db.only_read(session)
            kinds: tuple[tuple[str, type[Source] | type[Channel]], ...] = (
                ("source", Source),
                ("channel", Channel),
            )
            return [
                f"{kind} {name}"
                for kind, table in kinds
                for name, secret in session.execute(
                    select(table.name, table.secret).where(table.secret.is_not(None)).order_by(table.name)
                )
                if secret and not _opens(vault, secret)
            ]
    finally:
        engine.dispose()


def _vault(settings: Settings) -> Vault | None:
    """That of the key at hand; None: there is none."""
    place = settings.data_dir / KEY_FILE
    if settings.secret_key is not None:
        return Vault(settings.secret_key.get_secret_value())
    return Vault(place.read_text().strip()) if place.exists() else None


def _opens(vault: Vault | None, secret: str) -> bool:
    if vault is None:
        return False
    try:
        vault.open(secret)
    except AppError:
        return False
    return True
