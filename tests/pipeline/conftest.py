"""The chain on a real database, told to a Slack on loopback, on a clock that tests move."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import db
from app.db import Sessions
from app.models import Post, Source
from app.pipeline import Chain
from app.pipeline.ingest.match import Matchers
from app.sources.base import Item
from tests.conftest import DATABASES, Copying
from tests.pipeline.brand import START, ordinary
from tests.pipeline.street import Street, bring
from tests.pipeline.velinor import chain_told_to, settle
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

HOUR = timedelta(hours=1)
FIRE_AT = START + timedelta(days=7, hours=10)
BEGIN = FIRE_AT - HOUR


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


@pytest.fixture(scope="session")
def sqlite_week(copied: Copying) -> Iterator[str]:
    """A database in which a week of the brand is stored, until an hour before the fire."""
    with copied("sqlite") as url:
        _store_week(url)
        yield url


@pytest.fixture(scope="session")
def postgresql_week(postgres: str, copied: Copying) -> Iterator[str]:
    """The same on PostgreSQL, as long as its server runs."""
    assert postgres
    with copied("postgresql") as url:
        _store_week(url)
        yield url


def _store_week(url: str) -> None:
    engine = db.connect(url, durable=False)
    sessions = db.sessions_of(engine)
    bring(sessions, Matchers(), settle(sessions), week_of(ordinary(9)), until=BEGIN)
    engine.dispose()


def week_of(posts: list[Item]) -> list[Item]:
    """Those of the time before the street begins."""
    return [item for item in posts if item.published_at and item.published_at < BEGIN]


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, copied: Copying) -> Iterator[str]:
    """An empty database with all tables; for a street one in which its first week is stored already."""
    kind = str(request.param)
    goes_on = "street" in request.fixturenames and not request.node.get_closest_marker("from_the_start")
    with copied(request.getfixturevalue(f"{kind}_week") if goes_on else kind) as url:
        yield url


@pytest.fixture
def velinor(sessions: Sessions) -> int:
    """A watch, a source that posts are brought to, and a Slack channel; the id of the source."""
    with sessions() as session:
        there = session.scalar(select(Source.id))
    return there or settle(sessions)


@pytest.fixture
def street(sessions: Sessions, chain: Chain, clock: StillClock, velinor: int) -> Opened:
    def opened(*fires: list[Item], begin: datetime = BEGIN) -> Street:
        everyday = ordinary(9)
        with sessions() as session:
            if session.scalar(select(Post.id).limit(1)):
                assert begin >= BEGIN, "mark the test as from_the_start"
                everyday = everyday[len(week_of(everyday)) :]
        posts = [*everyday, *(item for burning in fires for item in burning)]
        return Street(sessions, chain, clock, velinor, posts, begin)

    return opened
