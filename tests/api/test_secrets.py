"""A secret is seen once, in the answer that makes it, and nowhere else."""

from io import StringIO

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import AuditEntry, Base
from app.runtime import Runtime

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TOKEN = "given-slack-token-0123456789"
NEW_TOKEN = "another-slack-token-0123456789"
PATH = "T000/B000/secret-of-the-path"


def every_answer(app: FastAPI, client: TestClient) -> str:
    """The text of every list and of every thing in it."""
    told = []
    for path, methods in app.openapi()["paths"].items():
        if "get" in methods:
            told += [client.get(path.replace("{id}", str(n))).text for n in range(1, 5)]
    return "\n".join(told)


@pytest.mark.story(always=True)
def test_a_secret_is_in_no_answer_but_the_first_in_no_log_and_not_at_rest(
    app: FastAPI, admin: TestClient, fire: int, written: StringIO, runtime: Runtime
) -> None:
    assert fire == 1
    source = admin.post("/api/v1/sources", json={"name": "tool", "kind": "push"}).json()
    rotated = admin.post(f"/api/v1/sources/{source['id']}/secret").json()
    hook = {"name": "hook", "kind": "webhook", "settings": {"url": f"https://hooks.example.com/{PATH}"}}
    channel = admin.post("/api/v1/channels", json=hook).json()
    rotated_channel = admin.post(f"/api/v1/channels/{channel['id']}/secret").json()
    slack = {"name": "slack", "kind": "slack", "settings": {"channel": "C0123456789"}, "secret": TOKEN}
    given = admin.post("/api/v1/channels", json=slack)
    replaced = admin.patch(f"/api/v1/channels/{given.json()['id']}", json={"secret": NEW_TOKEN})
    key = admin.post("/api/v1/keys", json={"name": "Grafana"}).json()

    assert given.status_code == 201
    assert given.json()["secret"] is None  # it was given, so there is nothing to show
    assert replaced.json()["has_secret"] is True
    made = [source["secret"], rotated["secret"], channel["secret"], rotated_channel["secret"], key["key"]]
    assert len(set(made)) == 5
    assert all(len(secret) >= 43 for secret in made)  # 256 bits in base64

    after = every_answer(app, admin) + given.text + replaced.text
    log = written.getvalue()
    with runtime.sessions() as session:
        rest = "".join(str(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables)
    own = str(admin.headers["Authorization"]).removeprefix("Bearer ")
    for secret in [*made, TOKEN, NEW_TOKEN, own]:
        assert secret not in after
        assert secret not in log
        assert secret not in rest
    assert PATH not in after
    assert PATH not in log
    assert '"request"' in log

    with runtime.sessions() as session:
        audit = session.execute(select(AuditEntry.before, AuditEntry.after)).all()
    assert not [entry for entry in audit for s in [*made, TOKEN, NEW_TOKEN, PATH] if s in str(entry)]


def test_a_wrong_secret_is_not_said_back(admin: TestClient, written: StringIO) -> None:
    bad = {
        "name": "hook",
        "kind": "webhook",
        "settings": {"url": "https://h.example.com/x"},
        "secret": "short-one",
    }
    refused = admin.post("/api/v1/channels", json=bad)
    assert (refused.status_code, "short-one" in refused.text) == (422, False)
    wrong_type = admin.post("/api/v1/channels", json=bad | {"secret": ["listed-secret"]})
    assert (wrong_type.status_code, "listed-secret" in wrong_type.text) == (422, False)
    none_taken = admin.post("/api/v1/sources", json={"name": "x", "kind": "archive", "secret": "not-wanted"})
    assert (none_taken.status_code, "not-wanted" in none_taken.text) == (422, False)
    for secret in ("short-one", "listed-secret", "not-wanted"):
        assert secret not in written.getvalue()


def test_a_password_in_an_address_is_not_shown(admin: TestClient) -> None:
    body = {"name": "hook", "kind": "webhook", "settings": {"url": "https://me:pass-word@h.example.com/x"}}
    made = admin.post("/api/v1/channels", json=body)
    text = made.text + admin.get("/api/v1/channels").text + admin.get("/api/v1/audit").text
    assert "pass-word" not in text


def test_the_query_string_is_not_in_the_log(client: TestClient, written: StringIO) -> None:
    client.get("/api/v1/watches?key=put-in-the-wrong-place")
    assert "put-in-the-wrong-place" not in "".join(
        line for line in written.getvalue().splitlines() if '"event": "request"' in line
    )
