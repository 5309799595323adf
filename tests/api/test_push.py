"""Posts that another system brings: signed, once each, bad ones told."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Connection, event, select
from starlette.testclient import TestClient

from app.admin.fields import Role
from app.models import Run
from app.runtime import Runtime
from app.sources.push.source import HEADER, sign
from tests.api.pushing import POSTS, bring, count, tool

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_signed_posts_are_stored_and_a_run_is_left(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    body = json.dumps({"posts": POSTS}).encode()
    answer = bring(client, pushed[0], body, sign(body, pushed[1], now=runtime.now()))
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"received": 3, "stored": 3, "edited": 0, "rejected": []}
    with runtime.sessions() as session:
        assert session.scalars(select(Run.received)).all() == [3]


def test_the_same_posts_twice_are_stored_once(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    body = json.dumps(POSTS).encode()
    signature = sign(body, pushed[1], now=runtime.now())
    bring(client, pushed[0], body, signature)
    again = bring(client, pushed[0], body, signature)
    assert (again.status_code, again.json()["stored"], again.json()["edited"]) == (202, 0, 0)
    assert count(runtime) == 3


def test_an_edited_post_is_told_as_edited(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    for text in ("glass in my yogurt", "glass in my yogurt, two pieces"):
        body = json.dumps([POSTS[0] | {"text": text}]).encode()
        answer = bring(client, pushed[0], body, sign(body, pushed[1], now=runtime.now()))
    assert (answer.json()["stored"], answer.json()["edited"], count(runtime)) == (0, 1, 1)


def test_bad_posts_are_told_by_their_place_and_the_good_ones_stored(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    body = json.dumps([{"id": "x"}, POSTS[0], 7, POSTS[1] | {"published_at": "yesterday"}]).encode()
    answer = bring(client, pushed[0], body, sign(body, pushed[1], now=runtime.now())).json()
    assert (answer["received"], answer["stored"]) == (4, 1)
    assert [r["index"] for r in answer["rejected"]] == [0, 2, 3]
    assert "yesterday" in answer["rejected"][2]["reason"]


@pytest.mark.parametrize(
    ("secret", "age", "tamper"),
    [
        pytest.param(None, timedelta(0), b"", id="another secret"),
        pytest.param("own", timedelta(minutes=6), b"", id="replayed after five minutes"),
        pytest.param("own", timedelta(minutes=-6), b"", id="from the future"),
        pytest.param("own", timedelta(0), b" ", id="one byte more"),
    ],
)
def test_what_is_not_signed_for_this_is_refused(
    client: TestClient,
    pushed: tuple[int, str],
    runtime: Runtime,
    secret: str | None,
    age: timedelta,
    tamper: bytes,
) -> None:
    body = json.dumps(POSTS).encode()
    signature = sign(body, pushed[1] if secret else "another", now=runtime.now() - age)
    answer = bring(client, pushed[0], body + tamper, signature)
    assert (answer.status_code, answer.json()["code"], count(runtime)) == (401, "unauthorized", 0)


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "v1=" + "é" * 9])
def test_a_header_that_is_no_signature_is_refused(
    client: TestClient, pushed: tuple[int, str], header: str | None
) -> None:
    signature = header.encode("latin-1").decode("latin-1") if header is not None else None
    try:
        answer = bring(client, pushed[0], b"[]", signature)
    except UnicodeEncodeError:
        return  # the client itself refuses to send it
    assert answer.status_code == 401


def test_a_key_is_no_signature(admin: TestClient, pushed: tuple[int, str]) -> None:
    assert bring(admin, pushed[0], b"[]", None).status_code == 401


def test_a_new_secret_shuts_the_old_one_out(
    admin: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    made = admin.post(f"/api/v1/sources/{pushed[0]}/secret").json()["secret"]
    body = json.dumps(POSTS).encode()
    assert bring(admin, pushed[0], body, sign(body, pushed[1], now=runtime.now())).status_code == 401
    assert bring(admin, pushed[0], body, sign(body, made, now=runtime.now())).status_code == 202


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_five_megabytes_are_not_read(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime, announced: bool
) -> None:
    piece, sent = b" " * 100_000, 0

    def endless() -> Any:  # noqa: ANN401 - bytes, piece by piece
        nonlocal sent
        while sent < 60:
            sent += 1
            yield piece

    content = piece * 60 if announced else endless()
    answer = client.post(
        f"/api/v1/sources/{pushed[0]}/posts",
        content=content,
        headers={HEADER: sign(b"", pushed[1], now=runtime.now())},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"7", 422),
        (b'{"posts": null}', 422),
    ],
)
def test_what_is_no_batch_is_told_so(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime, body: bytes, status: int
) -> None:
    answer = bring(client, pushed[0], body, sign(body, pushed[1], now=runtime.now()))
    code = {400: "bad_request", 422: "bad_input"}[status]
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_too_many_posts_at_once_are_refused(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    body = json.dumps([POSTS[0]] * 1001).encode()
    answer = bring(client, pushed[0], body, sign(body, pushed[1], now=runtime.now()))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_source_that_is_switched_off_stores_nothing(
    admin: TestClient, pushed: tuple[int, str], runtime: Runtime
) -> None:
    admin.patch(f"/api/v1/sources/{pushed[0]}", json={"enabled": False})
    body = json.dumps(POSTS).encode()
    answer = bring(admin, pushed[0], body, sign(body, pushed[1], now=runtime.now()))
    assert (answer.status_code, count(runtime)) == (409, 0)


def test_who_proves_nothing_is_answered_alike_whatever_is_there(
    admin: TestClient, client: TestClient, pushed: tuple[int, str], runtime: Runtime, written: StringIO
) -> None:
    feed = admin.post(
        "/api/v1/sources", json={"name": "feed", "kind": "rss", "settings": {"url": "https://x.example/"}}
    ).json()["id"]
    off = admin.post("/api/v1/sources", json={"name": "off", "kind": "push"}).json()["id"]
    admin.patch(f"/api/v1/sources/{off}", json={"enabled": False})
    signature = sign(b"[]", "another", now=runtime.now())
    there = (pushed[0], tool(admin), feed, off, 4_711)
    for proof in (signature, None, "t=1"):
        answers = [bring(client, one, b"[]", proof) for one in there]
        told = {(answer.status_code, answer.json()["detail"], answer.json()["code"]) for answer in answers}
        assert len(told) == 1, told
        assert answers[0].status_code == 401
    assert "there is no source of the kind push with this id" in written.getvalue()
    assert "the header X-Hub-Signature must hold" in written.getvalue()


def test_who_proves_nothing_waits_for_no_writer_and_makes_none_wait(
    client: TestClient, pushed: tuple[int, str], runtime: Runtime, key: Callable[[Role], str]
) -> None:
    token, began = key("admin"), list[str]()

    @event.listens_for(runtime.engine, "begin")
    def note(connection: Connection) -> None:
        began.append("reads" if connection.get_execution_options().get("reading") else "writes")

    with TestClient(client.app) as stranger:
        signature = sign(b"[]", "another", now=runtime.now())
        for source_id in (pushed[0], 4_711):
            assert bring(stranger, source_id, b"[]", signature).status_code == 401
        stranger.headers["Authorization"] = "Bearer tocsin_a_nothing"
        for method, path in (("POST", "watches"), ("PATCH", "watches/1"), ("PUT", "slack/users/U1")):
            assert stranger.request(method, f"/api/v1/{path}", json={}).status_code == 401
        assert stranger.delete("/api/v1/sources/1").status_code == 401
        assert stranger.post("/api/v1/sources/1/websub/0123", content=b"x").status_code == 404
        assert stranger.post("/api/v1/slack", content=b"x").status_code == 404
        assert "writes" not in began
        assert "reads" in began
        stranger.headers["Authorization"] = f"Bearer {token}"
        assert stranger.delete(f"/api/v1/sources/{pushed[0]}").status_code == 204
        assert "writes" in began
