"""The chain on a real database, told to a Slack on loopback, on a clock that tests move."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.clock import step_start
from app.db import Sessions
from app.models import Channel, Policy, Source, Watch
from app.pipeline import Chain
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.incidents.follow import Following
from app.pipeline.ingest.collect import IngestContext
from app.pipeline.ingest.match import Matchers
from app.pipeline.scoring.detect import ScoringEngine
from app.sources.base import Item
from detectors import FireDetector
from tests.pipeline.brand import START, ordinary
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin

NEVER = timedelta(days=3650)
HOUR = timedelta(hours=1)
FIRE_AT = START + timedelta(days=7, hours=10)

Opened = Callable[..., Street]


@pytest.fixture
def clock() -> StillClock:
    return StillClock(START)


@pytest.fixture
def slack(clock: StillClock) -> Iterator[SlackStandin]:
    with SlackStandin(now=clock.now) as standin:
        yield standin


@pytest.fixture
def chain(slack: SlackStandin, clock: StillClock) -> Chain:
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)

    def opened(channel: Channel) -> SlackChannel:
        web = open_web(slack.token, slack.url, timeout=HANG)
        return SlackChannel(web, "C0ALERTS", pace, on_call=channel.settings.get("on_call", ()))

    return Chain(
        IngestContext(Matchers(), lambda _source: None, NEVER),
        Following(ScoringEngine(FireDetector())),
        DeliveryContext(opened, "fr", lambda _incident: None),
    )


@pytest.fixture
def velinor(sessions: Sessions) -> int:
    """A watch, a source that posts are brought to, and a Slack channel; the id of the source."""
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        policy = Policy(name="default", remind_minutes=0, **stamps)  # reminders have tests of their own
        source = Source(
            name="forum",
            kind="push",
            settings={},
            health_since=START,
            heard_until=step_start(START),
            **stamps,
        )
        watch = Watch(
            name="Vélinor",
            query={"any_of": ["Vélinor"]},
            languages=[],
            policy=policy,
            time_zone="Europe/Paris",
            **stamps,
        )
        session.add_all([policy, source, watch, Channel(name="slack", kind="slack", settings={}, **stamps)])
        session.flush()
        return source.id


@pytest.fixture
def street(sessions: Sessions, chain: Chain, clock: StillClock, velinor: int) -> Opened:
    def opened(*fires: list[Item], begin: datetime = FIRE_AT - HOUR) -> Street:
        posts = [*ordinary(9), *(item for burning in fires for item in burning)]
        return Street(sessions, chain, clock, velinor, posts, begin)

    return opened
