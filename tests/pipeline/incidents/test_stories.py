"""Several watches in one fire: told once, with what each of them adds, taken once, ended once."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from app import db
from app.admin import incidents
from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.slack.web import open_web
from app.db import Sessions
from app.models import (
    WHOLE,
    AuditEntry,
    Channel,
    Delivery,
    Policy,
    Team,
    Transition,
    Watch,
)
from app.pipeline import Chain, run_cycle
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.replay import Replay
from app.sources.base import Item
from detectors import FireDetector
from tests.pipeline.brand import START, fire, ordinary, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.incidents.company import (
    COMPANY,
    MINUTE,
    ROOM,
    aloud,
    burn,
    by_watch,
    company_fire,
    everyday,
    naming,
    out_soon,
    reasons_of,
    renamed,
    told,
    watch_for,
)
from tests.standins.clock import StillClock
from tests.standins.patience import HANG
from tests.standins.slack import SlackStandin


def test_four_watches_in_one_fire_are_told_once_taken_once_and_ended_once(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, COMPANY)
    out_soon(sessions)
    life = burn(street, FIRE_AT + 70 * MINUTE)
    lit = life.incidents()
    assert len(lit) == 4
    assert {one.story_id or one.id for one in lit} == {lit[0].id}
    (root,) = slack.messages()
    thread = slack.messages(thread=root["ts"])
    joined = [m["text"] for m in thread if m["text"].startswith("Dans le même feu · ")]
    names = {name for name, one in by_watch(life).items() if one.id != lit[0].id}
    assert sorted(text.split(" · ")[1].split("\u00a0")[0] for text in joined) == sorted(names)
    assert len(thread) == 3, "one reply for each of the others"
    assert sum(bool(m.get("reply_broadcast")) for m in thread) <= 1, "the room is called when it doubles"
    for name in names:
        assert name in str(root["blocks"]), "the message names who else burns"

    with sessions.begin() as session:
        incidents.acknowledge(session, lit[2].id, by="Camille", now=life.clock.at)
    run_cycle(sessions, life.chain, now=life.clock.at + timedelta(seconds=30))
    assert {one.acknowledged_by for one in life.incidents()} == {"Camille"}
    with sessions() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.action == "acknowledge")) == 1
    (root,) = slack.messages()
    assert "Camille" in str(root["blocks"])
    assert len(slack.messages(thread=root["ts"])) == 3

    life.live(FIRE_AT + 7 * HOUR)
    (root,) = slack.messages()
    assert root["text"].startswith("FEU ÉTEINT · ")
    ends = [text for text in told(slack, root["ts"]) if text.startswith(("Maîtrisé", "Éteint"))]
    assert [text.split(" · ")[0] for text in ends] == ["Maîtrisé", "Éteint"]
    assert "Tout le feu est éteint" in str(slack.messages(thread=root["ts"])[-1]["blocks"])
    for one in life.incidents():
        assert {"ignited", "contained", "went_out"} <= set(reasons_of(life, one)), "each has its own history"


def test_a_fire_that_doubles_calls_once_for_all_its_watches(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, COMPANY)
    life = burn(street, FIRE_AT + 70 * MINUTE)
    before = len(aloud(slack))
    life.live(FIRE_AT + 2 * HOUR)
    assert len(aloud(slack)) - before == 1
    levels = {one.level for one in life.incidents()}
    assert max(levels) >= 1


def test_two_brands_that_burn_at_once_are_two_stories(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, {"Solvane": "Solvane"})
    theirs = [*ordinary(9, seed=21, prefix="s"), *fire(FIRE_AT, seed=22, prefix="t")]
    life = street(fire(FIRE_AT), [renamed(p, "Solvane") for p in theirs])
    life.live(FIRE_AT + 70 * MINUTE)
    assert {one.story_id for one in life.incidents()} == {None}
    roots = slack.messages()
    assert len(roots) == 2
    assert not any("Dans le même feu" in str(m["blocks"]) for m in roots)


def test_the_fire_of_two_teams_is_a_story_for_each_and_told_to_its_own_channels(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    """A retailer and a maker who share a house hear nothing of each other, though one post names both."""
    watch_for(sessions, {"Usine": "usine"})
    slack.channels["C0THEIRS"] = []
    with sessions.begin() as session:
        team = Team(name="Usine SA", created_at=START, updated_at=START)
        room = session.scalars(select(Channel)).one()
        theirs = Channel(
            name="theirs", kind="slack", settings={"channel": "C0THEIRS"}, created_at=START, updated_at=START
        )
        session.add_all([team, theirs])
        session.flush()
        session.scalars(select(Watch).where(Watch.name == "Usine")).one().team_id = team.id
        theirs.team_id = team.id
        assert room.team_id is None
    life = burn(street, FIRE_AT + 70 * MINUTE)
    lit = by_watch(life)
    assert {one.story_id for one in lit.values()} == {None}
    assert ["Usine" in m["text"] for m in slack.messages("C0THEIRS")] == [True]
    assert len(slack.messages(ROOM)) == 2, "the house hears of both"
    assert not any("Dans le même feu" in str(m["blocks"]) for m in slack.messages(ROOM))


def blast(at: datetime) -> list[Item]:
    """Another matter, in which the plant of the brand is named."""
    rng = Random(41)
    seen = ("Explosion", "Énorme fumée noire", "Sirènes et pompiers", "Vitres soufflées", "Grosse détonation")
    where = ("au-dessus de l’usine Vélinor", "près de l’usine Vélinor", "à l’usine Vélinor ce midi")
    said = (
        "la route est coupée",
        "les riverains restent confinés",
        "on voit les flammes d’ici",
        "évacuation",
    )
    return [
        post(f"b{n}", at + timedelta(seconds=40 * n + rng.randrange(40)), f"{a} {b}, {c}", rng)
        for n in range(150)
        for a, b, c in [(rng.choice(seen), rng.choice(where), rng.choice(said))]
    ]


def test_another_matter_in_a_story_that_was_told_calls_people(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, {"Usine": "usine"})
    life = street(fire(FIRE_AT, hours=6), blast(FIRE_AT + 3 * HOUR))
    life.live(FIRE_AT + 3 * HOUR)
    before = len(aloud(slack))
    assert [one.watch_id for one in life.incidents()] == [1]
    life.live(FIRE_AT + 4 * HOUR)
    first, plant = life.incidents()
    assert plant.story_id == first.id, "its posts are the brand's too"
    assert any("Usine" in text for text in aloud(slack)[before:])


@pytest.fixture
def rooms(velinor: int, chain: Chain, sessions: Sessions, slack: SlackStandin, clock: StillClock) -> Chain:
    """The chain with a second room, in which the plant is told."""
    assert velinor, "its watch is there"
    slack.channels["C0PLANT"] = []
    pace = Pace(sleep=clock.sleep, monotonic=clock.monotonic)

    def opened(channel: Channel) -> SlackChannel:
        web = open_web(slack.token, slack.url, timeout=HANG)
        return SlackChannel(web, channel.settings.get("channel", ROOM), pace)

    with sessions.begin() as session:
        first = session.scalars(select(Channel)).one()
        for watch in session.scalars(select(Watch).options(*WHOLE)):
            watch.channels = [first]
        plant = Channel(
            name="plant", kind="slack", settings={"channel": "C0PLANT"}, created_at=START, updated_at=START
        )
        session.add(plant)
    return replace(chain, delivery=replace(chain.delivery, open=opened))


def test_a_room_that_was_told_nothing_gets_the_whole_alert_and_the_whole_end(
    rooms: Chain, street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, {"Usine": "usine"}, channels=["plant"])
    out_soon(sessions)
    life = street(everyday(), company_fire())
    life.chain = rooms
    life.live(FIRE_AT + 7 * HOUR)
    assert len({one.story_id or one.id for one in life.incidents()}) == 1
    for room, name, other in ((ROOM, "Vélinor", "Usine"), ("C0PLANT", "Usine", "Vélinor")):
        (root,) = slack.messages(room)
        assert root["text"].startswith(f"FEU ÉTEINT · {name}")
        ends = [text.split(" · ")[0] for text in told(slack, root["ts"], room)]
        assert ends.count("Éteint") == ends.count("Maîtrisé") == 1
        assert f"{other} #" not in str(slack.channels[room]), "nobody reads there of what is told elsewhere"


def test_the_story_goes_on_when_the_watch_that_began_it_is_out(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, {"Lot 4417": "4417", "Siège": "siège"})
    out_soon(sessions)
    on_head = [renamed(p, "le siège") for p in fire(FIRE_AT + 2 * HOUR, hours=6, seed=31, prefix="h")]
    life = burn(street, FIRE_AT + 7 * HOUR, on_head)
    first, *_ = life.incidents()
    named = by_watch(life)
    assert "went_out" in reasons_of(life, first)
    assert named["Siège"].state == "burning"
    (root,) = slack.messages()
    assert "Siège" in root["text"], "what burns is what the message shows"
    assert not any(text.startswith(("Maîtrisé", "Éteint")) for text in told(slack, root["ts"]))
    life.live(FIRE_AT + 12 * HOUR)
    ends = [text.split(" · ")[0] for text in told(slack, root["ts"])]
    assert ends.count("Maîtrisé") == ends.count("Éteint") == 1
    (root,) = slack.messages()
    assert root["text"].startswith("FEU ÉTEINT")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_fire_of_several_watches_that_starts_again_calls_once_in_the_same_story(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    watch_for(sessions, COMPANY)
    rng = Random(6)
    again = [naming(p, rng, 0.8) for p in fire(FIRE_AT + 22 * HOUR, seed=9, prefix="again")]
    life = burn(street, FIRE_AT + 4 * HOUR, again)
    life.rest(FIRE_AT + 21 * HOUR)
    before = len(slack.channels[ROOM])
    life.live(FIRE_AT + 22 * HOUR + 50 * MINUTE)
    lit = life.incidents()[4:]
    assert {one.story_id for one in lit} == {life.incidents()[0].id}
    assert len(slack.messages()) == 1
    since = slack.channels[ROOM][before:]
    burning = [one for one in lit if one.burning_at]
    assert [m["text"].split(" · ")[0] for m in since] == ["Le feu se rallume"] * len(burning)
    assert sum(bool(m.get("reply_broadcast")) for m in since) in {1, 2}, "again if it doubles"
    assert since[0]["reply_broadcast"]


def test_a_replay_of_several_watches_tells_what_was_told(
    street: Opened, sessions: Sessions, tmp_path: Path
) -> None:
    watch_for(sessions, COMPANY)
    # An archive is heard from its first post on; so that the street is too, one comes in its first minute.
    first = [post("first", START, "Vélinor ouvre")]
    posts = [everyday(), company_fire(), first]
    life = street(*posts)
    end = FIRE_AT + 3 * HOUR
    life.live(end)
    url = f"sqlite:///{tmp_path / 'replay.db'}"
    db.migrate(url)
    heard: list[Transition] = []
    with sessions() as session:
        names = list(session.execute(select(Watch.name, Watch.query).order_by(Watch.id)))
    again = [
        Watch(
            name=name, query=query, languages=[], time_zone="Europe/Paris", created_at=START, updated_at=START
        )
        for name, query in names
    ]
    replay = Replay(db.sessions_of(db.connect(url, durable=False)), ScoringEngine(FireDetector()), "fr")
    archive = [
        ("forum", p)
        for part in (*posts, ordinary(9))
        for p in part
        if p.published_at and p.published_at < end
    ]
    policy = Policy(name="default", remind_minutes=0, created_at=START, updated_at=START)
    replay.run(archive, again, policy, told=lambda transition, _incident: heard.append(transition))
    assert [(t.incident_id, t.reason, t.at, t.standing["suppressed_by_story"]) for t in heard] == [
        (t.incident_id, t.reason, t.at, t.standing["suppressed_by_story"]) for t in life.transitions()
    ]
    would = [c["payload"]["text"] for c in replay.rehearsal.web.calls if c["method"] == "chat.postMessage"]
    with sessions() as session:
        sent = session.scalars(select(Delivery.payload).order_by(Delivery.id))
        got = [
            call["payload"]["text"]
            for payload in sent
            for call in (payload or {"calls": []})["calls"]
            if call["method"] == "chat.postMessage"
        ]
    assert sorted(would) == sorted(got)
