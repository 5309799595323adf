"""Who of the people in Slack may act, and an incident that changes hands."""

from typing import Any

from starlette.testclient import TestClient

LEA = {"name": "Léa", "role": "responder"}


def newest(admin: TestClient) -> Any:  # noqa: ANN401 - JSON
    return admin.get("/api/v1/audit?limit=1").json()["items"][0]


def test_a_person_is_bound_changed_and_let_go_of_with_an_entry_each(admin: TestClient) -> None:
    made = admin.put("/api/v1/slack/users/U0LEA", json=LEA)
    assert (made.status_code, made.json()["role"]) == (200, "responder")
    assert (newest(admin)["action"], newest(admin)["before"]) == ("create", None)
    admin.put("/api/v1/slack/users/U0LEA", json={**LEA, "role": "viewer"})
    entry = newest(admin)
    assert (entry["before"]["role"], entry["after"]["role"]) == ("responder", "viewer")
    assert [person["name"] for person in admin.get("/api/v1/slack/users").json()] == ["Léa"]
    assert admin.delete("/api/v1/slack/users/U0LEA").status_code == 204
    assert (newest(admin)["action"], newest(admin)["after"]) == ("delete", None)
    assert admin.get("/api/v1/slack/users").json() == []
    assert admin.delete("/api/v1/slack/users/U0LEA").status_code == 404


def test_what_is_no_person_in_slack_is_not_bound(admin: TestClient) -> None:
    for wrong in ("C0ALERTS", "u0lea", "U", "U0LEA%0A", "U" + "0" * 40):
        answer = admin.put(f"/api/v1/slack/users/{wrong}", json=LEA)
        assert answer.status_code in {404, 422}, wrong
    assert admin.put("/api/v1/slack/users/U0LEA", json={"name": "", "role": "king"}).status_code == 422


def test_an_incident_is_taken_over_from_somebody(admin: TestClient, responder: TestClient, fire: int) -> None:
    responder.post(f"/api/v1/incidents/{fire}/acknowledge")
    taken = admin.post(f"/api/v1/incidents/{fire}/take-over")
    assert taken.json()["acknowledged_by"] == "admin"
    entry = newest(admin)
    assert (entry["action"], entry["before"]["acknowledged_by"]) == ("take_over", "responder")
    assert admin.post(f"/api/v1/incidents/{fire}/take-over").status_code == 409
