"""What machines ask: is it up, can it work, how is it doing."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app import metrics
from app.main import create_app
from app.models import Source, SourceHealth
from app.runtime import Runtime
from tests.standins.patience import until

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


@pytest.fixture
def quiet_gauge() -> Any:  # noqa: ANN401 - a generator
    metrics.last_cycle.set(0)
    yield
    metrics.last_cycle.set(0)


@pytest.mark.usefixtures("quiet_gauge")
def test_it_runs_the_chain_by_itself_and_is_not_ready_once_that_stands_still(
    runtime: Runtime,
    clock: Any,  # noqa: ANN401 - the fixture's class
) -> None:
    began = clock.at.timestamp()
    with TestClient(create_app(nullcontext(runtime), cycle_seconds=3600)) as client:
        until(lambda: metrics.registry.get_sample_value("tocsin_last_cycle_timestamp_seconds") == began)
        clock.at += timedelta(hours=5)
        assert client.get("/readyz").status_code == 200
        clock.at += timedelta(seconds=1)
        answer = client.get("/readyz")
        wrong = ["the last pass of the chain ended 5:00:01 ago"]
        assert (answer.status_code, answer.json()["wrong"]) == (503, wrong)


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
