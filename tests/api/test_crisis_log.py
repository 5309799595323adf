"""The log of an incident over HTTP: written once, settled, shared by a story, and shown."""

import pytest
from starlette.testclient import TestClient

from app.admin import forgetting
from app.models import Incident, LogEntry, State, Watch
from app.runtime import Runtime
from tests.api.conftest import START

LOG = "/api/v1/incidents/1/log"


def test_lines_are_written_settled_and_shown(admin: TestClient, fire: int, runtime: Runtime) -> None:
    assert fire == 1
    for body in (
        {"kind": "decision", "text": "We answer by noon <b>&\nhere"},
        {"kind": "fact", "text": "Lot 4417 was recalled"},
        {"kind": "task", "text": "Call the lab", "owner": "Max", "due_at": "2026-11-22T12:00:00Z"},
    ):
        assert admin.post(LOG, json=body).status_code == 201
    refused = admin.post(LOG, json={"kind": "said", "text": "x", "owner": "Max"})
    assert (refused.status_code, "only a task has an owner" in refused.text) == (422, True)
    assert admin.patch(f"{LOG}/2", json={"state": "false"}).json()["settled_by"] == "admin"
    wrong = admin.patch(f"{LOG}/1", json={"state": "done"})
    assert (wrong.status_code, "write another line" in wrong.json()["detail"]) == (422, True)
    assert "can be open, done" in admin.patch(f"{LOG}/3", json={"state": "true"}).json()["detail"]
    lines = admin.get("/api/v1/incidents/1").json()["log"]
    assert [(line["id"], line["state"]) for line in lines] == [(1, "noted"), (2, "false"), (3, "open")]
    page = admin.get(f"/incidents/1/{runtime.page_key(1)}").text
    assert "We answer by noon &lt;b&gt;&amp; here" in page
    assert "Call the lab · for Max, until 12:00 UTC, admin" in page


def test_a_story_has_one_log_and_another_incident_its_own(
    admin: TestClient, fire: int, runtime: Runtime
) -> None:
    with runtime.sessions.begin() as session:
        for name, story in (("Evian", fire), ("Volvic", None)):
            watch = Watch(
                name=name,
                kind="brand",
                objective="",
                query={},
                policy_id=1,
                created_at=START,
                updated_at=START,
            )
            session.add(watch)
            session.flush()
            session.add(
                Incident(
                    watch_id=watch.id, story_id=story, state=State.burning, onset_at=START, opened_at=START,
                    burning_at=START, peak_at=START, peak=9, threshold=2.9,
                )
            )  # fmt: skip
    admin.post(LOG, json={"kind": "fact", "text": "one"})
    admin.post("/api/v1/incidents/2/log", json={"kind": "decision", "text": "two"})
    for number in (1, 2):
        items = admin.get(f"/api/v1/incidents/{number}/log").json()["items"]
        assert [line["text"] for line in items] == ["two", "one"]
    assert admin.get("/api/v1/incidents/3/log").json()["items"] == []
    assert admin.patch("/api/v1/incidents/2/log/1", json={"state": "true"}).status_code == 200
    assert admin.patch("/api/v1/incidents/3/log/1", json={"state": "true"}).status_code == 409


@pytest.mark.usefixtures("fire")
def test_a_name_that_is_forgotten_is_gone_from_the_log(admin: TestClient, runtime: Runtime) -> None:
    admin.post(LOG, json={"kind": "said", "text": "Léa told @Ivan_K and IVAN_K's editor, not Ivan_Kov"})
    with runtime.sessions.begin() as session:
        found = forgetting.forget(session, "@ivan_k", keyed=lambda word: word, by="t", now=START)
        assert (found.logged, found.is_nothing) == (1, False)
        assert session.get_one(LogEntry, 1).text == "Léa told […] and […]'s editor, not Ivan_Kov"
        assert forgetting.forget(session, "@ivan_k", keyed=lambda word: word, by="t", now=START).is_nothing
