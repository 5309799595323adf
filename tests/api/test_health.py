"""What machines ask: is it up, can it work, how is it doing."""

from contextlib import nullcontext
from datetime import timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from threading import Event

import httpx
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app import metrics
from app.admin import sources
from app.admin.specs import SourceSpec
from app.api import health
from app.errors import AppError
from app.main import create_app
from app.models import Source, SourceHealth
from app.runtime import Runtime, open_runtime
from app.scheduler import cycle
from app.settings import Settings
from tests.api.conftest import Clock
from tests.standins.clock import StillClock
from tests.standins.patience import HANG, until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_it_is_up_even_when_the_database_is_not(client: TestClient, runtime: Runtime) -> None:
    with runtime.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert client.get("/healthz").json() == {"status": "up"}


def test_it_is_ready_when_the_tables_are_the_newest(client: TestClient, runtime: Runtime) -> None:
    assert client.get("/readyz").json() == {"ready": True, "wrong": []}
    for there, message in (("0015", "`tocsin migrate`"), ("9999", "from a newer Tocsin")):
        with runtime.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :there"), {"there": there})
        answer = client.get("/readyz")
        assert answer.status_code == 503
        [wrong] = answer.json()["wrong"]
        assert f"at revision {there}" in wrong
        assert message in wrong


def test_it_is_not_ready_once_the_passes_stand_still_whatever_the_clock_of_the_machine_says(
    tmp_path: Path, database: str, clock: Clock
) -> None:
    steady, began = StillClock(clock.at), clock.at.timestamp()
    metrics.last_cycle.set(0)
    settings = Settings(data_dir=tmp_path, database_url=database)
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(404))
    with (
        open_runtime(settings, now=clock, transport=nowhere, monotonic=steady.monotonic) as runtime,
        TestClient(create_app(nullcontext(runtime), cycle_seconds=3600)) as client,
    ):
        until(lambda: metrics.registry.get_sample_value("tocsin_last_cycle_timestamp_seconds") == began)
        clock.at += timedelta(days=2)  # somebody set it
        steady.sleep(5 * 3600 - 1)
        assert client.get("/readyz").status_code == 200
        steady.sleep(2)
        answer = client.get("/readyz")
        wrong = ["the last pass of the chain ended 5:00:01 ago"]
        assert (answer.status_code, answer.json()["wrong"]) == (503, wrong)
        cycle(runtime)
        assert client.get("/readyz").status_code == 200


def test_a_database_that_takes_nothing_makes_it_unready_until_it_takes_something(
    client: TestClient, runtime: Runtime
) -> None:
    with runtime.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # as a full disk or a read-only one: reads go on
        connection.rollback()
        with pytest.raises(OperationalError), connection.begin():
            connection.execute(text("UPDATE policy SET floor = 9"))
    answer = client.get("/readyz")
    assert (answer.status_code, "readonly" in answer.json()["wrong"][0]) == (503, True)
    runtime.engine.dispose()
    with runtime.sessions.begin() as session:
        session.execute(text("UPDATE policy SET floor = 9"))
    assert client.get("/readyz").status_code == 200


def test_a_writer_that_waits_for_another_says_nothing_of_the_database(runtime: Runtime) -> None:
    first, second = runtime.engine.connect(), runtime.engine.connect()
    second.exec_driver_sql("PRAGMA busy_timeout = 1")
    second.rollback()
    with first.begin(), pytest.raises(OperationalError, match="locked"):
        second.execute(text("UPDATE policy SET floor = 9"))
    assert runtime.vitals.failing() is None
    first.close()
    second.close()


def test_a_database_that_hangs_is_waited_for_no_longer_than_a_second(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = Event()
    monkeypatch.setattr(health, "_SECONDS", 0.01)  # less than the second: it never answers anyway

    def hang(*_arguments: object) -> None:
        let_go.wait(HANG)

    event.listen(Engine, "before_cursor_execute", hang)
    try:
        for _ in range(3):
            answer = client.get("/readyz")
            assert answer.json()["wrong"] == ["the database does not answer within a second"]
        assert client.get("/healthz").status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", hang)
        let_go.set()


def test_neither_needs_a_thread_or_a_line_that_writers_hold(client: TestClient, runtime: Runtime) -> None:
    assert all(iscoroutinefunction(answer) for answer in (health.is_up, health.is_ready))
    lines = [runtime.engine.connect() for _ in range(15)]
    answer = client.get("/readyz")
    for line in lines:
        line.close()
    assert (answer.status_code, answer.json()["wrong"]) == (200, [])


def test_a_key_that_is_lost_is_not_replaced_in_silence(tmp_path: Path, database: str, clock: Clock) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database)
    spec = SourceSpec(name="pushed", kind="push")
    with open_runtime(settings, now=clock) as runtime, runtime.sessions.begin() as session:
        sources.create(session, spec, vault=runtime.vault, by="test", now=clock.at)
    kept = (tmp_path / "secret.key").rename(tmp_path / "elsewhere.key")
    with (
        open_runtime(settings, now=clock) as runtime,
        TestClient(create_app(nullcontext(runtime))) as client,
    ):
        answer = client.get("/readyz")
        assert (answer.status_code, "cannot be opened" in answer.json()["wrong"][0]) == (503, True)
        with pytest.raises(AppError, match="Put it back from the backup"):
            runtime.vault.seal("new")
    assert not (tmp_path / "secret.key").exists()
    kept.rename(tmp_path / "secret.key")
    with open_runtime(settings, now=clock) as runtime, TestClient(create_app(nullcontext(runtime))) as client:
        assert client.get("/readyz").status_code == 200


def test_the_metrics_are_counted_when_they_are_asked_for(
    client: TestClient, runtime: Runtime, fire: int
) -> None:
    assert fire == 1
    with runtime.sessions.begin() as session:
        session.get_one(Source, 1).health = SourceHealth.down
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'tocsin_incidents_open{state="burning"} 1.0' in answer.text
    assert 'tocsin_incidents_open{state="contained"} 0.0' in answer.text
    assert "tocsin_sources_down 1.0" in answer.text
    assert "tocsin_deliveries_due 0.0" in answer.text


def test_the_series_of_a_watch_has_limits(viewer: TestClient, fire: int) -> None:
    path = f"/api/v1/watches/{fire}/series"
    day = viewer.get(path).json()
    assert (len(day["items"]), day["next"]) == (288, None)
    hour = viewer.get(f"{path}?since=2026-11-22T07:00:00Z&until=2026-11-22T08:00:00Z").json()["items"]
    assert [p["observed"] for p in hour].count(1.0) <= 1
    assert len(hour) == 12
    assert viewer.get(f"{path}?since=2026-10-01T00:00:00Z").status_code == 422
    assert viewer.get(f"{path}?since=2026-11-23T00:00:00Z").status_code == 422
    assert viewer.get("/api/v1/watches/99/series").status_code == 404


def test_reading_does_not_wait_for_a_writer(admin: TestClient, runtime: Runtime) -> None:
    """On SQLite a pass of the chain may hold the file for a while; people who look must not feel it."""
    admin.get("/api/v1/watches")  # notes the use of the key
    with runtime.sessions.begin() as writing:
        writing.execute(text("UPDATE policy SET floor = 9"))
        assert admin.get("/api/v1/watches").status_code == 200
        assert admin.get("/readyz").status_code in {200, 503}
