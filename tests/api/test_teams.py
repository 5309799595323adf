"""Teams in one house: by a key of one, nothing of another is seen or changed, whichever route is asked."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.models import Base
from app.runtime import Runtime
from tests.api.test_role import SIGNED, operations
from tests.api.two_teams import ALL, THEIRS, House, house

__all__ = ["house"]


def _rows(runtime: Runtime) -> dict[str, list[str]]:
    """Everything that is stored, but for the uses of keys."""
    kept = [table for table in Base.metadata.sorted_tables if table.name != "api_key"]
    with runtime.sessions() as session:
        return {table.name: sorted(map(str, session.execute(select(table)))) for table in kept}


def _asked(app: FastAPI, ids: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    """(method, path as it is described, path of what is the other team's) of each route."""
    for method, path in operations(app):
        noun, named = path.removeprefix(ALL).split("/")[0], "{id}" in path
        if f"{method} {path}" in SIGNED or not path.startswith(ALL) or (named and noun not in ids):
            continue
        own = path.replace("{id}", str(ids.get(noun, 0))).replace("{post_id}", "1")
        yield method, path, re.sub(r"\{\w+_id\}", "1", own)


@pytest.mark.story(always=True)
def test_no_route_shows_what_is_another_teams(house: House, app: FastAPI) -> None:
    for method, path, own in _asked(app, house.ids):
        if method != "GET":
            continue
        seen = house.ours.get(own)
        assert seen.status_code == (404 if "{id}" in path else 200), (path, seen.text)
        assert THEIRS.lower() not in seen.text.lower(), (path, seen.text)
        # The same is there for whose it is, and for the house.
        for client in (house.theirs, house.admin):
            assert client.get(own).status_code == 200, own


@pytest.mark.story(always=True)
def test_no_route_changes_what_is_another_teams(house: House, app: FastAPI, runtime: Runtime) -> None:
    before = _rows(runtime)
    crisis = {
        "PATCH .*/log/": {"state": "true"}, "POST .*/log": {"kind": "decision", "text": "x"},
        "PATCH .*/statements/": {"version": 1, "text": "x"},
        "/statements/1/approve": {"version": 1}, "/statements/1/published": {"version": 1, "where": "x"},
        "POST .*/statements$": {"template": f"{THEIRS} recall"}, "/updates": {"channels": [f"{THEIRS} hook"]},
        "/room": {"lead": f"{THEIRS} Léa"},
    }  # fmt: skip
    bodies = {"/labels/": {"tone": "negative"}, "/snooze": {"until": "2026-11-23T18:00:00Z"},
              "/verdict": {"verdict": "fire"}, "/report/send": {"channel": f"{THEIRS} hook"},
              "/substitutions": {
                  "person": f"{THEIRS} Léa", "starts_at": "2026-11-23T08:00:00Z",
                  "ends_at": "2026-11-23T18:00:00Z"}, **crisis}  # fmt: skip
    for method, path, own in _asked(app, house.ids):
        if method == "GET" or "{id}" not in path:
            continue
        body = next((body for part, body in bodies.items() if re.search(part, f"{method} {own}")), {})
        answer = house.ours.request(method, own, json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert _rows(runtime) == before
