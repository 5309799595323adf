"""With a rota, people are called by name until somebody has it: one after the other, by their own ways."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, update

from app.admin import people, rotas
from app.admin.team_specs import LayerSpec, NightSpec, PersonSpec, RotaSpec
from app.db import Sessions
from app.models import (
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    LogEntry,
    LogKind,
    Person,
    Policy,
    Rota,
    VerdictWord,
)
from app.pipeline import Chain
from app.pipeline.delivery.notify import notify
from app.pipeline.guard import Guard
from app.pipeline.incidents import respond
from app.pipeline.incidents.lapse import lapse
from app.pipeline.incidents.remind import remind
from app.pipeline.oncall.unanswered import unanswered_calls
from app.pipeline.reports.calls import call_figures
from tests.conftest import Copying
from tests.pipeline.brand import START, fire
from tests.pipeline.conftest import FIRE_AT, Opened
from tests.pipeline.kept import KeptStreet, kept
from tests.pipeline.street import Street
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)
PHONES = {"Léa": "D0LEA", "Max": "D0MAX", "Ana": "D0ANA"}


def man(sessions: Sessions) -> None:
    """Léa is on duty, Max is next, Ana leads; each can be called, and Ana is not in Slack."""
    with sessions.begin() as session:
        for name, phone in PHONES.items():
            spec = PersonSpec(name=name, slack_user=f"U0{name[0]}" if name != "Ana" else None)
            person = people.create(session, spec, by="t", now=START)
            session.flush()
            session.add(
                Channel(
                    name=f"{name}’s phone", kind="slack", settings={"channel": phone}, person_id=person.id,
                    created_at=START, updated_at=START,
                )
            )  # fmt: skip
        layer = LayerSpec(people=["Léa", "Max"], starts_on=date(2020, 1, 1), hand_over=time(9), days=366)
        given = RotaSpec(name="comms", time_zone="Europe/Paris", layers=[layer], lead="Ana")
        rota = rotas.create(session, given, by="t", now=START)
        session.flush()
        lea = session.scalars(select(Person).where(Person.name == "Léa")).one()
        away = {"people": [lea.id, *(p for p in rota.layers[0]["people"] if p != lea.id)]}
        turn = (FIRE_AT.date() - date(2020, 1, 1)).days // 366 % 2
        rota.layers = [rota.layers[0] | away | {"people": away["people"][::-1] if turn else away["people"]}]
        session.scalars(select(Policy)).one().rota = rota.name


def until_lit(street: Opened, slack: SlackStandin) -> Street:
    slack.channels |= {phone: [] for phone in PHONES.values()}
    life = street(fire(FIRE_AT, hours=6))
    while "ignited" not in life.reasons():
        life.live(life.clock.at + 5 * MINUTE)
    return life


kept_street = kept(until_lit, before=man)


@pytest.fixture
def database(kept_street: KeptStreet, copied: Copying, request: pytest.FixtureRequest) -> Iterator[str]:
    with kept_street.database(request, copied, "lit") as url:
        yield url


@pytest.fixture
def lit(
    kept_street: KeptStreet, sessions: Sessions, chain: Chain, clock: StillClock, slack: SlackStandin
) -> Street:
    """A fire of six hours that was just told to a team with a rota."""
    slack.channels |= {phone: [] for phone in PHONES.values()}
    return kept_street.go_on(sessions, chain, clock, slack)


def wait(life: Street, minutes: int) -> None:
    """Minute after minute, as the beat of the service is: nothing is heard, people are called."""
    for _ in range(minutes):
        life.clock.at += MINUTE
        now, guard = life.clock.at, Guard(life.sessions, now=life.clock.at)
        lapse(life.sessions, guard, now=now)
        remind(life.sessions, guard, now=now)
        notify(life.sessions, life.chain.delivery, guard, now=now)
        guard.raise_errors()


def called(life: Street) -> dict[str, list[int]]:
    """By person, the minutes after the alert at which their own way was used."""
    told = next(t.at for t in life.transitions() if t.reason == "ignited")
    at = {d.id: d for d in life.deliveries()}
    found: dict[str, list[int]] = {}
    with life.sessions() as session:
        owners = dict(
            session.execute(
                select(Channel.id, Person.name).join(Person, Person.id == Channel.person_id)
            ).all()
        )
    for delivery in at.values():
        if delivery.channel_id in owners and delivery.state is DeliveryState.sent:
            assert delivery.sent_at is not None
            found.setdefault(owners[delivery.channel_id], []).append(int((delivery.sent_at - told) / MINUTE))
    return found


def test_the_alert_mentions_whoever_is_on_duty_and_wakes_nobody_else(
    lit: Street, slack: SlackStandin
) -> None:
    (root,) = slack.messages()
    assert root["text"].startswith("<@U0L> vous êtes d’astreinte")
    assert "D’astreinte" in str(root["blocks"])
    assert called(lit) == {}


@pytest.mark.story
def test_one_more_is_called_each_time_until_all_are_and_that_nobody_answers_is_told(
    lit: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    wait(lit, 40)
    assert called(lit) == {
        "Léa": [3, 6, 9, 12, 15, 21, 33],
        "Max": [6, 9, 12, 15, 21, 33],
        "Ana": [9, 12, 15, 21, 33],
    }
    (root,) = slack.messages()
    said = [m["text"] for m in slack.messages(thread=root["ts"])]
    assert said[0].startswith("<@U0L> personne ne s’en occupe depuis")
    assert said[1].startswith("<@U0L> <@U0M> personne")
    assert said[2].startswith("<@U0L> <@U0M> *Ana* personne")
    blocks = [str(m["blocks"]) for m in slack.messages(thread=root["ts"])]
    assert ["Personne ne répond." in text for text in blocks] == [False] * 4 + [True] * 3
    with sessions() as session:
        (told,) = unanswered_calls(session)
    assert told.called == ["Léa", "Max", "Ana"]
    lit_at = next(t.at for t in lit.transitions() if t.reason == "ignited")
    assert (told.since - lit_at) // MINUTE == 15


def test_who_takes_it_ends_the_calls_also_those_that_are_on_their_way(
    lit: Street, sessions: Sessions
) -> None:
    wait(lit, 5)
    lit.clock.at += MINUTE
    now = lit.clock.at
    remind(sessions, Guard(sessions, now=now), now=now)
    with sessions.begin() as session:
        respond.acknowledge(session, lit.incidents()[0].id, by="Max", now=now)
    wait(lit, 40)
    assert called(lit) == {"Léa": [3]}
    with sessions() as session:
        skipped = session.scalars(select(Delivery).where(Delivery.error.contains("before the call"))).all()
        assert len(skipped) == 2
        assert unanswered_calls(session) == []


def test_an_acknowledgement_that_nothing_follows_lapses_and_is_asked_about(
    lit: Street, slack: SlackStandin, sessions: Sessions
) -> None:
    number = lit.incidents()[0].id
    with sessions.begin() as session:
        respond.acknowledge(session, number, by="Max", now=lit.clock.at)
    wait(lit, 59)
    assert "lapsed" not in lit.reasons()
    wait(lit, 2)
    (root,) = slack.messages()
    asked = slack.messages(thread=root["ts"])[-1]
    assert asked["text"].startswith("<@U0M> <@U0L> vous en occupez-vous toujours")
    assert "Max l’avait pris en main" in str(asked["blocks"])
    assert asked["reply_broadcast"]
    assert lit.incidents()[0].acknowledged_by is None
    wait(lit, 4)
    assert lit.reasons()[-1] == "reminded", "the calls begin anew"
    with sessions.begin() as session:
        respond.acknowledge(session, number, by="Max", now=lit.clock.at)
    wait(lit, 110)
    assert lit.reasons().count("lapsed") == 1, "twice as long as before"
    with sessions.begin() as session:
        respond.take_over(session, number, by="Léa", now=lit.clock.at)
    wait(lit, 100)
    assert lit.reasons().count("lapsed") == 1, "an act is a sign of life"
    with sessions.begin() as session:
        entry = LogEntry(incident_id=number, at=lit.clock.at, by="Léa", kind=LogKind.decision, text="wait")
        session.add(entry)
    wait(lit, 110)
    assert lit.reasons().count("lapsed") == 1, "so is what she writes into the log"
    wait(lit, 20)
    assert lit.reasons().count("lapsed") == 2


def test_who_is_not_on_duty_rests_in_their_quiet_hours_until_nobody_else_answers(
    lit: Street, sessions: Sessions
) -> None:
    quiet = NightSpec(since=time(0), until=time(0), from_level=5).model_dump()  # the whole day
    with sessions.begin() as session:
        for person in session.scalars(select(Person)).all():
            people.update(session, person.id, {"quiet": quiet}, by="t", now=START)
    wait(lit, 22)
    assert called(lit) == {"Léa": [3, 6, 9, 12, 15, 21], "Max": [15, 21], "Ana": [15, 21]}
    with sessions.begin() as session:
        for person in session.scalars(select(Person)).all():
            person.quiet = {"since": "25:00"}  # nothing that this version can read
    wait(lit, 12)
    assert called(lit)["Max"] == [15, 21, 33]


def test_a_person_is_called_in_the_ways_that_are_for_the_level_of_the_fire(
    lit: Street, sessions: Sessions, slack: SlackStandin
) -> None:
    slack.channels["D0PUSH"] = []
    with sessions.begin() as session:
        lea, max_ = (
            session.scalars(select(Person).where(Person.name == name)).one() for name in ("Léa", "Max")
        )
        for phone in session.scalars(select(Channel).where(Channel.person_id.in_([lea.id, max_.id]))):
            phone.from_level = 5
        session.add(
            Channel(
                name="Léa’s push", kind="slack", settings={"channel": "D0PUSH"}, person_id=lea.id,
                created_at=START, updated_at=START,
            )
        )  # fmt: skip
    wait(lit, 7)
    assert slack.channels["D0LEA"] == []
    assert len(slack.channels["D0PUSH"]) == 2
    assert len(slack.channels["D0MAX"]) == 1, "in the wrong way rather than in none"


def test_at_night_nobody_is_woken_for_what_can_wait_and_everybody_for_what_cannot(
    lit: Street, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        night = NightSpec(since=time(8), until=time(20), from_level=1)
        rotas.update(
            session, session.scalars(select(Rota.id)).one(), {"night": night.model_dump()}, by="t", now=START
        )
    wait(lit, 20)
    assert called(lit) == {}
    with sessions.begin() as session:
        session.execute(update(Incident).values(level=1))
    wait(lit, 4)
    assert called(lit)["Léa"]


def test_the_teams_figures_say_who_was_called_and_how_fast_it_was_taken(
    lit: Street, sessions: Sessions
) -> None:
    wait(lit, 10)
    with sessions.begin() as session:
        number = lit.incidents()[0].id
        respond.acknowledge(session, number, by="Max", now=lit.clock.at)
        respond.judge(session, number, verdict=VerdictWord.false_alarm, by="Max", now=lit.clock.at)
    with sessions() as session:
        rota = session.scalars(select(Rota)).one()
        found = call_figures(session, rota, START, lit.clock.at + MINUTE)
        loads = {one.name: (one.calls, one.at_night, one.taken, one.false_alarms) for one in found.people}
        assert loads == {"Léa": (4, 0, 0, 1), "Max": (2, 0, 1, 1), "Ana": (1, 0, 0, 1)}
        assert (found.fires, found.taken, found.within, found.unanswered) == (1, 1, 1, 0)
        assert found.median_minutes is not None
        assert 10 <= found.median_minutes < 11
        nothing = call_figures(session, rota, START, START + MINUTE)
        assert (nothing.fires, nothing.people, nothing.median_minutes) == (0, [], None)


def test_a_rota_that_cannot_be_read_keeps_no_alert_and_no_reminder(lit: Street, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(update(Rota).values(layers=[{"people": "Léa"}]))
        session.execute(update(Policy).values(remind_minutes=30))
    wait(lit, 35)
    assert "reminded" in lit.reasons()
    assert called(lit) == {}


def test_a_way_that_fails_keeps_nobody_else_waiting(lit: Street, slack: SlackStandin) -> None:
    del slack.channels["D0LEA"]
    wait(lit, 16)
    assert called(lit) == {"Max": [6, 9, 12, 15], "Ana": [9, 12, 15]}
