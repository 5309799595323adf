"""What is seen counts, however little was heard and however late it comes (on SQLite alone)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.db import Sessions
from app.models import Source, Watch
from app.pipeline import run_cycle
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.simulation.preview import preview
from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import Street
from tests.standins.slack import SlackStandin

MINUTE = timedelta(minutes=1)
STEP = 5 * MINUTE


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def hear(life: Street, until: datetime, posts: Sequence[Item], coverage: float) -> None:
    """Five minutes after five minutes of which only a part is heard, with these posts."""
    while life.clock.at < until:
        life.clock.at += STEP
        now = life.clock.at
        came = [p for p in posts if p.published_at and now - STEP <= p.published_at < now]
        with life.sessions.begin() as session:
            store(session, Matchers().current(session), life.source_id, came, now=now)
            if coverage:
                observed(session, life.source_id, now - STEP, now, coverage=coverage)
            session.execute(update(Source).values(heard_until=now))
        run_cycle(life.sessions, life.chain, now=now)


def deliver(life: Street, posts: Sequence[Item]) -> None:
    """What a sender kept comes in now."""
    with life.sessions.begin() as session:
        store(session, Matchers().current(session), life.source_id, posts, now=life.clock.at)


def between(posts: Sequence[Item], since: datetime, until: datetime) -> list[Item]:
    return [post for post in posts if post.published_at and since <= post.published_at < until]


def roots(slack: SlackStandin) -> list[str]:
    said = [json.dumps(message["blocks"], ensure_ascii=False) for message in slack.messages()]
    return [blocks.replace("\xa0", " ").replace("\u202f", " ") for blocks in said]


def test_a_fire_of_which_a_fifth_is_heard_rings_by_what_was_seen(street: Opened, slack: SlackStandin) -> None:
    life = street(begin=FIRE_AT)
    hear(life, FIRE_AT + HOUR, fire(FIRE_AT, per_hour=1158), 0.22)
    (root,) = roots(slack)
    assert "Entendu en partie seulement* (22 %)" in root
    (ignited,) = [t for t in life.transitions() if t.reason == "ignited"]
    assert ignited.observed is not None
    assert ignited.observed < 1158, "as it was seen, and not taken up in proportion"


def test_as_usual_of_which_a_fifth_is_heard_says_nothing(street: Opened, slack: SlackStandin) -> None:
    life = street(begin=FIRE_AT)
    usual = between(ordinary(9), FIRE_AT, FIRE_AT + 6 * HOUR)
    hear(life, FIRE_AT + 6 * HOUR, usual, 0.22)
    assert life.transitions() == []
    assert roots(slack) == []


def test_a_fire_that_is_hardly_heard_any_more_is_not_calm(street: Opened) -> None:
    life = street(fire(FIRE_AT))
    life.live(FIRE_AT + 2 * HOUR)
    few = between(ordinary(9, per_hour=3), FIRE_AT, FIRE_AT + 12 * HOUR)
    hear(life, FIRE_AT + 12 * HOUR, few, 0.2)
    (incident,) = life.incidents()
    assert incident.state == "burning"


@pytest.mark.parametrize(
    ("hours", "heard"),
    [
        pytest.param(1, True, id="an hour, the sender was cut off"),
        pytest.param(8, False, id="8 hours, so were we"),
        pytest.param(8, True, id="8 hours, the sender was cut off", marks=pytest.mark.whole),
        pytest.param(1, False, id="an hour, so were we", marks=pytest.mark.whole),
    ],
)
def test_a_backlog_rings_at_once_and_is_told_as_what_began_when(
    street: Opened, slack: SlackStandin, hours: int, heard: bool
) -> None:
    burning = fire(FIRE_AT, hours=hours, per_hour=152)
    life = street(begin=FIRE_AT - HOUR)
    life.live(FIRE_AT)
    back = FIRE_AT + hours * HOUR
    hear(life, back, [], 1.0 if heard else 0.0)
    assert life.transitions() == []
    deliver(life, burning)
    hear(life, back + STEP, [], 1.0)
    (root,) = roots(slack)
    assert "sont arrivés en retard" in root
    assert "dans l’heure jusqu’à" in root or "il y en a au moins autant" in root
    (ignited,) = [t for t in life.transitions() if t.reason == "ignited"]
    assert back - 15 * MINUTE <= ignited.at <= back + STEP
    assert ignited.observed is not None
    assert ignited.observed >= (60 if hours == 1 else 120), "of its own hour, and not of the last one"
    (incident,) = life.incidents()
    assert abs(incident.onset_at - FIRE_AT) <= 30 * MINUTE
    hear(life, back + 3 * HOUR, between(ordinary(9), back, back + 3 * HOUR), 1.0)
    assert len(roots(slack)) == 1, "once"
    assert "contained" in life.reasons()


def test_a_fire_that_goes_on_after_its_backlog_is_one_story(street: Opened, slack: SlackStandin) -> None:
    burning = fire(FIRE_AT, hours=4, per_hour=152)
    life = street(begin=FIRE_AT - HOUR)
    life.live(FIRE_AT)
    back = FIRE_AT + HOUR
    hear(life, back, [], 0.0)
    deliver(life, between(burning, FIRE_AT, back))
    hear(life, back + 2 * HOUR, between(burning, back, back + 2 * HOUR), 1.0)
    assert len(roots(slack)) == 1
    assert len(life.incidents()) == 1


@pytest.mark.parametrize("hours", [9, *(pytest.param(n, marks=pytest.mark.whole) for n in (2, 20))])
def test_a_fire_that_comes_in_hours_late_bucket_by_bucket_rings(
    street: Opened, slack: SlackStandin, hours: int
) -> None:
    lag = hours * HOUR
    life = street(begin=FIRE_AT - HOUR)
    burning = fire(FIRE_AT - lag, hours=2, per_hour=300)
    life.live(FIRE_AT)
    while life.clock.at < FIRE_AT + 2 * HOUR:
        now = life.clock.at
        deliver(life, between(burning, now - lag - STEP, now - lag))
        life.live(now + STEP)
    assert len(roots(slack)) == 1


@pytest.mark.parametrize("hours", [20, pytest.param(9, marks=pytest.mark.whole)])
def test_what_is_usual_and_comes_in_hours_late_says_nothing(
    street: Opened, slack: SlackStandin, hours: int
) -> None:
    lag = hours * HOUR
    life = street(begin=FIRE_AT - HOUR)
    usual = [replace(post, external_id=f"late {post.external_id}") for post in ordinary(9, seed=8)]
    life.live(FIRE_AT)
    while life.clock.at < FIRE_AT + 3 * HOUR:
        now = life.clock.at
        deliver(life, between(usual, now - lag - STEP, now - lag)[:1])
        life.live(now + STEP)
    assert roots(slack) == []


@pytest.mark.parametrize("hours", [1, pytest.param(8, marks=pytest.mark.whole)])
def test_a_backlog_of_what_is_usual_says_nothing(street: Opened, slack: SlackStandin, hours: int) -> None:
    life = street(begin=FIRE_AT - HOUR)
    life.live(FIRE_AT)
    back = FIRE_AT + hours * HOUR
    usual = ordinary(9, seed=7)
    for heard in (1.0, 0.0):
        hear(life, back, [], heard)
    deliver(life, between(usual, FIRE_AT, back))
    hear(life, back + 3 * HOUR, between(usual, back, back + 3 * HOUR), 1.0)
    assert "ignited" not in life.reasons()
    assert roots(slack) == []


def test_what_a_new_watch_finds_of_the_past_is_no_news(street: Opened, sessions: Sessions) -> None:
    life = street(fire(FIRE_AT), begin=FIRE_AT - HOUR)
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.updated_at = {"any_of": ["Nobody"]}, life.clock.at
    life.live(FIRE_AT + 5 * HOUR)
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.rematch_until, watch.updated_at = {"any_of": ["Vélinor"]}, 10**6, life.clock.at
    life.live(FIRE_AT + 7 * HOUR)
    assert "ignited" not in life.reasons()
    assert START < FIRE_AT


def test_what_was_told_is_not_told_again_when_more_of_it_comes_late(
    street: Opened, slack: SlackStandin
) -> None:
    burning = fire(FIRE_AT, hours=2, per_hour=300)
    life = street(burning[::2], begin=FIRE_AT - HOUR)
    life.live(FIRE_AT + 4 * HOUR)
    life.rest(FIRE_AT + 20 * HOUR)
    assert life.incidents()[0].state == "out"
    deliver(life, burning[1::2])
    life.live(FIRE_AT + 22 * HOUR)
    assert len(life.incidents()) == 1
    assert len(roots(slack)) == 1


def test_what_a_new_source_looks_back_on_is_no_news(street: Opened, sessions: Sessions) -> None:
    life = street(begin=FIRE_AT)
    life.live(FIRE_AT + 2 * HOUR)
    with sessions.begin() as session:
        now = life.clock.at
        source = Source(
            name="new", kind="push", settings={}, health_since=now, created_at=now, updated_at=now
        )
        session.add(source)
        session.flush()
        store(session, Matchers().current(session), source.id, fire(FIRE_AT - 5 * HOUR, hours=3), now=now)
    life.live(FIRE_AT + 3 * HOUR)
    assert "ignited" not in life.reasons()


def test_a_preview_of_that_day_tells_the_late_fire_as_it_was_told(street: Opened, sessions: Sessions) -> None:
    burning = fire(FIRE_AT, hours=2, per_hour=152)
    life = street(begin=FIRE_AT - HOUR)
    life.live(FIRE_AT)
    back = FIRE_AT + 2 * HOUR
    hear(life, back, [], 1.0)
    deliver(life, burning)
    hear(life, back + 4 * HOUR, between(ordinary(9), back, back + 4 * HOUR), 1.0)
    (ignited,) = [t for t in life.transitions() if t.reason == "ignited"]
    (alarm,) = preview(sessions, 1, {}, since=FIRE_AT - HOUR, now=life.clock.at).today.alarms
    # When a post was there is known to a visit of its source: two buckets.
    assert timedelta(0) <= ignited.at - alarm.alerted_at <= 2 * STEP
