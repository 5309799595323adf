"""The description of the API: complete, and true under thousands of strange requests."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from app.admin.fields import Role
from app.api.docs import render, sample
from tests.standins.patience import HANG

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    allow_header_conformance,
]


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [(m, path, o) for path, methods in app.openapi()["paths"].items() for m, o in methods.items()]


def test_every_operation_says_what_it_does(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        assert operation["summary"], (method, path)
        assert operation["description"].rstrip().endswith((".", ".\n")), (method, path)
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["in"] == "path", (method, path, parameter)


def test_every_operation_has_an_example_that_is_true(app: FastAPI, admin: TestClient) -> None:
    bodies = 0
    for method, path, operation in operations(app):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        bodies += 1
        example = body.get("example") or sample(app.openapi(), body["schema"])
        assert example, (method, path)
        answer = admin.request(method, re.sub(r"{\w+}", "999", path), json=example)
        # Of what it names nothing is there; but nothing is wrong with its form.
        told = answer.json().get("errors", [])
        assert answer.status_code in {201, 404} or all("there is no" in e["detail"] for e in told), (
            answer.text
        )
    assert bodies >= 15


def test_every_field_of_what_is_set_has_words_or_speaks_for_itself(app: FastAPI) -> None:
    for name, schema in app.openapi()["components"]["schemas"].items():
        if not name.endswith("Spec"):
            continue
        for field, described in schema["properties"].items():
            assert described.get("description") or described.get("examples"), (name, field)


def test_the_errors_are_described_as_problem_details(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        if path.startswith("/api/"):
            assert set(operation["responses"]["404"]["content"]) == {"application/problem+json"}, (
                method,
                path,
            )
    assert set(app.openapi()["components"]["schemas"]["Problem"]["properties"]) >= {"type", "title", "status"}


@pytest.mark.story
@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_strange_requests_break_nothing_and_the_answers_are_as_described(
    app: FastAPI, key: Callable[[Role], str], fire: int, role: Role
) -> None:
    assert fire == 1
    token = key(role)
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        ask(found.ok(), token, examples=12 if role == "admin" else 3)
        tried += 1
    assert tried > 45


def ask(operation: Any, token: str, *, examples: int) -> None:  # noqa: ANN401 - schemathesis's own
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:  # noqa: ANN401 - the same
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS, timeout=HANG)

    asked()


def test_the_page_for_people_needs_nothing_from_elsewhere(client: TestClient, app: FastAPI) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    text = page.text
    assert "<script" not in text
    assert " src=" not in text
    assert 'href="http' not in text
    for _, path, operation in operations(app):
        assert path in text
        assert f'id="{operation["operationId"]}"' in text
    assert 'id="problem-not_found"' in text


def test_the_page_says_what_the_description_says_and_runs_nothing_of_it(app: FastAPI) -> None:
    openapi = json.loads(json.dumps(app.openapi()))
    openapi["info"]["description"] = "<img src=x onerror=alert(1)>"
    assert "<img" not in render(openapi)
