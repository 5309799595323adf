"""A database that takes nothing, is locked, or lacks a table; on SQLite and on PostgreSQL alike."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event, make_url

from app.vitals import Vitals
from tests.faults.matrix.fault import Fault, Mend, Proof, nothing, replaced
from tests.faults.matrix.house import BEAT, House
from tests.faults.matrix.proofs import FIRE, noticed, soon, unready

STANDSTILL = 7  # passes that are missing: after five the watchdog tells
STANDSTILL_TOLD = "five passes that are missing"
STANDING = "stands still"


def fill_the_disk(house: House) -> None:
    """No file grows any more; where the server is another's, all is read-only."""
    if house.is_sqlite:
        path = Path(make_url(house.database).database or "")
        journal = path.with_name(f"{path.name}-wal")
        size = journal.stat().st_size if journal.exists() else 0
        resource.prlimit(house.process, resource.RLIMIT_FSIZE, (size, size))
        return
    name = make_url(house.database).database
    house.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    house.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def lock(house: House) -> None:
    """Somebody keeps the database to himself, and a pass waits for it; time goes on."""
    house.hold()
    house.begin_pass()
    house.wait(STANDSTILL * BEAT)


def _go(house: House) -> None:
    """The server lets nobody in any more."""
    house.shut_out()


def _go_and_come_back(house: House) -> None:
    house.shut_out()
    house.passes(3)
    house.let_in()


def _lack_a_table(house: House) -> None:
    house.sql("ALTER TABLE clock_mark RENAME TO clock_mark_of_another_version")


def _minutes_without_a_beat(house: House) -> bool:
    """Whether the beats stopped with the writes: what calls somebody is that none comes."""
    before = house.world.asked.count("beat")
    house.expect_nothing()
    house.passes(1)
    return not house.comes(lambda: house.world.asked.count("beat") > before)


_passed = Vitals.passed


def _passes_all_the_same(vitals: Vitals, *, lost: str = "") -> None:  # noqa: ARG001 - what is not looked at
    _passed(vitals)


@contextmanager
def _step(*_what: object) -> Iterator[None]:
    yield


def _trusting_engine(address: URL, **more: Any) -> Engine:  # noqa: ANN401 - as SQLAlchemy's
    """One that goes on with a connection that has died."""
    engine = create_engine(address, **{**more, "pool_pre_ping": False, "pool_reset_on_return": None})

    @event.listens_for(engine, "handle_error")
    def handle(context: ExceptionContext) -> None:
        context.is_disconnect = False

    return engine


_WRITES = Mend(
    "a pass that could not be written down is none, and each write that fails is noted",
    replaced(("app.db.watch", nothing), ("app.vitals.Vitals.passed", _passes_all_the_same)),
)
WATCHED = Mend(
    "a watchdog tells the channels, past the queue, when passes stand still",
    replaced(("app.watchdog.Watchdog.look", nothing)),
)
_STEPS = Mend(
    "each step is guarded: one that fails stops none after it",
    replaced(("app.pipeline.guard.Guard.step", _step)),
)
_NAMED = Mend(
    "readiness asks which steps fail",
    replaced(("app.api.health.DatabaseProbe._answer", lambda _probe: [])),
)
_RENEWED = Mend(
    "a connection to the database that has died is not used again",
    replaced(("app.db.create_engine", _trusting_engine)),
)
SILENT = Proof("the heartbeat stops, so that whoever waits for it is called", _minutes_without_a_beat)


FAULTS = (
    Fault("the disk is full", fill_the_disk, unready("does not take what is written"), _WRITES),
    Fault("the disk is full, and nobody looks", fill_the_disk, SILENT, _WRITES),
    Fault(
        "the disk is full, and goes on so", fill_the_disk, soon(noticed(STANDING)), WATCHED,
        passes=STANDSTILL, within=STANDSTILL_TOLD,
    ),
    Fault(
        "the database is locked, and a pass hangs", lock, soon(noticed(STANDING)), WATCHED, passes=0,
        within=STANDSTILL_TOLD,
    ),
    Fault(
        "PostgreSQL goes away", _go, soon(noticed(STANDING)), WATCHED, passes=STANDSTILL,
        within=STANDSTILL_TOLD, only="postgresql",
    ),
    Fault(
        "PostgreSQL goes away, and comes back", _go_and_come_back, FIRE, _RENEWED, "burning",
        only="postgresql",
    ),
    Fault("a table is another version's", _lack_a_table, FIRE, _STEPS, "burning"),
    Fault(
        "a table is another version's, and somebody is to mend it", _lack_a_table,
        unready("the step clock fails"), _NAMED, "burning",
    ),
)  # fmt: skip
