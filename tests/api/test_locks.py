"""Passes and pushes at the same time: neither waits for a row that the other only refers to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Connection, event, func, select, update
from starlette.testclient import TestClient

from app.admin import watches
from app.admin.specs import WatchSpec
from app.models import Fault, Post, Watch
from app.pipeline import STEPS, Pass, run_cycle
from app.pipeline.guard import Guard
from app.pipeline.incidents.follow import JUDGE
from app.pipeline.ingest.collect import receive
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import Clock

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@contextmanager
def pushed_to(
    runtime: Runtime,
    clock: Clock,
    *,
    senders: int,
    posts: Callable[[int, int], list[tuple[str, str]]],
    source: Callable[[int, int], int],
) -> Iterator[None]:
    """Several push without a pause until the block is left, and each of them got something through.

    `posts` (ids, and what is said of Danone) and `source`: by the number of the sender and of its push.
    """
    over = Event()

    def push(sender: int) -> int:
        done = 0
        while not over.is_set():
            at = clock.at - timedelta(minutes=2)
            items = [Item(number, f"Danone {said}", at) for number, said in posts(sender, done)]
            with runtime.sessions.begin() as session:
                receive(session, runtime.ingest, source(sender, done), items, now=clock.at)
            done += 1
        return done

    with ThreadPoolExecutor(senders) as pool:
        pushing = [pool.submit(push, sender) for sender in range(senders)]
        try:
            yield
        finally:
            over.set()
        assert all(one.result() for one in pushing)


@pytest.mark.usefixtures("fire")
def test_a_fire_is_judged_while_a_push_stores_mentions_of_it(runtime: Runtime, clock: Clock) -> None:
    run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    locked: list[str] = []

    @event.listens_for(runtime.engine, "begin")
    def wait_for_nobody(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")

    @event.listens_for(runtime.engine, "before_cursor_execute")
    def note(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM watch" in statement and " FOR " in statement:
            locked.append(statement)

    clock.at += timedelta(hours=2)
    with runtime.sessions.begin() as pushing:
        posts = [Item(f"more {n}", f"Danone burns {n}", clock.at - timedelta(minutes=30)) for n in range(9)]
        assert receive(pushing, runtime.ingest, 1, posts, now=clock.at).mentions
        guard = Guard(runtime.sessions, now=clock.at)
        judge = next(step for step in STEPS if step.name == JUDGE)
        judge.do(Pass(runtime.sessions, runtime.chain, guard, clock.at))
        assert guard.errors == []
    assert locked
    with runtime.sessions() as session:
        scored_until = session.scalars(select(Watch.scored_until)).one()
    assert scored_until is not None
    assert scored_until > clock.at - timedelta(hours=2)


@pytest.mark.story
@pytest.mark.usefixtures("fire")
def test_many_passes_and_many_pushes_at_the_same_time_all_go_through(runtime: Runtime, clock: Clock) -> None:
    began = clock.at
    with runtime.sessions.begin() as session:
        for n in range(5):
            spec = WatchSpec.model_validate({"name": f"burns {n}", "query": "any of: burns"})
            watches.create(session, spec, by="test", now=began)
    run_cycle(runtime.sessions, runtime.chain, now=began)
    with pushed_to(
        runtime,
        clock,
        senders=2,
        posts=lambda sender, done: [(f"{sender} {done} {n}", f"burns {done} {n}") for n in range(20)],
        source=lambda _sender, _done: 1,
    ):
        for _ in range(25):
            clock.at += timedelta(minutes=5)
            run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    with runtime.sessions() as session:
        assert session.scalars(select(Fault)).all() == []
        judged = session.scalars(select(Watch.scored_until)).all()
    assert all(until is not None and until > began for until in judged)


@pytest.mark.story
@pytest.mark.usefixtures("fire")
def test_the_past_is_matched_again_while_posts_come_to_several_sources(
    runtime: Runtime, clock: Clock, admin: TestClient
) -> None:
    made = [
        admin.post("/api/v1/sources", json={"name": f"till {n}", "kind": "push"}).json() for n in range(2)
    ]
    ids = [1, *(source["id"] for source in made)]
    run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    with pushed_to(
        runtime,
        clock,
        senders=3,
        # What is known already is edited, and its mentions and buckets made anew.
        posts=lambda _sender, done: [(f"{n}", f"burns {done} {n}") for n in range(20)],
        source=lambda sender, done: ids[(sender + done) % 3],
    ):
        for _ in range(25):
            with runtime.sessions.begin() as session:
                newest = session.scalars(select(func.max(Post.id))).one()
                session.execute(update(Watch).values(rematch_until=newest))
            run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    with runtime.sessions() as session:
        assert session.scalars(select(Fault)).all() == []
