"""What follows where a clock ran ahead: posts are counted where they belong, and nothing is told twice."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app.db import Sessions
from app.models import Bucket, Coverage, Delivery, DeliveryState, Mention, Post, Silence
from app.pipeline import run_cycle
from app.pipeline.delivery.notify import notify
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.timekeeping.keep_time import keep_time
from tests.pipeline.brand import START, fire, post
from tests.pipeline.conftest import FIRE_AT, HOUR, Opened
from tests.pipeline.street import STEP, Street
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import TAKEN_THEN_CUT, http

DAY = timedelta(days=1)
NOW = START + timedelta(days=7, minutes=2)


def test_what_our_clock_dated_is_counted_now_and_what_its_source_dated_stays(
    sessions: Sessions, velinor: int
) -> None:
    dated = [post(f"d{n}", NOW - timedelta(minutes=n), f"Vélinor au marché {n}") for n in range(3)]
    undated = [replace(post(f"u{n}", NOW, f"Vélinor en pot {n}"), published_at=None) for n in range(4)]
    with sessions.begin() as session:
        store(session, Matchers().current(session), velinor, [*dated, *undated], now=NOW + DAY)
        observed(session, velinor, NOW - HOUR, NOW + DAY)
    keep_time(sessions, now=NOW + DAY)
    assert keep_time(sessions, now=NOW) == -DAY
    with sessions() as session:
        newest = START + timedelta(days=7)
        assert set(session.scalars(select(Post.bucket_at))) <= {newest, newest - STEP}
        assert sorted(session.scalars(select(Mention.at))) == sorted(session.scalars(select(Post.bucket_at)))
        counted = dict(iter(session.execute(select(Bucket.at, Bucket.mentions))))
        assert counted[newest] >= len(undated)
        assert sum(counted.values()) == len(dated) + len(undated)
        for column in (Post.first_seen_at, Post.published_at, Coverage.at):
            assert session.scalars(select(column).where(column > NOW)).all() == []


def fire_untold(street: Opened, slack: SlackStandin) -> Street:
    """A fire that Slack did not take yet."""
    life = street(fire(FIRE_AT))
    slack.fail(http(503), times=1000)
    while "ignited" not in life.reasons():
        life.live(life.clock.at + STEP)
    slack._failures.clear()
    return life


def test_an_alert_that_arrived_while_the_clock_was_wrong_is_recognised(
    street: Opened, slack: SlackStandin
) -> None:
    life = fire_untold(street, slack)
    slack.fail(TAKEN_THEN_CUT)
    notify(life.sessions, life.chain.delivery, now=life.clock.at + DAY)
    assert len(slack.messages()) == 1
    for _ in range(3):
        life.live(life.clock.at + STEP)
    alerts = [m for m in slack.channels["C0ALERTS"] if "retardée" not in str(m["text"])]
    assert len(alerts) == 1
    assert any(d.payload and d.payload.get("recognised") for d in life.deliveries())


def test_what_a_silence_holds_back_stays_held_back_and_all_else_is_due_now(
    street: Opened, slack: SlackStandin, sessions: Sessions
) -> None:
    life = street(fire(FIRE_AT))
    with sessions.begin() as session:
        session.add(
            Silence(
                watch_id=None, starts_at=FIRE_AT - HOUR, ends_at=FIRE_AT + 9 * HOUR, why="exercice",
                created_by="t", created_at=START,
            )
        )  # fmt: skip
    life.live(FIRE_AT + 2 * HOUR)
    with sessions.begin() as session:
        held = [d for d in session.scalars(select(Delivery)) if d.due_at is not None]
        assert held
        for delivery in held:
            delivery.due_at = FIRE_AT + 30 * HOUR
    keep_time(sessions, now=life.clock.at + DAY)
    keep_time(sessions, now=life.clock.at)
    with sessions.begin() as session:
        due = {d.due_at for d in session.scalars(select(Delivery)) if d.incident_id and d.due_at}
        assert due == {FIRE_AT + 9 * HOUR}
        session.query(Silence).delete()
        for delivery in held:
            session.get_one(Delivery, delivery.id).due_at = FIRE_AT + 30 * HOUR
    keep_time(sessions, now=life.clock.at + DAY)
    run_cycle(sessions, life.chain, now=life.clock.at)
    assert {d.state for d in life.deliveries() if d.incident_id} <= {
        DeliveryState.sent,
        DeliveryState.skipped,
    }
    assert slack.messages() != []
