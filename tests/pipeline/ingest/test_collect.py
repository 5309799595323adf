"""Listening: each source on its own, its cursor with its posts, and its health as it is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app import db
from app.errors import SourceError
from app.models import Coverage, Post, Run, Source
from app.pipeline.ingest.collect import DOWN_AFTER, IngestContext, collect
from app.pipeline.ingest.match import Matchers
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.sources.base import Batch
from tests.standins.clock import StillClock

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = "https://feed.example/rss"

Answering = Callable[[httpx.Request], httpx.Response]


class Press:
    """The far end of the wire: answers as the test says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answer: Answering = lambda _request: httpx.Response(200, content=feed("a"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


def feed(*ids: str, at: datetime = START - 2 * MINUTE) -> bytes:
    items = "".join(
        f"<item><guid>{i}</guid><title>Vélinor {i}</title><pubDate>{at:%a, %d %b %Y %T} GMT</pubDate></item>"
        for i in ids
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()
    )


@pytest.fixture
def clock() -> StillClock:
    return StillClock(START)


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def runtime(sqlite: str, tmp_path: Path, clock: StillClock, press: Press) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path, database_url=sqlite)
    with open_runtime(settings, now=clock.now, transport=httpx.MockTransport(press)) as runtime:
        yield runtime


def add(runtime: Runtime, name: str, kind: str = "rss", **settings: str) -> int:
    with runtime.sessions.begin() as session:
        source = Source(
            name=name, kind=kind, settings=settings, cadence_seconds=300, due_at=START, health_since=START,
            created_at=START, updated_at=START,
        )  # fmt: skip
        session.add(source)
        session.flush()
        return source.id


def listen(runtime: Runtime, clock: StillClock, after: timedelta = timedelta(0)) -> None:
    clock.at += after
    collect(runtime.sessions, runtime.ingest, now=clock.at)


def the(runtime: Runtime, source_id: int) -> Source:
    with runtime.sessions() as session:
        return session.get_one(Source, source_id)


def runs(runtime: Runtime, source_id: int) -> list[str]:
    with runtime.sessions() as session:
        return list(session.scalars(select(Run.status).where(Run.source_id == source_id).order_by(Run.id)))


def posts(runtime: Runtime) -> list[str]:
    with runtime.sessions() as session:
        return sorted(session.scalars(select(Post.external_id)))


def heard(runtime: Runtime) -> float:
    with runtime.sessions() as session:
        return float(session.scalars(select(func.sum(Coverage.coverage))).one() or 0)


def test_a_feed_is_asked_again_on_its_cadence_and_with_its_validators(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    source = add(runtime, "press", url=FEED)
    press.answer = lambda _: httpx.Response(200, content=feed("a", "b"), headers={"ETag": '"1"'})
    listen(runtime, clock)
    listen(runtime, clock, MINUTE)
    assert len(press.asked) == 1, "not yet due"
    press.answer = lambda _: httpx.Response(304)
    listen(runtime, clock, 5 * MINUTE)
    assert press.asked[-1].headers["If-None-Match"] == '"1"'
    assert posts(runtime) == ["a", "b"]
    assert the(runtime, source).health == "ok"
    assert heard(runtime) == pytest.approx(6 / 5), "six minutes were observed: 304 is an answer"


def test_one_broken_source_stops_no_other(runtime: Runtime, clock: StillClock, press: Press) -> None:
    broken = add(runtime, "broken", url="https://broken.example/")
    sound = add(runtime, "sound", url=FEED)
    press.answer = lambda request: (
        httpx.Response(500)
        if request.url.host == "broken.example"
        else httpx.Response(200, content=feed("a"))
    )
    listen(runtime, clock)
    assert posts(runtime) == ["a"]
    assert (the(runtime, broken).health, the(runtime, sound).health) == ("degraded", "ok")
    assert runs(runtime, broken) == ["failed"]


def test_a_source_that_keeps_failing_is_down_is_left_alone_longer_and_says_why(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    source = add(runtime, "press", url=FEED)
    press.answer = lambda _: httpx.Response(500)
    waits = []
    for _ in range(DOWN_AFTER):
        due = the(runtime, source).due_at
        assert due is not None
        clock.at = max(clock.at, due)
        listen(runtime, clock)
        again = the(runtime, source).due_at
        assert again is not None
        waits.append(again - clock.at)
    down = the(runtime, source)
    assert down.health == "down"
    assert "500" in down.health_why
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    press.answer = lambda _: httpx.Response(200, content=feed("a"))
    clock.at += timedelta(hours=2)
    listen(runtime, clock)
    mended = the(runtime, source)
    assert (mended.health, mended.health_why, mended.failures) == ("ok", "", 0)


def test_what_was_not_heard_leaves_no_coverage(runtime: Runtime, clock: StillClock, press: Press) -> None:
    add(runtime, "press", url=FEED)
    listen(runtime, clock)
    press.answer = lambda _: httpx.Response(503)
    before = heard(runtime)
    listen(runtime, clock, 5 * MINUTE)
    assert heard(runtime) == before


def test_an_empty_feed_is_not_a_failure(runtime: Runtime, clock: StillClock, press: Press) -> None:
    source = add(runtime, "press", url=FEED)
    press.answer = lambda _: httpx.Response(200, content=feed())
    listen(runtime, clock)
    assert runs(runtime, source) == ["empty"]
    assert the(runtime, source).health == "ok"


def test_a_source_asks_to_be_left_alone_and_is(runtime: Runtime, clock: StillClock, press: Press) -> None:
    source = add(runtime, "press", url=FEED)
    press.answer = lambda _: httpx.Response(429, headers={"Retry-After": "1800"})
    listen(runtime, clock)
    assert the(runtime, source).due_at == START + timedelta(minutes=30)


def test_a_host_that_refuses_one_source_for_a_while_is_not_asked_for_the_others(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    press.answer = lambda _request: httpx.Response(403, text="unusual traffic from your network")
    news = {"language": "fr", "country": "FR"}
    add(runtime, "velinor", "google_news", query="Vélinor", **news)
    collect(runtime.sessions, runtime.ingest, now=clock.now())
    assert len(press.asked) == 1
    other = add(runtime, "danone", "google_news", query="Danone", **news)
    clock.at += 5 * MINUTE
    collect(runtime.sessions, runtime.ingest, now=clock.now())
    assert len(press.asked) == 1
    with runtime.sessions() as session:
        waiting = session.get_one(Source, other)
        assert (waiting.failures, waiting.health) == (0, "new")


def test_a_feed_that_is_soon_full_of_news_is_asked_again_before_that(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    source = add(runtime, "press", url=FEED)
    dates = [format_datetime(START - timedelta(seconds=30 * n)) for n in range(9)]
    items = "".join(
        f"<item><guid>{n}</guid><title>x</title><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(dates)
    )
    body = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"
    press.answer = lambda _: httpx.Response(200, text=body, headers={"Cache-Control": "max-age=600"})
    listen(runtime, clock)
    assert the(runtime, source).due_at == START + timedelta(seconds=108)  # 5 in 2 minutes, 9 on the page


def test_a_mistake_of_ours_in_one_source_is_written_down_and_stops_no_other(
    runtime: Runtime, clock: StillClock
) -> None:
    class Crashing:
        def fetch(self, cursor: object, *, now: datetime) -> Batch:
            raise ZeroDivisionError(f"{cursor} at {now}")

    broken, sound = add(runtime, "broken", url="https://broken.example/"), add(runtime, "sound", url=FEED)
    opened = runtime.ingest.open
    context = replace(runtime.ingest, open=lambda s: Crashing() if s.id == broken else opened(s))
    collect(runtime.sessions, context, now=clock.at)
    assert posts(runtime) == ["a"]
    assert "ZeroDivisionError" in the(runtime, broken).health_why
    assert the(runtime, sound).health == "ok"


def test_a_claimed_source_is_not_run_by_another_until_its_lease_ends(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    add(runtime, "press", url=FEED)

    class Slow:
        def fetch(self, cursor: dict[str, object], *, now: datetime) -> Batch:
            collect(runtime.sessions, runtime.ingest, now=now)
            return Batch([], cursor, None, now, "empty")

    collect(runtime.sessions, replace(runtime.ingest, open=lambda _: Slow()), now=clock.at)
    assert press.asked == []


def test_posts_that_are_brought_leave_the_listening_as_it_was(runtime: Runtime, clock: StillClock) -> None:
    source = add(runtime, "push", kind="push")
    listen(runtime, clock)
    listen(runtime, clock, 5 * MINUTE)
    listen(runtime, clock, 5 * MINUTE)
    assert heard(runtime) == pytest.approx(2)
    assert runs(runtime, source) == [], "being there to be told is no run"


def test_a_time_in_which_nobody_could_tell_us_is_missing(runtime: Runtime, clock: StillClock) -> None:
    source = add(runtime, "push", kind="push")
    listen(runtime, clock)
    listen(runtime, clock, timedelta(hours=3))
    assert heard(runtime) == 0
    assert runs(runtime, source) == ["unchanged"], "the gap is on record"


def test_a_full_disk_stores_nothing_loses_nothing_and_says_so(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    source = add(runtime, "press", url=FEED)
    press.answer = lambda _: httpx.Response(
        200, content=feed(*(f"n{i}-{'x' * 400}" for i in range(400))), headers={"ETag": '"1"'}
    )
    limited = db.connect(str(runtime.engine.url), durable=False)

    @event.listens_for(limited, "connect")
    def _full(connection: object, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count={pages + 4}")  # type: ignore[attr-defined]

    context = IngestContext(Matchers(), runtime.ingest.open, runtime.ingest.retention)
    with pytest.raises((ExceptionGroup, OperationalError)) as raised:
        collect(db.sessions_of(limited), context, now=clock.at)
    assert "disk is full" in repr(raised.value)
    limited.dispose()
    assert posts(runtime) == []
    assert the(runtime, source).cursor == {}
    clock.at += timedelta(minutes=10)
    listen(runtime, clock)
    assert len(posts(runtime)) == 400
    assert "If-None-Match" not in press.asked[-1].headers, "validators are kept only with the posts"


def test_an_error_of_a_source_never_holds_a_secret(runtime: Runtime, clock: StillClock) -> None:
    class Talking:
        def fetch(self, cursor: object, *, now: datetime) -> Batch:
            raise SourceError(f"refused xoxb-1-secret at {now} {cursor}")

    source = add(runtime, "press", url=FEED)
    collect(runtime.sessions, replace(runtime.ingest, open=lambda _: Talking()), now=clock.at)
    assert "secret" not in the(runtime, source).health_why
