"""Keys over the API: one is rotated, and both open until the overlap ends."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def test_a_key_is_rotated_and_both_open_until_the_overlap_ends(
    admin: TestClient, client: TestClient, clock: Clock
) -> None:
    old = admin.post("/api/v1/keys", json={"name": "Grafana"}).json()
    answer = admin.post(f"/api/v1/keys/{old['id']}/rotate", json={"overlap_days": 1})
    new = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/keys/{new['id']}")
    assert (new["name"], new["role"], new["expires_at"]) == ("Grafana (2)", "viewer", None)
    opens = {
        key["id"]: lambda key=key: (
            client.get("/api/v1/watches", headers={"Authorization": f"Bearer {key['key']}"}).status_code
        )
        for key in (old, new)
    }
    assert (opens[old["id"]](), opens[new["id"]]()) == (200, 200)
    entries = admin.get("/api/v1/audit?subject=api_key&limit=2").json()["items"]
    assert [(one["action"], one["subject_id"]) for one in entries] == [
        ("rotate", old["id"]),
        ("create", new["id"]),
    ]
    assert entries[0]["after"]["replaced_by"] == new["prefix"]
    assert old["key"] not in str(entries)
    assert new["key"] not in str(entries)
    clock.at += timedelta(days=1)
    assert (opens[old["id"]](), opens[new["id"]]()) == (401, 200)


def test_what_cannot_be_rotated_is_refused_in_a_sentence(admin: TestClient) -> None:
    made = admin.post("/api/v1/keys", json={"name": "Grafana"}).json()
    rotate = f"/api/v1/keys/{made['id']}/rotate"
    for days in (-1, 91, 1.5, "1"):
        assert admin.post(rotate, json={"overlap_days": days}).status_code == 422, days
    assert admin.post("/api/v1/keys/999/rotate", json={}).status_code == 404
    admin.delete(f"/api/v1/keys/{made['id']}")
    refused = admin.post(rotate, json={})
    assert (refused.status_code, "opens nothing any more" in refused.json()["detail"]) == (409, True)
