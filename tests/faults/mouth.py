"""The mouth of the service alone, in the time of a day that goes by only when somebody waits."""

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta

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
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.notify import notify
from app.settings import Settings
from tests.channels.factory import NOW, alert
from tests.faults.dial import Clock
from tests.faults.fires import Fire, Ledger

PATIENCE = 0.4  # seconds of real time for an answer of Slack


def mouth() -> Callable[[str], None]:
    """What a life does: tell what is due."""
    logs.configure("error", "json")
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
