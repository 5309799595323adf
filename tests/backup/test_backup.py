"""A backup holds one instant of a database in use, and is put back whole, into either kind, or not at all."""

import resource
import stat
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text

from alembic import command
from app import db
from app.backup.archive import draft
from app.errors import BadInput, Conflict, NotFound, TooNew
from app.models import Delivery, Incident, Policy, Restoration, Source
from app.models.base import Base
from app.settings import Settings
from tests.backup.conftest import LATER, NOW, Keeping
from tests.backup.house import contents

pytestmark = pytest.mark.story

# Each kind of database once as what is backed up, and once as what it is restored into.
ACROSS = pytest.mark.parametrize(
    ("database", "empty_database"),
    [("sqlite", "postgresql"), ("postgresql", "sqlite")],
    indirect=True,
)
MENDED = {"restoration", "clock_mark", "console_session", "sign_in_link", "report_link"}


def test_what_was_backed_up_is_there_again_to_the_last_column(furnished: Engine, keeping: Keeping) -> None:
    with furnished.connect() as connection:
        before = contents(connection)
    saved = keeping.save()
    assert set(saved.manifest.tables) == set(Base.metadata.tables)
    assert stat.S_IMODE(keeping.file.stat().st_mode) == 0o600
    restored = keeping.restore()
    assert restored.manifest == saved.manifest
    engine = db.connect(keeping.there.database())
    with engine.connect() as connection:
        after = contents(connection)
    *after["notice"], told = after["notice"]
    assert "restored" in told, "and people are told"
    after["delivery"] = after["delivery"][:3]
    opening = after["console_session"], after["sign_in_link"], after["report_link"]
    assert opening == ([], [], []), "who has a copy gets in by none"
    for table in set(before) - MENDED - {"delivery"}:
        assert after[table] == before[table], table
    columns = [column.name for column in Base.metadata.tables["delivery"].columns]
    doubt = columns.index("ambiguous")
    for was, now in zip(before["delivery"], after["delivery"], strict=True):
        assert now[:doubt] + now[doubt + 1 :] == was[:doubt] + was[doubt + 1 :]
        assert now[doubt], "it may have been told since"
    assert db.revision(engine)[0] == db.revision(engine)[1]
    engine.dispose()
    assert ("incident", 3, 3) in keeping.shown


@ACROSS
def test_numbers_that_were_told_since_the_backup_are_never_given_out_again(
    furnished: Engine, keeping: Keeping
) -> None:
    keeping.save()
    keeping.restore()
    engine = db.connect(keeping.there.database())
    with engine.begin() as connection:
        first = _next_incident(connection)
    assert first > 100_000 + 2 * 60 * 100, "two hours have gone by since the backup"
    with engine.connect() as connection:
        mark = connection.execute(select(Restoration.__table__).order_by(text("id DESC"))).first()
    engine.dispose()
    assert mark is not None
    assert (mark.taken_at, mark.restored_at, mark.known["incident"]) == (NOW, LATER, 3)
    with furnished.begin() as connection:
        assert _next_incident(connection) == 4


def _next_incident(connection: Connection) -> int:
    row = {
        "watch_id": 1, "state": "out", "onset_at": NOW, "opened_at": NOW, "peak_at": NOW, "peak": 1.0,
        "threshold": 1.0,
    }  # fmt: skip
    made = connection.execute(insert(Incident).values(**row).returning(Incident.id))
    return int(made.scalar_one())


def test_a_number_is_given_out_once_also_where_its_row_was_deleted(furnished: Engine) -> None:
    with furnished.begin() as connection:
        first = _next_incident(connection)
        connection.execute(delete(Incident).where(Incident.id == first))
        assert _next_incident(connection) > first


def test_it_is_one_instant_of_a_database_that_others_write_to(furnished: Engine, keeping: Keeping) -> None:
    done = threading.Event()

    def write() -> None:
        number = 100
        while not done.is_set():
            number += 1
            with furnished.begin() as connection:
                stamps = {"created_at": NOW, "updated_at": NOW}
                connection.execute(insert(Policy).values(name=f"p{number}", **stamps))
                connection.execute(
                    insert(Source).values(
                        name=f"p{number}", kind="push", settings={}, health_since=NOW, **stamps
                    )
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            counts = keeping.save(force=True).manifest.tables
            assert counts["policy"] == counts["source"]
    finally:
        done.set()
        writer.join()


@ACROSS
def test_while_the_service_has_the_database_open_it_is_not_replaced(keeping: Keeping) -> None:
    keeping.save()
    db.migrate(keeping.there.database())
    engine = db.connect(keeping.there.database())
    with engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM watch"))
        connection.rollback()
        for force in (False, True):
            with pytest.raises(Conflict, match=r"is in use.*Stop it first"):
                keeping.restore(force=force)
    engine.dispose()
    keeping.restore()


@ACROSS
def test_a_database_in_use_is_replaced_by_force_alone(furnished: Engine, keeping: Keeping) -> None:
    keeping.save()
    keeping.restore()
    with pytest.raises(Conflict, match="--force"):
        keeping.restore()
    engine = db.connect(keeping.there.database())
    with engine.begin() as connection:
        connection.execute(text("UPDATE watch SET name = 'later' WHERE id = 1"))
    engine.dispose()
    restored = keeping.restore(force=True)
    engine = db.connect(keeping.there.database())
    with engine.connect() as connection, furnished.connect() as was:
        asked = text("SELECT name FROM watch WHERE id = 1")
        assert connection.scalar(asked) == was.scalar(asked)
    is_sqlite = engine.dialect.name == "sqlite"
    engine.dispose()
    if is_sqlite:
        (kept,) = restored.aside
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        engine = db.connect(f"sqlite:///{kept}")
        with engine.connect() as connection:
            assert connection.scalar(asked) == "later"
        engine.dispose()


@ACROSS
def test_a_backup_of_an_older_version_is_brought_up(database: str, keeping: Keeping) -> None:
    command.downgrade(db.config(database), "0018")
    assert keeping.save().manifest.revision == "0018"
    keeping.restore()
    engine = db.connect(keeping.there.database())
    assert db.skew(engine) is None
    engine.dispose()


@pytest.mark.parametrize(
    ("database", "empty_database"), [("sqlite", "sqlite"), ("sqlite", "postgresql")], indirect=True
)
def test_what_no_version_can_read_is_put_back_as_it_was_or_named(furnished: Engine, keeping: Keeping) -> None:
    half, soon = '{"half', "soon"
    with furnished.begin() as connection:
        connection.execute(text("UPDATE incident SET alert_context = :half WHERE id = 1"), {"half": half})
        connection.execute(text("UPDATE watch SET updated_at = :soon WHERE id = 1"), {"soon": soon})
    keeping.save()
    engine = db.connect(keeping.there.database())
    if engine.dialect.name == "postgresql":
        with pytest.raises(BadInput, match=r"rows of \w+: .*Nothing was changed"):
            keeping.restore()
    else:
        keeping.restore()
        with engine.connect() as connection:
            asked = text(
                "SELECT i.alert_context, w.updated_at FROM incident i, watch w WHERE i.id + w.id = 2"
            )
            assert tuple(connection.execute(asked).one()) == (half, soon)
    engine.dispose()


def test_a_disk_that_is_full_leaves_the_backup_before(at_home: Keeping, home: Engine) -> None:
    assert home
    at_home.save()
    before = at_home.file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            at_home.save(force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert at_home.file.read_bytes() == before
    assert list(at_home.file.parent.glob(".*.part")) == []


def test_a_backup_of_a_newer_version_is_refused(at_home: Keeping) -> None:
    with draft(at_home.file, force=False) as made:
        made.finish(version="9.0.0", revision="9999", taken_at=NOW, database="sqlite", key="")
    with pytest.raises(TooNew, match=r"from a newer Tocsin \(9\.0\.0\).*Nothing was changed"):
        at_home.restore()
    assert not Path(at_home.there.data_dir).exists()


@pytest.mark.parametrize("part", [0.0, 0.05, 0.5, 0.8])
def test_a_damaged_file_is_refused_before_anything_is_touched(
    home: Engine, at_home: Keeping, part: float
) -> None:
    assert home
    at_home.save()
    raw = bytearray(at_home.file.read_bytes())
    at = int(part * len(raw))
    # So many that it is not only the time of a member, which nobody reads.
    raw[at : at + 64] = bytes(byte ^ 0x55 for byte in raw[at : at + 64])
    at_home.file.write_bytes(raw)
    with pytest.raises(BadInput, match="damaged or no backup"):
        at_home.restore()
    at_home.file.write_bytes(raw[: int(part * len(raw))])
    with pytest.raises(BadInput, match="damaged or no backup"):
        at_home.restore()
    assert not Path(at_home.there.data_dir).exists()


def test_a_file_of_that_name_is_not_replaced_unless_asked_for(at_home: Keeping) -> None:
    at_home.file.write_text("mine")
    with pytest.raises(Conflict, match="there already"):
        at_home.save()
    assert at_home.file.read_text() == "mine"
    at_home.save(force=True)
    assert zipfile.is_zipfile(at_home.file)


def test_where_there_is_no_database_none_is_made(at_home: Keeping, tmp_path: Path) -> None:
    at_home.here = Settings(data_dir=tmp_path / "nowhere")
    with pytest.raises(NotFound, match="TOCSIN_DATA_DIR"):
        at_home.save()
    assert not (tmp_path / "nowhere").exists()
    assert list(tmp_path.glob("*.part")) == []


@ACROSS
def test_what_waits_to_be_told_is_looked_for_first(furnished: Engine, keeping: Keeping) -> None:
    assert furnished
    keeping.save()
    keeping.restore()
    engine = db.connect(keeping.there.database())
    with db.sessions_of(engine)() as session:
        since = Delivery.created_at < LATER
        waiting = session.scalars(select(Delivery).where(Delivery.due_at.is_not(None), since)).all()
        assert waiting
        assert all(delivery.ambiguous for delivery in waiting)
    engine.dispose()
