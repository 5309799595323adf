"""A fire that nobody takes in hand is told of again, to one after the other of those who are on call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Channel, Policy, Silence, VerdictWord
from app.pipeline import Chain
from app.pipeline.incidents import respond
from tests.conftest import Copying
from tests.pipeline.brand import START, fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.kept import KeptStreet, kept
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)


def remind(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().remind_minutes = 30


def until_lit(street: Opened, _slack: SlackStandin) -> Street:
    life = street(fire(FIRE_AT, hours=6))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    return life


kept_street = kept(until_lit, before=remind)


@pytest.fixture
def database(kept_street: KeptStreet, copied: Copying, request: pytest.FixtureRequest) -> Iterator[str]:
    with kept_street.database(request, copied, "reminding") as url:
        yield url


@pytest.fixture
def reminding(
    kept_street: KeptStreet, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> Street:
    """A fire of six hours that was just told, and a policy that reminds every half an hour."""
    return kept_street.go_on(sessions, chain, clock, slack)


def reminders(life: Street) -> list[timedelta]:
    told = [t.at for t in life.transitions() if t.reason in {"ignited", "grew", "spread", "turned", "flared"}]
    return [t.at - max(at for at in told if at <= t.at) for t in life.transitions() if t.reason == "reminded"]


def test_it_is_told_of_again_aloud_and_ever_more_seldom_as_long_as_nobody_has_it(
    reminding: Street, slack: SlackStandin
) -> None:
    reminding.live(FIRE_AT + 5 * HOUR)
    waited = reminders(reminding)
    assert len(waited) == 4
    assert min(waited) >= 30 * MINUTE
    (root,) = slack.messages()
    said = [
        m for m in slack.messages(thread=root["ts"]) if "Personne ne s’en occupe encore" in str(m["blocks"])
    ]
    assert len(said) == 4
    assert all(m.get("reply_broadcast") for m in said)


def test_each_reminder_calls_the_next_of_those_who_are_on_call(
    reminding: Street, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        channel = session.scalars(select(Channel)).one()
        channel.settings = channel.settings | {"on_call": ["U0LEA", "S0COMMS", "here"]}
    reminding.live(FIRE_AT + 5 * HOUR)
    (root,) = slack.messages()
    reminded = [m["text"].split()[0] for m in slack.messages(thread=root["ts"]) if "personne" in m["text"]]
    assert reminded == ["<!subteam^S0COMMS>", "<!here>", "<@U0LEA>", "<!subteam^S0COMMS>"]


@pytest.mark.parametrize("act", ["acknowledged", "snoozed", "judged"])
def test_what_somebody_has_seen_to_is_not_told_of_again(
    reminding: Street, sessions: Sessions, act: str
) -> None:
    at, (incident,) = reminding.clock.at, reminding.incidents()
    with sessions.begin() as session:
        if act == "acknowledged":
            respond.acknowledge(session, incident.id, by="Léa", now=at)
        elif act == "snoozed":
            respond.snooze(session, incident.id, until=at + 9 * HOUR, by="Léa", now=at)
        else:
            respond.judge(session, incident.id, verdict=VerdictWord.false_alarm, by="Léa", now=at)
    reminding.live(FIRE_AT + 5 * HOUR)
    assert reminders(reminding) == []


def test_a_silence_is_not_broken_by_a_reminder(reminding: Street, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(
            Silence(
                watch_id=None, starts_at=FIRE_AT - HOUR, ends_at=FIRE_AT + 9 * HOUR, why="exercice",
                created_by="t", created_at=START,
            )
        )  # fmt: skip
    reminding.live(FIRE_AT + 3 * HOUR)
    assert reminders(reminding) == []


def test_a_policy_may_ask_for_none(street: Opened) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 3 * HOUR)
    assert reminders(life) == []
