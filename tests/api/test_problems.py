"""Errors as problem details, each kind of them, with nothing of the inside."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import db
from app.channels import KINDS
from app.errors import AppError, BadInput, ChannelError, Conflict, Forbidden, NotFound, SourceError, TooLarge
from app.errors import Unauthorized as NoKey
from app.main import create_app
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ERRORS = (AppError, BadInput, ChannelError, Conflict, Forbidden, NotFound, SourceError, TooLarge, NoKey)


def told(answer: Any, status: int, code: str) -> dict[str, Any]:  # noqa: ANN401 - httpx2's answer
    """The problem, checked for what all of them have in common."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/docs#problem-{code}")
    assert problem["instance"] == "urn:tocsin:request:" + answer.headers["X-Request-ID"]
    assert problem["title"]
    assert problem["detail"]
    return problem


def broken(runtime: Runtime, error: Exception) -> Any:  # noqa: ANN401 - as above
    """The answer of an app of which a route raises the error."""
    app = create_app(nullcontext(runtime))

    @app.get("/broken")
    def broken() -> None:
        raise error

    with TestClient(app, raise_server_exceptions=False) as client:
        return client.get("/broken")


@pytest.mark.parametrize("error", ERRORS)
def test_each_error_has_its_status_its_code_and_its_sentence(runtime: Runtime, error: type[AppError]) -> None:
    said = error("the cat sat on the router, see postgresql://me:hidden@db/tocsin")
    problem = told(broken(runtime, said), error.status, error.code)
    assert problem["detail"].startswith("the cat sat on the router")
    assert "hidden" not in problem["detail"]


def test_a_mistake_of_ours_shows_nothing_but_a_number_that_is_in_the_logs(
    runtime: Runtime, written: StringIO
) -> None:
    problem = told(broken(runtime, RuntimeError("xoxb-1-secret in /etc/tocsin")), 500, "internal")
    assert "etc" not in json.dumps(problem)
    assert problem["instance"].rsplit(":", 1)[1] in written.getvalue()
    assert "xoxb-1-secret" not in written.getvalue()
    assert "RuntimeError" in written.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/watches/7", 404, "not_found"),
        ("GET", "/api/v1/watches/", 404, "not_found"),
        ("PUT", "/api/v1/watches", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    admin: TestClient, method: str, path: str, status: int, code: str
) -> None:
    told(admin.request(method, path), status, code)


def test_a_method_that_is_not_possible_names_those_that_are(admin: TestClient) -> None:
    assert "GET" in admin.put("/api/v1/watches").headers["Allow"]


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({"query": "any of: x"}, "#/name", "is missing"),
        ({"name": "x", "query": "x, y"}, "#/query", "Write: x OR y"),
        ({"name": "x", "query": 7}, "#/query", "written as text"),
        ({"name": "x", "query": "any of: x", "qurey": 1}, "#/qurey", "no such field"),
        ({"name": "x", "query": "any of: x", "time_zone": "Mars/Olympus"}, "#/time_zone", "Europe/Paris"),
        ({"name": "x", "query": "any of: x", "time_zone": "../../etc/passwd"}, "#/time_zone", "no time zone"),
        ({"name": "x", "query": "any of: x", "languages": ["fr", "klingon"]}, "#/languages/1", "ISO 639-1"),
        ({"name": "x", "query": "any of: x", "policy": "loud"}, "#/policy", "there is no policy “loud”"),
        ({"name": "x", "query": "any of: x", "sources": ["y"]}, "#/sources/0", "there is no source “y”"),
        ({"name": "a\x00b", "query": "any of: x"}, "#", "cannot be stored"),
    ],
)
def test_a_wrong_field_is_pointed_at(admin: TestClient, body: Any, pointer: str, says: str) -> None:  # noqa: ANN401
    problem = told(admin.post("/api/v1/watches", json=body), 422, "bad_input")
    assert [e["pointer"] for e in problem["errors"]] == [pointer]
    assert says in problem["errors"][0]["detail"]
    assert "Value error" not in json.dumps(problem)


def test_a_patch_points_at_a_wrong_field_in_the_same_way(admin: TestClient, fire: int) -> None:  # noqa: ARG001
    answer = admin.patch("/api/v1/watches/1", json={"languages": ["xx"], "qurey": ""})
    problem = told(answer, 422, "bad_input")
    assert {e["pointer"] for e in problem["errors"]} == {"#/languages/0", "#/qurey"}


def test_settings_of_a_kind_are_pointed_at_inside(admin: TestClient) -> None:
    body = {"name": "hook", "kind": "webhook", "settings": {"url": "gopher://x", "more": 1}}
    problem = told(admin.post("/api/v1/channels", json=body), 422, "bad_input")
    assert {e["pointer"] for e in problem["errors"]} == {"#/settings/url", "#/settings/more"}
    unknown = told(admin.post("/api/v1/channels", json=body | {"kind": "fax"}), 422, "bad_input")
    known = ", ".join(kind.name for kind in KINDS)
    assert unknown["errors"] == [
        {"pointer": "#/kind", "detail": f"there is no kind “fax”; there are {known}"}
    ]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=", "cursor"),
        ("cursor=Zm9v", "cursor"),
        ("cursor=WzFlOTldCg", "cursor"),
        ("cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", "cursor"),
        ("state=ablaze", "state.0"),
        ("since=yesterday", "since"),
        ("since=9999-12-31T23:59:59-12:00", "since"),
        ("watch=99999999999", "watch"),
    ],
)
def test_a_wrong_parameter_is_named(admin: TestClient, query: str, parameter: str) -> None:
    problem = told(admin.get(f"/api/v1/incidents?{query}"), 422, "bad_input")
    assert [e["parameter"] for e in problem["errors"]] == [parameter]


@pytest.mark.parametrize("body", [b"{", b"[" * 50_000, b'{"a":' * 5_000, b"\xff\xfe{}"])
def test_a_body_that_is_no_json_is_told_so(admin: TestClient, body: bytes) -> None:
    answer = admin.post("/api/v1/watches", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    told(answer, answer.status_code, "bad_request" if answer.status_code == 400 else "bad_input")


def test_deep_nesting_is_refused_and_breaks_nothing(admin: TestClient) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    body = {"name": "x", "kind": "push", "settings": {"a": deep}}
    told(admin.post("/api/v1/sources", json=body), 422, "bad_input")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_not_read(admin: TestClient, announced: bool) -> None:
    def piecewise() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    content = b" " * 1_000_001 if announced else piecewise()
    answer = admin.post("/api/v1/watches", content=content, headers={"Content-Type": "application/json"})
    told(answer, 413, "too_large")


def test_a_database_that_fails_is_told_without_its_words(runtime: Runtime) -> None:
    engine = create_engine("sqlite:////nowhere/at/all.db")
    broken = replace(runtime, sessions=db.sessions_of(engine))
    with TestClient(create_app(nullcontext(broken))) as client:
        answer = client.get("/api/v1/watches", headers={"Authorization": "Bearer x"})
    problem = told(answer, 503, "unavailable")
    assert "SELECT" not in json.dumps(problem)
    assert "open database" not in json.dumps(problem)
    assert answer.headers["Retry-After"] == "5"


def test_a_request_id_that_is_given_is_kept_if_it_is_harmless(client: TestClient) -> None:
    kept = client.get("/healthz", headers={"X-Request-ID": "trace-0042"})
    assert kept.headers["X-Request-ID"] == "trace-0042"
    other = client.get("/healthz", headers={"X-Request-ID": "a b\tc" * 9})
    assert other.headers["X-Request-ID"].isalnum()


def test_every_answer_has_the_headers_of_safety(client: TestClient) -> None:
    for path in ("/healthz", "/nowhere", "/api/v1/watches", "/docs"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_change_that_cannot_be_committed_is_never_told_as_done(admin: TestClient, runtime: Runtime) -> None:
    def refuse(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(runtime.sessions, "before_commit", refuse)
    answer = admin.post("/api/v1/policies", json={"name": "never made"})
    event.remove(runtime.sessions, "before_commit", refuse)
    told(answer, 503, "unavailable")
    assert "never made" not in admin.get("/api/v1/policies").text


def test_a_wrong_method_is_told_all_that_are_possible(admin: TestClient) -> None:
    assert admin.put("/api/v1/watches").headers["Allow"] == "GET, POST"
    assert admin.post("/api/v1/watches/1").headers["Allow"] == "DELETE, GET, PATCH"
    assert admin.request("TRACE", "/api/v1/watches/1").headers["Allow"] == "DELETE, GET, PATCH"
