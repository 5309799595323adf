"""Previews over HTTP and on the command line: who may, what is answered, and what is refused."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.api import preview
from app.cli import app as command_line
from app.errors import Conflict
from app.models import AuditEntry
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime, open_runtime
from tests.api.conftest import WATCH, Clock
from tests.conftest import keeping_logs
from tests.pipeline.brand import START, fire, ordinary

HOUR = timedelta(hours=1)
# Of one day for ever: what is usual on a weekday is learned from other weekdays, so the day tells.
FIRE_AT = START + timedelta(days=7, hours=10)
NOW = FIRE_AT + 4 * HOUR
BODY = {"since": (FIRE_AT - HOUR).isoformat()}
VELINOR = "/api/v1/watches/1/preview"


@pytest.fixture
def velinor(runtime: Runtime, clock: Clock) -> None:
    """A week of a brand and a fire, stored as they were heard."""
    clock.at = START
    with runtime.sessions.begin() as session:
        spec = SourceSpec(name="forum", kind="push")
        source, _ = sources.create(session, spec, vault=runtime.vault, by="test", now=START)
        watch = {"name": "Vélinor", "query": "any of: Vélinor", "time_zone": "Europe/Paris"}
        watches.create(session, WatchSpec.model_validate(watch), by="test", now=START)
        session.flush()
        posts = [
            p for p in [*ordinary(8, start=START), *fire(FIRE_AT)] if p.published_at and p.published_at < NOW
        ]
        store(session, Matchers().current(session), source.id, posts, now=NOW, heard_at_once=True)
        observed(session, source.id, START, NOW)
    clock.at = NOW


@pytest.mark.story
@pytest.mark.usefixtures("velinor")
def test_a_viewer_previews_a_policy_and_nothing_is_written_of_it(
    viewer: TestClient, runtime: Runtime
) -> None:
    def entries() -> int | None:
        with runtime.sessions() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry))

    before = entries()
    answer = viewer.post(VELINOR, json=BODY | {"alarms_per_month": 0.1, "prices": True})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["watch"] == "Vélinor"
    assert told["today"]["terms"]["alarms_per_month"] == 1
    assert told["proposed"]["terms"]["alarms_per_month"] == 0.1
    alarm = told["today"]["alarms"][0]
    assert alarm["facts"]["observed"] > 2 * alarm["facts"]["expected"]
    assert "Vélinor" in alarm["facts"]["samples"][0]["text"]
    assert told["changes"][0]["what"] == "kept"
    assert told["changes"][0]["minutes_earlier"] < 0
    assert [price["alarms_per_month"] for price in told["prices"]] == [0.25, 0.5, 1, 2, 4]
    assert told["verdicts"] == []
    assert entries() == before


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        pytest.param({"alarms_per_month": 0}, 422, "/alarms_per_month", id="a budget that nothing keeps"),
        pytest.param({"floor": 0}, 422, "/floor", id="a floor of nothing"),
        pytest.param({"name": "calm"}, 422, "/name", id="what is no part of the decision"),
        pytest.param({"since": NOW.isoformat()}, 422, "since must be earlier", id="since after until"),
        pytest.param(
            {"since": (NOW - timedelta(days=91)).isoformat()}, 422, "at most 90 days", id="too long"
        ),
        pytest.param(
            {"since": START.isoformat(), "until": (START + 9 * HOUR).isoformat()},
            409,
            "still learning",
            id="learning",
        ),
    ],
)
def test_what_cannot_be_previewed_is_refused_with_the_reason(
    viewer: TestClient, body: dict[str, Any], status: int, text: str
) -> None:
    answer = viewer.post(VELINOR, json=body)
    assert (answer.status_code, text in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_a_watch_that_is_not_there_there_is_no_preview(viewer: TestClient, client: TestClient) -> None:
    assert viewer.post(VELINOR, json={}).status_code == 404
    assert client.post(VELINOR, json={}).status_code == 401


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_preview_at_a_time(viewer: TestClient) -> None:
    with preview._one_at_a_time:
        answer = viewer.post(VELINOR, json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.usefixtures("velinor")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_others_write_while_a_preview_is_under_way(
    viewer: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, wrote = WatchSpec.model_validate(WATCH), []

    def meanwhile(*_given: object, **_more: object) -> None:
        with runtime.sessions.begin() as session:  # waits for half a minute if the request holds the file
            watches.create(session, spec, by="test", now=NOW)
        wrote.append(True)
        raise Conflict("seen enough")

    monkeypatch.setattr(preview, "preview", meanwhile)
    assert viewer.post(VELINOR, json=BODY).status_code == 409
    assert wrote


@pytest.fixture
def call(
    database: str,
    tmp_path: Path,
    velinor: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Result]]:
    """The command, in a process whose clock shows NOW."""
    monkeypatch.setattr("app.cli.preview.open_runtime", partial(open_runtime, now=lambda: NOW))
    environment = {"TOCSIN_DATA_DIR": str(tmp_path), "TOCSIN_DATABASE_URL": database, "COLUMNS": "160"}

    def called(*words: str) -> Result:
        return CliRunner().invoke(command_line, ["preview", *words], env=environment)

    with keeping_logs():
        yield called


@pytest.mark.story
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_line_says_the_same_to_people_and_to_programs(call: Callable[..., Result]) -> None:
    told = call("Vélinor", "--budget", "0.1", "--prices", "--days", "2")
    assert told.exit_code == 0, told.output
    assert "Today    1 alarm  (1 false alarms a month; threshold" in told.stdout
    assert "Proposed 1 alarm  (0.1 false alarms a month; threshold" in told.stdout
    assert re.search(r"= .* kept, \d+ min later · \d+ an hour, .* usual, score", told.stdout)
    assert re.search(r"“[^”]*Vélinor", told.stdout), told.stdout
    assert "median delay" in told.stdout
    read = json.loads(call("1", "--threshold", "1000", "--days", "2", "--json").stdout)
    assert [change["what"] for change in read["changes"]] == ["lost"]
    assert read["proposed"]["alarms"] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_line_ends_with_1_on_an_error_and_with_2_on_wrong_usage(
    call: Callable[..., Result],
) -> None:
    nobody = call("Nobody")
    assert (nobody.exit_code, "there is no watch “Nobody”" in nobody.stderr) == (1, True)
    wrong = call("Vélinor", "--threshold", "0")
    assert (wrong.exit_code, "threshold" in wrong.stderr) == (1, True)
    assert call("Vélinor", "--budget", "1000").exit_code == 2
    assert call("Vélinor", "--budget", "1", "--threshold", "3").exit_code == 2
    assert call("Vélinor", "--days", "91").exit_code == 2
