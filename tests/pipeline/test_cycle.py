"""The whole chain: a burst of posts in, one message out; again, still one; calm, and the end is told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Delivery, Incident, Mention, Post, Source, State, Transition
from app.pipeline import Chain, run_cycle
from app.pipeline.count import observed
from app.pipeline.match import Matchers
from app.pipeline.store import store
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

FIRE_AT = START + timedelta(days=7, hours=10)
STEP = timedelta(minutes=5)


@pytest.fixture
def posts() -> list[Item]:
    """Nine ordinary days, and a fire in the eighth."""
    return sorted([*ordinary(9), *fire(FIRE_AT)], key=lambda item: item.published_at or START)


class Street:
    """Lets time pass: posts come in and the chain runs, every five minutes."""

    def __init__(
        self, sessions: Sessions, chain: Chain, clock: StillClock, source_id: int, posts: list[Item]
    ) -> None:
        self.sessions, self.chain, self.clock, self.source_id = sessions, chain, clock, source_id
        self._waiting = list(posts)

    def bring(self, until: datetime) -> None:
        """Store what was posted until then, all at once."""
        came = [item for item in self._waiting if item.published_at and item.published_at < until]
        self._waiting = self._waiting[len(came) :]
        with self.sessions.begin() as session:
            store(session, Matchers().current(session), self.source_id, came, now=until)
            source = session.get_one(Source, self.source_id)
            observed(session, self.source_id, source.heard_until or until, until)
            source.heard_until = until

    def live(self, until: datetime) -> None:
        """Five minutes after five minutes until then."""
        while self.clock.at < until:
            self.clock.at += STEP
            self.bring(self.clock.at)
            run_cycle(self.sessions, self.chain, now=self.clock.at)


@pytest.fixture
def street(
    sessions: Sessions, chain: Chain, clock: StillClock, lumea: int, posts: list[Item]
) -> Street:
    street = Street(sessions, chain, clock, lumea, posts)
    clock.at = FIRE_AT - timedelta(hours=2)
    street.bring(clock.at)
    run_cycle(sessions, chain, now=clock.at)
    return street


def test_a_fire_becomes_one_message_that_is_kept_up_to_date_until_it_is_out(
    street: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    street.live(FIRE_AT + timedelta(hours=2))
    (root,) = [m for m in slack.messages() if "thread_ts" not in m]
    assert "Lumea" in root["text"]
    street.live(FIRE_AT + timedelta(hours=16))
    (root,) = [m for m in slack.messages() if "thread_ts" not in m]
    with sessions() as session:
        (incident,) = session.scalars(select(Incident)).unique()
        assert incident.state is State.out
        told = list(session.scalars(select(Transition.reason).order_by(Transition.id)))
        assert session.scalars(select(Delivery).where(Delivery.due_at.is_not(None))).first() is None
    assert told[0] in {"smoke", "ignited"}
    assert told[-1] == "went_out"
