"""kill -9 at any moment: no post lost, no post twice, no alert lost, none told twice."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
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
from tests.faults.failing_slack import FailingSlack
from tests.faults.lives import Lives
from tests.faults.world import World
from tests.pipeline.brand import START, fire, ordinary
from tests.standins.patience import until
from tests.standins.slack import SlackStandin

pytestmark = pytest.mark.faults

REPAINTED = {Reason.went_on}  # these change the first message and add none
FIRE_AT = START + timedelta(days=7, hours=10)
BEGIN = FIRE_AT + timedelta(minutes=20)
END = FIRE_AT + timedelta(hours=3, minutes=30)
SPAN = END - BEGIN
KILLS = 30  # in each fire at most
ALONE = 10  # one life in so many is no child of the nursery, and the first
FAILING = 0.2  # at least such a part of the calls of Slack failed: three in ten are to


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many fires as the kills that are asked for take, each on SQLite and on PostgreSQL."""
    wanted = metafunc.config.getoption("--kills")
    fires = ceil(wanted / (2 * KILLS))
    metafunc.parametrize(("seed", "most"), [(seed, ceil(wanted / (2 * fires))) for seed in range(fires)])


def test_a_service_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(
    seed: int, most: int, database: str, sessions: db.Sessions, tmp_path: Path
) -> None:
    posts = sorted(
        [*ordinary(8), *fire(FIRE_AT, hours=1.5, seed=8 + seed)],
        key=lambda p: (p.published_at or START, p.external_id),
    )
    kills = Kills(most)
    clock = tmp_path / "clock"
    with (
        World(BEGIN, END, posts, kills.may_go_on, clock=clock) as world,
        FailingSlack(seed, lambda: world.at) as slack,
    ):
        before = [p for p in posts if p.published_at and p.published_at <= BEGIN]
        _set_up(sessions, world, before)
        lives = Lives("whole", world.url, _environment(database, world, slack, clock), tmp_path)
        _live_and_die(kills, random.Random(seed), sessions, world, lives)
        assert kills.done >= most
        assert sum(slack.fates.values()) >= FAILING * len(slack.requests)
        _nothing_lost_nothing_twice(sessions, world)
        _told_once(sessions, slack)


@dataclass
class Kills:
    """How often the service was killed, of how often it is to be before the day is over."""

    wanted: int
    done: int = 0

    def may_go_on(self, at: datetime) -> bool:
        """Whether so many happened as belong before that instant: they fall into every part of the day."""
        return self.done >= self.wanted * min(1.0, (at - BEGIN) / SPAN)  # the last life may finish


def _set_up(sessions: db.Sessions, world: World, before: list[Item]) -> None:
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        policy = Policy(name="default", out_minutes=60, **stamps)
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


def _environment(database: str, world: World, slack: SlackStandin, clock: Path) -> dict[str, str]:
    return {
        "CLOCK": str(clock),
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_DATA_DIR": str(clock.parent),
        "TOCSIN_SECRET_KEY": new_key(),
        "TOCSIN_PORT": "0",
        "TOCSIN_CYCLE_SECONDS": "300",
        "TOCSIN_HEARTBEAT_URL": f"{world.url}/beat",
        "TOCSIN_LOG_LEVEL": "error",
        "TOCSIN_SLACK_BOT_TOKEN": slack.token,
        "TOCSIN_SLACK_API_URL": slack.url,
        "TOCSIN_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        "TOCSIN_RETENTION_DAYS": "3650",
    }


def _live_and_die(
    kills: Kills, rng: random.Random, sessions: db.Sessions, world: World, lives: Lives
) -> None:
    """Lives that end with kill -9, and a last one that may finish."""
    longest = 0.6  # seconds
    with lives:
        while not world.over.is_set():
            was = world.passes
            if kills.done % ALONE:
                life = lives.birth()
            else:
                life = lives.start()
                until(lambda: world.passes > was)  # noqa: B023 - it is asked here and now
            world.over.wait(rng.uniform(0.01, longest))
            lives.kill(life)
            kills.done += 1
            # On a busy machine a pass takes longer: a service that never lives through one proves nothing.
            longest = max(0.6, longest * 0.9) if world.passes > was else longest * 1.2
        life = lives.birth()
        until(lambda: _all_told(sessions), every=0.1)
        lives.kill(life)


def _all_told(sessions: db.Sessions) -> bool:
    """The fire is out and nothing waits: a lease that a killed life left may have held the ear up."""
    with sessions() as session:
        out = select(Transition.id).where(Transition.reason == Reason.went_out)
        waiting = select(Delivery.id).where(Delivery.due_at.is_not(None))
        return session.scalars(out).first() is not None and session.scalars(waiting).first() is None


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
        assert reasons.count("went_out") == reasons[-1:].count("went_out") == 1, "the story came to its end"
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
