"""Links that open a report, over HTTP: made by who may, listed, taken back, and never shown again."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from app.models import AuditEntry, ReportLink, Watch
from app.runtime import Runtime
from tests.api.conftest import START, Clock

FIRE, WEEK = "/api/v1/incidents/1/report/links", "/api/v1/watches/1/report/links"
pytestmark = [
    pytest.mark.usefixtures("fire"),
    pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True),
]


def test_a_link_is_made_listed_and_taken_back(
    responder: TestClient, viewer: TestClient, client: TestClient, runtime: Runtime
) -> None:
    made = responder.post(FIRE, json={"days": 1, "language": "fr"})
    assert made.status_code == 201
    link = made.json()
    assert (link["incident_id"], link["period"], link["created_by"]) == (1, "", "responder")
    assert link["expires_at"] == "2026-11-23T09:14:00Z"
    path = link.pop("url").removeprefix("http://127.0.0.1:8321")
    assert viewer.get(FIRE).json() == {"items": [link], "next": None}
    assert viewer.get(WEEK).json()["items"] == []
    assert client.get(path).status_code == 200
    assert viewer.get(FIRE).json()["items"][0]["opened_at"] == "2026-11-22T09:14:00Z"
    with runtime.sessions() as session:
        kept = session.query(ReportLink).one()
        entries = session.query(AuditEntry).filter_by(subject="report_link").all()
    token = path.rpartition("/")[2]
    assert len(kept.digest) == 64
    for secret in (token, kept.digest):
        assert secret not in f"{link} {[(entry.before, entry.after) for entry in entries]}"
    assert token not in kept.digest
    assert viewer.delete(f"{FIRE}/{link['id']}").status_code == 403
    assert responder.delete(f"{WEEK}/{link['id']}").status_code == 404, "it opens no report of a period"
    assert responder.delete(f"{FIRE}/{link['id']}").status_code == 204
    assert responder.delete(f"{FIRE}/{link['id']}").status_code == 404
    assert client.get(path).status_code == 410
    with runtime.sessions() as session:
        entries = session.query(AuditEntry).filter_by(subject="report_link").order_by(AuditEntry.id).all()
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("responder", "share"),
        ("responder", "take_back"),
    ]
    assert entries[0].after == entries[1].before
    assert entries[0].after is not None
    assert entries[0].after["report"] == "incident 1"


def test_a_link_to_the_last_week_goes_on_to_open_that_week(
    responder: TestClient, viewer: TestClient, client: TestClient, clock: Clock
) -> None:
    made = responder.post(WEEK, json={"days": 30}).json()
    assert (made["period"], made["incident_id"], made["language"]) == ("2026-W46", None, "en")
    clock.at = START + timedelta(days=10)
    assert "Week 46 of 2026" in client.get(made["url"]).text
    assert viewer.get(WEEK).json()["items"][0]["id"] == made["id"]
    clock.at = START + timedelta(days=30)
    assert viewer.get(WEEK).json()["items"] == []
    assert client.get(made["url"]).status_code == 410


def test_what_makes_no_sense_is_said(responder: TestClient, viewer: TestClient) -> None:
    assert viewer.post(FIRE, json={}).status_code == 403
    for path, body in (
        (FIRE, {"days": 365}), (FIRE, {"period": "week"}), (FIRE, {"language": "de"}),
        (WEEK, {"period": "2026-W99"}), (WEEK, {"period": "2031-01"}),
    ):  # fmt: skip
        assert responder.post(path, json=body).status_code == 422, body
    assert responder.post("/api/v1/incidents/9/report/links", json={}).status_code == 404
    assert viewer.get(FIRE).json()["items"] == []


def test_links_go_with_their_watch(responder: TestClient, client: TestClient, runtime: Runtime) -> None:
    made = [responder.post(path, json={}).json()["url"] for path in (FIRE, WEEK)]
    with runtime.sessions.begin() as session:
        session.delete(session.get_one(Watch, 1))
    assert [client.get(url).status_code for url in made] == [410, 410]
    with runtime.sessions() as session:
        assert session.query(ReportLink).count() == 0
