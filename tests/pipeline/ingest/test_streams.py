"""Streams against a real websocket: every post once, whatever breaks; stored as it comes."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select

from app import scheduler, sources
from app.backoff import Backoff
from app.models import Bucket, Coverage, Policy, Post, Run, Source, Watch
from app.pipeline.ingest.collect import collect
from app.pipeline.ingest.minutes import Jumps
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.sources.base import Kind
from tests.standins.clock import StillClock
from tests.standins.patience import until
from tests.standins.stream import Microphone, Murmur, frames

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
S = int(START.timestamp())
MINUTE = timedelta(minutes=1)


class Nothing(BaseModel):
    """No settings."""

    model_config = ConfigDict(extra="forbid")


@pytest.fixture
def microphone() -> Iterator[Microphone]:
    with Microphone() as made:
        yield made


@pytest.fixture
def clock() -> StillClock:
    return StillClock(START)


@pytest.fixture
def runtime(
    sqlite: str, tmp_path: Path, clock: StillClock, microphone: Microphone, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runtime]:
    murmur = Kind(
        "murmur", "A stream for tests.", Nothing, None, MINUTE, listen=lambda *_: Murmur(microphone.url)
    )
    flood = replace(murmur, name="flood", floods=True)
    monkeypatch.setattr(sources, "KINDS", (murmur, flood))
    settings = Settings(data_dir=tmp_path, database_url=sqlite, allow_private_hosts=["127.0.0.1"])
    with open_runtime(settings, now=clock.now) as made:
        yield made


def add(runtime: Runtime, kind: str = "murmur") -> int:
    stamps = {"health_since": START, "created_at": START, "updated_at": START}
    with runtime.sessions.begin() as session:
        policy = session.scalars(select(Policy)).one()
        session.add(
            Watch(name="Velinor", query={"any_of": ["Velinor"]}, languages=[], policy_id=policy.id,
                  created_at=START, updated_at=START)
        )  # fmt: skip
        source = Source(name=kind, kind=kind, settings={}, cadence_seconds=60, due_at=START, **stamps)
        session.add(source)
        session.flush()
        return source.id


def attend(runtime: Runtime) -> None:
    collect(runtime.sessions, runtime.ingest, now=runtime.now(), attend=runtime.streams.attend)


def posts(runtime: Runtime) -> list[str]:
    with runtime.sessions() as session:
        return list(session.scalars(select(Post.external_id).order_by(Post.id)))


def the(runtime: Runtime, source_id: int) -> Source:
    with runtime.sessions() as session:
        return session.get_one(Source, source_id)


def test_what_is_said_is_stored_and_counted_within_seconds(
    runtime: Runtime, microphone: Microphone, clock: StillClock
) -> None:
    source = add(runtime)
    attend(runtime)
    microphone.say(*frames(0, 3, start=S))
    clock.at += MINUTE
    until(lambda: len(posts(runtime)) == 3)
    with runtime.sessions() as session:
        assert session.scalars(select(Bucket.mentions)).all() == [3]
    assert the(runtime, source).cursor == {"s": S + 2}
    assert the(runtime, source).health == "ok"


def test_a_line_that_breaks_is_taken_up_where_it_was_and_nothing_is_stored_twice(
    runtime: Runtime, microphone: Microphone, clock: StillClock
) -> None:
    add(runtime)
    clock.at += 10 * MINUTE
    attend(runtime)
    microphone.say(*frames(0, 5, start=S))
    until(lambda: len(posts(runtime)) == 5)
    microphone.hang_up()
    microphone.say(*frames(5, 5, start=S + 5))
    until(lambda: len(posts(runtime)) == 10)
    assert posts(runtime) == [f"p{n}" for n in range(10)]
    assert microphone.calls == [0, S + 4 - 2]
    with runtime.sessions() as session:
        assert session.scalars(select(func.sum(Coverage.coverage))).one() == pytest.approx(9 / 300)


def test_a_restart_goes_on_from_the_stored_cursor_and_tells_a_gap(
    runtime: Runtime, microphone: Microphone, clock: StillClock
) -> None:
    source = add(runtime)
    with runtime.sessions.begin() as session:
        row = session.get_one(Source, source)
        row.cursor, row.heard_until = {"s": S - 3600}, START - timedelta(hours=1)
    microphone.say(*frames(0, 3, start=S))
    clock.at += MINUTE
    attend(runtime)
    until(lambda: len(posts(runtime)) == 3)
    with runtime.sessions() as session:
        run = session.scalars(select(Run)).one()
        assert (run.status, run.window_from) == ("partial", START)
        assert run.note.startswith("gap: nothing from 2026-11-22 08:00:00 to 09:00:00 UTC")
        assert session.scalars(select(func.count()).select_from(Coverage)).one() == 1


def test_of_a_flood_only_what_a_watch_asks_for_is_stored(runtime: Runtime, microphone: Microphone) -> None:
    source = add(runtime, "flood")
    attend(runtime)
    microphone.say(*frames(0, 50, start=S, text="something else"), *frames(50, 2, start=S + 50))
    until(lambda: len(posts(runtime)) == 2)
    assert posts(runtime) == ["p50", "p51"]
    assert the(runtime, source).cursor == {"s": S + 51}


def test_what_is_taken_back_is_deleted(runtime: Runtime, microphone: Microphone) -> None:
    add(runtime)
    attend(runtime)
    microphone.say(*frames(0, 2, start=S))
    until(lambda: len(posts(runtime)) == 2)
    microphone.say({"s": S + 3, "id": "p0", "gone": True})
    until(lambda: posts(runtime) == ["p1"])


def test_a_server_that_takes_no_call_makes_the_source_fail_and_is_called_again(
    runtime: Runtime, microphone: Microphone, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = timedelta(milliseconds=50)
    monkeypatch.setattr("app.pipeline.ingest.streams.LINES", Backoff(soon, soon))
    source = add(runtime)
    right, microphone.url = microphone.url, "ws://127.0.0.1:1/"
    attend(runtime)
    until(lambda: the(runtime, source).health == "down")
    assert "cannot be reached" in the(runtime, source).health_why
    microphone.url = right
    runtime.streams.attend(the(runtime, source))
    microphone.say(*frames(0, 1, start=S))
    until(lambda: the(runtime, source).health == "ok")


def test_switched_off_it_is_hung_up(runtime: Runtime, microphone: Microphone) -> None:
    source = add(runtime)
    attend(runtime)
    until(lambda: len(microphone.lines) == 1)
    with runtime.sessions.begin() as session:
        session.get_one(Source, source).enabled = False
    runtime.streams.tend()
    until(lambda: not any(t.name == f"stream-{source}" for t in threading.enumerate()))


def test_without_the_service_it_waits_and_is_not_taken_for_heard(runtime: Runtime) -> None:
    source = add(runtime)
    collect(runtime.sessions, runtime.ingest, now=runtime.now())
    assert (the(runtime, source).health, the(runtime, source).heard_until) == ("new", None)


def test_a_jump_is_told_at_the_end_of_its_five_minutes() -> None:
    jumps = Jumps()
    five = 5 * MINUTE
    assert not jumps.add([(1, START)] * 4, START + MINUTE)
    assert not jumps.add([(1, START + five)] * 9, START + five), "four were too few to be worth it"
    assert not jumps.add([], START + five + MINUTE)
    assert jumps.add([(1, START + 2 * five)] * 10, START + 2 * five), "nine after four"
    assert not jumps.add([], START + 3 * five), "ten after nine is no jump"


def test_a_jump_has_a_cycle_at_once(
    runtime: Runtime, microphone: Microphone, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycles = []

    def cycle(serving: Runtime, _watchdog: object) -> None:
        cycles.append(serving.now())
        collect(serving.sessions, serving.ingest, now=serving.now(), attend=serving.chain.attend)

    monkeypatch.setattr(scheduler, "cycle", cycle)
    add(runtime)
    clock.at += 10 * MINUTE
    with scheduler.start(runtime, 3_600):
        until(lambda: len(microphone.lines) == 1)
        assert len(cycles) == 1
        microphone.say(*frames(0, 20, start=S + 100))
        until(lambda: len(posts(runtime)) == 20)
        assert len(cycles) == 1, "the five minutes are not over"
        microphone.say(*frames(20, 1, start=S + 301))
        until(lambda: len(cycles) == 2)
