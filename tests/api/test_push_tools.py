"""Posts that a listening tool pushes, in its own words and signed in its own way."""

import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.runtime import Runtime
from tests.api.conftest import Clock
from tests.api.pushing import SECRET, count, tool

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def from_the_tool(client: TestClient, source_id: int, body: object, **headers: str) -> Any:  # noqa: ANN401
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    mac = hmac.new(SECRET.encode(), content, "sha1").hexdigest()
    sent = {"X-Hub-Signature": f"sha1={mac}"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return client.post(f"/api/v1/sources/{source_id}/posts", content=content, headers=sent)


DOCUMENT = {
    "id": "1713_K49", "published_date": "2026-11-22T09:00:00.000Z", "url": "https://x.example/1",
    "content": {"title": "Recall", "body": "glass in my yogurt"}, "author": {"name": "Ana"},
}  # fmt: skip


def test_a_listening_tool_pushes_in_its_own_way_and_a_repetition_is_answered_with_200(
    admin: TestClient, client: TestClient, runtime: Runtime
) -> None:
    source_id = tool(admin, answer=202)
    first = from_the_tool(client, source_id, {"documents": [DOCUMENT]})
    assert (first.status_code, first.json()["stored"]) == (202, 1), first.text
    again = from_the_tool(client, source_id, {"documents": [DOCUMENT]})
    assert (again.status_code, again.json()["stored"], count(runtime)) == (200, 0, 1)


def test_a_delivery_is_known_by_its_id_where_the_tool_gives_one(
    admin: TestClient, client: TestClient, runtime: Runtime
) -> None:
    source_id = tool(admin, delivery_header="X-Delivery", answer=202)
    for number, status in (("1", 202), ("1", 200), ("2", 202)):
        other = DOCUMENT | {"id": f"{number}-{status}"}
        assert from_the_tool(client, source_id, [other], X_Delivery=number).status_code == status
    assert count(runtime) == 2


def test_a_delivery_is_forgotten_after_a_day(admin: TestClient, client: TestClient, clock: Clock) -> None:
    source_id = tool(admin, answer=202)
    assert from_the_tool(client, source_id, [DOCUMENT]).status_code == 202
    clock.at += timedelta(hours=25)
    assert from_the_tool(client, source_id, [DOCUMENT]).status_code == 202


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="no JSON"),
        pytest.param({"documents": [{"id": 1}]}, 422, id="no post can be read"),
        pytest.param({"mentions": []}, 422, id="not where the settings say"),
        pytest.param({"documents": [DOCUMENT] * 1_001}, 413, id="too many"),
        pytest.param({"documents": [DOCUMENT, {"id": 1}]}, 200, id="one of two"),
    ],
)
def test_what_a_tool_sends_wrongly_is_told(
    admin: TestClient, client: TestClient, body: object, status: int
) -> None:
    answer = from_the_tool(client, tool(admin), body)
    assert answer.status_code == status, answer.text


def test_a_tool_with_another_secret_is_refused(admin: TestClient, client: TestClient) -> None:
    answer = from_the_tool(client, tool(admin), [DOCUMENT], X_Hub_Signature="sha1=" + "0" * 40)
    assert answer.status_code == 401
    assert SECRET not in answer.text
