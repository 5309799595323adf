"""A process that gives birth to services: each life runs in the world's time until it is killed.

    python nursery.py KIND WORLD_URL, with the settings in the environment

For each line on its standard input it forks a child and prints the child's id; all is imported once, so that
a life begins in milliseconds. It is one thread, so that forking is safe.
"""

import gc
import os
import random
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Engine, select
from sqlalchemy.orm import sessionmaker

from app import db, logs
from app.channels.base import Alert, Earlier, Sent
from app.channels.notices import Announcement
from app.channels.pace import Pace
from app.channels.slack import blocks
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.models import Channel, Watch
from app.pipeline import run_cycle
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import notify
from app.runtime import open_runtime
from app.settings import Settings
from tests.channels.factory import NOW, alert
from tests.faults.dial import Dial
from tests.faults.fires import Fire, Ledger
from tests.standins.patience import HANG

PATIENCE = 0.4  # seconds of real time for an answer of Slack

Life = Callable[[str], None]


def chain() -> Life:
    """The whole chain."""

    def live(world: str) -> None:
        with open_runtime(Settings(), now=lambda: now(world)) as runtime:
            while True:
                run_cycle(runtime.sessions, runtime.chain, now=now(world))
                httpx.get(f"{world}/done", timeout=HANG)

    return live


def now(world: str) -> datetime:
    return datetime.fromisoformat(httpx.get(f"{world}/now", timeout=HANG).text)


def mouth() -> Life:
    """The mouth alone, telling what is due."""
    settings, interval = Settings(), timedelta(seconds=float(os.environ["PACE"]))
    assert settings.slack_bot_token is not None
    token, address = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    # What was committed outlives a process without reaching the disk.
    engine = db.connect(settings.database(), durable=False)
    sessions = db.sessions_of(engine)

    def live(world: str) -> None:
        clock = Clock(world)
        pace = Pace(interval, sleep=clock.sleep, monotonic=clock.monotonic)

        def opened(channel: Channel) -> SlackChannel:
            web = open_web(token, address, PATIENCE)  # type: ignore[arg-type] # a fraction does as well
            return SlackChannel(web, channel.settings["channel"], pace)

        telling = DeliveryContext(opened, "en", lambda _incident: None, clock.now)
        while True:
            notify(sessions, telling, now=clock.now())
            clock.passed()

    _rehearse(engine)
    engine.dispose()  # a connection must not be shared by those who are born
    return live


def _rehearse(engine: Engine) -> None:
    """What each life would do first, done once: it is known how, and nothing of it stays."""
    for language in ("en", "fr"):
        blocks.root(alert(language=language))
    with engine.connect() as line:
        line.begin()  # which is never committed
        scratch = sessionmaker(line, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with scratch.begin() as session:
            fire = Fire(
                random.Random(0), Ledger(), session.scalars(select(Watch.id)).first() or 0, rings=True
            )
            fire.ignite(session, NOW)
            fire.grow(session, NOW)
        notify(scratch, DeliveryContext(lambda _: _Deaf(), "en", lambda _: None), now=NOW)
        line.rollback()


class _Deaf:
    """A channel in which everything is said to be told."""

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002
        return Sent("1.1")

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002
        return Sent("1.2")

    def check(self, *, now: datetime) -> str:  # noqa: ARG002 - every channel is asked so
        return "it hears nothing"


class Clock:
    """The day's: seen by all, and moved over one connection that stays open."""

    def __init__(self, world: str) -> None:
        address = urlsplit(world)
        assert address.hostname is not None
        self._line = HTTPConnection(address.hostname, address.port, timeout=HANG)
        self.now = Dial(Path(os.environ["CLOCK"])).read

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self._ask(f"/sleep/{seconds:.6f}")

    def passed(self) -> None:
        """A pass is over: nothing can be told now."""
        self._ask("/passed")

    def _ask(self, path: str) -> None:
        self._line.request("GET", path)
        self._line.getresponse().read()


KINDS = {"chain": chain, "mouth": mouth}


def main() -> None:
    logs.configure("error", "json")
    live = KINDS[sys.argv[1]]()
    gc.freeze()  # what is here stays: children need neither look through it nor copy it
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(sys.argv[2])
            except BaseException:  # noqa: BLE001 - a child must not go on as a nursery, whatever happens
                traceback.print_exc()
            finally:
                os._exit(1)
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(f"ended by {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "ended by itself")


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
