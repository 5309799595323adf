"""A backup or a restore that is killed leaves what was there, and can be run again."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app import db
from tests.backup.conftest import Keeping
from tests.backup.house import contents
from tests.cli.nursery import ROOT, Nursery
from tests.standins.patience import HANG

Run = Callable[[str, Keeping, int], int]
# Kills itself the nth time that it has got on.
DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from app.backup import restore as restoring
from app.backup.mend import mend
from app.backup.save import save
from app.settings import Settings

what, url, folder, file, nth = sys.argv[1:]
settings, left = Settings(data_dir=Path(folder), database_url=url), int(nth)
now = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
restoring._PAGES = 10

def seen(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

if what == "save":
    save(settings, Path(file), with_key=True, force=True, seen=seen, now=now)
else:
    restoring.restore(
        settings, Path(file), force=True, seen=seen, now=now,
        mend=lambda session, manifest, known: mend(session, manifest, known, now=now),
    )
"""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def run(nursery: Nursery, tmp_path: Path) -> Run:
    """The exit code of a process that dies at its nth step; 0 if it came to its end before."""

    def ended(what: str, keeping: Keeping, nth: int) -> int:
        settings = keeping.here if what == "save" else keeping.there
        words = (what, settings.database(), str(settings.data_dir), str(keeping.file), str(nth))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        process = nursery.bear(DYING, words, tmp_path, environment)
        process.communicate(timeout=HANG)
        assert process.returncode is not None
        return process.returncode

    return ended


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
def test_a_backup_that_is_killed_leaves_the_one_before(furnished: Engine, keeping: Keeping, run: Run) -> None:
    assert furnished
    keeping.save()
    before = keeping.file.read_bytes()
    for nth in (1, 20):
        assert run("save", keeping, nth) == -signal.SIGKILL
        assert keeping.file.read_bytes() == before
    assert run("save", keeping, 0) == 0
    assert keeping.file.read_bytes() != before


@pytest.mark.parametrize(
    ("database", "empty_database"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgresql", marks=pytest.mark.whole),
    ],
    indirect=True,
)
def test_a_restore_that_is_killed_leaves_the_old_state_and_can_be_run_again(
    furnished: Engine, keeping: Keeping, run: Run
) -> None:
    keeping.save()
    keeping.restore()
    marked = text("UPDATE watch SET name = 'later' WHERE id = 1")
    engine = db.connect(keeping.there.database())
    with engine.begin() as connection:
        connection.execute(marked)
        before = contents(connection)
    engine.dispose()
    deaths = 0
    for nth in (1, 20, 34, 37, 45):  # while rows are put in; on SQLite also while the file is written
        if run("restore", keeping, nth) == 0:
            break  # it had come to its end
        deaths += 1
        engine = db.connect(keeping.there.database())
        with engine.connect() as connection:
            assert contents(connection) == before, nth
        engine.dispose()
    assert deaths >= 2
    keeping.restore(force=True)
    engine = db.connect(keeping.there.database())
    with engine.connect() as connection, furnished.connect() as source:
        assert contents(connection)["watch"] == contents(source)["watch"]
    engine.dispose()
    assert not list(keeping.there.data_dir.parent.rglob("*.restoring*"))
