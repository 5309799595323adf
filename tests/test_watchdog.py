"""Passes that stand still: the channels are told past the queue, once, and once more when they go on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from app.admin import channels
from app.admin.specs import ChannelSpec
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.watchdog import Watchdog
from tests.pipeline.brand import START
from tests.standins.clock import StillClock

HOOK = {"name": "hook", "kind": "webhook", "settings": {"url": "https://hooks.example/t"}, "language": "fr"}


class FarEnd:
    """Takes what is told, or nothing."""

    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []
        self.status = 204

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.told.append(json.loads(request.content))
        return httpx.Response(self.status)


@pytest.fixture
def far_end() -> FarEnd:
    return FarEnd()


@pytest.fixture
def steady() -> StillClock:
    return StillClock(START)


@contextmanager
def watched(folder: Path, sqlite: str, far_end: FarEnd, steady: StillClock) -> Iterator[Runtime]:
    settings = Settings(data_dir=folder, database_url=sqlite)
    with open_runtime(
        settings, now=steady.now, transport=httpx.MockTransport(far_end), monotonic=steady.monotonic
    ) as runtime:
        with runtime.sessions.begin() as session:
            channels.create(
                session, ChannelSpec.model_validate(HOOK), vault=runtime.vault, by="test", now=START
            )
        yield runtime


def kinds(far_end: FarEnd) -> list[tuple[object, object]]:
    return [(told["type"], told["standstill"]["goes_on"]) for told in far_end.told]  # type: ignore[index]


def test_a_standstill_is_told_once_and_so_is_its_end(
    tmp_path: Path, sqlite: str, far_end: FarEnd, steady: StillClock
) -> None:
    with watched(tmp_path, sqlite, far_end, steady) as runtime:
        watchdog = Watchdog(runtime, 60)
        watchdog.remember()
        steady.sleep(300)
        watchdog.look()
        assert far_end.told == []
        steady.sleep(1)
        for _ in range(3):
            watchdog.look()
        assert kinds(far_end) == [("standstill", False)]
        began = (START + timedelta(seconds=0)).isoformat().replace("+00:00", "Z")
        assert far_end.told[0]["standstill"]["since"] == began  # type: ignore[index]
        runtime.vitals.passed()
        watchdog.look()
        watchdog.look()
        assert kinds(far_end) == [("standstill", False), ("standstill", True)]


def test_it_is_told_though_the_database_does_not_answer_any_more(
    tmp_path: Path, sqlite: str, far_end: FarEnd, steady: StillClock
) -> None:
    with watched(tmp_path, sqlite, far_end, steady) as runtime:
        watchdog = Watchdog(runtime, 60)
        watchdog.remember()

        @event.listens_for(runtime.engine, "before_cursor_execute")
        def gone(*_arguments: object) -> None:
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

        watchdog.remember()  # it keeps whom it knows
        steady.sleep(301)
        watchdog.look()
        assert kinds(far_end) == [("standstill", False)]


def test_passes_that_cannot_be_written_down_are_none(
    tmp_path: Path, sqlite: str, far_end: FarEnd, steady: StillClock
) -> None:
    with watched(tmp_path, sqlite, far_end, steady) as runtime:
        watchdog = Watchdog(runtime, 60)
        watchdog.remember()

        @event.listens_for(runtime.engine, "begin")
        def fill(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")  # as a full disk: reads go on

        for _ in range(6):
            with pytest.raises(OperationalError), runtime.sessions.begin() as session:
                session.execute(text("UPDATE policy SET floor = 9"))
            runtime.vitals.passed()
            steady.sleep(60)
            watchdog.look()
        assert kinds(far_end) == [("standstill", False)]
        assert "readonly" in str(far_end.told[0]["standstill"])


def test_a_channel_that_takes_nothing_keeps_the_next_from_nothing(
    tmp_path: Path, sqlite: str, far_end: FarEnd, steady: StillClock
) -> None:
    with watched(tmp_path, sqlite, far_end, steady) as runtime:
        with runtime.sessions.begin() as session:
            second = ChannelSpec.model_validate(HOOK | {"name": "second"})
            channels.create(session, second, vault=runtime.vault, by="test", now=START)
            session.execute(text("UPDATE channel SET kind = 'telepathy' WHERE name = 'hook'"))
        watchdog = Watchdog(runtime, 60)
        watchdog.remember()
        steady.sleep(301)
        watchdog.look()
        assert kinds(far_end) == [("standstill", False)]
