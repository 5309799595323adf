"""What holds for each page and each act of the console, also for those that are still to come."""

from collections.abc import Iterable, Iterator
from re import sub
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.admin.fields import Role
from app.models import ApiKey, Person, Source, Team, Watch
from app.runtime import Runtime
from tests.console.conftest import HTML, Browser, SignsIn, furnish

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OPEN = {
    "/sign-in",
    "/sign-in/{token}",
    "/console/{digest}/{name}",
    "/live",
    "/shared/{token}",
    "/shared/{token}/report.pdf",
}  # to who is not signed in
ANYBODYS = {"/sign-out"}  # acts that each who is signed in may do
LOOKS = {
    "viewer": {
        "/listening/find", "/listening/new", "/channels/new", "/people/new", "/duty/new", "/audit", "/keys",
        "/keys/new", "/keys/{id}", "/teams", "/teams/{id}",
    }
}  # fmt: skip # forbidden


def routes(of: Iterable[Any]) -> Iterator[Any]:
    for route in of:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner.routes)
        elif route.endpoint.__module__.startswith("app.console."):
            yield route


def paths(app: FastAPI, method: str) -> list[str]:
    return sorted({route.path for route in routes(app.routes) if method in route.methods} - OPEN)


def filled(path: str, fire: int) -> str:
    """The path with the ids of what is there: the fire, its watch, its source, the first of the rest."""
    number = str(fire) if path.startswith("/fires") else "1"
    return sub(r"\{(id|post_id|swap_id)\}", number, path).replace("{table}", "silences")


def test_each_page_and_act_asks_who_it_is(app: FastAPI, client: TestClient, fire: int) -> None:
    assert len(paths(app, "GET")) > 15
    assert len(paths(app, "POST")) > 15
    for method in ("GET", "POST"):
        for path in paths(app, method):
            answer = client.request(method, filled(path, fire), headers=HTML, follow_redirects=False)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in"), (method, path)


@pytest.mark.parametrize("role", ["viewer", "responder", "admin"])
def test_each_page_is_there_in_both_languages_for_who_may_see_it(
    app: FastAPI, signs_in: SignsIn, runtime: Runtime, fire: int, role: Role
) -> None:
    for language in ("en", "fr"):
        somebody: Browser = signs_in(f"Somebody {language}", role, language=language)
        furnish(runtime)
        for path in paths(app, "GET"):
            answer = somebody.http.get(filled(path, fire), headers=HTML, follow_redirects=False)
            forbidden = role != "admin" and path in LOOKS["viewer"]
            assert answer.status_code == (403 if forbidden else 200), (path, answer.text[:500])
            if "text/html" in answer.headers["content-type"]:
                assert f'<html lang="{language}">' in answer.text
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
                assert " style=" not in answer.text
                assert answer.text.count("<h1") == 1, path
                assert "<title>" in answer.text


def test_no_act_is_done_without_the_word_of_the_page(app: FastAPI, signs_in: SignsIn, fire: int) -> None:
    admin = signs_in("Léa", "admin")
    for path in paths(app, "POST"):
        answer = admin.http.post(filled(path, fire), headers=HTML, follow_redirects=False)
        assert answer.status_code == 403, path


@pytest.mark.parametrize("role", ["viewer", "responder"])
def test_each_act_takes_its_role(
    app: FastAPI, signs_in: SignsIn, runtime: Runtime, fire: int, role: Role
) -> None:
    signs_in("Ana", "admin")  # the first of the people, on whom acts are tried
    furnish(runtime)
    somebody = signs_in("Léa", role)
    somebody.get("/")
    given = {
        "minutes": "60", "verdict": "fire", "kind": "decision", "text": "x", "name": "New", "query": "new",
        "starts_at": "2026-11-22T10:00", "ends_at": "2026-11-22T12:00", "why": "x", "step": "3",
        "whom": "watch", "what": "negative", "role": "admin", "url": "https://new.example/feed",
    }  # fmt: skip
    may = {"/fires", "/calendar", "/mentions", "/reports"} if role == "responder" else set()
    for path in paths(app, "POST"):
        if path in ANYBODYS:
            continue
        kind = (
            "rss" if path.startswith("/listening") else "terminal" if path == "/channels" else given["kind"]
        )
        status, shown = somebody.post(filled(path, fire), **(given | {"kind": kind}))
        allowed = any(path.startswith(one) for one in may) or (role == "responder" and "/swaps" in path)
        # 404: there is no silence yet; 409: somebody was first, or it is theirs; 422: said on the form.
        told = "takes the role" in shown
        assert not told if allowed else status in {403, 404}, (path, status)
    made = (Watch, Source, Person, ApiKey, Team)
    with runtime.sessions() as session:
        counts = [session.scalar(select(func.count()).select_from(one)) for one in made]
        assert session.scalars(select(ApiKey.expires_at)).all() == [None], "nothing was rotated"
    assert counts == [1, 1, 2, 1, 1], "nothing was made"


def test_a_page_that_breaks_says_so_and_tells_nothing_of_why(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa")
    lea.get("/")
    with runtime.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE silence RENAME TO elsewhere")
    answer = lea.http.get("/", headers=HTML)
    assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (503, True)
    assert "silence" not in answer.text
    assert fire
