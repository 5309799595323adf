"""Engine, sessions and migrations, on SQLite and on PostgreSQL alike."""

import json
import sqlite3
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from alembic import command
from app.errors import TooNew
from app.logs import log, tell_once
from app.models.base import Unreadable
from app.vitals import Vitals

Sessions = sessionmaker[Session]
_WRITING, _WROTE = ("INSERT", "UPDATE", "DELETE"), "wrote"

# A server whose machine is gone answers nothing, not even that: it is not waited for.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "tcp_user_timeout": 30_000,
}
# Twenty requests at once, two dozen sources, the jobs and the streams: nobody waits for a connection.
_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 50}
_LOST = ("08", "57P01", "57P02", "57P03")  # of PostgreSQL: no connection, or a server that stops or starts

_PACKAGE = Path(__file__).resolve().parent
_PACKED = _PACKAGE / "migrations"
# Where a wheel is installed, the migrations are in the package; in a checkout they stand beside it.
MIGRATIONS = _PACKED if _PACKED.is_dir() else _PACKAGE.parent / "alembic"


def connect(url: str, *, durable: bool = True) -> Engine:
    """An engine for the address; `durable=False` trades safety against a power cut for speed (replays)."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, connect_args=_PATIENCE, **_POOL)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        if not address.database.startswith("file:"):
            # It holds what people wrote: it is for its owner alone, and SQLite makes its other files alike.
            Path(address.database).touch(mode=0o600)
    engine = create_engine(
        address,
        connect_args={"timeout": 30, "check_same_thread": False},
        json_deserializer=_parsed,
        **({} if address.database in {None, "", ":memory:"} else _POOL),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says when a transaction begins, below
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "busy_timeout=30000",
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads and then writes must own the file from its start, or it can lose the race.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def watch(engine: Engine, vitals: Vitals) -> None:
    """Note whether the database is there, and whether it takes what is written.

    A full disk fails each write and no read. One that goes away and comes back is two lines of the log,
    however many have asked it meanwhile.
    """
    tell_once(is_gone)

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if error is not None and is_gone(error) and vitals.gone():
            log().error("database gone", why=_why(error))
        if isinstance(error, OperationalError | InternalError) and not _only_waited(error):
            vitals.write_failed(_why(error))

    @event.listens_for(engine, "after_cursor_execute")
    def executed(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if (gone := vitals.back()) is not None:
            log().info("database back", after_seconds=round(gone.total_seconds(), 1))
        if statement.startswith(_WRITING):
            connection.info[_WROTE] = True

    @event.listens_for(engine, "commit")
    def committed(connection: Connection) -> None:
        # It comes just before: a commit that fails is noted right after it.
        if connection.info.pop(_WROTE, False):
            vitals.wrote()

    @event.listens_for(engine, "rollback")
    def rolled_back(connection: Connection) -> None:
        connection.info.pop(_WROTE, None)


def is_gone(error: BaseException) -> bool:
    """Whether it, or what it came of, is that the database cannot be reached: nothing that a row did."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, BaseExceptionGroup):
            return all(is_gone(one) for one in seen.exceptions)
        if isinstance(seen, DBAPIError) and (seen.connection_invalidated or _is_lost(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _is_lost(error: DBAPIError) -> bool:
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return "unable to open database file" in str(error.orig)
    state = getattr(error.orig, "sqlstate", None)  # none: there was no server to give one
    return state is None or state.startswith(_LOST)


def _why(error: DBAPIError | BaseException) -> str:
    return str(getattr(error, "orig", error)).strip()


def _only_waited(error: DBAPIError) -> bool:
    """Whether somebody else was writing, which says nothing of the database."""
    code = getattr(error.orig, "sqlstate", None)
    return "locked" in str(error.orig) or code in {
        "40001",
        "40P01",
        "55P03",
    }  # deadlocks, and locks that wait


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON
    """What a JSON column of SQLite holds, which checks none of it; half a document must not break a query."""
    try:
        return json.loads(text)
    except ValueError:
        return Unreadable(text)


def sessions_of(engine: Engine) -> Sessions:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def only_read(session: Session) -> None:
    """Say, before anything else, that the session will not write: on SQLite it then waits for no writer."""
    session.connection(execution_options={"reading": True})


def alone(session: Session | Connection, purpose: str) -> None:
    """Wait until nobody else is at the same purpose, and keep others waiting until the transaction ends.

    On SQLite whoever writes is alone as it is.
    """
    connection = session.connection() if isinstance(session, Session) else session
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:purpose))"), {"purpose": purpose})


def upsert(dialect: Dialect, table: Any) -> Any:  # noqa: ANN401 - two insert types with the same methods
    """An INSERT that knows ON CONFLICT, of the database at hand."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}.get(dialect.name, insert)(table)


def config(url: str) -> Config:
    """What alembic needs to know of this database."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["url"] = url
    return made


def migrate(url: str) -> None:
    """Bring the tables to the newest revision; does nothing when they are, or are further and this may run.

    Raises TooNew, and changes nothing, if a newer version has brought them further than this one can work on.
    """
    engine = connect(url)
    try:
        if told := ahead(engine):
            raise TooNew(told)
        here, newest = revision(engine)
    finally:
        engine.dispose()
    if here is not None and here not in _known():
        log().warning("older than the tables", tables=here, knows=newest)
        return
    if here == newest:
        return  # most often: alembic would load all that it needs for a change
    command.upgrade(config(url), "head")


def upgrade(connection: Connection, to: str) -> None:
    """Bring the tables to that revision, in the transaction of the connection."""
    made = config(connection.engine.url.render_as_string(hide_password=False))
    made.attributes["connection"] = connection
    command.upgrade(made, to)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None if it is of another kind, or in memory."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        return None
    return Path(address.database)


def is_known(named: str) -> bool:
    """Whether this version can make the tables of that revision."""
    return any(each.revision == named for each in _migrations().walk_revisions())


def ahead(engine: Engine) -> str | None:
    """What to do if a newer version has brought the tables further than this one can work on; None: it can.

    A revision carries the oldest one whose code still runs on it: "0030_from_0024". So an upgrade is taken
    back by starting the version before, until something that it needs is taken away.
    """
    here, newest = revision(engine)
    if here is None or not {here, oldest_able(here)}.isdisjoint(_known()):
        return None
    return (
        f"The database is from a newer Tocsin: its tables are at revision {here}, and Tocsin "
        f"{version('tocsin')} knows them up to {newest}. Nothing was changed. Install the version that ran "
        "on it last or a later one, or restore the backup from before that version."
    )


def skew(engine: Engine) -> str | None:
    """What to do if the tables are not those of this version, newer or older; None: they are."""
    here, newest = revision(engine)
    if here == newest:
        return None
    if here is not None and here not in _known():
        return ahead(engine)
    return (
        f"The tables are at revision {here}, and this version needs {newest}. Run `tocsin migrate`, or start "
        "the service anew: it brings them there by itself."
    )


def revision(engine: Engine) -> tuple[str | None, str | None]:
    """(the revision of the database, the newest revision of the code)."""
    with engine.connect().execution_options(reading=True) as connection:
        here = revision_of(connection)
    return here, _migrations().get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables, by a connection that is open."""
    return MigrationContext.configure(connection).get_current_revision()


def oldest_able(revision_id: str) -> str:
    """The oldest revision whose code runs on tables of this one: itself, if it names no other.

    >>> oldest_able("0030_from_0024"), oldest_able("0023")
    ('0024', '0023')
    """
    return revision_id.partition("_from_")[2] or revision_id


def _known() -> set[str]:
    """All revisions that this version knows, also by their numbers alone."""
    known = {each.revision for each in _migrations().walk_revisions()}
    return known | {each.partition("_from_")[0] for each in known}


@cache
def _migrations() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
