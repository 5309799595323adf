"""Precision and proposals over HTTP: who may read, who may say yes, and what a yes changes."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from app.api.preview import alone
from app.models import Incident, Proposal, State
from app.pipeline.reports.proposals import Why
from app.runtime import Runtime
from tests.api.conftest import WATCH, Clock

WHY = Why(
    wish="quieter", days=30, fires=1, false_alarms=4, budget=1, previewed_days=28, today=5, proposed=2,
    lost_fires=0, spared=3, minutes_earlier=-10,
)  # fmt: skip


@pytest.fixture
def proposal(admin: TestClient, runtime: Runtime) -> int:
    """The id of a proposal for the first watch, of two that ring by the default policy."""
    for name in ("Danone", "Evian"):
        assert admin.post("/api/v1/watches", json=WATCH | {"name": name}).status_code == 201
    with runtime.sessions.begin() as session:
        made = Proposal(
            watch_id=1, at=runtime.now(), changes={"alarms_per_month": 0.5}, facts=WHY.model_dump(mode="json")
        )
        session.add(made)
        session.flush()
        return made.id


def test_the_precision_of_each_month_is_read_with_its_interval(
    viewer: TestClient, runtime: Runtime, proposal: int
) -> None:
    now = runtime.now()
    with runtime.sessions.begin() as session:
        for n, verdict in enumerate(["fire", "fire", "false_alarm", None]):
            at = now - timedelta(days=1 + n)
            session.add(
                Incident(
                    watch_id=1, state=State.out, onset_at=at, opened_at=at, burning_at=at, peak_at=at,
                    peak=40.0, threshold=2.7, verdict=verdict,
                )
            )  # fmt: skip
    seen = viewer.get("/api/v1/watches/1/precision?months=2").json()
    assert [month["month"] for month in seen["months"]] == ["2026-10", "2026-11"]
    assert seen["months"][0] == seen["months"][0] | {"alarms": 0, "precision": None, "low": None}
    assert seen["all"] == seen["all"] | {"alarms": 4, "fires": 2, "false_alarms": 1, "unjudged": 1}
    assert seen["all"]["low"] < seen["all"]["precision"] < seen["all"]["high"]
    assert seen["proposal"]["id"] == proposal
    assert seen["proposal"]["why"]["spared"] == 3
    assert viewer.get("/api/v1/watches/9/precision").status_code == 404
    assert viewer.get("/api/v1/watches/1/precision?months=0").status_code == 422


def test_a_yes_changes_the_one_watch_and_leaves_the_other_alone(admin: TestClient, proposal: int) -> None:
    said = admin.post(f"/api/v1/proposals/{proposal}/accept")
    assert (said.status_code, said.json()["state"], said.json()["decided_by"]) == (200, "accepted", "admin")
    by_name = {one["name"]: one for one in admin.get("/api/v1/watches").json()["items"]}
    own = {name: (one["policy"], one["overrides"]) for name, one in by_name.items()}
    assert own == {"Danone": ("default", {"alarms_per_month": 0.5}), "Evian": ("default", {})}
    budgets = {one["name"]: one["alarms_per_month"] for one in admin.get("/api/v1/policies").json()["items"]}
    assert budgets == {"default": 1}
    assert admin.post(f"/api/v1/proposals/{proposal}/accept").status_code == 409
    actions = {(e["subject"], e["action"]) for e in admin.get("/api/v1/audit").json()["items"]}
    assert {("proposal", "accepted"), ("watch", "update")} <= actions


def test_a_policy_of_one_watch_is_changed_itself(admin: TestClient, proposal: int) -> None:
    assert admin.delete("/api/v1/watches/2").status_code == 204
    admin.post(f"/api/v1/proposals/{proposal}/accept")
    (policy,) = admin.get("/api/v1/policies").json()["items"]
    assert policy["alarms_per_month"] == 0.5


def test_a_no_changes_nothing(admin: TestClient, proposal: int) -> None:
    assert admin.post(f"/api/v1/proposals/{proposal}/decline").json()["state"] == "declined"
    assert admin.get("/api/v1/watches/1/precision").json()["proposal"] is None
    assert admin.get("/api/v1/policies").json()["items"][0]["alarms_per_month"] == 1


def test_a_proposal_for_a_policy_that_was_changed_since_is_past(
    admin: TestClient, proposal: int, clock: Clock
) -> None:
    clock.at += timedelta(hours=1)
    admin.patch("/api/v1/policies/1", json={"alarms_per_month": 2})
    assert admin.get("/api/v1/watches/1/precision").json()["proposal"] is None
    refused = admin.post(f"/api/v1/proposals/{proposal}/accept")
    assert (refused.status_code, "ask for a new" in refused.text) == (409, True)


def test_only_an_admin_says_yes(responder: TestClient, viewer: TestClient, proposal: int) -> None:
    for client in (responder, viewer):
        assert client.post(f"/api/v1/proposals/{proposal}/accept").status_code == 403
        assert client.post("/api/v1/watches/1/proposals").status_code == 403


def test_where_verdicts_ask_for_nothing_the_reason_is_told(admin: TestClient) -> None:
    admin.post("/api/v1/watches", json=WATCH)
    refused = admin.post("/api/v1/watches/1/proposals")
    assert (refused.status_code, "agree with the budget" in refused.text) == (409, True)


def test_a_proposal_is_looked_for_by_one_at_a_time(admin: TestClient) -> None:
    admin.post("/api/v1/watches", json=WATCH)
    with alone():
        refused = admin.post("/api/v1/watches/1/proposals")
    assert (refused.status_code, "another preview is under way" in refused.text) == (409, True)
