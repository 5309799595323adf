"""Every change is in the audit log, with who made it, before and after."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from app.sources.push import source as push

FEED = {"name": "feed", "kind": "push"}
CADENCE = push.KIND.cadence.total_seconds()
HOOK = {"name": "hook", "kind": "webhook", "settings": {"url": "https://hooks.example.com/T0/secret-path"}}
WINDOW = {"starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T18:00:00+01:00"}
EVENT = {"name": "results", "factor": 3, **WINDOW}

# Of each change: the route, its body, and what the log must say: action, subject, a field, before, after.
CHANGES: list[tuple[str, str, Any, tuple[str, str, str, Any, Any]]] = [
    ("POST", "policies", {"name": "calm"}, ("create", "policy", "alarms_per_month", None, 1.0)),
    ("PATCH", "policies/{id}", {"floor": 9}, ("update", "policy", "floor", 5, 9)),
    ("DELETE", "policies/{id}", None, ("delete", "policy", "name", "calm", None)),
    ("POST", "sources", FEED, ("create", "source", "secret", None, "set")),
    (
        "PATCH",
        "sources/{id}",
        {"cadence_seconds": 7200},
        ("update", "source", "cadence_seconds", CADENCE, 7200),
    ),
    ("POST", "sources/{id}/secret", None, ("rotate secret", "source", "secret", None, "changed")),
    ("DELETE", "sources/{id}", None, ("delete", "source", "name", "feed", None)),
    (
        "POST",
        "sources",
        {"name": "file", "kind": "archive", "settings": {"path": "/nowhere.jsonl"}},
        ("create", "source", "secret", None, "none"),
    ),
    (
        "POST",
        "sources/{id}/run",
        None,
        ("run now", "source", "due_at", "2026-11-22T09:14:00+00:00", "2026-11-22T09:15:00+00:00"),
    ),
    (
        "POST",
        "channels",
        HOOK,
        ("create", "channel", "settings", None, {"url": "https://hooks.example.com/•••", "format": "tocsin"}),
    ),
    ("PATCH", "channels/{id}", {"enabled": False}, ("update", "channel", "enabled", True, False)),
    ("POST", "channels/{id}/secret", None, ("rotate secret", "channel", "secret", None, "changed")),
    ("DELETE", "channels/{id}", None, ("delete", "channel", "name", "hook", None)),
    (
        "POST",
        "watches",
        {"name": "Evian", "query": "any of: Evian"},
        ("create", "watch", "policy", None, "default"),
    ),
    ("PATCH", "watches/{id}", {"language": "fr"}, ("update", "watch", "language", "", "fr")),
    ("DELETE", "watches/{id}", None, ("delete", "watch", "name", "Evian", None)),
    (
        "POST",
        "silences",
        {"why": "drill", **WINDOW},
        ("create", "silence", "ends_at", None, "2026-11-23T17:00:00+00:00"),
    ),
    (
        "PATCH",
        "silences/{id}",
        {"why": "longer drill"},
        ("update", "silence", "why", "drill", "longer drill"),
    ),
    ("DELETE", "silences/{id}", None, ("delete", "silence", "why", "longer drill", None)),
    ("POST", "planned-events", EVENT, ("create", "planned_event", "factor", None, 3.0)),
    ("PATCH", "planned-events/{id}", {"factor": 5}, ("update", "planned_event", "factor", 3.0, 5.0)),
    ("DELETE", "planned-events/{id}", None, ("delete", "planned_event", "name", "results", None)),
    ("POST", "teams", {"name": "Vélinor"}, ("create", "team", "name", None, "Vélinor")),
    ("PATCH", "teams/{id}", {"name": "Vélinor SA"}, ("update", "team", "name", "Vélinor", "Vélinor SA")),
    ("DELETE", "teams/{id}", None, ("delete", "team", "name", "Vélinor SA", None)),
    ("POST", "people", {"name": "Léa"}, ("create", "person", "role", None, "responder")),
    ("PATCH", "people/{id}", {"role": "admin"}, ("update", "person", "role", "responder", "admin")),
    (
        "POST",
        "rotas",
        {"name": "comms", "layers": [{"people": ["Léa"], "starts_on": "2026-11-30"}]},
        ("create", "rota", "call_minutes", None, 3),
    ),
    (
        "POST",
        "rotas/1/substitutions",
        {"person": "Léa", **WINDOW},
        ("create", "substitution", "person", None, "Léa"),
    ),
    ("DELETE", "rotas/1/substitutions/1", None, ("delete", "substitution", "person", "Léa", None)),
    ("PATCH", "rotas/{id}", {"call_minutes": 5}, ("update", "rota", "call_minutes", 3, 5)),
    ("DELETE", "rotas/{id}", None, ("delete", "rota", "name", "comms", None)),
    ("DELETE", "people/{id}", None, ("delete", "person", "role", "admin", None)),
    ("POST", "keys", {"name": "Grafana"}, ("create", "api_key", "role", None, "viewer")),
    ("DELETE", "keys/{id}", None, ("revoke", "api_key", "revoked_at", None, "2026-11-22T09:15:00+00:00")),
    ("POST", "incidents/1/acknowledge", None, ("acknowledge", "incident", "acknowledged_by", None, "admin")),
    (
        "POST",
        "incidents/1/snooze",
        {"until": "2026-11-22T12:00:00Z"},
        ("snooze", "incident", "snoozed_until", None, "2026-11-22T12:00:00+00:00"),
    ),
    (
        "POST",
        "incidents/1/log",
        {"kind": "task", "text": "Call the lab"},
        ("create", "log_entry", "state", None, "open"),
    ),
    ("PATCH", "incidents/1/log/1", {"state": "done"}, ("settle", "log_entry", "state", "open", "done")),
    ("POST", "people", {"name": "admin"}, ("create", "person", "name", None, "admin")),
    (
        "POST",
        "statement-templates",
        {"name": "recall", "texts": {"en": "About {what}."}, "approvers": ["admin"]},
        ("create", "statement_template", "approvers", None, ["admin"]),
    ),
    (
        "PATCH",
        "statement-templates/{id}",
        {"name": "call back"},
        ("update", "statement_template", "name", "recall", "call back"),
    ),
    (
        "POST",
        "incidents/1/statements",
        {"template": "call back", "language": "en"},
        ("drafted", "statement", "version", None, 1),
    ),
    (
        "PATCH",
        "incidents/1/statements/1",
        {"version": 1, "text": "We answer."},
        ("edited", "statement", "version", 1, 2),
    ),
    (
        "POST",
        "incidents/1/statements/1/approve",
        {"version": 2},
        ("approved", "statement", "approved_by", [], ["admin"]),
    ),
    (
        "POST",
        "incidents/1/statements/1/published",
        {"version": 2, "where": "on the website"},
        ("said", "statement", "said", 0, 1),
    ),
    ("DELETE", "statement-templates/1", None, ("delete", "statement_template", "name", "call back", None)),
    ("POST", "channels", HOOK | {"name": "directors"}, ("create", "channel", "name", None, "directors")),
    (
        "POST",
        "incidents/1/updates",
        {"channels": ["directors"]},
        ("create", "stakeholder_updates", "every_minutes", None, 60),
    ),
    ("DELETE", "incidents/1/updates/1", None, ("end", "stakeholder_updates", "on", True, False)),
    ("POST", "incidents/1/room", {"lead": "admin"}, ("create", "crisis_room", "lead", None, "admin")),
    ("POST", "incidents/1/close", {"note": "over"}, ("close", "incident", "state", "burning", "out")),
    ("POST", "incidents/1/verdict", {"verdict": "fire"}, ("judge", "incident", "verdict", None, "fire")),
    ("PUT", "watches/1/labels/1", {"tone": "negative"}, ("label", "watch", "tone", None, "negative")),
    ("DELETE", "watches/1/labels/1", None, ("unlabel", "watch", "tone", "negative", None)),
    ("POST", "deliveries/1/retry", None, ("retry", "delivery", "state", "dead", "pending")),
]


def test_every_change_is_told_with_before_and_after(admin: TestClient, fire: int, clock: Any) -> None:  # noqa: ANN401
    assert fire == 1
    made = 0
    for method, path, body, (action, subject, field, before, after) in CHANGES:
        if path.endswith("/run"):
            clock.at = clock.at.replace(minute=15)
        answer = admin.request(method, f"/api/v1/{path.replace('{id}', str(made))}", json=body)
        assert answer.status_code < 300, (method, path, answer.text)
        if answer.status_code == 201:
            made = answer.json()["id"]
            assert answer.headers["Location"] == f"/api/v1/{path}/{made}"
        entry = admin.get("/api/v1/audit?limit=1").json()["items"][0]
        assert (entry["actor"], entry["action"], entry["subject"]) == ("admin", action, subject), path
        assert entry["subject_id"] == (made if "1/" not in path else 1)
        assert (entry["before"] or {}).get(field) == before, entry
        assert (entry["after"] or {}).get(field) == after, entry


def _inner(found: re.Match[str]) -> str:
    ids = {
        "labels": "post",
        "substitutions": "substitution",
        "log": "entry",
        "statements": "statement",
        "updates": "updates",
    }
    return f"{found[1]}/{{{ids[found[1]]}_id}}"


def test_no_route_that_changes_is_missing_above(app: FastAPI) -> None:
    named = [
        (method, re.sub(r"(labels|substitutions|log|statements|updates)/[0-9]+", _inner, path))
        for method, path, *_ in CHANGES
    ]
    told = {f"{method} /api/v1/{re.sub(r'/[0-9]+(?=/|$)', '/{id}', path)}" for method, path in named}
    routes = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if method != "get"
    }
    # Posts, from wherever they come, are no change of settings; a preview and a trial change nothing.
    assert routes - told == {
        "POST /api/v1/sources/{id}/posts",
        "POST /api/v1/sources/{id}/websub/{token}",
        "POST /api/v1/watches/{id}/preview",
        "POST /api/v1/queries/try",
        # A proposal changes nothing either; the answers to it are seen in test_precision.
        "POST /api/v1/watches/{id}/proposals",
        "POST /api/v1/proposals/{id}/accept",
        "POST /api/v1/proposals/{id}/decline",
        "POST /api/v1/watches/{id}/tone/learn",  # it takes labels: see test_tone
        "POST /api/v1/watches/{id}/tone/forget",
        "POST /api/v1/watches/{id}/relevance/learn",  # so does this: see test_relevance
        "POST /api/v1/watches/{id}/relevance/on",
        "POST /api/v1/watches/{id}/relevance/off",
        "POST /api/v1/keys/{id}/rotate",  # it changes two: see test_keys
        "POST /api/v1/incidents/{id}/take-over",  # it takes two: see test_slack_people
        "POST /api/v1/faults/{id}/retry",  # it takes a row that fails: see test_status
        "POST /api/v1/channels/{id}/test",  # it takes a channel that answers: see test_channel_trial
        "PATCH /api/v1/incidents/{id}/report",  # these take a story: see test_reports
        "POST /api/v1/incidents/{id}/report/send",
        "POST /api/v1/watches/{id}/report/send",
        "POST /api/v1/incidents/{id}/report/links",  # and these: see test_report_links
        "POST /api/v1/watches/{id}/report/links",
        "DELETE /api/v1/incidents/{id}/report/links/{link_id}",
        "DELETE /api/v1/watches/{id}/report/links/{link_id}",
        "PATCH /api/v1/watches/{id}/mentions/{post_id}",  # it takes a mention: see test_mentions
        "POST /api/v1/slack",  # it takes Slack: see tests/desk
        "PUT /api/v1/slack/users/{id}",  # not known by a number: see test_slack_people
        "DELETE /api/v1/slack/users/{id}",
    }
    assert told <= routes


def test_a_change_that_changes_nothing_leaves_no_entry(admin: TestClient, fire: int) -> None:  # noqa: ARG001
    before = len(admin.get("/api/v1/audit").json()["items"])
    assert admin.patch("/api/v1/watches/1", json={"name": "Danone"}).status_code == 200
    assert len(admin.get("/api/v1/audit").json()["items"]) == before


def test_a_change_that_fails_leaves_no_entry(admin: TestClient, fire: int) -> None:  # noqa: ARG001
    before = admin.get("/api/v1/audit").json()
    assert admin.patch("/api/v1/watches/1", json={"policy": "no such"}).status_code == 422
    assert admin.post("/api/v1/watches", json={"name": "Danone", "query": "any of: x"}).status_code == 409
    assert admin.get("/api/v1/audit").json() == before


def test_the_log_can_be_asked_for_one_thing(admin: TestClient, fire: int) -> None:  # noqa: ARG001
    items = admin.get("/api/v1/audit?subject=watch&subject_id=1&since=2026-11-22T09:14:00Z").json()["items"]
    assert [(e["action"], e["after"]["name"]) for e in items] == [("create", "Danone")]
    assert admin.get("/api/v1/audit?since=2026-11-22T09:14:01Z&subject=watch").json()["items"] == []
