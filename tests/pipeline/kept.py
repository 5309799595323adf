"""A street as it stood, for many tests to go on with: what led up to it is lived once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import db
from app.db import Sessions
from app.pipeline import Chain
from app.sources.base import Item
from tests.conftest import Copying
from tests.pipeline.brand import START, ordinary
from tests.pipeline.street import Street
from tests.pipeline.velinor import chain_told_to, settle
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

BEGIN = START + timedelta(days=7, hours=9)


@dataclass(frozen=True, slots=True)
class KeptStreet:
    """All that there was: the database, what people saw in Slack, the time, the posts that were to come."""

    kind: str  # of the database
    url: str
    told: Any
    at: datetime
    source_id: int
    to_come: list[Item]

    @contextmanager
    def database(self, request: pytest.FixtureRequest, copied: Copying, fixture: str) -> Iterator[str]:
        """A copy of it for a test that asks for the fixture; an empty one of its kind for another."""
        with copied(self.url if fixture in request.fixturenames else self.kind) as url:
            yield url

    def go_on(self, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin) -> Street:
        """The street again, on a copy of the database, as after a start of the service."""
        slack.go_on(self.told)
        return Street(sessions, chain, clock, self.source_id, self.to_come, self.at)


def _nothing(_sessions: Sessions) -> None:
    """Nothing is to be there beside the brand."""


def kept(
    live: Callable[[Callable[..., Street], SlackStandin], Street],
    before: Callable[[Sessions], None] = _nothing,
) -> Any:  # noqa: ANN401 - a fixture of the module: one street on each kind of database
    """A fixture: `live` opens a street and lives in it; `before` makes what is to be there before."""

    @pytest.fixture(scope="module", params=["sqlite", "postgresql"])
    def kept_street(request: pytest.FixtureRequest, copied: Copying) -> Iterator[KeptStreet]:
        with copied(request.param) as url:
            yield _lived(request.param, url, live, before)

    return kept_street


def _lived(
    kind: str,
    url: str,
    live: Callable[[Callable[..., Street], SlackStandin], Street],
    before: Callable[[Sessions], None],
) -> KeptStreet:
    clock, engine = StillClock(START), db.connect(url, durable=False)
    sessions = db.sessions_of(engine)
    with SlackStandin(now=clock.now) as slack:
        source_id = settle(sessions)
        before(sessions)

        def street(*posts: list[Item], begin: datetime = BEGIN) -> Street:
            every = [*ordinary(9), *(item for some in posts for item in some)]
            return Street(sessions, chain_told_to(slack, clock), clock, source_id, every, begin)

        life = live(street, slack)
        engine.dispose()
        return KeptStreet(kind, url, slack.history(), life.clock.at, source_id, list(life.to_come))
