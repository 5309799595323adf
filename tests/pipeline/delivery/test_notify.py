"""The delivery queue: in order, once as far as can be known, and never lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.errors import Conflict
from app.models import Channel, Delivery, DeliveryState
from app.pipeline import Chain
from app.pipeline.delivery.notify import notify
from app.pipeline.delivery.queue import GIVE_UP_AFTER, LEASE
from app.pipeline.incidents import respond
from tests.conftest import Copying
from tests.pipeline.brand import fire
from tests.pipeline.conftest import FIRE_AT, Opened
from tests.pipeline.kept import KeptStreet, kept
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import TAKEN_THEN_CUT, http, limited, says

MINUTE = timedelta(minutes=1)


def until_lit(street: Opened, slack: SlackStandin) -> Street:
    life = street(fire(FIRE_AT))
    slack.fail(http(503), times=1000)
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    return life


kept_street = kept(until_lit)


@pytest.fixture
def database(kept_street: KeptStreet, copied: Copying, request: pytest.FixtureRequest) -> Iterator[str]:
    with kept_street.database(request, copied, "burning") as url:
        yield url


@pytest.fixture
def burning(
    kept_street: KeptStreet, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> Street:
    """A fire of which nobody was told yet."""
    return kept_street.go_on(sessions, chain, clock, slack)


def later(life: Street, after: timedelta) -> datetime:
    """Tell what is due so much later; the instant that it was told at (telling takes time)."""
    life.clock.at += after
    now = life.clock.at
    notify(life.sessions, life.chain.delivery, now=now)
    return now


def test_an_alert_that_slack_did_not_take_is_told_when_it_does(burning: Street, slack: SlackStandin) -> None:
    assert slack.messages() == []
    later(burning, timedelta(hours=1))
    assert len(slack.messages()) == 1
    (delivery,) = burning.deliveries()
    assert delivery.state is DeliveryState.sent
    assert delivery.due_at is None


def test_a_message_that_arrived_although_the_line_was_cut_is_recognised(
    burning: Street, slack: SlackStandin
) -> None:
    slack.fail(TAKEN_THEN_CUT)
    later(burning, timedelta(minutes=20))
    (delivery,) = burning.deliveries()
    assert delivery.state is DeliveryState.pending
    assert delivery.ambiguous
    later(burning, timedelta(minutes=20))
    (delivery,) = burning.deliveries()
    assert delivery.state is DeliveryState.sent
    assert delivery.payload is not None
    assert delivery.payload["recognised"]
    assert len(slack.messages()) == 1


def test_a_sender_that_died_leaves_a_lease_that_another_takes_over(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    now = later(burning, timedelta(0))
    with sessions.begin() as session:
        delivery = session.scalars(select(Delivery)).one()
        delivery.state, delivery.due_at, delivery.attempted_at = DeliveryState.sending, now + LEASE, now
    later(burning, LEASE / 2)
    assert slack.messages() == [], "the lease still runs"
    later(burning, LEASE)
    assert len(slack.messages()) == 1


def test_slack_says_when_to_come_back(burning: Street, slack: SlackStandin) -> None:
    slack.fail(limited(30))
    now = later(burning, timedelta(hours=1))
    (delivery,) = burning.deliveries()
    assert delivery.due_at == now + timedelta(seconds=30)


def test_the_wait_that_slack_asks_for_begins_when_it_asks(burning: Street, slack: SlackStandin) -> None:
    with burning.sessions.begin() as session:
        respond.acknowledge(session, burning.incidents()[0].id, by="Camille", now=burning.clock.at)
    slack.fail(limited(30), method="chat.update")
    burning.clock.at += timedelta(hours=1)
    begun, context = burning.clock.at, replace(burning.chain.delivery, clock=burning.clock.now)
    notify(burning.sessions, context, now=begun)
    assert burning.clock.at > begun, "the second message waited for its turn"
    _, second = burning.deliveries()
    assert second.due_at == burning.clock.at + timedelta(seconds=30)


def test_a_channel_that_is_gone_is_marked_and_its_alerts_kept(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    slack.fail(says("channel_not_found"))
    now = later(burning, timedelta(hours=1))
    with sessions() as session:
        channel = session.scalars(select(Channel)).one()
        assert channel.broken_since == now
        assert "invite" in channel.broken_why
    later(burning, timedelta(hours=1))
    assert len(slack.messages()) == 1
    with sessions() as session:
        assert session.scalars(select(Channel)).one().broken_since is None


def test_an_alert_that_nobody_could_be_told_for_days_is_dead_and_not_lost(
    burning: Street, slack: SlackStandin
) -> None:
    slack.fail(http(503), times=10)
    later(burning, GIVE_UP_AFTER + timedelta(hours=1))
    (delivery,) = burning.deliveries()
    assert delivery.state is DeliveryState.dead
    assert delivery.error


def test_news_waits_for_the_message_that_it_belongs_to(burning: Street, slack: SlackStandin) -> None:
    slack.fail(http(503), times=1000)
    with burning.sessions.begin() as session:
        respond.acknowledge(session, burning.incidents()[0].id, by="Camille", now=burning.clock.at)
    later(burning, timedelta(hours=1))
    first, second = burning.deliveries()
    assert (first.attempts > 1, second.attempts) == (True, 0)
    slack._failures.clear()
    later(burning, timedelta(hours=1))
    assert {d.state for d in burning.deliveries()} == {DeliveryState.sent}
    assert [method for method, _ in slack.requests][-1] == "chat.update"


def test_of_two_who_acknowledge_one_wins_and_the_other_is_told_who(burning: Street) -> None:
    incident = burning.incidents()[0]
    with burning.sessions.begin() as session:
        respond.acknowledge(session, incident.id, by="Camille", now=burning.clock.at)
    with burning.sessions() as session, pytest.raises(Conflict, match="Camille"):
        respond.acknowledge(session, incident.id, by="Noé", now=burning.clock.at)


def test_a_snooze_holds_back_news_and_not_growth(street: Opened) -> None:
    life = street(fire(FIRE_AT), fire(FIRE_AT + timedelta(hours=1), per_hour=400, prefix="more"))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    with life.sessions.begin() as session:
        until = FIRE_AT + timedelta(hours=20)
        respond.snooze(session, life.incidents()[0].id, until=until, by="Camille", now=life.clock.at)
    life.live(FIRE_AT + timedelta(hours=10))
    said = {d.transition_id: d.state for d in life.deliveries()}
    states = {t.reason.value: said.get(t.id) for t in life.transitions()}
    assert states["grew"] is DeliveryState.sent
    assert states["contained"] is DeliveryState.pending


def test_what_a_snooze_held_back_is_told_though_slack_is_down_when_it_ends(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    until = FIRE_AT + timedelta(hours=8)
    with life.sessions.begin() as session:
        respond.snooze(session, life.incidents()[0].id, until=until, by="Camille", now=life.clock.at)
    life.live(until - 5 * MINUTE)
    assert "contained" in life.reasons()
    assert not _contained(slack)
    slack.fail(http(503), times=1000, method="*")
    life.live(until + timedelta(minutes=30))
    slack._failures.clear()
    life.live(until + timedelta(hours=1))
    assert len(_contained(slack)) == 1


def _contained(slack: SlackStandin) -> list[str]:
    thread = slack.messages(thread=slack.messages()[0]["ts"])
    return [message["text"] for message in thread if message["text"].startswith("Maîtrisé")]


def test_a_session_is_never_open_while_the_network_is_asked(
    burning: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    """Another writer gets in while Slack is slow: on SQLite that would block if a transaction were open."""
    seen = []
    opened = burning.chain.delivery.open

    class Watching:
        def __init__(self, channel: Channel) -> None:
            self._channel = opened(channel)

        def tell(self, *given: object, **named: object) -> object:
            with sessions.begin() as session:
                session.scalars(select(Channel)).one().broken_why = "written meanwhile"
            seen.append(True)
            return self._channel.tell(*given, **named)  # type: ignore[arg-type]

    context = replace(burning.chain.delivery, open=Watching)  # type: ignore[arg-type]
    notify(sessions, context, now=burning.clock.at + timedelta(hours=1))
    assert seen == [True]
    assert len(slack.messages()) == 1
