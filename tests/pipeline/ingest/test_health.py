"""A source that goes deaf is told once, within minutes, and told again once it is heard."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from sqlalchemy import select

from app.channels.base import Sent
from app.errors import ChannelError
from app.models import Delivery, Notice, Run, Source, SourceHealth
from app.pipeline import run_cycle
from app.pipeline.delivery.notify import notify
from app.pipeline.ingest.health import RunHistory, doubt, silence
from app.pipeline.reports.notices import PATIENCE, worth_telling
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.standins.clock import StillClock

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title></channel></rss>"""


class Press:
    """The far end: a feed, or its failure."""

    def __init__(self) -> None:
        self.status = 200

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, content=FEED)


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def screen() -> StringIO:
    return StringIO()


@pytest.fixture
def runtime(
    sqlite: str, tmp_path: Path, clock: StillClock, press: Press, screen: StringIO
) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path, database_url=sqlite, language="fr")
    console = Console(file=screen, width=300)
    with open_runtime(settings, now=clock.now, transport=httpx.MockTransport(press), console=console) as made:
        with made.sessions.begin() as session:
            session.add(source())
        yield made


def source(**given: object) -> Source:
    values: dict[str, object] = {
        "name": "La Presse", "kind": "rss", "settings": {"url": "https://press.example/feed"}, "cursor": {},
        "cadence_seconds": 300, "due_at": NOW, "health_since": NOW, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Source(**(values | given))


def passes(runtime: Runtime, clock: StillClock, minutes: int) -> None:
    for _ in range(minutes):
        run_cycle(runtime.sessions, runtime.chain, now=clock.at)
        clock.at += MINUTE


def told(runtime: Runtime) -> list[str]:
    with runtime.sessions() as session:
        of_sources = select(Notice.health).where(Notice.source_id.is_not(None))
        return list(session.scalars(of_sources.order_by(Notice.id)))


def test_a_source_that_fails_is_told_once_and_once_when_mended(
    runtime: Runtime, clock: StillClock, press: Press, screen: StringIO
) -> None:
    passes(runtime, clock, 10)
    assert told(runtime) == []
    press.status = 403
    passes(runtime, clock, 60)
    assert told(runtime) == ["down"]
    text = screen.getvalue()
    assert "On n’entend plus La Presse depuis" in text
    assert "nous refuse l’accès (403)" in text
    assert "pas pris pour du calme" in text
    press.status = 200
    passes(runtime, clock, 150)
    assert told(runtime) == ["down", "ok"]
    assert "On entend de nouveau La Presse" in screen.getvalue()
    assert screen.getvalue().count("La Presse") == 2


def test_a_channel_that_fails_is_told_later_and_no_other_twice(
    runtime: Runtime, clock: StillClock, press: Press
) -> None:
    tried = []

    class Broken:
        def say(self, _news: object, _earlier: object, *, now: datetime) -> Sent:
            tried.append(now)
            if len(tried) == 1:
                raise ChannelError("no network")
            return Sent(None)

    context = runtime.chain.delivery
    object.__setattr__(context, "open", lambda _channel: Broken())
    press.status = 403
    passes(runtime, clock, 3)
    assert len(tried) == 2
    notify(runtime.sessions, context, now=clock.at + HOUR)
    assert len(tried) == 2
    with runtime.sessions() as session:
        assert session.scalars(select(Delivery.state)).all() == ["sent"]


@pytest.mark.parametrize(
    ("before", "health", "lasted", "expected"),
    [
        pytest.param("ok", "down", MINUTE, "down", id="deaf: at once"),
        pytest.param("ok", "degraded", MINUTE, None, id="a hiccup"),
        pytest.param("ok", "degraded", PATIENCE, "degraded", id="in part, and it stays so"),
        pytest.param("degraded", "down", MINUTE, "down", id="worse"),
        pytest.param("down", "degraded", DAY, None, id="better, but not well"),
        pytest.param("down", "ok", MINUTE, None, id="perhaps mended"),
        pytest.param("down", "ok", 5 * MINUTE, "ok", id="mended"),
        pytest.param("ok", "new", DAY, None, id="new"),
    ],
)
def test_what_is_told_and_when(before: str, health: str, lasted: timedelta, expected: str | None) -> None:
    told = worth_telling(SourceHealth(before), SourceHealth(health), lasted, enabled=True)
    assert told == expected


def test_a_source_that_is_switched_off_is_no_news() -> None:
    assert worth_telling(SourceHealth.down, SourceHealth.down, DAY, enabled=False) == "ok"
    assert worth_telling(SourceHealth.ok, SourceHealth.down, DAY, enabled=False) is None


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        pytest.param(20 * MINUTE, None, id="a pass or two late"),
        pytest.param(26 * MINUTE, "degraded", id="three cadences and ten minutes"),
        pytest.param(3 * HOUR, "down", id="hours"),
    ],
)
def test_silence_is_seen_on_the_cadence_of_the_source(quiet: timedelta, expected: str | None) -> None:
    found = silence(source(heard_until=NOW, health="ok"), now=NOW + quiet)
    assert (found[0] if found else None) == expected


def test_a_source_that_was_asked_to_wait_is_not_silent() -> None:
    waiting = source(heard_until=NOW, health="degraded", due_at=NOW + 2 * HOUR)
    assert silence(waiting, now=NOW + HOUR) is None


def past(
    posted: Callable[[int], int] = lambda _hours_ago: 0, took: timedelta = MINUTE / 60, clamped: int = 0
) -> RunHistory:
    """Two weeks of hours, each with so many posts."""
    hours = [(NOW - n * HOUR, posted(n)) for n in range(14 * 24, -1, -1)]
    return RunHistory([(at, n) for at, n in hours if n], [], [took] * 5, clamped, 20)


@pytest.mark.parametrize(
    ("history", "words"),
    [
        pytest.param(past(lambda _: 5), "", id="as ever"),
        pytest.param(past(lambda n: 5 if n > 5 else 0), "no post since 2026-11-22 03:00", id="silent"),
        pytest.param(past(lambda n: 5 if n % 24 < 8 else 0), "", id="sleeps at night"),
        pytest.param(
            past(lambda n: 20 if n >= 24 else 1), "24 posts in the last day, where 480", id="fallen"
        ),
        pytest.param(past(lambda n: int(n % 48 == 0)), "", id="seldom"),
        pytest.param(past(lambda _: 5, took=4 * MINUTE), "a run takes 4 min", id="slow"),
        pytest.param(past(lambda _: 5, clamped=7), "7 of the 20 posts of the last day are dated", id="clock"),
    ],
)
def test_a_source_is_held_against_its_own_history(history: RunHistory, words: str) -> None:
    text = doubt(history, source(), now=NOW)
    assert words in text
    assert bool(words) == bool(text)


def test_a_doubt_degrades_a_source_that_answers_and_goes_by_itself(
    runtime: Runtime, clock: StillClock
) -> None:
    with runtime.sessions.begin() as session:
        for n in range(30, 400):
            at = NOW - n * HOUR
            session.add(Run(source_id=1, started_at=at, ended_at=at, status="ok", received=9, stored=9))
    passes(runtime, clock, 61)
    with runtime.sessions() as session:
        seen = session.get_one(Source, 1)
        assert (seen.health, seen.doubt[:13]) == ("degraded", "no post since")
        session.add(Run(source_id=1, started_at=clock.at, ended_at=clock.at, status="ok", stored=200))
        session.commit()
    passes(runtime, clock, 61)
    with runtime.sessions() as session:
        assert session.get_one(Source, 1).health == "ok"
    assert told(runtime) == ["degraded", "ok"]
