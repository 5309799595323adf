"""Lives a day of fires: a town of brands, people, a Slack that fails, and a service that is killed."""

import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from app.db import Sessions, connect, sessions_of
from app.models import Channel, Policy, Silence, Watch
from tests.faults.day import Day, Event
from tests.faults.fires import SLOT, Ledger, fires_of, reminders
from tests.faults.lives import Lives
from tests.faults.storm import StormySlack
from tests.standins.patience import HANG, until

BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WATCHES, SLOTS = 25, 8
SEEN = ("C0ALERTS", "C0BRANDS", "C0PRESS")
BLIND = "G0BOARD"  # what is there the Slack app may not read
SCOPES = ("chat:write", "channels:history")

TROUBLES = (  # from, for so many minutes, where
    (4.0, 40, ("C0BRANDS",), "is_archived"),
    (11.5, 50, ("C0ALERTS",), "channel_not_found"),
    (16.2, 30, (*SEEN, BLIND), "token_revoked"),
    (18.5, 40, ("C0PRESS", BLIND), "restricted_action"),
)
SILENCES = ((4, 2.5, 6.0), (10, 14.0, 18.0))  # a watch, from, until


@dataclass
class Lived:
    """A day that was lived."""

    slack: StormySlack
    ledger: Ledger
    kills: int
    said: str  # by the lives, of what they did not expect


def live(database: str, folder: Path, *, slots: int = SLOTS, pace: float = 1) -> Lived:
    """Live a day of so many slots; `pace` is the pause between two messages that the service keeps."""
    address = make_url(database)
    if address.get_backend_name() == "postgresql":
        # The server outlives who is killed: what was committed need not be on the disk for that.
        address = address.update_query_dict({"options": "-c synchronous_commit=off"})
    database = address.render_as_string(hide_password=False)
    engine = connect(database, durable=False)
    try:
        return _live(database, sessions_of(engine), folder, slots, pace)
    finally:
        engine.dispose()


def _live(database: str, sessions: Sessions, folder: Path, slots: int, pace: float) -> Lived:
    rng, ledger = random.Random(11), Ledger()
    end = BEGIN + slots * SLOT
    clock = folder / "clock"
    with Day(sessions, BEGIN, end, clock) as day, StormySlack(day, 12, (*SEEN, BLIND), SCOPES) as slack:
        fires = [e for watch_id in _town(sessions) for e in fires_of(rng, ledger, watch_id, BEGIN, slots)]
        day.plan([*fires, *reminders(ledger, BEGIN, end), *_troubles(slack)])
        environment = {
            "TOCSIN_DATABASE_URL": database,
            "TOCSIN_SLACK_BOT_TOKEN": slack.token,
            "TOCSIN_SLACK_API_URL": slack.url,
            "CLOCK": str(clock),
            "PACE": str(pace),
        }
        with Lives("mouth", day.url, environment, folder) as lives:
            kills = _live_and_die(lives, day, slack)
        assert day.failure is None, day.failure
        return Lived(slack, ledger, kills, lives.said.read_text())


def _town(sessions: Sessions) -> list[int]:
    """The ids of the watches."""
    stamps: dict[str, Any] = {"created_at": BEGIN, "updated_at": BEGIN}
    with sessions.begin() as session:
        channels = [
            Channel(name=where, kind="slack", settings={"channel": where}, **stamps)
            for where in (*SEEN, BLIND)
        ]
        policies = [
            Policy(name=f"{hours} h", rekindle_hours=hours, remind_minutes=20, **stamps) for hours in (1, 2)
        ]
        session.add_all([*channels, *policies])
        watches = [_watch(n, channels, policies[n % 2], stamps) for n in range(WATCHES)]
        session.add_all(watches)
        session.flush()
        for n, since, until in SILENCES:
            silence = Silence(
                watch_id=watches[n].id, starts_at=BEGIN + since * HOUR, ends_at=BEGIN + until * HOUR,
                why="exercice", created_by="Léa", created_at=BEGIN,
            )  # fmt: skip
            session.add(silence)
        return [watch.id for watch in watches]


def _watch(n: int, channels: list[Channel], policy: Policy, stamps: dict[str, Any]) -> Watch:
    watch = Watch(
        name=f"Brand {n}", query={"any_of": [f"Brand {n}"]}, languages=[], policy=policy,
        language="fr" if n % 2 else "en", time_zone="Europe/Paris", **stamps,
    )  # fmt: skip
    watch.channels = [channels[0], channels[-1]] if n % 8 == 0 else [channels[n % 3]]
    if n == 7:
        watch.channels = []  # which is all
    return watch


def _troubles(slack: StormySlack) -> list[Event]:
    def begins(since: float, minutes: int, where: tuple[str, ...], error: str) -> Event:
        def do(_session: Session, at: datetime) -> None:
            for channel in where:
                slack.trouble(channel, error, until=at + minutes * MINUTE)

        return Event(BEGIN + since * HOUR, do)

    return [begins(*trouble) for trouble in TROUBLES]


def _live_and_die(lives: Lives, day: Day, slack: StormySlack) -> int:
    """Lives that end with kill -9, and a last one that may finish; how many were cut short."""
    rng, kills = random.Random(13), 0
    doomed, dead = threading.Event(), threading.Event()

    def kill_caller() -> None:
        doomed.set()
        dead.wait(HANG)

    def between_passes() -> None:
        slack.mend()
        if day.over.is_set():
            doomed.set()

    slack.kill_caller, day.between_passes = kill_caller, between_passes
    while not day.over.is_set():
        life = lives.birth()
        doomed.wait(rng.uniform(0.02, 4.0))
        lives.kill(life)
        kills += 1
        dead.set()
        slack.settle()
        doomed.clear()
        dead.clear()
    slack.spare = True
    life = lives.birth()
    until(lambda: day.failure is not None or not day.waiting(), every=0.05)
    lives.kill(life)
    slack.settle()
    return kills
