"""A running service and all that stands around it, for one row of the matrix."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from sqlalchemy import Connection, TextClause, bindparam, create_engine, make_url, text

from app import db
from app.models import Base, UTCDateTime
from app.models.base import JsonArray, JsonObject
from tests.faults.dial import Dial
from tests.faults.matrix.births import Births, Life
from tests.faults.matrix.world import World
from tests.standins.mail import MailStandin
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin

BEAT = timedelta(minutes=5)
LOOKS_EVERY = 0.02  # seconds of real time, as the watchdog
IMPATIENT = 5.0  # seconds of real time for an answer


@dataclass
class House:
    """What a row does something to, and what it looks at."""

    database: str
    folder: Path
    world: World
    slack: SlackStandin
    key: str  # of an admin
    at: datetime  # by the clock of the service
    births: Births
    row: str = ""
    without: bool = False
    patience: float = HANG  # seconds of real time for what is asked of the service
    hope: float = HANG  # the same for what another thread of it does
    environment: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)  # what became of each pass

    def __post_init__(self) -> None:
        self.engine = db.connect(self.database, durable=False)
        self.sessions = db.sessions_of(self.engine)
        self.clock = Dial.hang(self.folder / "clock", self.at)
        self.stopwatch = Dial.hang(self.folder / "stopwatch", self.at)
        self.world.at = self.at
        self._life: Life | None = None
        self._holding: Connection | None = None
        self._more = ExitStack()
        self.mail: MailStandin | None = None  # the server, if a row tells by e-mail
        self._others: list[House] = []
        self.answered: list[int] = []  # how strangers were

    # --- the service

    def start(self) -> None:
        """Start the service, and wait until it is there."""
        self._life = self.births.give(self.folder, self.environment, self.row, without=self.without)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self._life.port}", timeout=self.patience,
            headers={"Authorization": f"Bearer {self.key}"},
        )  # fmt: skip

    def another(self) -> "House":
        """A second process on the same database, which is killed with the first."""
        folder = self.folder / "another"
        folder.mkdir()
        other = House(
            self.database, folder, self.world, self.slack, self.key, self.at, self.births, self.row,
            without=self.without, environment=self.environment,
        )  # fmt: skip
        self._more.callback(other.close)
        self._others.append(other)
        other.start()
        return other

    def enter(self, more: MailStandin) -> MailStandin:
        """Something that stands beside the house until it is closed."""
        return self._more.enter_context(more)

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    @property
    def process(self) -> int:
        assert self._life is not None
        return self._life.process

    def expect_nothing(self, *, hangs: bool = False) -> None:
        """Wait for seconds only for what should not come, or even for what is asked of the service."""
        self.hope = IMPATIENT
        if hangs:
            self.patience = IMPATIENT
            self.http.timeout = IMPATIENT

    def kill(self) -> None:
        """End the service as a power cut would."""
        if self._life is not None:
            with suppress(ProcessLookupError):
                os.kill(self._life.process, signal.SIGKILL)
            self._life.line.close()
            self.http.close()
            self._life = None

    def restart(self, change: Callable[[dict[str, str]], object]) -> None:
        """Kill it, and start it with other settings."""
        self.kill()
        change(self.environment)
        self.start()

    def close(self) -> None:
        self.kill()
        self.let_go()
        self._more.close()
        self.engine.dispose()

    def said(self) -> str:
        """What the service wrote."""
        path = self.folder / "said.log"
        return path.read_text() if path.exists() else ""

    # --- time

    def passes(self, count: int) -> None:
        """So many passes, five minutes apart."""
        for _ in range(count):
            self.wait(BEAT)
            self.make_pass()

    def wait(self, time: timedelta) -> None:
        """Let time pass, and no pass be made."""
        self.stopwatch.show(self.stopwatch.read() + time)
        self.set_clock(self.at + time)
        self.world.at += time

    def sleep(self, time: timedelta) -> None:
        """Let the machine sleep: its clock goes on, and what it measures by does not."""
        self.set_clock(self.at + time)
        self.world.at += time

    def set_clock(self, at: datetime) -> None:
        """Set the clock of the machine; the world has its own."""
        self.at = at
        self.clock.show(at)
        for other in self._others:
            other.set_clock(at)

    def make_pass(self) -> str:
        """One pass now; what became of it, or that it did not end."""
        assert self._life is not None
        try:
            self._life.line.send("cycle")
            said = self._life.line.recv() if self._life.line.poll(self.patience) else "hangs"
        except (EOFError, OSError):
            said = "dead"
        self.made.append(said)
        return said

    def begin_pass(self) -> None:
        """Ask for a pass, and do not wait for its end."""
        assert self._life is not None
        self._life.line.send("cycle")

    def comes(self, holds: Callable[[], bool]) -> bool:
        """Whether something comes that another thread of the service does."""
        end = monotonic() + self.hope
        while not holds() and monotonic() < end:
            sleep(LOOKS_EVERY)
        return holds()

    # --- what is done to it

    def sql(self, statement: str, **values: object) -> int:
        """Change rows behind its back; how many."""
        with self.engine.begin() as connection:
            return connection.execute(_bound(statement, values), values).rowcount

    def hold(self) -> None:
        """Write in the database, and take your time."""
        self._holding = self.engine.connect()
        if self.is_sqlite:
            self._holding.begin()  # as all do who write
        else:
            self._holding.exec_driver_sql("LOCK TABLE clock_mark, source, delivery, watch IN EXCLUSIVE MODE")

    def let_go(self) -> None:
        """Write no more."""
        if self._holding is not None:
            self._holding.close()
            self._holding = None

    def shut_out(self) -> None:
        """Have PostgreSQL let nobody in, and throw out who is there."""
        self._at_the_server("ALTER DATABASE {} ALLOW_CONNECTIONS false")
        self.engine.dispose()
        self._at_the_server(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = :name AND pid <> pg_backend_pid()"
        )

    def let_in(self) -> None:
        """Have it take them again."""
        self._at_the_server("ALTER DATABASE {} ALLOW_CONNECTIONS true")

    def _at_the_server(self, statement: str) -> None:
        """Say something of the database while connected to another one."""
        address = make_url(self.database)
        engine = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            named = text(statement.format(f'"{address.database}"'))
            connection.execute(named, {"name": address.database} if ":name" in statement else {})
        engine.dispose()

    def write(self, column: str, value: object, where: str) -> None:
        """Write what no version of ours would have written: `table.column`, of the rows that are meant."""
        table, _, name = column.partition(".")
        is_json = isinstance(Base.metadata.tables[table].columns[name].type, JsonObject | JsonArray)
        given = "CAST(:value AS json)" if is_json and not self.is_sqlite else ":value"
        statement = f"UPDATE {table} SET {name} = {given} WHERE {where}"  # noqa: S608 - of a row's own words
        assert self.sql(statement, value=value), f"there is no {table} with {where}"

    def forget_probes(self) -> None:
        """Let it seem a day ago that anything was heard of a channel."""
        yesterday = self.at - timedelta(days=1)
        self.sql("UPDATE channel SET worked_at = :at, probed_at = :at", at=yesterday)

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    # --- what is seen of it

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def alerts(self) -> Iterator[str]:
        """What was told of fires that burn, in each way."""
        for messages in self.slack.channels.values():
            for message in messages:
                if "transition_id" in _payload(message) and not message["text"].startswith("OUT"):
                    yield message["text"]
        for told in self.world.hooked:
            if told["type"] == "alert" and told["alert"]["state"] != "out":
                yield str(told["alert"]["watch"])

    def notices(self) -> Iterator[str]:
        """What was told beside, in each way."""
        for messages in self.slack.channels.values():
            for message in messages:
                if "transition_id" not in _payload(message):
                    yield message["text"]
        for told in self.world.hooked:
            if told["type"] not in {"alert", "ping"}:
                yield str({key: value for key, value in told.items() if value is not None})

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.get("/api/v1/status").json()
        return answer


def _bound(statement: str, values: dict[str, object]) -> TextClause:
    """The statement, its instants as the columns hold them."""
    times = [name for name, value in values.items() if isinstance(value, datetime)]
    return text(statement).bindparams(*(bindparam(name, type_=UTCDateTime()) for name in times))


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    """What a message in Slack holds for machines; nothing if it was sent as text alone."""
    payload: dict[str, Any] = message.get("metadata", {}).get("event_payload", {})
    return payload
