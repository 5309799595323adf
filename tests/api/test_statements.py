"""Statements over HTTP: an approval is of one wording, by those who are named; nothing is said without."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.models import AuditEntry, Incident
from app.pipeline.crisis.course import course_of
from app.runtime import Runtime
from tests.api.conftest import START, Clock

TEXT = "{watch} : {how_many} sur {where} depuis {since}. {what} ? 100 % <b>"
TEMPLATE = {"name": "rappel", "texts": {"fr": TEXT, "en": "We look into it."}, "approvers": ["Ana"]}
HERE = "/api/v1/incidents/1/statements"


@pytest.fixture
def ana(admin: TestClient, client: TestClient) -> Callable[..., Any]:
    """Asks as Ana, who may approve; the admin may not."""
    assert admin.post("/api/v1/people", json={"name": "Ana"}).status_code == 201
    assert admin.post("/api/v1/statement-templates", json=TEMPLATE).status_code == 201
    made = admin.post("/api/v1/keys", json={"name": "Ana", "role": "responder"}).json()["key"]
    return lambda path, body: client.post(
        f"{HERE}/{path}", json=body, headers={"Authorization": f"Bearer {made}"}
    )


@pytest.mark.usefixtures("fire")
def test_from_draft_to_published_with_a_trace(
    admin: TestClient, ana: Callable[..., Any], runtime: Runtime, clock: Clock
) -> None:
    drafted = admin.post(HERE, json={"template": "rappel", "language": "fr"}).json()
    assert drafted["text"].startswith("Danone : "), drafted
    assert "{" not in drafted["text"]
    assert (drafted["version"], drafted["approved_by"]) == (1, [])
    for path, body, status, why in (
        ("1/published", {"version": 1, "where": "X"}, 409, "nobody has approved this wording; who may: Ana"),
        ("1/approve", {"version": 2}, 409, "its newest wording is 1, not 2"),
        ("9/approve", {"version": 1}, 404, "no statement 9"),
    ):
        answer = ana(path, body)
        assert (answer.status_code, why in answer.json()["detail"]) == (status, True), answer.text
    refused = admin.post(f"{HERE}/1/approve", json={"version": 1})
    assert (refused.status_code, refused.json()["detail"]) == (403, "only Ana may approve it, not “admin”")
    assert ana("1/approve", {"version": 1}).json()["approved_by"] == ["Ana"]
    assert ana("1/approve", {"version": 1}).status_code == 409
    clock.at = START.replace(minute=30)
    edited = admin.patch(f"{HERE}/1", json={"version": 1, "text": "Nous enquêtons."}).json()
    assert (edited["version"], edited["approved_by"]) == (2, []), "an edit takes the approval away"
    assert ana("1/published", {"version": 2, "where": "X"}).status_code == 409
    assert admin.patch(f"{HERE}/1", json={"version": 1, "text": "Rien."}).status_code == 409
    ana("1/approve", {"version": 2})
    clock.at = START.replace(minute=40)
    ana("1/published", {"version": 2, "where": "site et X"})
    page = admin.get(f"/incidents/1/{runtime.page_key(1)}").text
    assert "Nous enquêtons. · site et X" in page
    assert drafted["text"][:20] not in page, "what was not published is not on the page"
    trace = [(s["act"], s["by"], s["version"]) for s in admin.get(HERE).json()[0]["steps"]]
    assert trace == [
        ("drafted", "admin", 1), ("approved", "Ana", 1), ("edited", "admin", 2), ("approved", "Ana", 2),
        ("said", "Ana", 2),
    ]  # fmt: skip
    with runtime.sessions() as session:
        incident = session.get_one(Incident, 1)
        course = course_of(session, incident, at=clock.at)
        assert (course.first_approved_at, course.first_said_at) == (START, clock.at)
        assert course.minutes_to(course.first_said_at) is not None
        before = course_of(session, incident, at=START)
        assert before.statements[0].text == drafted["text"], "as it was known then"
        assert "enquêtons" not in str([entry.after for entry in session.query(AuditEntry)])


@pytest.mark.usefixtures("fire", "ana")
def test_a_template_with_a_slip_is_refused_with_its_place(admin: TestClient) -> None:
    for texts, why in (
        ({"fr": "Depuis {since},\n{quand}"}, "fr, line 2: there is no {quand}; there are {watch}, {what}"),
        ({"fr": "{since"}, "fr, line 1: “{” stands alone"),
        ({"fr": "{what.__class__}"}, "there is no {what.__class__}"),
        ({"de": "x"}, "'en' or 'fr'"),
        ({"fr": None}, "at least 1"),
        ({"fr": " "}, "fr: must have 1 to 4000 characters"),
    ):
        answer = admin.patch("/api/v1/statement-templates/1", json={"texts": texts | {"en": None}})
        assert answer.status_code == 422, texts
        assert why in answer.text.replace("\\n", "\n"), answer.text
    answer = admin.patch("/api/v1/statement-templates/1", json={"approvers": ["Zoé"]})
    assert answer.json()["errors"] == [{"pointer": "#/approvers/0", "detail": "there is no person “Zoé”"}]
    assert admin.patch("/api/v1/statement-templates/1", json={"approvers": []}).status_code == 422


@pytest.mark.usefixtures("fire")
def test_nobody_is_left_who_could_approve_only_if_somebody_says_so(
    admin: TestClient, ana: Callable[..., Any]
) -> None:
    admin.post(HERE, json={"template": "rappel"})
    refused = admin.delete("/api/v1/people/1")
    assert (refused.status_code, "rappel" in refused.json()["detail"]) == (409, True)
    admin.delete("/api/v1/statement-templates/1")
    assert "its template is gone" in ana("1/approve", {"version": 1}).json()["detail"]
    assert admin.delete("/api/v1/people/1").status_code == 204
