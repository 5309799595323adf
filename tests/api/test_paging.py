"""Lists in pages, while others write."""

import base64
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from app.models import Policy
from app.runtime import Runtime


def make(runtime: Runtime, *names: str) -> None:
    with runtime.sessions.begin() as session:
        for name in names:
            session.add(Policy(name=name, created_at=runtime.now(), updated_at=runtime.now()))


def turn(client: TestClient, path: str, cursor: str | None, limit: int) -> tuple[list[Any], str | None]:
    asked = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    answer = client.get(path, params=asked).json()
    assert set(answer) == {"items", "next"}
    assert len(answer["items"]) <= limit
    return answer["items"], answer["next"]


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_a_walk_loses_nothing_and_doubles_nothing(viewer: TestClient, runtime: Runtime, limit: int) -> None:
    make(runtime, *(f"p{n:02}" for n in range(20)))
    names, cursor = [], None
    while True:
        items, cursor = turn(viewer, "/api/v1/policies", cursor, limit)
        names += [item["name"] for item in items]
        if cursor is None:
            break
    assert names == ["default", *(f"p{n:02}" for n in range(20))]


def test_rows_that_come_and_go_meanwhile_do_no_harm(viewer: TestClient, runtime: Runtime) -> None:
    make(runtime, *(f"p{n:02}" for n in range(20)))
    names: list[str] = []
    cursor = None
    for n in range(100):
        items, cursor = turn(viewer, "/api/v1/policies", cursor, 2)
        names += [item["name"] for item in items]
        if cursor is None:
            break
        if n < 5:
            make(runtime, f"new{n}")
            with runtime.sessions.begin() as session:  # the row that the cursor stands behind
                session.execute(delete(Policy).where(Policy.name == names[-1]))
    assert names == ["default", *(f"p{n:02}" for n in range(20)), *(f"new{n}" for n in range(5))]


def test_newest_first_does_not_show_what_came_after_the_walk_began(admin: TestClient) -> None:
    for n in range(6):
        admin.post("/api/v1/keys", json={"name": f"k{n}"})
    names: list[str] = []
    cursor = None
    while True:
        items, cursor = turn(admin, "/api/v1/keys", cursor, 2)
        names += [item["name"] for item in items]
        admin.post("/api/v1/keys", json={"name": "newer"})
        if cursor is None:
            break
    assert names == ["k5", "k4", "k3", "k2", "k1", "k0", "admin"]


def test_a_page_that_just_fits_is_the_last(viewer: TestClient, runtime: Runtime) -> None:
    make(runtime, "a", "b")
    assert turn(viewer, "/api/v1/policies", None, 3)[1] is None


def test_a_cursor_says_nothing_to_people(viewer: TestClient, runtime: Runtime) -> None:
    make(runtime, "a", "b")
    cursor = turn(viewer, "/api/v1/policies", None, 1)[1] or ""
    assert not cursor.isdigit()
    base64.urlsafe_b64decode(cursor + "==")
