"""What is new of a burning fire: another source, another topic (on SQLite alone)."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Incident, Mention, Policy, Source, Transition
from app.pipeline.incidents.milestones import _soured
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.sources.base import Item
from tests.pipeline.brand import START, fire, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def said(prefix: str, begin_minutes: int, words: str, posts: int, authors: int) -> list[Item]:
    rng = Random(4)
    items = []
    for k in range(posts):
        at = FIRE_AT + (begin_minutes + 60 * k / posts) * MINUTE
        item = post(f"{prefix}{k}", at, f"Vélinor : {words} {rng.randrange(999)}")
        items.append(Item(item.external_id, item.text, item.published_at, author=f"@{prefix}{k % authors}"))
    return items


def a_source(sessions: Sessions, name: str, kind: str) -> int:
    """Another source, that nobody runs; its id."""
    with sessions.begin() as session:
        source = Source(
            name=name, kind=kind, settings={}, health="ok", health_since=START, cadence_seconds=300,
            heard_until=START, enabled=kind == "push", created_at=START, updated_at=START,
        )  # fmt: skip
        session.add(source)
        session.flush()
        return source.id


def test_a_second_source_that_carries_it_is_told_in_the_thread(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT, hours=4))
    press_id = a_source(sessions, "presse", "push")
    with sessions.begin() as session:
        observed(session, press_id, START, FIRE_AT + 5 * HOUR)
    life.live(FIRE_AT + 2 * HOUR)
    assert "spread" not in life.reasons()
    with sessions.begin() as session:
        items = said("presse", 110, "rappel massif", posts=10, authors=5)
        store(session, Matchers().current(session), press_id, items, now=life.clock.at)
    life.live(FIRE_AT + 3 * HOUR)
    assert life.reasons().count("spread") == 1
    assert "It spreads to another source" in _thread(slack) or "gagne une autre source" in _thread(slack)


def test_a_fire_that_turns_to_another_topic_is_told(street: Opened) -> None:
    before = fire(FIRE_AT, hours=2)
    turned = said("grève", 125, "grève des chauffeurs, entrepôt bloqué", posts=120, authors=60)
    again = said("rappel", 230, "rappel des yaourts, préfecture saisie", posts=120, authors=60)
    life = street(before, turned, again)
    life.live(FIRE_AT + 5 * HOUR)
    assert life.reasons().count("turned") == 1, "talk that goes this way and that is told once in six hours"


def test_a_fire_that_stays_what_it_was_is_no_news(street: Opened) -> None:
    life = street(fire(FIRE_AT, hours=4))
    life.live(FIRE_AT + 5 * HOUR)
    assert not {"turned", "spread"} & set(life.reasons())


def test_the_press_that_picks_it_up_is_told_once(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT, hours=4))
    press_id = a_source(sessions, "Le Monde", "rss")
    life.live(FIRE_AT + 2 * HOUR)
    assert "press" not in life.reasons()
    with sessions.begin() as session:
        items = said("presse", 110, "rappel massif", posts=3, authors=1)
        store(session, Matchers().current(session), press_id, items, now=life.clock.at)
    life.live(FIRE_AT + 4 * HOUR)
    assert life.reasons().count("press") == 1
    assert "La presse s’en empare" in _thread(slack)


def test_a_wide_audience_is_told_of_by_name_and_once(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    wide = [
        Item(
            f"wide{n}", f"Vélinor : {n} mots de moi", FIRE_AT + (100 + 20 * n) * MINUTE, author="@*Star*",
            followers=400_000,
        )
        for n in range(4)
    ]  # fmt: skip
    life = street(fire(FIRE_AT, hours=4), wide)
    life.live(FIRE_AT + 4 * HOUR)
    assert life.reasons().count("joined") == 1
    assert "∗Star∗" in _thread(slack), "no bold of a stranger's making"
    with sessions() as session:
        transitions = [d for d in session.scalars(select(Transition)) if d.reason == "joined"]
        assert transitions[0].facts["joined"]["followers"] == 400_000


def test_a_policy_says_what_a_wide_audience_is(street: Opened, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().advice = {"audience": 1_000_000}
    wide = [
        Item("wide", "Vélinor : un mot de moi", FIRE_AT + 100 * MINUTE, author="@star", followers=400_000)
    ]
    life = street(fire(FIRE_AT, hours=4), wide)
    life.live(FIRE_AT + 4 * HOUR)
    assert "joined" not in life.reasons()


def test_a_fire_that_halves_is_told_to_slow_down_once(street: Opened, slack: SlackStandin) -> None:
    strong, weak = fire(FIRE_AT, hours=2, per_hour=300), fire(FIRE_AT + 2 * HOUR, hours=5, prefix="weak")
    life = street(strong, weak)
    life.live(FIRE_AT + 7 * HOUR)
    assert life.reasons().count("slowed") == 1
    assert "Cela ralentit" in _thread(slack)


@pytest.mark.parametrize(
    ("before", "mentions", "negative", "soured"),
    [
        pytest.param(0.1, 60, 30, True, id="half of it, where a tenth was"),
        pytest.param(0.1, 60, 12, False, id="a fifth is not much more"),
        pytest.param(0.1, 10, 9, False, id="ten posts say nothing"),
        pytest.param(0.6, 60, 45, False, id="it was bad all the time"),
        pytest.param(0.0, 40, 10, True, id="a quarter, where nothing was"),
    ],
)
def test_the_tone_turns_where_the_last_hour_is_far_more_negative(
    velinor: int, sessions: Sessions, before: float, mentions: int, negative: int, soured: bool
) -> None:
    with sessions.begin() as session:
        store(
            session, Matchers().current(session), velinor,
            said("x", 0, "un mot", posts=mentions, authors=mentions), now=FIRE_AT + HOUR,
        )  # fmt: skip
        heard = session.scalars(select(Mention).order_by(Mention.post_id)).all()
        assert len(heard) == mentions
        for n, mention in enumerate(heard):
            mention.negative = n < negative
        session.flush()
        incident = Incident(onset_at=FIRE_AT - HOUR)
        assert _soured(session, heard[0].watch_id, incident, FIRE_AT + HOUR, before) is soured


def test_a_small_spark_and_a_fire_eight_hours_later_are_both_told(street: Opened) -> None:
    spark = fire(FIRE_AT, hours=1.5, per_hour=60, prefix="spark")
    real = fire(FIRE_AT + 8 * HOUR, hours=3, per_hour=150, prefix="real", seed=11)
    life = street(spark, real)
    life.live(FIRE_AT + 10 * HOUR)
    aloud = [t.at for t in life.transitions() if t.reason in ("ignited", "flared", "grew")]
    assert any(at < FIRE_AT + 3 * HOUR for at in aloud)
    assert any(at > FIRE_AT + 8 * HOUR for at in aloud)


def test_the_same_fire_again_within_the_cool_down_repaints_and_calls_nobody(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    with sessions.begin() as session:
        session.scalars(select(Policy)).one().cooldown_minutes = 2_000
    life = street(fire(FIRE_AT), fire(FIRE_AT + 22 * HOUR, prefix="again", seed=8))
    life.live(FIRE_AT + 4 * HOUR)
    life.rest(FIRE_AT + 22 * HOUR)
    life.live(FIRE_AT + 27 * HOUR)
    assert "relit" in life.reasons()
    assert life.reasons().count("ignited") == 1
    assert "burns again" not in _thread(slack)


def _thread(slack: SlackStandin) -> str:
    return " ".join(str(m.get("text")) + str(m.get("blocks")) for m in slack.channels["C0ALERTS"])
