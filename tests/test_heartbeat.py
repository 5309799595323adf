"""The outgoing heartbeat: one after each pass that was written down, and none that keeps a pass waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
from sqlalchemy import Connection, event
from structlog.testing import capture_logs

from app import metrics
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle
from app.settings import Settings
from tests.pipeline.brand import START
from tests.standins.patience import HANG, until

SECRET = "https://beats.example/ping/0a1b2c3d"


class FarEnd:
    """A dead man's switch: counts what comes, and answers what it is told to."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.status = 200
        self.open = Event()
        self.open.set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.came.append(str(request.url))
        assert self.open.wait(HANG)
        return httpx.Response(self.status)


@pytest.fixture
def far_end() -> FarEnd:
    return FarEnd()


@contextmanager
def beating(folder: Path, sqlite: str, far_end: FarEnd) -> Iterator[Runtime]:
    settings = Settings.model_validate({"data_dir": folder, "database_url": sqlite, "heartbeat_url": SECRET})
    with open_runtime(settings, now=lambda: START, transport=httpx.MockTransport(far_end)) as runtime:
        yield runtime


def sent(state: str) -> float:
    return metrics.registry.get_sample_value("tocsin_heartbeats_total", {"state": state}) or 0.0


def test_each_pass_is_followed_by_one_beat(tmp_path: Path, sqlite: str, far_end: FarEnd) -> None:
    with beating(tmp_path, sqlite, far_end) as runtime:
        for n in range(1, 4):
            before = sent("sent")
            cycle(runtime)
            until(lambda: sent("sent") == before + 1)  # noqa: B023 - asked at once
            assert far_end.came == [SECRET] * n


def test_a_pass_that_could_not_be_written_down_has_none(tmp_path: Path, sqlite: str, far_end: FarEnd) -> None:
    with beating(tmp_path, sqlite, far_end) as runtime:

        @event.listens_for(runtime.engine, "begin")
        def fill(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")  # as a full disk: reads go on

        cycle(runtime)
        assert far_end.came == []


def test_a_switch_that_hangs_keeps_no_pass_waiting(tmp_path: Path, sqlite: str, far_end: FarEnd) -> None:
    far_end.open.clear()
    with beating(tmp_path, sqlite, far_end) as runtime:
        before = sent("sent")
        cycle(runtime)
        until(lambda: len(far_end.came) == 1)
        cycle(runtime)
        cycle(runtime)
        assert len(far_end.came) == 1
        far_end.open.set()
        until(lambda: sent("sent") == before + 1)


def test_what_does_not_arrive_is_logged_once_without_its_address(
    tmp_path: Path, sqlite: str, far_end: FarEnd
) -> None:
    far_end.status = 404
    with capture_logs() as logged, beating(tmp_path, sqlite, far_end) as runtime:
        for status in (404, 404, 200):
            far_end.status, before = status, sent("sent") + sent("failed")
            cycle(runtime)
            until(lambda: sent("sent") + sent("failed") == before + 1)  # noqa: B023 - asked at once
        cycle(runtime)
        until(lambda: len(far_end.came) == 4)
    told = [entry["event"] for entry in logged if "heartbeat" in entry["event"]]
    assert told == ["heartbeat not sent", "heartbeat sent again"]
    assert "0a1b2c3d" not in str(logged)
