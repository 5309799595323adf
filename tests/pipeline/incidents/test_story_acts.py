"""What people do to one watch of a fire of several, and what is shown of it, is done and shown once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.admin import incidents, watches
from app.channels.wording.words import Words
from app.db import Sessions
from app.desk.board import Board
from app.models import (
    WITH_WATCH,
    AuditEntry,
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Policy,
    Transition,
    VerdictWord,
)
from app.pipeline import Chain, run_cycle
from app.pipeline.delivery.companions import Member, in_story
from app.pipeline.delivery.messages import alert_of
from app.pipeline.incidents.remind import unanswered
from tests.conftest import Copying
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.incidents.company import (
    COMPANY,
    MINUTE,
    ROOM,
    burn,
    reasons_of,
    watch_for,
)
from tests.pipeline.kept import KeptStreet, kept
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

kept_street = kept(
    lambda street, _slack: burn(street, FIRE_AT + 60 * MINUTE),
    before=lambda sessions: watch_for(sessions, COMPANY),
)


@pytest.fixture
def database(kept_street: KeptStreet, copied: Copying, request: pytest.FixtureRequest) -> Iterator[str]:
    with kept_street.database(request, copied, "four") as url:
        yield url


@pytest.fixture
def four(
    kept_street: KeptStreet, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> Street:
    """Four watches that were just told as one fire."""
    return kept_street.go_on(sessions, chain, clock, slack)


def test_whatever_is_done_to_one_is_done_to_all_that_burn_with_it(
    four: Street, sessions: Sessions, slack: SlackStandin
) -> None:
    now, one = four.clock.at, four.incidents()[1]
    acts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (incidents.acknowledge, {}),
        (incidents.take_over, {}),
        (incidents.snooze, {"until": now + MINUTE}),
        (incidents.judge, {"verdict": VerdictWord.fire, "note": ""}),
        (incidents.close, {"note": "C’est fini."}),
    ]
    for number, (act, more) in enumerate(acts):
        with sessions.begin() as session:
            act(session, one.id, by=f"P{number}", now=now, **more)
    for incident in four.incidents():
        assert (incident.acknowledged_by, incident.snoozed_until) == ("P1", now + MINUTE)
        assert (incident.verdict, incident.state, incident.out_at) == ("fire", "out", now)
        assert reasons_of(four, incident)[-5:] == [
            "acknowledged", "acknowledged", "snoozed", "judged", "closed"
        ]  # fmt: skip
    with sessions() as session:
        acted = select(AuditEntry.action).where(AuditEntry.subject == "incident")
        assert len(list(session.scalars(acted))) == len(acts), "each act is in the audit log once"
    before = len(slack.channels[ROOM])
    run_cycle(sessions, four.chain, now=now + 2 * MINUTE)
    assert len(slack.channels[ROOM]) == before
    assert "C’est fini." in str(slack.messages()[0]["blocks"])


def test_of_one_fire_people_are_reminded_once(four: Street, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().remind_minutes = 30
    with sessions() as session:
        assert len(unanswered(session, now=four.clock.at + HOUR)) == 1
    four.live(FIRE_AT + 3 * HOUR)
    reminded = [t.at for t in four.transitions() if t.reason == "reminded"]
    assert 1 <= len(reminded) == len(set(reminded)) <= 3


def test_when_another_watch_of_the_fire_reminds_the_next_is_called_and_not_the_first_anew(
    four: Street, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().remind_minutes = 30
        channel = session.scalars(select(Channel)).one()
        channel.settings = channel.settings | {"on_call": ["U0LEA", "U0SAM", "U0MAX"]}

    def called() -> list[str]:
        return [
            m["text"].split()[0]
            for m in slack.channels[ROOM]
            if m["text"].startswith("<@U0") and "personne" in m["text"]
        ]

    four.live(FIRE_AT + 2 * HOUR)
    assert called() == ["<@U0SAM>"]
    with sessions.begin() as session:  # of the one that reminded somebody has said what it is
        first = next(t.incident_id for t in four.transitions() if t.reason == "reminded")
        session.get_one(Incident, first).verdict = VerdictWord.fire
    four.live(FIRE_AT + 3 * HOUR)
    assert called()[:2] == ["<@U0SAM>", "<@U0MAX>"]


def test_the_board_shows_one_fire_once(four: Street, sessions: Sessions) -> None:
    with sessions() as session:
        shown = Board(session, Words("fr", "UTC"), channel=None).burning(now=four.clock.at)
    assert len(shown.splitlines()) == 1
    for name in ("Vélinor", *COMPANY):
        assert name in shown


def test_a_story_goes_on_without_the_watch_that_began_it(four: Street, sessions: Sessions) -> None:
    first, *others = four.incidents()
    with sessions.begin() as session:
        watches.delete(session, first.watch_id, by="test", now=four.clock.at)
    left = four.incidents()
    assert [one.id for one in left] == [one.id for one in others]
    assert [one.story_id for one in left] == [None, left[0].id, left[0].id]
    four.live(four.clock.at + HOUR)


def test_what_another_watch_told_elsewhere_keeps_nobody_from_being_called(
    four: Street, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        quiet = next(t for t in four.transitions() if t.standing["suppressed_by_story"])
        transition = session.get_one(Transition, quiet.id)
        incident = session.get_one(Incident, quiet.incident_id, options=[WITH_WATCH])
        channel = session.scalars(select(Channel)).one()
        told = alert_of(four.chain.delivery, incident, transition)

        def loud() -> bool:
            member = Member(incident, transition)
            found = in_story(session, four.chain.delivery, told, member, channel, root_watch=None)
            return not found.alert.suppressed_by_story

        assert not loud()
        others = select(Delivery).where(Delivery.incident_id != incident.id)
        for delivery in session.scalars(others):
            delivery.state = DeliveryState.dead
        session.flush()
        assert loud()
