"""The console over a real database, and people who are signed in to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from re import findall

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.admin import keys, people, rotas, sign_in, teams
from app.admin.fields import Role
from app.admin.team_specs import KeySpec, PersonSpec, RotaSpec, TeamSpec
from app.models import Person, Rota
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import Clock, app, client, clock, fire, lent_app

__all__ = ["Clock", "app", "client", "clock", "fire", "lent_app"]

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def runtime(database: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path, database_url=database, allow_private_hosts=["127.0.0.1"])
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(404))
    with open_runtime(settings, now=clock, transport=nowhere) as runtime:
        yield runtime


@dataclass
class Browser:
    """Somebody at the console: follows no redirect, sends the forms of the pages that it has seen."""

    http: TestClient
    csrf: str = ""

    def get(self, path: str, *, language: str = "en") -> str:
        """The page, which is there."""
        answer = self.http.get(path, headers=HTML | {"Accept-Language": language}, follow_redirects=False)
        assert answer.status_code == 200, (answer.status_code, answer.headers, answer.text[:2000])
        found = findall(r'name="csrf" value="([0-9a-f]+)"', answer.text)
        self.csrf = found[0] if found else self.csrf
        return answer.text

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """(the status, where it leads or what it shows)."""
        given = {"csrf": self.csrf} | fields
        answer = self.http.post(path, data=given, headers=HTML, follow_redirects=False)
        return answer.status_code, answer.headers.get("location", answer.text)


def link_for(runtime: Runtime, name: str, *, now: datetime, holds: timedelta = timedelta(hours=1)) -> str:
    """The path of a link for the person of that name."""
    with runtime.sessions.begin() as session:
        person = session.scalars(select(Person).where(Person.name == name)).one()
        return f"/sign-in/{sign_in.make_link(session, person.id, holds=holds, now=now)}"


def furnish(runtime: Runtime) -> None:
    """The first rota, with everybody in it; the first key, the first team."""
    with runtime.sessions.begin() as session:
        if session.get(Rota, 1) is None:
            layer = {"people": [*session.scalars(select(Person.name))], "starts_on": "2026-11-02"}
            spec = RotaSpec.model_validate({"name": "comms", "layers": [layer]})
            rotas.create(session, spec, by="test", now=runtime.now())
            keys.create(session, KeySpec(name="Grafana"), by="test", now=runtime.now())
            teams.create(session, TeamSpec(name="Evian"), by="test", now=runtime.now())


SignsIn = Callable[..., Browser]


@pytest.fixture
def signs_in(app: FastAPI, runtime: Runtime) -> Iterator[SignsIn]:
    """Makes a person of a role, unless they are known, and signs them in, in a browser of its own."""
    opened: list[TestClient] = []

    def enter(
        name: str = "Léa", role: Role = "responder", language: str = "", teams: dict[str, Role] | None = None
    ) -> Browser:
        with runtime.sessions.begin() as session:
            known = session.scalar(select(Person.id).where(Person.name == name))
            given = {"name": name, "role": role, "language": language, "teams": teams or {}}
            spec = PersonSpec.model_validate(given)
            if known is None:
                people.create(session, spec, by="test", now=runtime.now())
        http = TestClient(app, raise_server_exceptions=False)
        http.__enter__()
        opened.append(http)
        browser = Browser(http)
        path = link_for(runtime, name, now=runtime.now())
        assert browser.post(path) == (303, "/")
        return browser

    yield enter
    for http in opened:
        http.__exit__(None, None, None)
