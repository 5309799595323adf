"""kill -9 at any moment: no post lost, no post twice, no alert lost, none told twice."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import db
from app.channels.slack.transport import EVENT
from app.clock import step_start
from app.models import (
    Bucket,
    Channel,
    Delivery,
    DeliveryState,
    Mention,
    Policy,
    Post,
    Reason,
    Source,
    Transition,
    Watch,
)
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.sources.base import Item
from app.vault import new_key
from tests.faults.lives import Lives
from tests.faults.world import World
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.patience import until
from tests.standins.slack import SlackStandin

pytestmark = pytest.mark.faults

REPAINTED = {Reason.went_on}  # these change the first message and add none
FIRE_AT = START + timedelta(days=7, hours=10)
BEGIN = FIRE_AT + timedelta(minutes=20)


def test_a_service_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(
    database: str, sessions: db.Sessions, tmp_path: Path
) -> None:
    posts = sorted(
        [*ordinary(8), *fire(FIRE_AT, hours=1.5)], key=lambda p: (p.published_at or START, p.external_id)
    )
    with World(BEGIN, FIRE_AT + timedelta(hours=3, minutes=30), posts) as world, SlackStandin() as slack:
        before = [p for p in posts if p.published_at and p.published_at <= BEGIN]
        _set_up(sessions, world, before)
        kills = _live_and_die(database, sessions, world, slack, tmp_path)
        assert kills > 10
        _nothing_lost_nothing_twice(sessions, world)
        _told_once(sessions, slack)


def _set_up(sessions: db.Sessions, world: World, before: list[Item]) -> None:
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        policy = Policy(name="default", **stamps)
        source = Source(
            name="forum", kind="rss", settings={"url": f"{world.url}/feed"}, cadence_seconds=300,
            due_at=BEGIN, health_since=START, heard_until=BEGIN, **stamps,
        )  # fmt: skip
        watch = Watch(
            name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], policy=policy,
            scored_until=step_start(BEGIN), **stamps,
        )  # fmt: skip
        slack = Channel(name="slack", kind="slack", settings={"channel": "C0ALERTS"}, **stamps)
        session.add_all([policy, source, watch, slack])
        session.flush()
        store(session, Matchers().current(session), source.id, before, now=BEGIN)
        observed(session, source.id, START, BEGIN)


def _environment(database: str, slack: SlackStandin, folder: Path) -> dict[str, str]:
    return {
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_DATA_DIR": str(folder),
        "TOCSIN_SECRET_KEY": new_key(),
        "TOCSIN_SLACK_BOT_TOKEN": slack.token,
        "TOCSIN_SLACK_API_URL": slack.url,
        "TOCSIN_ALLOW_PRIVATE_HOSTS": '["127.0.0.1"]',
        "TOCSIN_RETENTION_DAYS": "3650",
    }


def _live_and_die(
    database: str, sessions: db.Sessions, world: World, slack: SlackStandin, folder: Path
) -> int:
    """Lives that end with kill -9, and a last one that may finish; how many were cut short."""
    rng = random.Random(5)
    kills = 0
    with Lives("chain", world.url, _environment(database, slack, folder), folder) as lives:
        longest = 0.6  # seconds
        while not world.over.is_set():
            life, was = lives.birth(), world.at
            world.over.wait(rng.uniform(0.01, longest))
            lives.kill(life)
            kills += 1
            # On a busy machine a pass takes longer: a service that never lives through one proves nothing.
            longest = longest * 1.05 if world.at == was else 0.6
        life = lives.birth()
        until(lambda: _all_told(sessions), every=0.1)
        lives.kill(life)
    return kills


def _all_told(sessions: db.Sessions) -> bool:
    """The fire is contained and nothing waits: a lease that a killed life left may have held the ear up."""
    with sessions() as session:
        contained = select(Transition.id).where(Transition.reason == Reason.contained)
        waiting = select(Delivery.id).where(Delivery.due_at.is_not(None))
        return session.scalars(contained).first() is not None and session.scalars(waiting).first() is None


def _nothing_lost_nothing_twice(sessions: db.Sessions, world: World) -> None:
    with sessions() as session:
        stored = Counter(session.scalars(select(Post.external_id)))
        heard_until = session.scalars(select(Source.heard_until)).one()
        assert heard_until is not None
        wanted = {p.external_id for p in world.posts if p.published_at and p.published_at <= heard_until}
        assert set(stored) >= wanted, f"lost: {sorted(wanted - set(stored))[:5]}"
        assert set(stored.values()) == {1}
        assert session.scalars(select(func.sum(Bucket.mentions))).one() == len(stored)
        assert session.scalars(select(func.count()).select_from(Mention)).one() == len(stored)


def _told_once(sessions: db.Sessions, slack: SlackStandin) -> None:
    with sessions() as session:
        transitions = list(session.scalars(select(Transition).order_by(Transition.id)))
        reasons = [t.reason.value for t in transitions]
        assert reasons.count("ignited") == 1
        assert reasons.count("contained") == 1
        deliveries = list(session.scalars(select(Delivery)))
        assert {d.state for d in deliveries} == {DeliveryState.sent}
    numbered = [m for m in slack.channels["C0ALERTS"] if "metadata" in m]
    told = Counter(m["metadata"]["event_payload"]["delivery_id"] for m in numbered)
    assert set(told.values()) == {1}, "a message that was in flight is recognised and not sent again"
    alerts = [m for m in numbered if m["metadata"]["event_type"] == EVENT]
    assert sum("thread_ts" not in m for m in alerts) == 1, "one message for one fire"
    with_words = {t.id for t in transitions if t.reason not in REPAINTED}
    notices = {d.id for d in deliveries if d.notice_id is not None}
    assert set(told) == {d.id for d in deliveries if d.transition_id in with_words} | notices
