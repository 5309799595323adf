"""Incidents, their story, and what people do about them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import Channel, Delivery, DeliveryState, Incident, Notice, State
from app.pipeline.delivery.outbox import enqueue_notice
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ONE = "/api/v1/incidents/1"


def test_an_incident_is_shown_with_its_timeline_posts_and_series(viewer: TestClient, fire: int) -> None:
    shown = viewer.get(f"/api/v1/incidents/{fire}").json()
    assert (shown["watch"], shown["state"], shown["story_id"]) == ("Danone", "burning", fire)
    [ignited] = shown["timeline"]
    assert (ignited["reason"], ignited["by"], ignited["observed"]) == ("ignited", "tocsin", 48)
    assert ignited["facts"]["authors"] == 61
    assert [post["text"] for post in shown["posts"]] == ["Danone burns"]
    assert shown["posts"][0]["source"] == "pushed"
    at = [point["at"] for point in shown["series"]]
    assert at == sorted(at)
    assert at[0] <= "2026-11-21T07:15:00Z"
    assert "2026-11-22T09:00:00Z" <= at[-1] <= "2026-11-22T09:10:00Z"
    assert {"observed", "expected", "low", "high", "score", "flash", "coverage"} <= set(shown["series"][0])


def test_the_posts_of_an_incident_come_in_pages(viewer: TestClient, fire: int) -> None:
    page = viewer.get(f"/api/v1/incidents/{fire}/posts?limit=1").json()
    assert ([post["external_id"] for post in page["items"]], page["next"]) == (["1"], None)


def test_incidents_can_be_asked_for_by_state_watch_and_time(viewer: TestClient, fire: int) -> None:
    def ids(query: str) -> list[int]:
        return [i["id"] for i in viewer.get(f"/api/v1/incidents?{query}").json()["items"]]

    assert ids("") == [fire]
    assert ids("state=burning&state=contained&watch=1&since=2026-11-22T07:10:00Z") == [fire]
    assert ids("state=out") == []
    assert ids("watch=2") == []
    assert ids("since=2026-11-22T07:10:01Z") == []
    assert ids(f"story={fire}") == [fire]
    assert ids(f"story={fire + 1}") == []


def test_the_second_to_acknowledge_is_told_who_was_first(
    responder: TestClient, admin: TestClient, fire: int
) -> None:
    taken = responder.post(f"/api/v1/incidents/{fire}/acknowledge").json()
    assert (taken["acknowledged_by"], taken["acknowledged_at"]) == ("responder", "2026-11-22T09:14:00Z")
    second = admin.post(f"/api/v1/incidents/{fire}/acknowledge")
    assert (second.status_code, "responder" in second.json()["detail"]) == (409, True)


def test_what_a_person_does_is_in_the_timeline(responder: TestClient, fire: int) -> None:
    assert fire == 1
    assert responder.post(f"{ONE}/snooze", json={"until": "2026-11-22T12:00:00Z"}).status_code == 200
    assert responder.post(f"{ONE}/close", json={"note": "the recall is out"}).json()["state"] == "out"
    assert responder.post(f"{ONE}/verdict", json={"verdict": "fire"}).json()["verdict"] == "fire"
    timeline = responder.get(ONE).json()["timeline"]
    assert [(t["reason"], t["by"]) for t in timeline[1:]] == [
        ("snoozed", "responder"),
        ("closed", "responder"),
        ("judged", "responder"),
    ]
    assert timeline[2]["note"] == "the recall is out"


def test_a_snooze_into_the_past_and_an_unknown_verdict_are_refused(responder: TestClient, fire: int) -> None:
    assert fire == 1
    assert responder.post(f"{ONE}/snooze", json={"until": "2026-11-22T09:00:00Z"}).status_code == 422
    assert responder.post(f"{ONE}/verdict", json={"verdict": "meh"}).status_code == 422


def test_an_incident_that_is_out_takes_a_verdict_and_nothing_else(responder: TestClient, fire: int) -> None:
    assert fire == 1
    responder.post(f"{ONE}/close", json={})
    assert responder.post(f"{ONE}/close", json={}).status_code == 409
    assert responder.post(f"{ONE}/acknowledge").status_code == 409
    assert responder.post(f"{ONE}/verdict", json={"verdict": "false_alarm"}).status_code == 200


def test_a_dead_delivery_is_due_again_and_no_other_is(responder: TestClient, fire: int) -> None:
    assert fire == 1
    [dead] = responder.get("/api/v1/deliveries?state=dead&incident=1").json()["items"]
    again = responder.post(f"/api/v1/deliveries/{dead['id']}/retry").json()
    assert (again["state"], again["due_at"], again["attempts"]) == ("pending", "2026-11-22T09:14:00Z", 0)
    assert responder.post(f"/api/v1/deliveries/{dead['id']}/retry").status_code == 409
    assert responder.get("/api/v1/deliveries?state=dead").json()["items"] == []


def test_a_notice_is_shown_among_the_deliveries(responder: TestClient, fire: int, runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        notice = Notice(source_id=1, at=runtime.now(), since=runtime.now(), health="down")
        session.add(notice)
        session.flush()
        enqueue_notice(session, notice, session.get_one(Channel, 1))
    told, alert = responder.get("/api/v1/deliveries").json()["items"]
    assert (told["notice_id"], told["transition_id"], told["incident_id"]) == (1, None, None)
    assert (alert["notice_id"], alert["incident_id"]) == (None, fire)


def test_a_retry_wakes_a_broken_channel(responder: TestClient, fire: int, runtime: Runtime) -> None:
    assert fire == 1
    with runtime.sessions.begin() as session:
        channel = session.get_one(Channel, 1)
        channel.broken_since, channel.broken_why = runtime.now(), "gone"
    responder.post("/api/v1/deliveries/1/retry")
    assert responder.get("/api/v1/channels/1").json()["broken_since"] is None


def test_a_watch_with_a_rekindled_story_can_be_deleted(
    admin: TestClient, fire: int, runtime: Runtime
) -> None:
    with runtime.sessions.begin() as session:
        first = session.get_one(Incident, fire)
        first.state = State.out
        session.flush()
        parts = {c.name: getattr(first, c.name) for c in Incident.__table__.columns if c.name != "id"}
        session.add(Incident(**parts | {"story_id": fire, "state": State.burning}))
    assert admin.get("/api/v1/incidents/2").json()["story_id"] == fire
    assert admin.delete("/api/v1/watches/1").status_code == 204
    assert admin.get("/api/v1/incidents").json()["items"] == []


def test_ending_a_silence_early_lets_go_what_it_held_back(
    responder: TestClient, fire: int, runtime: Runtime, clock: Any  # noqa: ANN401
) -> None:  # fmt: skip
    ends = clock.at + timedelta(hours=8)
    window = {"starts_at": clock.at.isoformat(), "ends_at": ends.isoformat()}
    silence = responder.post("/api/v1/silences", json={"why": "drill", "watch": "Danone", **window}).json()
    responder.post(f"/api/v1/incidents/{fire}/acknowledge")

    def due() -> Any:  # noqa: ANN401
        with runtime.sessions() as session:
            pending = select(Delivery.due_at).where(Delivery.state == DeliveryState.pending)
            return session.scalars(pending).one()

    assert due() == ends
    longer = ends + timedelta(hours=2)
    responder.patch(f"/api/v1/silences/{silence['id']}", json={"ends_at": longer.isoformat()})
    assert due() == longer
    clock.at += timedelta(hours=1)
    responder.delete(f"/api/v1/silences/{silence['id']}")
    assert due() == clock.at
