"""A database that goes away and comes back: two lines of the log, whoever asks it meanwhile."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from app.api.front import AT_ONCE
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle, listen, publish
from app.settings import Settings
from app.watchdog import Watchdog
from tests.api.conftest import Clock
from tests.standins.wire import Wire

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def wire(database: str) -> Iterator[Wire]:
    with Wire(database) as wire:
        yield wire


@pytest.fixture
def runtime(wire: Wire, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(404))
    with open_runtime(
        Settings(data_dir=tmp_path, database_url=wire.url), now=clock, transport=nowhere
    ) as runtime:
        yield runtime


def _lines(written: StringIO) -> list[str]:
    """The events that were logged, but for the requests that were answered."""
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert not any("exception" in line for line in lines)
    events = [str(line["event"]) for line in lines]
    return [event for event in events if event != "request" and not event.startswith("HTTP Request")]


def test_it_is_told_once_that_it_is_gone_and_once_that_it_is_back(
    runtime: Runtime, wire: Wire, written: StringIO, key: Callable[[str], str]
) -> None:
    def do(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:
            logging.getLogger("apscheduler").exception("Job raised an exception")

    watchdog = Watchdog(runtime, 60)
    cycle(runtime, watchdog)
    admin = {"Authorization": f"Bearer {key('admin')}"}
    written.truncate(0)
    written.seek(0)
    with TestClient(create_app(nullcontext(runtime)), headers=admin) as client:
        assert client.get("/api/v1/watches").status_code == 200
        wire.cut()
        for _ in range(3):
            for job in (lambda: cycle(runtime, watchdog), lambda: listen(runtime), lambda: publish(runtime)):
                do(job)
            assert client.get("/api/v1/watches").status_code == 503
            assert client.get("/readyz").status_code == 503
        assert _lines(written) == ["database gone"]
        wire.mend()
        cycle(runtime, watchdog)
        assert client.get("/api/v1/watches").status_code == 200
        assert client.get("/readyz").status_code == 200
    assert _lines(written) == ["database gone", "database back"]


def test_no_row_is_blamed_for_it(runtime: Runtime, wire: Wire, key: Callable[[str], str]) -> None:
    cycle(runtime)
    admin = {"Authorization": f"Bearer {key('admin')}"}
    wire.cut()
    for _ in range(2):
        cycle(runtime)
    wire.mend()
    cycle(runtime)
    with TestClient(create_app(nullcontext(runtime)), headers=admin) as client:
        assert client.get("/api/v1/status").json()["faults"] == []


def test_more_requests_than_threads_and_connections_are_all_answered(
    runtime: Runtime, key: Callable[[str], str]
) -> None:
    admin = {"Authorization": f"Bearer {key('admin')}"}
    many = 6 * AT_ONCE
    with (
        TestClient(create_app(nullcontext(runtime)), headers=admin) as client,
        ThreadPoolExecutor(many) as people,
    ):
        answers = list(people.map(lambda _: client.get("/api/v1/watches").status_code, range(many)))
    assert answers == [200] * many
