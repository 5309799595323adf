"""Who may do what: every route of the API, asked by everybody."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.admin.fields import Role

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

OPEN = {"GET /healthz", "GET /readyz", "GET /metrics"}
HUB = "/api/v1/sources/{id}/websub/{token}"
SIGNED = {"POST /api/v1/sources/{id}/posts", f"GET {HUB}", f"POST {HUB}", "POST /api/v1/slack"}
ADMIN_READS = {"GET /api/v1/keys"}
RESPONDERS = re.compile(
    r"POST /api/v1/(incidents|deliveries|faults)/\{id\}/[\w-]+|\w+ /api/v1/silences(/\{id\})?"
    r"|\w+ /api/v1/watches/\{id\}/(labels|mentions)/\{post_id\}|\w+ /api/v1/rotas/\{id\}/substitutions(/.*)?"
    r"|(PATCH|POST|DELETE) /api/v1/(incidents|watches)/\{id\}/report(/send|/links(/\{link_id\})?)?"
    r"|\w+ /api/v1/incidents/\{id\}/(log|statements|updates)/.*"
)
ROLES: tuple[Role, ...] = ("viewer", "responder", "admin")


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [(m.upper(), path) for path, methods in app.openapi()["paths"].items() for m in methods]


LOOKS = {"POST /api/v1/watches/{id}/preview", "POST /api/v1/queries/try"}  # they change nothing


def needed(method: str, path: str) -> Role | None:
    name = f"{method} {path}"
    if name in OPEN | SIGNED:
        return None
    if (method == "GET" and name not in ADMIN_READS) or name in LOOKS:
        return "viewer"
    return "responder" if RESPONDERS.fullmatch(name) else "admin"


def ask(client: TestClient, method: str, path: str, token: str | None) -> Any:  # noqa: ANN401 - httpx2's answer
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.request(method, path.replace("{id}", "999"), headers=headers, json={})


def test_no_route_is_open_but_the_ones_that_are_meant_to_be(app: FastAPI, client: TestClient) -> None:
    for method, path in operations(app):
        answer = ask(client, method, path, None)
        if f"{method} {path}" in OPEN:
            assert answer.status_code == 200, (method, path)
        elif f"{method} {path}" in SIGNED:
            # A source that is not there, and no proof of it; see test_push and test_websub.
            assert answer.status_code == (401 if path.endswith("/posts") else 404), (method, path)
        else:
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "unauthorized"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_it_is_for_and_no_more(
    app: FastAPI, client: TestClient, key: Callable[[Role], str], role: Role
) -> None:
    token = key(role)
    for method, path in operations(app):
        need = needed(method, path)
        if need is None:
            continue
        answer = ask(client, method, path, token)
        allowed = ROLES.index(role) >= ROLES.index(need)
        assert (answer.status_code != 403) is allowed, (role, method, path, answer.text)
        assert answer.status_code not in {401, 500}, (role, method, path, answer.text)


def names(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from names(inner.routes)
        elif not route.endpoint.__module__.startswith("app.console."):  # pages are for people
            yield route.name


def test_every_route_of_the_app_is_described(app: FastAPI) -> None:
    described = {o["operationId"] for methods in app.openapi()["paths"].values() for o in methods.values()}
    served = list(names(app.routes))
    assert len(served) > 40
    assert set(served) - described == {"read_docs", "read_page", "ask_first", "act", "openapi"}
    assert len(served) == len(set(served))  # the ids of operations are unique


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic dGVzdDp0ZXN0", "Bearer tocsin_a_" + "x" * 43]
)
def test_what_is_no_key_opens_nothing(client: TestClient, header: str) -> None:
    answer = client.get("/api/v1/watches", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_revoked_key_opens_nothing(admin: TestClient, client: TestClient) -> None:
    made = admin.post("/api/v1/keys", json={"name": "Grafana"}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/api/v1/watches", headers=bearer).status_code == 200
    assert admin.delete(f"/api/v1/keys/{made['id']}").json()["revoked_at"] is not None
    refused = client.get("/api/v1/watches", headers=bearer)
    assert (refused.status_code, "revoked" in refused.json()["detail"]) == (401, True)


def test_an_expired_key_opens_nothing(admin: TestClient, client: TestClient, clock: Any) -> None:  # noqa: ANN401
    expires = clock.at + timedelta(hours=1)
    made = admin.post("/api/v1/keys", json={"name": "guest", "expires_at": expires.isoformat()}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/api/v1/watches", headers=bearer).status_code == 200
    clock.at = expires
    assert client.get("/api/v1/watches", headers=bearer).status_code == 401


def test_the_last_use_of_a_key_is_written_at_most_once_a_minute(admin: TestClient, clock: Any) -> None:  # noqa: ANN401
    def used() -> str:
        admin.get("/api/v1/watches")  # a request that reads sees the uses of those before it, not its own
        return str(admin.get("/api/v1/keys").json()["items"][0]["used_at"])

    first = used()
    clock.at += timedelta(seconds=59)
    assert used() == first
    clock.at += timedelta(seconds=1)
    assert used() != first
