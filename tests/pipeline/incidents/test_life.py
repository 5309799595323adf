"""The life of an incident: silence, planned events, deafness, re-ignition (on SQLite alone)."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import DeliveryState, PlannedEvent, Silence, State, Transition, Watch
from app.pipeline import run_cycle
from app.pipeline.incidents import respond
from app.pipeline.incidents.explain import explain
from tests.pipeline.brand import START, fire
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.slack import SlackStandin


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.mark.from_the_start
def test_ordinary_days_are_quiet(street: Opened, slack: SlackStandin) -> None:
    life = street(begin=START + timedelta(days=7))
    life.live(START + timedelta(days=8))
    assert slack.messages() == []


@pytest.mark.from_the_start
def test_in_the_first_days_it_learns_instead_of_guessing(street: Opened) -> None:
    life = street(fire(START + timedelta(days=1)), begin=START + timedelta(days=1))
    life.live(START + timedelta(days=1, hours=3))
    assert life.transitions() == []


def test_a_fire_is_not_out_because_the_listening_stopped(street: Opened) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 2 * HOUR)
    life.live(FIRE_AT + 13 * HOUR, heard=False)
    (incident,) = life.incidents()
    assert incident.state is State.burning


def test_a_fire_that_starts_again_within_days_is_told_in_the_same_story(
    street: Opened, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT), fire(FIRE_AT + 22 * HOUR, prefix="again", seed=9))
    life.live(FIRE_AT + 4 * HOUR)
    life.rest(FIRE_AT + 22 * HOUR)
    life.live(FIRE_AT + 25 * HOUR)
    first, second = life.incidents()
    assert second.story_id == first.id
    (root,) = slack.messages()
    assert any(
        m.get("subtype") == "thread_broadcast" or m.get("reply_broadcast") for m in slack.channels["C0ALERTS"]
    )
    assert root["metadata"]["event_payload"]["incident_id"] == first.id


def test_a_planned_event_raises_the_expectation_and_an_excess_above_it_still_rings(
    street: Opened, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        session.add(
            PlannedEvent(
                name="Lancement", starts_at=FIRE_AT, ends_at=FIRE_AT + 3 * HOUR, factor=12.0, created_by="t",
                created_at=START,
            )
        )  # fmt: skip
    life = street(fire(FIRE_AT), fire(FIRE_AT + 24 * HOUR, prefix="unplanned", seed=9))
    life.live(FIRE_AT + 4 * HOUR)
    assert "ignited" not in life.reasons()
    life.rest(FIRE_AT + 24 * HOUR)
    life.live(FIRE_AT + 27 * HOUR)
    assert life.reasons().count("ignited") == 1


def test_a_silence_holds_messages_back_and_a_fire_that_outlasts_it_is_told(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        session.add(
            Silence(
                watch_id=watch.id, starts_at=FIRE_AT - HOUR, ends_at=FIRE_AT + 2 * HOUR, why="exercice",
                created_by="t", created_at=START,
            )
        )  # fmt: skip
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 2 * HOUR - timedelta(minutes=5))
    assert "ignited" in life.reasons(), "incidents go on being recorded"
    assert slack.messages() == []
    life.live(FIRE_AT + 2 * HOUR + timedelta(minutes=5))
    assert len(slack.messages()) == 1


def test_what_burnt_out_in_a_silence_is_told_to_nobody(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        session.add(
            Silence(
                watch_id=None, starts_at=FIRE_AT - HOUR, ends_at=FIRE_AT + 20 * HOUR, why="vacances",
                created_by="t", created_at=START,
            )
        )  # fmt: skip
    life = street(fire(FIRE_AT, hours=2))
    life.live(FIRE_AT + 4 * HOUR)
    life.rest(FIRE_AT + 21 * HOUR)
    assert life.reasons()[-1] == "went_out"
    assert slack.channels["C0ALERTS"] == []
    assert {d.state for d in life.deliveries()} == {DeliveryState.skipped}


def test_an_acknowledgement_repaints_the_message_and_adds_none(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 90 * timedelta(minutes=1))
    before = len(slack.channels["C0ALERTS"])
    with sessions.begin() as session:
        respond.acknowledge(session, life.incidents()[0].id, by="Camille", now=life.clock.at)
    run_cycle(sessions, life.chain, now=life.clock.at + timedelta(seconds=30))
    assert len(slack.channels["C0ALERTS"]) == before
    (root,) = slack.messages()
    assert "Camille" in str(root["blocks"])


def test_a_fire_whose_posts_cannot_be_read_is_told_by_its_figures(
    street: Opened, slack: SlackStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(*_given: object, **_named: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("app.pipeline.incidents.explain.analyse_posts", crashing)
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + HOUR)
    (root,) = slack.messages()
    assert "Vélinor" in root["text"]
    assert life.transitions()[-1].facts["samples"] == []
    assert life.transitions()[-1].facts["observed"] > 10


def test_a_story_whose_newest_facts_cannot_be_read_goes_on_by_those_before(
    street: Opened, sessions: Sessions
) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + HOUR)
    (incident,) = life.incidents()
    with sessions.begin() as session:
        newest = session.scalars(select(Transition).order_by(Transition.id.desc())).first()
        assert newest is not None
        newest.facts = {"observed": "many"}
        respond.acknowledge(session, incident.id, by="Camille", now=life.clock.at)
    assert life.reasons()[-1] == "acknowledged"


def test_a_watch_that_cannot_be_followed_stops_no_other(
    street: Opened, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = street(fire(FIRE_AT))
    with sessions.begin() as session:
        first = session.scalars(select(Watch)).one()
        other = Watch(
            name="Aussi", query=first.query, languages=[], policy=first.policy,
            scored_until=first.scored_until, rematch_until=10**6, created_at=START, updated_at=START,
        )  # fmt: skip
        session.add(other)
    sound = explain

    def crashing(*given: object, **named: object) -> object:
        if given[3].name == "Vélinor":  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return sound(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("app.pipeline.incidents.follow_watch.explain", crashing)
    while life.clock.at < FIRE_AT + 90 * timedelta(minutes=1):
        with suppress(ExceptionGroup):  # raised at the end of a pass, when all that could be done is done
            life.live(life.clock.at + timedelta(minutes=5))
    assert {i.watch.name for i in life.incidents()} == {"Aussi"}
    monkeypatch.undo()
    life.live(FIRE_AT + 110 * timedelta(minutes=1))
    assert {i.watch.name for i in life.incidents()} == {"Aussi", "Vélinor"}, (
        "it was tried again, and not skipped"
    )
