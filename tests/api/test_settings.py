"""Watches, sources, policies and channels: what a change of them does beyond the field itself."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import Channel, Post, Source, Watch
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

WATCH: dict[str, Any] = {"name": "Evian", "query": 'any of: Evian, "eau d\'Évian"; none of: thonon'}


def row(runtime: Runtime, table: Any, row_id: int) -> Any:  # noqa: ANN401 - any table
    with runtime.sessions() as session:
        return session.get_one(table, row_id)


def test_a_query_is_read_as_text_or_in_parts_and_shown_in_parts(admin: TestClient) -> None:
    text = admin.post("/api/v1/watches", json=WATCH).json()
    assert text["query"] == {"any_of": ["Evian", "eau d'Évian"], "all_of": [], "none_of": ["thonon"]}
    parts = admin.post("/api/v1/watches", json={"name": "again", "query": text["query"]}).json()
    assert parts["query"] == text["query"]


def test_a_new_watch_listens_to_everything_and_rings_by_the_default_policy(admin: TestClient) -> None:
    made = admin.post("/api/v1/watches", json=WATCH).json()
    assert (made["policy"], made["sources"], made["channels"], made["enabled"]) == ("default", [], [], True)
    assert admin.get(f"/api/v1/watches/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"query": "any of: Danone, Danonino"}, True),
        ({"languages": ["fr"]}, True),
        ({"sources": ["pushed"]}, True),
        ({"enabled": False}, True),
        ({"name": "Danone SA", "objective": "new", "time_zone": "Europe/Paris"}, False),
        ({"query": "any of: Danone"}, False),
    ],
)
def test_stored_posts_are_matched_again_if_what_matches_changed(
    admin: TestClient, fire: int, runtime: Runtime, changes: Any, again: bool  # noqa: ANN401
) -> None:  # fmt: skip
    assert fire == 1
    with runtime.sessions.begin() as session:
        newest = session.scalar(select(Post.id))
        session.get_one(Watch, 1).rematch_until = None
    assert admin.patch("/api/v1/watches/1", json=changes).status_code == 200
    assert row(runtime, Watch, 1).rematch_until == (newest if again else None)


def test_a_change_is_seen_by_who_keeps_watches_compiled(admin: TestClient, fire: int, clock: Any) -> None:  # noqa: ANN401
    assert fire == 1
    before = admin.get("/api/v1/watches/1").json()["updated_at"]
    clock.at = clock.at.replace(minute=20)
    assert admin.patch("/api/v1/watches/1", json={}).json()["updated_at"] == before
    assert admin.patch("/api/v1/watches/1", json={"enabled": False}).json()["updated_at"] != before


def test_names_are_taken_once(admin: TestClient) -> None:
    for path, body in (
        ("watches", WATCH),
        ("policies", {"name": "calm"}),
        ("sources", {"name": "tool", "kind": "push"}),
        ("channels", {"name": "again", "kind": "terminal"}),
    ):
        assert admin.post(f"/api/v1/{path}", json=body).status_code == 201
        taken = admin.post(f"/api/v1/{path}", json=body)
        assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
        other = admin.post(f"/api/v1/{path}", json=body | {"name": "other"}).json()
        renamed = admin.patch(f"/api/v1/{path}/{other['id']}", json={"name": body["name"]})
        assert renamed.status_code == 409


def test_what_is_in_use_is_not_deleted_and_says_by_whom(admin: TestClient) -> None:
    policy = admin.post("/api/v1/policies", json={"name": "calm"}).json()["id"]
    source = admin.post("/api/v1/sources", json={"name": "tool", "kind": "push"}).json()["id"]
    channel = admin.post("/api/v1/channels", json={"name": "tty", "kind": "terminal"}).json()["id"]
    use = {"policy": "calm", "sources": ["tool"], "channels": ["tty"]}
    watch = admin.post("/api/v1/watches", json=WATCH | use).json()["id"]
    paths = (f"policies/{policy}", f"sources/{source}", f"channels/{channel}")
    for path in paths:
        refused = admin.delete(f"/api/v1/{path}")
        assert (refused.status_code, "Evian" in refused.json()["detail"]) == (409, True)
    assert admin.delete(f"/api/v1/watches/{watch}").status_code == 204
    for path in paths:
        assert admin.delete(f"/api/v1/{path}").status_code == 204
        assert admin.get(f"/api/v1/{path}").status_code == 404


def test_the_default_policy_stays_and_keeps_its_name(admin: TestClient) -> None:
    assert admin.delete("/api/v1/policies/1").status_code == 409
    assert admin.patch("/api/v1/policies/1", json={"name": "other"}).status_code == 409
    assert admin.patch("/api/v1/policies/1", json={"alarms_per_month": 0.5}).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"alarms_per_month": 0}, {"floor": 0}, {"calm_minutes": 1}, {"threshold": -1}, {"floor": 2**40}],
)
def test_a_policy_that_cannot_ring_is_refused(admin: TestClient, changes: Any) -> None:  # noqa: ANN401
    assert admin.post("/api/v1/policies", json={"name": "odd"} | changes).status_code == 422


def test_new_settings_of_a_source_make_it_begin_again(admin: TestClient, runtime: Runtime) -> None:
    file = {"name": "file", "kind": "archive", "settings": {"path": "/a.jsonl"}}
    source = admin.post("/api/v1/sources", json=file).json()["id"]
    with runtime.sessions.begin() as session:
        session.get_one(Source, source).cursor = {"seen": 7}
        session.get_one(Source, source).due_at = None
    admin.patch(f"/api/v1/sources/{source}", json={"name": "renamed"})
    assert (row(runtime, Source, source).cursor, row(runtime, Source, source).due_at) == ({"seen": 7}, None)
    admin.patch(f"/api/v1/sources/{source}", json={"settings": {"path": "/b.jsonl"}})
    assert (row(runtime, Source, source).cursor, row(runtime, Source, source).due_at) == ({}, runtime.now())


def test_a_source_stays_of_its_kind(admin: TestClient, pushed: tuple[int, str]) -> None:
    refused = admin.patch(f"/api/v1/sources/{pushed[0]}", json={"kind": "archive"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/kind")


def test_nothing_is_run_that_is_off_or_brought(admin: TestClient, pushed: tuple[int, str]) -> None:
    assert admin.post(f"/api/v1/sources/{pushed[0]}/run").status_code == 409
    file = {"name": "file", "kind": "archive", "settings": {"path": "/a.jsonl"}, "enabled": False}
    off = admin.post("/api/v1/sources", json=file).json()
    assert off["due_at"] is None
    assert admin.post(f"/api/v1/sources/{off['id']}/run").status_code == 409
    admin.patch(f"/api/v1/sources/{off['id']}", json={"enabled": True})
    ran = admin.post(f"/api/v1/sources/{off['id']}/run")
    assert (ran.status_code, ran.json()["due_at"]) == (202, "2026-11-22T09:14:00Z")


def test_a_mended_channel_is_tried_again(admin: TestClient, runtime: Runtime) -> None:
    hook = {"name": "hook", "kind": "webhook", "settings": {"url": "https://h.example.com/a"}}
    channel = admin.post("/api/v1/channels", json=hook).json()["id"]
    with runtime.sessions.begin() as session:
        broken = session.get_one(Channel, channel)
        broken.broken_since, broken.broken_why = runtime.now(), "404"
    assert admin.get(f"/api/v1/channels/{channel}").json()["broken_why"] == "404"
    mended = admin.patch(f"/api/v1/channels/{channel}", json={"settings": {"url": "https://h.example.com/b"}})
    assert (mended.json()["broken_since"], mended.json()["broken_why"]) == (None, "")
    entry = admin.get("/api/v1/audit?limit=1").json()["items"][
        0
    ]  # a change of a hidden path is told all the same
    assert (entry["action"], entry["after"]["settings"]["url"]) == ("update", "https://h.example.com/•••")


def test_the_kinds_say_what_they_need(viewer: TestClient) -> None:
    kinds = viewer.get("/api/v1/kinds").json()
    webhook = next(kind for kind in kinds["channels"] if kind["name"] == "webhook")
    assert (webhook["secret"], "url" in webhook["settings"]["properties"]) == ("made", True)
    assert {"push", "archive"} <= {kind["name"] for kind in kinds["sources"]}


@pytest.mark.parametrize("path", ["silences", "planned-events"])
def test_a_window_ends_after_it_starts(admin: TestClient, path: str) -> None:
    body = {"why": "x"} if path == "silences" else {"name": "x", "factor": 2}
    window = {"starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T09:00:00+01:00"}
    refused = admin.post(f"/api/v1/{path}", json=body | window)
    assert (refused.status_code, "later than" in refused.json()["detail"]) == (422, True)
    naive = admin.post(f"/api/v1/{path}", json=body | window | {"ends_at": "2026-11-23T09:00:00"})
    assert (naive.status_code, naive.json()["errors"][0]["pointer"]) == (422, "#/ends_at")


def test_the_threshold_of_a_watch_says_where_it_comes_from_and_what_other_budgets_cost(
    admin: TestClient, fire: int
) -> None:
    assert fire == 1
    threshold = admin.get("/api/v1/watches/1/threshold").json()
    assert threshold["basis"] == "calibration"
    assert threshold["alarm"] == threshold["calibrated"]
    prices = threshold["prices"]
    assert [p["threshold"] for p in prices] == sorted((p["threshold"] for p in prices), reverse=True)
    delays = [price["typical_delay_minutes"] for price in prices if price["typical_delay_minutes"]]
    assert delays == sorted(delays, reverse=True)
    assert admin.get("/api/v1/watches/999/threshold").status_code == 404


def test_the_country_of_a_watch_is_one_whose_holidays_are_known(admin: TestClient) -> None:
    made = admin.post("/api/v1/watches", json=WATCH | {"country": "de-by"}).json()
    assert made["country"] == "DE-BY"
    refused = admin.post("/api/v1/watches", json=WATCH | {"name": "x", "country": "XX"})
    assert refused.status_code == 422
    assert "write a country such as FR" in refused.text


def test_an_event_without_a_factor_says_what_it_expects(admin: TestClient, fire: int) -> None:
    assert fire == 1
    window = {"starts_at": "2026-11-25T08:00:00Z", "ends_at": "2026-11-25T18:00:00Z"}
    made = admin.post(
        "/api/v1/planned-events", json={"name": "T3", "kind": "results", "watch": "Danone"} | window
    )
    assert made.status_code == 201
    assert (made.json()["factor"], made.json()["expects"]) == (None, {"Danone": [2.0]})
    said = admin.patch(f"/api/v1/planned-events/{made.json()['id']}", json={"factor": 4}).json()
    assert said["expects"] == {"Danone": [4.0]}


def test_a_channel_names_those_that_stand_in_and_they_stay(admin: TestClient) -> None:
    mail = {"to": ["lea@brand.example"], "sender": "t@brand.example", "server": "mail.brand.example"}
    spec = {"name": "mailbox", "kind": "email", "settings": mail, "language": "fr", "kinds": ["fire"]}
    mailbox = admin.post("/api/v1/channels", json=spec).json()
    hook = {"name": "hook", "kind": "webhook", "settings": {"url": "https://h.example.com/a"}}
    made = admin.post("/api/v1/channels", json=hook | {"fallback": ["mailbox"], "from_level": 1}).json()
    assert (made["fallback"], made["from_level"], mailbox["language"]) == (["mailbox"], 1, "fr")
    for wrong in (["nobody"], ["hook"]):
        refused = admin.patch(f"/api/v1/channels/{made['id']}", json={"fallback": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/fallback/0")
    assert admin.delete(f"/api/v1/channels/{mailbox['id']}").status_code == 409
    admin.patch(f"/api/v1/channels/{mailbox['id']}", json={"name": "on call"})
    assert admin.get(f"/api/v1/channels/{made['id']}").json()["fallback"] == ["on call"]
    watch = admin.post(
        "/api/v1/watches", json={"name": "a", "query": "any of: a", "channels": ["hook"]}
    ).json()
    routes = admin.get(f"/api/v1/watches/{watch['id']}/routes").json()
    assert [(r["channel"], r["fallback"], r["works"]) for r in routes["routes"]] == [
        ("hook", ["on call"], True)
    ]
    assert "before level 1" in routes["hole"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"enabled": 0}, "must be true or false"),
        ({"enabled": "no"}, "must be true or false"),
        ({"language": 7}, "must be text"),
    ],
)
def test_nothing_is_made_of_a_value_but_what_it_is(
    admin: TestClient, given: dict[str, Any], wanted: str
) -> None:
    admin.post("/api/v1/watches", json={"name": "a", "query": "any of: a"})
    refused = admin.patch("/api/v1/watches/1", json=given)
    told = [(error["pointer"], error["detail"]) for error in refused.json()["errors"]]
    assert (refused.status_code, told) == (422, [(f"#/{next(iter(given))}", wanted)])


@pytest.mark.parametrize("budget", ["2", True])
def test_a_number_is_written_as_one(admin: TestClient, budget: object) -> None:
    refused = admin.patch("/api/v1/policies/1", json={"alarms_per_month": budget})
    assert (refused.status_code, refused.json()["errors"][0]["detail"]) == (422, "must be a number")
    assert admin.patch("/api/v1/policies/1", json={"alarms_per_month": 2}).status_code == 200
    assert admin.patch("/api/v1/policies/1", json={"remind_minutes": 30.0}).status_code == 200
