"""What the chain cannot work off: shown with its step, and tried again when somebody asks."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from app.cli.check import findings_of
from app.models import Channel, Source, Watch
from app.pipeline import STEPS, run_cycle
from app.pipeline.delivery.failover import note_failure
from app.pipeline.guard import MOST_TRIES, Guard, Row, retry_set_aside
from app.runtime import Runtime
from tests.api.conftest import START, WATCH, Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def poisoned(runtime: Runtime, admin: TestClient, clock: Clock) -> None:
    """A watch whose query this version cannot read, after a pass."""
    assert admin.post("/api/v1/watches", json=WATCH).status_code == 201
    with runtime.engine.begin() as connection:
        connection.execute(
            text("UPDATE watch SET query = '{\"near\": 3}', updated_at = '2026-11-22 09:13:00'")
        )
    clock.at += timedelta(minutes=5)
    with pytest.raises(ExceptionGroup, match="not all of it could be worked off"):
        run_cycle(runtime.sessions, runtime.chain, now=clock.at)


def test_all_is_good_where_nothing_is_put_off(viewer: TestClient, runtime: Runtime) -> None:
    run_cycle(runtime.sessions, runtime.chain, now=START)
    status = viewer.get("/api/v1/status").json()
    assert (status["good"], status["faults"]) == (True, [])
    assert [step["name"] for step in status["steps"]] == [step.name for step in STEPS]


def test_a_clock_that_was_set_back_is_shown_and_checked_for_a_day(
    viewer: TestClient, runtime: Runtime, clock: Clock
) -> None:
    for off in (timedelta(hours=1), timedelta(0)):
        run_cycle(runtime.sessions, runtime.chain, now=START + off)
    status = viewer.get("/api/v1/status").json()
    assert status["clock_jump"] == {"at": START.isoformat().replace("+00:00", "Z"), "seconds": -3600.0}
    assert status["good"] is False
    assert 'tocsin_clock_jumps_total{direction="back"}' in viewer.get("/metrics").text
    (found,) = [finding for finding in findings_of(runtime) if finding.what == "clock"]
    assert not found.good
    assert "set back by 1:00:00 at 2026-11-22 09:14 UTC" in found.said
    clock.at += timedelta(days=1)
    (found,) = [finding for finding in findings_of(runtime) if finding.what == "clock"]
    assert found.good
    assert viewer.get("/api/v1/status").json()["good"] is True


def test_a_time_without_a_pass_is_shown_and_is_no_trouble(viewer: TestClient, runtime: Runtime) -> None:
    for minutes in (0, 1, 481):
        run_cycle(runtime.sessions, runtime.chain, now=START + timedelta(minutes=minutes))
    status = viewer.get("/api/v1/status").json()
    assert (status["clock_jump"]["seconds"], status["good"]) == (28_800.0, True)
    (found,) = [finding for finding in findings_of(runtime) if finding.what == "clock"]
    assert (found.good, "no pass had been made for 8:00:00" in found.said) == (True, True)


@pytest.mark.usefixtures("poisoned")
def test_a_row_that_is_put_off_is_shown_with_its_step_its_reason_and_its_next_try(
    viewer: TestClient, clock: Clock
) -> None:
    status = viewer.get("/api/v1/status").json()
    assert status["good"] is False
    fault = next(fault for fault in status["faults"] if fault["step"] == "match")
    assert (fault["subject"], fault["name"], fault["attempts"]) == ("watch", "Danone", 1)
    assert "near" in fault["error"]
    assert fault["due_at"] == (clock.at + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert next(step["faults"] for step in status["steps"] if step["name"] == "match") == 1
    assert 'tocsin_faults_open{state="put off"}' in viewer.get("/metrics").text


@pytest.mark.usefixtures("poisoned")
def test_a_row_is_tried_again_when_a_responder_asks_and_is_forgotten_once_it_is_mended(
    viewer: TestClient, responder: TestClient, admin: TestClient, runtime: Runtime, clock: Clock
) -> None:
    number = viewer.get("/api/v1/status").json()["faults"][0]["id"]
    assert viewer.post(f"/api/v1/faults/{number}/retry").status_code == 403
    again = responder.post(f"/api/v1/faults/{number}/retry").json()
    assert (again["attempts"], again["due_at"]) == (0, clock.at.isoformat().replace("+00:00", "Z"))
    assert admin.get("/api/v1/audit?subject=fault").json()["items"][0]["action"] == "retry"
    with runtime.engine.begin() as connection:
        connection.execute(text('UPDATE watch SET query = \'{"any_of": ["Danone"]}\''))
    clock.at += timedelta(minutes=5)
    runtime.chain.ingest.matchers.forget()
    run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    assert viewer.get("/api/v1/status").json()["faults"] == []
    assert responder.post(f"/api/v1/faults/{number}/retry").status_code == 404


@pytest.mark.usefixtures("poisoned")
def test_an_edit_has_the_row_tried_at_once(admin: TestClient, runtime: Runtime, clock: Clock) -> None:
    clock.at += timedelta(seconds=10)
    with runtime.sessions.begin() as session:
        watch = session.query(Watch).one()
        watch.query, watch.updated_at = {"any_of": ["Danone"]}, clock.at
    run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    assert admin.get("/api/v1/status").json()["faults"] == []


@pytest.mark.usefixtures("poisoned")
def test_the_fault_of_a_row_that_is_gone_goes_with_it(
    admin: TestClient, runtime: Runtime, clock: Clock
) -> None:
    with runtime.sessions.begin() as session:
        session.query(Watch).delete()
        session.query(Source).delete()
    clock.at += timedelta(minutes=20)
    run_cycle(runtime.sessions, runtime.chain, now=clock.at)
    assert admin.get("/api/v1/status").json()["faults"] == []


def test_a_row_is_set_aside_after_enough_tries_and_tried_again_by_a_new_start(
    admin: TestClient, runtime: Runtime, clock: Clock
) -> None:
    row = Row("watch", 7, "Nobody")
    for _ in range(MOST_TRIES):
        guard = Guard(runtime.sessions, now=clock.at)
        if guard.is_due("judge", row):
            guard.fail("judge", row, ValueError("xoxb-1-secret is no zone"))
        clock.at += timedelta(hours=1)
    (fault,) = admin.get("/api/v1/status").json()["faults"]
    assert (fault["attempts"], fault["due_at"]) == (MOST_TRIES, None)
    assert "secret" not in fault["error"]
    assert not Guard(runtime.sessions, now=clock.at).is_due("judge", row)
    with runtime.sessions.begin() as session:
        retry_set_aside(session, now=clock.at)
    assert Guard(runtime.sessions, now=clock.at).is_due("judge", row)


def test_a_channel_that_fails_is_shown_with_why_and_checked(
    viewer: TestClient, runtime: Runtime, clock: Clock
) -> None:
    run_cycle(runtime.sessions, runtime.chain, now=START)
    with runtime.sessions.begin() as session:
        channel = session.scalars(select(Channel)).one()
        note_failure(channel, "the channel is archived", permanent=True, now=START)
    status = viewer.get("/api/v1/status").json()
    (shown,) = status["channels"]
    assert (shown["works"], shown["why"], status["good"]) == (False, "the channel is archived", False)
    (found,) = [finding for finding in findings_of(runtime) if finding.what.startswith("channel ")]
    assert (found.good, found.said.endswith("it works again")) == (True, True)
    status = viewer.get("/api/v1/status").json()
    (shown,) = status["channels"]
    assert (shown["works"], shown["why"], status["good"]) == (True, "", True)
    assert shown["worked_at"] == clock.at.isoformat().replace("+00:00", "Z")
