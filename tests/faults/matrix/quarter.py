"""Where houses are built: a server of each kind, and on it a database that is copied for each row."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from app import db
from app.sources.base import Item
from app.vault import Vault, new_key
from tests.faults.matrix.births import Births
from tests.faults.matrix.house import BEAT, House
from tests.faults.matrix.seed import ROOMS, settle
from tests.faults.matrix.world import BEGIN, FORUMS, TOLD_IN, World
from tests.standins.patience import until
from tests.standins.slack import SlackStandin

PASSES = 3  # by which the service of the template has found its beat
_MOST = 20  # passes until a fire is told
_numbers = count()


@dataclass(frozen=True)
class Morning:
    """A database that houses begin with, and the world of that instant."""

    database: str
    at: datetime
    posted: dict[str, list[Item]]  # beside the ordinary, by brand


class Quarter:
    """Houses on one kind of database, each with a copy of what one lived through.

    On a quiet morning nothing is up. On a burning one two brands burn and nobody was told yet: the next
    passes tell it, if nothing keeps them from it.
    """

    def __init__(self, folder: Path, world: World, births: Births, *, empty: str, server: str = "") -> None:
        """`empty`: a database with all tables: of SQLite its file, else its name on the server."""
        self._folder, self._world, self._births, self._server = folder, world, births, server
        self.secret = new_key()
        first = self._copy(empty)
        engine = db.connect(first, durable=False)
        world.clear(BEGIN)
        self._key = settle(db.sessions_of(engine), world, Vault(self.secret))
        engine.dispose()
        quiet = self._lived(Morning(first, BEGIN, {}), PASSES)
        assert self._told_in(quiet) == TOLD_IN, "the detectors take another time: set it anew"
        self._mornings = {"quiet": quiet, "burning": self._lived(quiet, TOLD_IN - 1, burn=True)}

    @contextmanager
    def house(self, morning: str, row: str, *, without: bool = False) -> Iterator[House]:
        """A house whose service runs; at the end all of it is gone."""
        begin = self._mornings[morning]
        with self._house(replace(begin, database=self._copy(begin.database)), row, without=without) as house:
            house.start()
            yield house

    def _told_in(self, morning: Morning) -> int:
        """By which pass fires are told that begin then."""
        with self._house(replace(morning, database=self._copy(morning.database))) as house:
            house.start()
            _burn(self._world)
            while not list(house.alerts()):
                house.passes(1)
                assert len(house.made) < _MOST, "the fires do not ring"
            return len(house.made)

    def _lived(self, morning: Morning, passes: int, *, burn: bool = False) -> Morning:
        """The morning after so many passes."""
        with self._house(replace(morning, database=self._copy(morning.database))) as house:
            house.start()
            if burn:
                _burn(self._world)
            house.passes(passes)
            assert house.made == ["made"] * passes, house.said()[-3000:]
            assert not list(house.alerts())
            assert house.status()["good"]
            house.kill()
            if house.is_sqlite:  # what was written last stands beside the file until then
                with house.engine.connect() as connection:
                    connection.exec_driver_sql("COMMIT")
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return Morning(house.database, house.at, dict(self._world.more))

    @contextmanager
    def _house(self, morning: Morning, row: str = "", *, without: bool = False) -> Iterator[House]:
        folder = self._folder / f"house{next(_numbers)}"
        folder.mkdir()
        self._world.clear(morning.at, morning.posted)
        with SlackStandin(channels=ROOMS, tolerance=2.0) as slack:
            environment = {
                "TOCSIN_DATABASE_URL": morning.database,
                "TOCSIN_DATA_DIR": str(folder),
                "TOCSIN_SECRET_KEY": self.secret,
                "TOCSIN_SLACK_BOT_TOKEN": slack.token,
                "TOCSIN_SLACK_API_URL": slack.url,
                "TOCSIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1,localhost",
                "TOCSIN_HEARTBEAT_URL": self._world.url("beat"),
                "TOCSIN_CYCLE_SECONDS": str(round(BEAT.total_seconds())),
            }
            house = House(
                morning.database, folder, self._world, slack, self._key, morning.at, self._births, row,
                without=without, environment=environment,
            )  # fmt: skip
            try:
                yield house
            finally:
                self._world.released.set()
                house.close()

    def _copy(self, template: str) -> str:
        number = next(_numbers)
        if not self._server:
            path = self._folder / f"{number}.db"
            shutil.copy(make_url(template).database or "" if "://" in template else template, path)
            return f"sqlite:///{path}"
        name = f"matrix_{self._folder.name.replace('-', '_')}_{number}"
        whole = make_url(template).database if "://" in template else template
        until(lambda: self._made(f'CREATE DATABASE "{name}" TEMPLATE "{whole}"'))
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _made(self, statement: str) -> bool:
        """Whether the server did it: it copies nothing that somebody is connected to, dead or not."""
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        except OperationalError:
            return False
        finally:
            engine.dispose()
        return True


def _burn(world: World) -> None:
    for brand in FORUMS.values():
        world.burn(brand)
