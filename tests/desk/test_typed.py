"""What people type after `/tocsin`, over HTTP: done whole, or not at all, and the answer says so."""

from datetime import UTC, datetime, timedelta
from re import search

import pytest
from sqlalchemy import select

from app.admin import sign_in, watches
from app.admin.specs import WatchSpec
from app.models import Incident, State
from app.runtime import Runtime
from tests.desk.conftest import NOW, Door, burning, incident
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin


def said(door: Door, user: str, text: str, *, channel: str = "C0ALERTS") -> str:
    """What the person alone is answered to what they type."""
    answer = door.typed(user, text, channel=channel).json()
    assert answer["response_type"] == "ephemeral"
    return str(answer["text"])


@pytest.mark.usefixtures("fire")
def test_what_is_typed(door: Door, runtime: Runtime, slack: SlackStandin) -> None:
    assert "Nimbus" in said(door, "U0LEA", "status")
    assert "Nimbus" in said(door, "U0LEA", "veilles")
    assert said(door, "U0LEA", "ack #1") == "You have incident 1 (Nimbus) in hand."
    assert incident(runtime).acknowledged_by == "Léa"
    assert said(door, "U0MAX", "prendre 1") == "Léa s’en occupe déjà."
    until = f"<!date^{int((NOW + timedelta(hours=2)).timestamp())}^{{time}}|"
    assert until in said(door, "U0LEA", "snooze 1 2h")
    assert incident(runtime).snoozed_until == NOW + timedelta(hours=2)
    assert said(door, "U0LEA", "fausse alerte 1") == "Incident 1 (Nimbus)\u00a0: fausse alerte."
    assert said(door, "U0LEA", "clore 1: répondu") == "L’incident 1 (Nimbus) est clos."
    assert said(door, "U0LEA", "reporter 1 2h").startswith("C’est déjà éteint")
    assert said(door, "U0LEA", "") == "Rien ne brûle."
    assert said(door, "U0LEA", "clore") == (
        "Rien n’a été fait\u00a0: rien de ce qui a été annoncé ici ne brûle."
    )
    assert slack.answers == []


@pytest.mark.usefixtures("fire")
def test_of_what_is_not_understood_nothing_is_done(door: Door, runtime: Runtime) -> None:
    told = said(door, "U0LEA", "clore pas 1")
    assert told.startswith("Rien n’a été fait\u00a0: «\u00a0pas\u00a0» n’a pas été compris.")
    assert "`/tocsin clore 7" in told
    assert "`/tocsin close 7" in said(door, "U0LEA", "close not 1")
    assert incident(runtime).state is State.burning
    assert "`/tocsin ack 7`" in said(door, "U0LEA", "help")
    assert "`/tocsin prendre 7`" in said(door, "U0LEA", "aide")


@pytest.mark.usefixtures("fire")
def test_where_one_burns_its_number_is_not_asked_for_and_where_two_burn_it_is(
    door: Door, runtime: Runtime
) -> None:
    said(door, "U0LEA", "reporter 2h")
    assert incident(runtime).snoozed_until == NOW + timedelta(hours=2)
    said(door, "U0LEA", "pause jusqu'à 14h")
    assert incident(runtime).snoozed_until == datetime(2026, 11, 22, 14, tzinfo=UTC)
    with runtime.sessions.begin() as session:
        watch = watches.create(
            session, WatchSpec.model_validate({"name": "Orbys", "query": "Orbys"}), by="test", now=NOW
        )
        burning(session, watch)
    told = said(door, "U0LEA", "prendre")
    assert told.endswith("*2* (Orbys) et *1* (Nimbus)")
    with runtime.sessions() as session:
        assert {each.acknowledged_by for each in session.scalars(select(Incident)).unique()} == {None}


@pytest.mark.usefixtures("fire")
def test_a_stranger_sees_what_was_told_in_the_conversation_and_no_more(door: Door) -> None:
    for text in ("état", "veilles"):
        assert "Nimbus" in said(door, "U0WHO", text)
        assert "Nimbus" not in said(door, "U0WHO", text, channel="C0OTHER")
        assert "Nimbus" in said(door, "U0ZOE", text, channel="C0OTHER")


@pytest.mark.usefixtures("fire")
def test_who_types_it_is_signed_in_to_the_console_by_a_link_of_their_own(
    door: Door, runtime: Runtime, clock: StillClock
) -> None:
    told = said(door, "U0LEA", "connexion")
    assert "Il sert une fois, sous 30\u00a0min" in told
    link = search(r"<https://tocsin\.example(/sign-in/[\w-]+)\|Se connecter à Tocsin>", told)
    assert link, told
    with runtime.sessions.begin() as session:
        entered = sign_in.use_link(session, link[1].split("/")[2], browser="", now=NOW)
        assert (entered.person.name, entered.person.role) == ("Léa", "responder")
        with pytest.raises(sign_in.LinkSpentError):
            sign_in.use_link(session, link[1].split("/")[2], browser="", now=NOW)
    assert "no account" in said(door, "U0WHO", "sign in")
    for _ in range(5):
        assert "/sign-in/" in said(door, "U0LEA", "console")
    assert "/sign-in/" not in said(door, "U0LEA", "console")
    assert "/sign-in/" in said(door, "U0ZOE", "console")
    clock.at += timedelta(minutes=61)
    assert "/sign-in/" in said(door, "U0LEA", "console")
    assert "/sign-in/" not in said(door, "U0LEA", "console 7")


@pytest.mark.usefixtures("fire")
def test_the_page_that_asks_for_an_address_says_that_slack_will_do(door: Door) -> None:
    page = door.client.get("/sign-in", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert "/tocsin console" in page.text
