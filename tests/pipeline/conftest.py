"""The chain on a real database, told to a Slack on loopback, on a clock that tests move."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from app.db import Sessions
from app.pipeline import Chain
from app.sources.base import Item
from tests.pipeline.brand import START, ordinary
from tests.pipeline.street import Street
from tests.pipeline.velinor import chain_told_to, settle
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

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
    return chain_told_to(slack, clock)


@pytest.fixture
def velinor(sessions: Sessions) -> int:
    """A watch, a source that posts are brought to, and a Slack channel; the id of the source."""
    return settle(sessions)


@pytest.fixture
def street(sessions: Sessions, chain: Chain, clock: StillClock, velinor: int) -> Opened:
    def opened(*fires: list[Item], begin: datetime = FIRE_AT - HOUR) -> Street:
        posts = [*ordinary(9), *(item for burning in fires for item in burning)]
        return Street(sessions, chain, clock, velinor, posts, begin)

    return opened
