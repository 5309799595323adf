"""A replay is the live chain on another clock: what a preview shows is what would have happened."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import db, metrics
from app.db import Sessions
from app.models import Policy, Transition, Watch
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.replay import Replay
from app.sources.base import Item
from detectors import FireDetector
from tests.pipeline.brand import START, fire, ordinary, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened

pytestmark = pytest.mark.story

# An archive is heard from its first post on; so that the street is too, one comes in its first minute.
FIRST = [post("first", START, "Vélinor ouvre")]


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.fixture
def archive(tmp_path: Path) -> Sessions:
    url = f"sqlite:///{tmp_path / 'replay.db'}"
    db.migrate(url)
    return db.sessions_of(db.connect(url, durable=False))


def replayed(
    sessions: Sessions, posts: list[Item], since: datetime | None = None
) -> tuple[Replay, list[Transition]]:
    transitions: list[Transition] = []
    replay = Replay(sessions, ScoringEngine(FireDetector()), "fr")
    stamps = {"created_at": START, "updated_at": START}
    watch = Watch(
        name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], time_zone="Europe/Paris", **stamps
    )
    replay.run(
        [("forum", item) for item in posts],
        [watch],
        Policy(name="default", **stamps),
        since=since,
        told=lambda transition, _incident: transitions.append(transition),
    )
    return replay, transitions


@pytest.mark.story(always=True)
def test_live_and_replay_say_the_same_at_the_same_minute(street: Opened, archive: Sessions) -> None:
    end = FIRE_AT + 14 * HOUR
    burning = fire(FIRE_AT)
    live = street(burning, FIRST)
    live.live(end)
    posts = [p for p in [*ordinary(9), *burning, *FIRST] if p.published_at and p.published_at < end]
    _, transitions = replayed(archive, posts)
    lived = live.transitions()
    assert [(t.reason, t.at, t.observed) for t in transitions] == [
        (t.reason, t.at, t.observed) for t in lived
    ]
    for there, here in zip(transitions, lived, strict=True):
        assert there.score == pytest.approx(here.score, abs=1e-9)
        assert there.expected == pytest.approx(here.expected, abs=1e-9)
        assert there.facts["mentions"] == here.facts["mentions"]
        assert [s["text"] for s in there.facts["samples"]] == [s["text"] for s in here.facts["samples"]]
        assert there.facts["new_words"] == here.facts["new_words"]


@pytest.mark.whole
def test_what_slack_would_have_got_is_what_slack_got(street: Opened, archive: Sessions) -> None:
    burning = fire(FIRE_AT)
    live = street(burning, FIRST)
    end = FIRE_AT + 9 * HOUR
    live.live(end)
    posts = [p for p in [*ordinary(9), *burning, *FIRST] if p.published_at and p.published_at < end]
    replay, _ = replayed(archive, posts)
    would = [c["payload"]["text"] for c in replay.rehearsal.web.calls if c["method"] == "chat.postMessage"]
    got = [
        call["payload"]["text"]
        for delivery in live.deliveries()
        for call in (delivery.payload or {"calls": []})["calls"]
        if call["method"] == "chat.postMessage"
    ]
    assert would == got


def test_a_crisis_that_is_all_that_an_archive_holds_rings_if_the_silence_before_it_is_known(
    archive: Sessions, tmp_path: Path
) -> None:
    assert "ignited" not in {t.reason.value for t in replayed(archive, fire(FIRE_AT))[1]}
    url = f"sqlite:///{tmp_path / 'since.db'}"
    db.migrate(url)
    _, transitions = replayed(db.sessions_of(db.connect(url, durable=False)), fire(FIRE_AT), START)
    rang = next(t for t in transitions if t.reason.value == "ignited")
    assert rang.at < FIRE_AT + 2 * HOUR


def test_posts_from_before_the_day_that_is_given_are_heard_all_the_same(archive: Sessions) -> None:
    _, transitions = replayed(archive, [*ordinary(7.5), *fire(FIRE_AT, hours=1.5)], FIRE_AT)
    assert "ignited" in {t.reason.value for t in transitions}


def test_an_empty_archive_is_no_error(archive: Sessions) -> None:
    assert replayed(archive, [])[1] == []


def test_years_without_a_post_are_passed_over_and_nothing_is_counted_as_if_it_happened(
    archive: Sessions,
) -> None:
    stray = post("stray", START - timedelta(days=4 * 365), "Vélinor il y a longtemps")

    def counted() -> float:
        ignited = {"reason": "ignited"}
        return metrics.registry.get_sample_value("tocsin_transitions_total", ignited) or 0.0

    before = counted()
    _, transitions = replayed(archive, [stray, *ordinary(8), *fire(FIRE_AT, hours=1.5)])
    assert "ignited" in {t.reason.value for t in transitions}
    assert counted() == before
