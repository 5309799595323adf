"""Who is told of what, in which language; and who is told instead while a channel fails."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.admin.routes import hole, routes_of, sentence
from app.db import Sessions
from app.errors import ChannelError
from app.models import Channel, Delivery, DeliveryState, Incident, Watch
from app.pipeline.delivery.failover import PATIENCE
from app.pipeline.delivery.outbox import channels_of, takes
from tests.pipeline.brand import START, fire
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.delivery.conftest import Add, subjects, until
from tests.pipeline.street import Street
from tests.standins.mail import MailStandin
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import http, says


def by_channel(life: Street, states: Sequence[DeliveryState]) -> dict[str, int]:
    with life.sessions() as session:
        rows = session.execute(
            select(Channel.name, Delivery.state).join(Delivery, Delivery.channel_id == Channel.id)
        ).all()
    found = [name for name, state in rows if state in states]
    return {name: found.count(name) for name in set(found)}


def test_while_slack_is_down_mail_stands_in_and_slack_is_told_when_it_is_back(
    told: Callable[..., Street], add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]}, language="en")
    life = told(fire(FIRE_AT))
    slack.fail(http(503), times=1000)
    until(life, "ignited")
    assert mail.mails == [], "a blip is no reason yet"
    life.live(life.clock.at + timedelta(minutes=5))
    assert subjects(mail)[0].startswith("FIRE STARTING · Vélinor"), "in the mailbox's language, not French"
    body = mail.mails[0].get_body(("plain",))
    assert body is not None
    assert "Told here because “slack” cannot be told." in body.get_content()
    slack._failures.clear()
    until(life, "went_out")
    life.live(life.clock.at + HOUR)
    assert by_channel(life, [DeliveryState.pending, DeliveryState.sending]) == {}
    roots = [m for m in slack.messages() if not m.get("thread_ts")]
    assert len(roots) == 1, "late, and whole"
    last = mail.mails[-1].get_body(("plain",))
    assert last is not None
    assert last.get_content().startswith("Out after "), "who was told that it began is told how it ended"


def test_one_reader_whose_mail_is_put_off_holds_up_none_of_the_others_and_gets_all_of_it(
    told: Callable[..., Street], add: Add, mail: MailStandin
) -> None:
    add("mailbox")
    life = told(fire(FIRE_AT))
    mail.put_off = {"max@brand.example"}
    until(life, "contained")
    heard = subjects(mail)
    assert len(heard) >= 2, "the first reader hears how it goes on"
    assert all(to == ["lea@brand.example"] for to in mail.recipients)
    mail.put_off = set()
    until(life, "went_out")
    life.live(life.clock.at + HOUR)
    both = dict.fromkeys(("lea@brand.example", "max@brand.example"), 0)
    for to in mail.recipients:
        for one in to:
            both[one] += 1
    assert both["lea@brand.example"] == both["max@brand.example"]
    threads = {str(one["References"] or one["Message-ID"]) for one in mail.mails}
    assert len(threads) == 1, "what came late is in the thread that it begins"
    assert "mailbox" not in by_channel(life, [DeliveryState.pending, DeliveryState.dead])


def test_a_channel_that_somebody_must_mend_hands_over_in_the_same_pass(
    told: Callable[..., Street], add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    slack.fail(says("channel_not_found"), times=1000)
    until(life, "ignited")
    alert, outage = subjects(mail)
    assert ("Vélinor" in alert, "ne répond plus" in outage) == (True, True)
    assert len(slack.calls("chat.postMessage")) <= 2, "no storm of tries"


def test_a_channel_that_only_stands_in_is_told_nothing_while_all_is_well(
    told: Callable[..., Street], add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    until(life, "contained")
    assert len(slack.messages()) == 1
    assert mail.mails == []


def test_the_next_one_stands_in_where_the_first_fails_too(
    told: Callable[..., Street], add: Add, slack: SlackStandin, sessions: Sessions
) -> None:
    add("second")
    add("first", slack={"fallback": ["first", "second"]})
    life = told(fire(FIRE_AT))
    slack.fail(http(503), times=1000)
    with sessions.begin() as session:
        first = session.scalars(select(Channel).where(Channel.name == "first")).one()
        first.failing_since = FIRE_AT - HOUR
    until(life, "ignited")
    life.live(life.clock.at + 2 * PATIENCE + timedelta(minutes=5))
    with sessions() as session:
        rows = session.execute(select(Channel.name, Delivery.instead_of).join(Delivery))
        named = dict(rows.all())
    assert named == {"slack": "", "second": "slack"}


@pytest.mark.story
def test_a_channel_is_told_once_the_fire_reaches_its_level(
    told: Callable[..., Street], add: Add, slack: SlackStandin, mail: MailStandin
) -> None:
    add("board", from_level=1)
    life = told(fire(FIRE_AT), fire(FIRE_AT + HOUR, per_hour=600, prefix="g"))
    until(life, "ignited")
    assert len(slack.messages()) == 1
    assert mail.mails == []
    until(life, "grew")
    assert subjects(mail)[0].startswith("FEU · ")
    until(life, "went_out")
    assert set(subjects(mail)[1:]) == {f"Re: {subjects(mail)[0]}"}, "one conversation"
    body = mail.mails[-1].get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Éteint")


@pytest.mark.parametrize(
    ("kinds", "from_level", "kind", "level", "taken"),
    [
        ([], 0, "fire", 0, True),
        (["fire"], 0, "buzz", 0, False),
        (["buzz", "fire"], 0, "buzz", 3, True),
        ([], 2, "fire", 1, False),
        ([], 2, "fire", 2, True),
    ],
)
def test_a_channel_takes_its_kinds_from_its_level_on(
    kinds: list[str], from_level: int, kind: str, level: int, taken: bool
) -> None:
    assert takes(Channel(kinds=kinds, from_level=from_level), kind, level) is taken


@pytest.mark.parametrize(
    ("slack", "text", "gap"),
    [
        ({}, "slack (slack, fr)", ""),
        ({"fallback": ["mailbox"]}, "slack (slack, fr), else mailbox", ""),
        ({"from_level": 2}, "slack (slack, fr, from level 2)", "nobody is told before level 2"),
        ({"kinds": ["buzz"]}, "slack (slack, fr, nothing only)", "no channel takes fire"),
        ({"enabled": False}, "", "no channel is told"),
    ],
)
def test_a_route_is_one_line_and_a_hole_is_seen(
    sessions: Sessions, add: Add, slack: dict[str, Any], text: str, gap: str
) -> None:
    add("mailbox", enabled=bool(slack.get("fallback")), slack=slack)
    with sessions() as session:
        watch = session.scalars(select(Watch)).one()
        routes = routes_of(session, watch, language="fr", now=START)
        assert "; ".join(sentence(route, watch.policy.rings) for route in routes) == text
        assert hole(routes, watch.policy.rings).startswith(gap)
        assert bool(hole(routes, watch.policy.rings)) is bool(gap)


def test_who_stands_in_for_a_channel_that_is_off_is_told_as_any_other(sessions: Sessions, add: Add) -> None:
    add("mailbox", slack={"fallback": ["mailbox"], "enabled": False})
    with sessions() as session:
        watch = session.scalars(select(Watch)).one()
        ways = routes_of(session, watch, language="fr", now=START)
        assert [way.channel for way in ways] == ["mailbox"], "as the queue does"
        incident = Incident(watch=watch, kind="fire", level=0)
        assert [channel.name for channel in channels_of(session, incident)] == ["mailbox"]


def test_a_channel_that_cannot_be_opened_fails_like_any_other(
    told: Callable[..., Street], add: Add, mail: MailStandin
) -> None:
    add("mailbox", slack={"fallback": ["mailbox"]})
    life = told(fire(FIRE_AT))
    by_mail = life.chain.delivery.open

    def opened(channel: Channel) -> Any:  # noqa: ANN401
        if channel.kind == "slack":
            raise ChannelError("Slack has no token: set TOCSIN_SLACK_BOT_TOKEN", permanent=True)
        return by_mail(channel)

    life.chain = replace(life.chain, delivery=replace(life.chain.delivery, open=opened))
    until(life, "ignited")
    alert, outage = subjects(mail)
    assert ("Vélinor" in alert, "ne répond plus" in outage) == (True, True)
