"""While an incident lives, its posts are asked for again: the most relayed are, and some become mentions."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.models import Incident, Mention, Policy, Post, State, Watch
from app.pipeline import run_cycle
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.sources.far_ends.base import NOW, Led, ReceivedRequest, Reply, Server, later
from tests.sources.far_ends.base import Post as Written
from tests.sources.far_ends.hackernews import FAR_END
from tests.standins.clock import StillClock

POINTS: dict[str, int] = {}


def _answer(request: ReceivedRequest, posts: Sequence[Written]) -> Reply:
    """As the search, with the points that a story has by now; one story by its tag."""
    name = request.param("tags").partition("story_")[2]
    if request.param("tags").startswith("story,story_"):
        one = replace(request, params=dict(request.params) | {"hitsPerPage": ["500"]})
        body: dict[str, Any] = FAR_END.answer(one, posts).body
        body["hits"] = [hit for hit in body["hits"] if hit["objectID"] == name]
    else:
        body = FAR_END.answer(request, posts).body
    for hit in body["hits"]:
        hit["points"] = POINTS.get(hit["objectID"], hit["points"])
    return Reply(body)


@pytest.fixture
def server() -> Iterator[Server]:
    POINTS.clear()
    with Server(replace(FAR_END, answer=_answer)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    assert server.mistakes == []


def burning(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        session.add(
            Incident(
                watch_id=1, state=State.burning, level=0, onset_at=later(-320), opened_at=NOW, peak_at=NOW,
                peak=9.0, mentions=9, alerted_rate=9.0, top_score=3.0, burning_at=NOW, threshold=2.0,
            )
        )  # fmt: skip


def asked_again(server: Server) -> list[str]:
    tags = [request.param("tags") for request in server.asked]
    return [tag for tag in tags if tag.startswith("story,story_")]


def test_posts_are_counted_again_as_long_as_it_burns(sqlite: str, tmp_path: Path, server: Server) -> None:
    clock = StillClock(NOW)
    server.posts = [Written(n, later(-300 + 20 * n)) for n in range(2, 13, 2)]
    settings = Settings(data_dir=tmp_path, database_url=sqlite)
    with open_runtime(settings, now=clock.now, transport=Led(server.server_port)) as runtime:
        source = SourceSpec(name="news", kind="hackernews", settings={"query": "velinor"})
        with runtime.sessions.begin() as session:
            sources.create(session, source, vault=runtime.vault, by="test", now=NOW)
            watches.create(session, WatchSpec(name="All", query="Velinor"), by="test", now=NOW)
            session.scalars(select(Policy)).one().threshold = 1e6  # nothing begins by itself
            watches.create(session, WatchSpec(name="Loud", query="Velinor likes>100"), by="test", now=NOW)

        def live(passes: int, minutes: int = 1) -> None:
            for _ in range(passes):
                clock.at += timedelta(minutes=minutes)
                server.now = clock.at
                run_cycle(runtime.sessions, runtime.chain, now=clock.at)

        def mentions(name: str) -> int:
            with runtime.sessions() as session:
                mine = select(Mention.post_id).join(Watch, Watch.id == Mention.watch_id)
                return len(session.scalars(mine.where(Watch.name == name)).all())

        live(3)
        assert (mentions("All"), mentions("Loud"), asked_again(server)) == (6, 0, []), "nothing burns"
        burning(runtime)
        POINTS["4"] = 300
        live(2)
        with runtime.sessions() as session:
            likes = session.scalars(select(Post.likes).where(Post.external_id == "4")).one()
        assert (likes, mentions("All"), mentions("Loud")) == (300, 6, 1)
        assert len(asked_again(server)) <= 5
        live(2, minutes=5)
        assert len(asked_again(server)) <= 5, "not before a quarter of an hour has passed"
        with runtime.sessions.begin() as session:
            session.scalars(select(Incident)).one().state = State.out
        before = len(server.asked)
        live(4, minutes=10)
        assert len(asked_again(server)) <= 5, "it is over"
        assert len(server.asked) > before
