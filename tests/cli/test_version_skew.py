"""A database that another version has left: an older one is brought up, a newer one is left alone."""

import inspect as inspect_code
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from alembic import command
from app import db
from app.errors import TooNew
from app.models import Policy
from app.pipeline import run_cycle
from app.runtime import open_runtime
from app.settings import Settings
from tests.cli.conftest import Shell

FIRST_THAT_SAY = "0023"  # those before were refused by all older code
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A database with a policy of the team's own."""
    engine = db.connect(database)
    stamps = {"created_at": NOW, "updated_at": NOW}
    with db.sessions_of(engine).begin() as session:
        session.add(Policy(name="ours", alarms_per_month=0.5, **stamps))
    yield engine
    engine.dispose()


@pytest.fixture
def newer(engine: Engine) -> str:
    """As the next version leaves it: a table more, and a column that this one knows nothing of."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE console_user (id INTEGER PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE policy ADD COLUMN colour VARCHAR(9) DEFAULT 'red' NOT NULL"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    return said(engine)


@pytest.fixture
def older(engine: Engine) -> str:
    """As the version before has left it."""
    command.downgrade(db.config(said(engine)), "-1")
    return said(engine)


def said(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def tables(engine: Engine) -> dict[str, list[str]]:
    looked = inspect(engine)
    return {
        name: [column["name"] for column in looked.get_columns(name)] for name in looked.get_table_names()
    }


def test_an_older_database_is_brought_up_with_all_that_is_in_it(
    older: str, engine: Engine, tmp_path: Path
) -> None:
    before, newest = db.revision(engine)
    assert before != newest
    assert "tocsin migrate" in (db.skew(engine) or "")
    with open_runtime(Settings(data_dir=tmp_path, database_url=older)) as runtime:
        assert db.revision(runtime.engine) == (newest, newest)
        assert db.skew(runtime.engine) is None
        with runtime.sessions() as session:
            policies = {policy.name: policy.alarms_per_month for policy in session.scalars(select(Policy))}
    assert policies["ours"] == 0.5


def test_a_newer_database_is_refused_with_what_to_do_and_left_as_it_is(
    newer: str, engine: Engine, tmp_path: Path
) -> None:
    before = tables(engine)
    for touch in (db.migrate, lambda url: _open(url, tmp_path)):
        with pytest.raises(TooNew, match=r"from a newer Tocsin: .* revision 9999, .* Install .* or restore"):
            touch(newer)
    assert tables(engine) == before
    assert db.revision(engine)[0] == "9999"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT colour FROM policy WHERE name = 'ours'")).scalar() == "red"


@pytest.mark.usefixtures("newer")
def test_the_version_before_goes_on_where_the_newer_one_has_only_added(
    engine: Engine, shell: Shell, tmp_path: Path
) -> None:
    _, newest = db.revision(engine)
    assert newest is not None
    added = f"9999_from_{newest.partition('_from_')[0]}"
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": added})
    before = tables(engine)
    with open_runtime(Settings(data_dir=tmp_path, database_url=said(engine))) as runtime:
        run_cycle(runtime.sessions, runtime.chain, now=NOW)
        with runtime.sessions.begin() as session:
            session.add(Policy(name="theirs", alarms_per_month=0.5, created_at=NOW, updated_at=NOW))
        assert db.skew(runtime.engine) is None
    assert (tables(engine), db.revision(engine)[0]) == (before, added)
    shell.environment |= {"TOCSIN_DATABASE_URL": said(engine), "TOCSIN_DATA_DIR": str(tmp_path)}
    code, out, err = shell.run("check")
    assert (code, "newer than this version" in " ".join(out.split())) == (0, True), out + err
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_from_9998'"))
    with pytest.raises(TooNew):
        db.migrate(said(engine))


def test_each_revision_says_what_code_still_runs_on_it() -> None:
    scripts = ScriptDirectory(str(db.MIGRATIONS))
    for script in scripts.walk_revisions():
        number, _, oldest = script.revision.partition("_from_")
        if number <= FIRST_THAT_SAY:
            continue
        before = script.down_revision
        assert isinstance(before, str)
        was = db.oldest_able(before)
        written = inspect_code.getsource(script.module.upgrade)
        takes_away = re.search(r"drop_(table|column)|rename|new_column_name|alter_column", written)
        assert oldest, f"{script.revision}: name it {number}_from_{was}, if code of {was} still runs on it"
        assert oldest == was or (takes_away and oldest > was), script.revision
        assert not (takes_away and oldest == was), f"{script.revision} takes away what {was} may need"


def _open(url: str, folder: Path) -> None:
    with open_runtime(Settings(data_dir=folder, database_url=url)):
        raise AssertionError("it began to work on tables that it does not know")


@pytest.mark.parametrize("word", ["serve", "check"])
def test_at_the_keyboard_it_is_a_sentence(newer: str, shell: Shell, tmp_path: Path, word: str) -> None:
    shell.environment |= {"TOCSIN_DATABASE_URL": newer, "TOCSIN_DATA_DIR": str(tmp_path)}
    code, out, err = shell.run(word)
    message = " ".join((out + err).split())
    assert code == 1
    assert "The database is from a newer Tocsin" in message
    assert "restore the backup" in message
    assert "Traceback" not in message
