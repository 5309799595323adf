"""People, their ways, rotas and substitutions over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import SlackUser
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Team = dict[str, Any]
LAYER = {"people": ["Léa", "Max"], "starts_on": "2020-01-06", "hand_over": "09:00"}
HOOK = {"kind": "webhook", "settings": {"url": "https://hooks.example.com/T0/path"}}


def made(client: TestClient, path: str, **given: Any) -> Team:  # noqa: ANN401 - JSON
    answer = client.post(f"/api/v1/{path}", json=given)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def team(admin: TestClient) -> Team:
    """Léa, whom Slack knows, and Max, whom nothing reaches; the rota of the two."""
    made(admin, "people", name="Léa", slack_user="U0LEA", language="fr")
    made(admin, "people", name="Max")
    return made(admin, "rotas", name="comms", time_zone="Europe/Paris", layers=[LAYER], lead="Max")


def test_a_rota_says_who_is_on_duty_and_whom_no_call_reaches(admin: TestClient, team: Team) -> None:
    assert team["layers"] == [{**LAYER, "days": 7, "hours": None}]
    assert len(team["on_duty"]) == 1
    assert (team["gaps"], team["out_of_reach"]) == ([], ["Max"])
    way = made(admin, "channels", name="Max’s phone", person="Max", **HOOK)
    assert way["person"] == "Max"
    assert admin.get(f"/api/v1/rotas/{team['id']}").json()["out_of_reach"] == []
    people = {person["name"]: person for person in admin.get("/api/v1/people").json()["items"]}
    assert (people["Max"]["channels"], people["Max"]["rotas"]) == (["Max’s phone"], ["comms"])


def test_gaps_are_seen_before_they_come(admin: TestClient, team: Team) -> None:
    hours = {"since": "08:00", "until": "20:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
    changed = admin.patch(f"/api/v1/rotas/{team['id']}", json={"layers": [{**LAYER, "hours": hours}]}).json()
    assert changed["layers"][0]["hours"] == hours
    assert len(changed["gaps"]) >= 20
    for gap in changed["gaps"]:
        assert gap["people"] == []


def test_a_swap_holds_for_its_time_and_can_be_undone(
    responder: TestClient, admin: TestClient, team: Team
) -> None:
    path = f"/api/v1/rotas/{team['id']}"
    span = {"starts_at": "2026-12-05T08:00:00Z", "ends_at": "2026-12-06T08:00:00Z"}
    asked = "shifts?since=2026-12-05T00:00:00Z&until=2026-12-07T00:00:00Z"
    before = responder.get(f"{path}/{asked}").json()
    (usual,) = {shift["people"][0] for shift in before}
    other = "Max" if usual == "Léa" else "Léa"
    swap = responder.post(
        f"{path}/substitutions", json={"person": other, "instead_of": usual, "why": "fête", **span}
    )
    assert swap.status_code == 201
    assert [shift["people"] for shift in responder.get(f"{path}/{asked}").json()] == [
        [usual],
        [other],
        [usual],
    ]
    assert [one["why"] for one in responder.get(f"{path}/substitutions").json()["items"]] == ["fête"]
    assert responder.delete(f"{path}/substitutions/{swap.json()['id']}").status_code == 204
    assert responder.get(f"{path}/{asked}").json() == before
    actions = [(e["action"], e["subject"]) for e in admin.get("/api/v1/audit?limit=2").json()["items"]]
    assert actions == [("delete", "substitution"), ("create", "substitution")]


def test_the_calendar_says_the_same_as_the_shifts(viewer: TestClient, team: Team) -> None:
    path = f"/api/v1/rotas/{team['id']}"
    answer = viewer.get(f"{path}/calendar.ics?language=fr")
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.text).events
    shifts = viewer.get(f"{path}/shifts").json()
    said = [(event.start, event.end, str(event["summary"])) for event in events]
    assert said == [
        (_at(one["since"]), _at(one["until"]), f"D’astreinte\u00a0: {one['people'][0]} · comms")
        for one in shifts
    ]
    again = viewer.get(f"{path}/calendar.ics?language=en")
    uids = [str(event["uid"]) for event in Calendar.from_ical(again.text).events]
    assert uids == [str(event["uid"]) for event in events]
    assert (
        viewer.get(f"{path}/shifts?since=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z").status_code == 422
    )
    figures = viewer.get(f"{path}/figures").json()
    assert (figures["fires"], figures["people"]) == (0, [])


def test_what_would_leave_somebody_uncalled_is_refused(admin: TestClient, team: Team) -> None:
    wrong = admin.post("/api/v1/rotas", json={"name": "x", "layers": [{**LAYER, "people": ["Zoé"]}]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/layers/0/people/0"
    assert admin.delete("/api/v1/people/1").status_code == 409, "a rota counts on them"
    assert admin.post("/api/v1/policies", json={"name": "x", "rota": "none"}).status_code == 422
    made(admin, "policies", name="calm", rota="comms")
    assert admin.delete(f"/api/v1/rotas/{team['id']}").status_code == 409
    admin.patch(f"/api/v1/rotas/{team['id']}", json={"name": "comms team"})
    (calm,) = [one for one in admin.get("/api/v1/policies").json()["items"] if one["name"] == "calm"]
    assert calm["rota"] == "comms team"


def test_a_persons_own_way_is_for_calls_alone(admin: TestClient, team: Team) -> None:
    assert team["id"]
    phone = made(admin, "channels", name="phone", person="Max", **HOOK)
    watch = {"name": "Evian", "query": "any of: Evian", "channels": ["phone"]}
    assert "one person's own" in admin.post("/api/v1/watches", json=watch).text
    stands_in = admin.post("/api/v1/channels", json={"name": "hook", "fallback": ["phone"], **HOOK})
    assert stands_in.status_code == 422
    hook = made(admin, "channels", name="hook", **HOOK)
    made(admin, "watches", **watch | {"channels": ["hook"]})
    assert admin.patch(f"/api/v1/channels/{hook['id']}", json={"person": "Max"}).status_code == 409
    admin.patch(f"/api/v1/rotas/{team['id']}", json={"layers": [{**LAYER, "people": ["Léa"]}], "lead": None})
    max_id = next(p["id"] for p in admin.get("/api/v1/people").json()["items"] if p["name"] == "Max")
    assert admin.delete(f"/api/v1/people/{max_id}").status_code == 204
    assert admin.get(f"/api/v1/channels/{phone['id']}").status_code == 404, "their ways go with them"


def test_an_id_in_slack_is_one_persons_and_the_version_before_knows_it(
    admin: TestClient, team: Team, runtime: Runtime
) -> None:
    assert team["id"]
    assert "U0LEA is Léa already" in admin.patch("/api/v1/people/2", json={"slack_user": "U0LEA"}).text
    assert admin.put("/api/v1/slack/users/U0MAX", json={"name": "Max", "role": "viewer"}).status_code == 200
    assert admin.get("/api/v1/people/2").json()["slack_user"] == "U0MAX", "who has that name is meant"
    admin.patch("/api/v1/people/1", json={"slack_user": "U0LEA2"})
    admin.delete("/api/v1/slack/users/U0MAX")
    assert admin.get("/api/v1/people/2").json()["slack_user"] is None, "the rota still counts on them"
    with runtime.sessions() as session:
        assert [row.user_id for row in session.scalars(select(SlackUser))] == ["U0LEA2"]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
