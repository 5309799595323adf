"""A new watch has a past: its sources look back while they listen, and what they find rings nothing."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.models import Bucket, Coverage, Incident, LookBack, Mention, Post, Source, Watch
from app.pipeline import run_cycle
from app.pipeline.ingest.look_back import LONGEST
from app.pipeline.simulation.preview import preview
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.sources.far_ends.base import NOW, Led, Reply, Server, later
from tests.sources.far_ends.base import Post as Written
from tests.sources.far_ends.hackernews import FAR_END
from tests.standins.clock import StillClock

pytestmark = pytest.mark.story

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOST_PASSES = 60


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(FAR_END) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    assert server.mistakes == []


def ordinary(days: int, per_day: int, *, until: datetime = NOW) -> list[Written]:
    draw = Random(f"{days} days of {per_day}")
    times = sorted(until - draw.uniform(0, days) * DAY for _ in range(days * per_day))
    return [Written(n, at, text=f"Velinor again, {draw.random():.9f}") for n, at in enumerate(times, start=1)]


def opened(database: str, folder: Path, server: Server, clock: StillClock) -> AbstractContextManager[Runtime]:
    settings = Settings(data_dir=folder, database_url=database)
    return open_runtime(settings, now=clock.now, transport=Led(server.server_port))


def begin(runtime: Runtime) -> None:
    """Add a source and a watch as people do."""
    source = SourceSpec(name="news", kind="hackernews", settings={"query": "velinor"})
    with runtime.sessions.begin() as session:
        sources.create(session, source, vault=runtime.vault, by="test", now=runtime.now())
        watches.create(session, WatchSpec(name="Velinor", query="Velinor"), by="test", now=runtime.now())


def passes(runtime: Runtime, server: Server, clock: StillClock, *, most: int = MOST_PASSES) -> int:
    """Passes, a minute apart, until nothing is left to look back on; how many."""
    for number in range(most):
        clock.at += MINUTE
        server.now = clock.at
        run_cycle(runtime.sessions, runtime.chain, now=clock.at)
        with runtime.sessions() as session:
            if session.scalars(select(LookBack.source_id).where(LookBack.ended_at.is_(None))).first() is None:
                return number + 1
    return most


def test_a_new_watch_has_learnt_before_its_first_hour_is_over(
    database: str, tmp_path: Path, server: Server
) -> None:
    clock = StillClock(NOW)
    server.posts = ordinary(40, 20)
    with opened(database, tmp_path, server, clock) as runtime:
        begin(runtime)
        assert passes(runtime, server, clock) < 30
        for _ in range(11):  # the present is judged every five minutes
            passes(runtime, server, clock)
        with runtime.sessions() as session:
            row = session.scalars(select(LookBack)).one()
            assert row.until is not None
            assert (row.reached, row.note) == (row.since, "")
            assert row.since - (NOW - LONGEST) < 10 * MINUTE
            stored = session.scalar(select(func.count()).select_from(Post))
            assert stored == session.scalar(select(func.count()).select_from(Mention)) == len(server.posts)
            assert session.scalar(select(func.sum(Bucket.mentions))) == len(server.posts)
            covered = session.scalar(select(func.sum(Coverage.coverage))) or 0
            assert covered == pytest.approx((clock.at - row.since) / timedelta(minutes=5), abs=3)
            watch = session.scalars(select(Watch)).one()
            assert watch.judged_since is not None, "it is judged on its first day"
            assert session.scalars(select(Incident)).all() == []


def test_what_was_begun_goes_on_after_a_crash_and_nothing_is_there_twice(
    database: str, tmp_path: Path, server: Server
) -> None:
    clock = StillClock(NOW)
    server.posts = ordinary(80, 40)
    reached: list[datetime] = []
    with opened(database, tmp_path, server, clock) as runtime:
        begin(runtime)
        passes(runtime, server, clock, most=2)
    while len(reached) < MOST_PASSES:  # a process for each pass: what is not in the tables is lost
        with opened(database, tmp_path, server, clock) as runtime:
            passes(runtime, server, clock, most=1)
            with runtime.sessions() as session:
                row = session.scalars(select(LookBack)).one()
                assert row.reached is not None
                reached.append(row.reached)
                if row.ended_at is not None:
                    break
    assert reached
    assert reached == sorted(reached, reverse=True)
    with opened(database, tmp_path, server, clock) as runtime, runtime.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Post)) == len(server.posts)
        covered = select(func.max(Coverage.coverage), func.count()).select_from(Coverage)
        most, buckets = session.execute(covered).one()
        assert most <= 1
        assert buckets == pytest.approx((clock.at - (NOW - LONGEST)) / timedelta(minutes=5), abs=3)


def test_a_host_that_fails_is_asked_later_and_listening_goes_on(
    database: str, tmp_path: Path, server: Server
) -> None:
    clock = StillClock(NOW)
    server.posts = ordinary(20, 30)
    with opened(database, tmp_path, server, clock) as runtime:
        begin(runtime)

        def fails_for_the_past(_number: int, reply: Reply) -> Reply:
            request = server.asked[-1]
            old = (
                int(request.param("numericFilters").partition(">")[2].partition(",")[0])
                < later(-2_000).timestamp()
            )
            return Reply("", 500) if old else reply

        server.spoil = fails_for_the_past
        passes(runtime, server, clock, most=6)
        with runtime.sessions() as session:
            row, source = session.scalars(select(LookBack)).one(), session.scalars(select(Source)).one()
            assert (row.failures > 0, row.ended_at, "500" in row.note) == (True, None, True)
            assert row.due_at is not None
            assert (source.health, source.failures) == ("ok", 0)
        server.spoil = lambda _number, reply: reply
        clock.at += timedelta(hours=3)
        passes(runtime, server, clock)
        with runtime.sessions() as session:
            assert session.scalars(select(LookBack)).one().ended_at is not None
            assert session.scalar(select(func.count()).select_from(Post)) == len(server.posts)


def test_a_fire_of_weeks_ago_rings_nothing_and_a_preview_finds_it(
    database: str, tmp_path: Path, server: Server
) -> None:
    clock = StillClock(NOW)
    fire = NOW - 20 * DAY
    burning = [
        Written(100_000 + n, fire + n * MINUTE / 2, text=f"Velinor burns, boycott, {n * 7919 % 1000}")
        for n in range(600)
    ]
    server.posts = [*ordinary(40, 20), *burning]
    with opened(database, tmp_path, server, clock) as runtime:
        begin(runtime)
        passes(runtime, server, clock)
        for _ in range(11):
            passes(runtime, server, clock)
        with runtime.sessions() as session:
            assert session.scalars(select(Incident)).all() == []
            assert session.scalar(select(func.count()).select_from(Mention)) == len(server.posts)
        found = preview(runtime.sessions, 1, {}, since=fire - 2 * DAY, until=fire + DAY, now=clock.at)
    assert found.days > 2
    (alarm,) = found.today.alarms
    assert fire <= alarm.alerted_at <= fire + timedelta(hours=2)
