"""Queries over HTTP and on the command line: tried, doubted, refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.cli import app as command_line
from app.clock import utc_now
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import Clock

TRY = "/api/v1/queries/try"
QUERY = 'Orange AND (réseau OR fibre) -"rue Orange"'
SAID = ("panne du réseau Orange", "rue Orange, la fibre", "rien", "Orange : la fibre")


@pytest.fixture
def orange(runtime: Runtime, clock: Clock) -> None:
    clock.at = utc_now()  # the command line runs on the real clock
    with runtime.sessions.begin() as session:
        spec = SourceSpec(name="forum", kind="push")
        source, _ = sources.create(session, spec, vault=runtime.vault, by="test", now=clock.at)
        watch = WatchSpec.model_validate({"name": "Orange", "query": "any of: Orange"})
        watches.create(session, watch, by="test", now=clock.at)
        session.flush()
        posts = [Item(f"p{n}", text, clock.at) for n, text in enumerate(SAID)]
        store(session, Matchers().current(session), source.id, posts, now=clock.at)


@pytest.mark.usefixtures("orange")
def test_a_viewer_tries_a_query(viewer: TestClient, clock: Clock) -> None:
    clock.at = utc_now()
    answer = viewer.post(TRY, json={"query": QUERY, "watch": "Orange", "days": 1}).json()
    trial = answer["trial"]
    assert (trial["matched"], trial["by_source"], trial["query"]) == (2, {"forum": 2}, QUERY)
    assert trial["samples"][0]["why"][0]["term"] == "Orange"
    assert trial["exclusions"][0]["posts"] == 1
    assert (trial["change"]["gained"], trial["change"]["lost"]) == (0, 1)
    assert answer["doubts"] == []


@pytest.mark.usefixtures("orange")
def test_to_ask_sources_takes_more_than_looking(viewer: TestClient, admin: TestClient) -> None:
    body = {"query": "Orange", "live": ["forum"]}
    assert viewer.post(TRY, json=body).status_code == 403
    trial = admin.post(TRY, json=body).json()["trial"]
    assert "brought to it" in trial["looks"][0]["error"]
    assert (
        admin.post(TRY, json={"query": "x1", "live": ["nobody"]}).json()["errors"][0]["pointer"] == "#/live/0"
    )


def refused(client: TestClient, query: str, language: str = "en") -> Any:  # noqa: ANN401 - JSON
    answer = client.post(TRY, json={"query": query}, headers={"Accept-Language": language})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == "#/query"
    return error["detail"]


def test_a_query_that_cannot_be_is_refused_in_the_language_of_who_asks(viewer: TestClient) -> None:
    assert refused(viewer, "Orange AND") == "nothing follows AND (characters 8 to 10). Write: Orange"
    assert refused(viewer, "Orange ET", "fr-FR,en;q=0.5") == (
        "rien ne suit ET (caractères 8 à 9). Écrivez : Orange"
    )
    assert "Write: Orange OR Vélinor" in refused(viewer, "any of: Orange OR Vélinor", "en,fr")
    assert "Écrivez : Orange OR Vélinor" in refused(viewer, "any of: Orange OR Vélinor", "fr")


def test_a_watch_says_what_is_doubtful_in_its_query_and_is_not_made_with_a_slip(admin: TestClient) -> None:
    wrong = admin.post("/api/v1/watches", json={"name": "a", "query": "Vélinor ou Danone"})
    assert wrong.status_code == 422
    assert "Write: Vélinor OU Danone" in wrong.json()["errors"][0]["detail"]
    made = admin.post("/api/v1/watches", json={"name": "Orange", "query": "Orange"}).json()
    assert made["query"] == {"text": "Orange"}
    [doubt] = made["doubts"]
    assert (doubt["code"], doubt["refused"]) == ("common", False)
    address = f"/api/v1/watches/{made['id']}"
    mended = admin.patch(address, json={"query": "=Orange NEAR/15 (réseau OR fibre)"}).json()
    assert mended["doubts"] == []
    back = admin.patch(address, json={"query": {"text": None, "any_of": ["Vélinor"]}}).json()
    assert back["query"] == {"any_of": ["Vélinor"], "all_of": [], "none_of": []}
    assert admin.patch(address, json={"query": mended["query"]}).status_code == 422, "two forms at once"


def test_what_is_stored_stays_though_it_would_be_refused_today(
    admin: TestClient, runtime: Runtime, clock: Clock
) -> None:
    made = admin.post("/api/v1/watches", json={"name": "a", "query": "any of: Vélinor"}).json()
    with runtime.sessions.begin() as session:
        row = watches.named_or_numbered(session, "a")
        row.query, row.updated_at = {"any_of": ["Vélinor OR Danone"]}, clock.at
    changed = admin.patch(f"/api/v1/watches/{made['id']}", json={"objective": "why"}).json()
    assert changed["objective"] == "why"
    assert changed["doubts"][0]["refused"]


@pytest.fixture
def run(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", runtime.engine.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(command_line, words)


@pytest.mark.usefixtures("orange")
def test_the_command_line_tries_a_query(run: Callable[..., Any]) -> None:
    shown = run("query", "try", QUERY, "--days", "1", "--watch", "Orange")
    assert shown.exit_code == 0, shown.output
    assert "would have matched 2 posts of 4 in 1 day." in shown.stdout
    assert '-"rue Orange" takes away 1 post.' in shown.stdout
    assert "1 post lost" in shown.stdout
    told = json.loads(run("query", "try", "Orange", "--json").stdout)
    assert told["matched"] == 3
    assert "everyday word" in run("query", "try", "Orange").stderr
