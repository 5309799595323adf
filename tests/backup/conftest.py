"""Two houses: one that is backed up, and one that it is restored into."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import db
from app.backup.mend import mend
from app.backup.restore import Restored, restore
from app.backup.save import Saved, save
from app.settings import Settings
from tests.backup.house import furnish

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


def unseen(_table: str, _done: int, _wanted: int) -> None:
    """Nobody looks on."""


@dataclass
class Keeping:
    """Backups of one database, restored into another."""

    here: Settings
    there: Settings
    file: Path
    shown: list[tuple[str, int, int]] = field(default_factory=list)

    def save(self, *, with_key: bool = True, force: bool = False, now: datetime = NOW) -> Saved:
        return save(self.here, self.file, with_key=with_key, force=force, seen=self._see, now=now)

    def restore(
        self, settings: Settings | None = None, *, force: bool = False, now: datetime = LATER
    ) -> Restored:
        return restore(
            settings or self.there, self.file, force=force, seen=self._see, now=now,
            mend=lambda session, manifest, known: mend(session, manifest, known, now=now),
        )  # fmt: skip

    def _see(self, table: str, done: int, wanted: int) -> None:
        self.shown.append((table, done, wanted))


@pytest.fixture
def keeping(database: str, empty_database: str, tmp_path: Path) -> Keeping:
    """From either kind of database to either kind."""
    return Keeping(
        Settings(data_dir=tmp_path / "here", database_url=database),
        Settings(data_dir=tmp_path / "there", database_url=empty_database),
        tmp_path / "tocsin.backup",
    )


@pytest.fixture
def at_home(sqlite: str, tmp_path: Path) -> Keeping:
    """From SQLite to SQLite, for what does not depend on the database."""
    return Keeping(
        Settings(data_dir=tmp_path / "here", database_url=sqlite),
        Settings(data_dir=tmp_path / "there"),
        tmp_path / "tocsin.backup",
    )


@pytest.fixture
def furnished(database: str) -> Iterator[Engine]:
    yield from _furnished(database)


@pytest.fixture
def home(sqlite: str) -> Iterator[Engine]:
    yield from _furnished(sqlite)


def _furnished(url: str) -> Iterator[Engine]:
    engine = db.connect(url)
    with engine.begin() as connection:
        furnish(connection)
    yield engine
    engine.dispose()
