"""Every polled kind in the real chain, with failures at random: each post stored once, no minute lost."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from app.clock import step_start
from app.models import Coverage, Post, Source, Volume
from app.pipeline.ingest.collect import collect
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.sources.far_ends import FAR_ENDS
from tests.sources.far_ends.base import NOW, Led, Reply, Server, later
from tests.sources.far_ends.base import Post as Written
from tests.sources.far_ends.gdelt import SLOT
from tests.standins.clock import StillClock

HOURS = 2
POSTS = 60


@pytest.fixture(params=[pytest.param(one, id=one.kind) for one in FAR_ENDS])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with Server(request.param) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    assert server.mistakes == []


def add(runtime: Runtime, server: Server) -> int:
    far_end = server.far_end
    with runtime.sessions.begin() as session:
        source = Source(
            name="street", kind=far_end.kind, settings=dict(far_end.settings),
            cadence_seconds=300, due_at=NOW,
            secret=runtime.vault.seal(far_end.secret) if far_end.secret else None, health_since=NOW,
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(source)
        session.flush()
        return source.id


def test_two_hours_with_failures_are_stored_whole(server: Server, sqlite: str, tmp_path: Path) -> None:
    draw, clock = Random(f"chain of {server.far_end.kind}"), StillClock(NOW)
    server.posts = [Written(0, later(-20))]
    for n in range(1, POSTS + 1):
        at = later(round(draw.uniform(0.1, HOURS * 60 - 20) * 60) / 60)
        server.posts.append(Written(n, at, shown_from=at + timedelta(minutes=draw.choice((0, 0, 4)))))
    failures = [Reply("", 500), Reply("<html>no</html>"), Reply('{"items": [{"id"')]
    spoilt = Counter[int]()

    def fails_at_times(number: int, reply: Reply) -> Reply:
        if clock.at >= later(HOURS * 60) or clock.at == NOW or draw.random() > 0.2:
            return reply
        spoilt[number] += 1
        return draw.choice(failures)

    server.spoil = fails_at_times
    settings = Settings(data_dir=tmp_path, database_url=sqlite)
    with open_runtime(settings, now=clock.now, transport=Led(server.server_port)) as runtime:
        source_id = add(runtime, server)
        for minute in range(HOURS * 60 + 45):
            clock.at = server.now = later(minute)
            collect(runtime.sessions, runtime.ingest, now=clock.at)
        with runtime.sessions() as session:
            source = session.get_one(Source, source_id)
            stored = sorted(session.scalars(select(Post.external_id)))
            counted = session.execute(select(Volume.at, Volume.count).where(Volume.at >= NOW)).all()
            heard = dict(session.execute(select(Coverage.at, Coverage.coverage)).all())
    assert spoilt
    assert stored == sorted(map(server.far_end.external_id, server.posts))
    assert source.health == "ok", source.health_why
    assert source.heard_until
    assert source.heard_until >= later(HOURS * 60)
    minutes = [later(5 * n) for n in range(HOURS * 12)]
    assert [heard.get(at) for at in minutes] == [pytest.approx(1.0)] * len(minutes)
    if server.far_end.kind == "gdelt":
        slots = Counter(step_start(post.shown_from or post.at, SLOT) for post in server.posts)
        assert dict(counted) == {NOW + n * SLOT: slots[NOW + n * SLOT] for n in range(len(counted))}
        assert len(counted) >= HOURS * 4
