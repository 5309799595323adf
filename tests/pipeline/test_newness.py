"""What is new of a burning fire: another source, another topic (on SQLite alone)."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Policy, Source
from app.pipeline.count import observed
from app.pipeline.match import Matchers
from app.pipeline.store import store
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


def test_a_second_source_that_carries_it_is_told_in_the_thread(
    street: Opened, sessions: Sessions, slack: SlackStandin
) -> None:
    life = street(fire(FIRE_AT, hours=4))
    with sessions.begin() as session:
        press = Source(
            name="presse", kind="push", settings={}, health="ok", health_since=START, cadence_seconds=300,
            heard_until=START, created_at=START, updated_at=START,
        )  # fmt: skip
        session.add(press)
        session.flush()
        observed(session, press.id, START, FIRE_AT + 5 * HOUR)
        press_id = press.id
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
    life = street(before, turned)
    life.live(FIRE_AT + 4 * HOUR)
    assert "turned" in life.reasons()


def test_a_fire_that_stays_what_it_was_is_no_news(street: Opened) -> None:
    life = street(fire(FIRE_AT, hours=4))
    life.live(FIRE_AT + 5 * HOUR)
    assert not {"turned", "spread"} & set(life.reasons())


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
    life.live(FIRE_AT + 27 * HOUR)
    assert "relit" in life.reasons()
    assert life.reasons().count("ignited") == 1
    assert "burns again" not in _thread(slack)


def _thread(slack: SlackStandin) -> str:
    return " ".join(str(m.get("text")) + str(m.get("blocks")) for m in slack.channels["C0ALERTS"])
