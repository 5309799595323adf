"""One house with two teams in it, each with one of everything, and a fire."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.admin.fields import Role
from app.models import Delivery, DeliveryState, Incident, Reason, State, Watch
from app.pipeline.incidents.incidents import record
from app.pipeline.ingest.collect import receive
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import FACTS

LAYER = {"starts_on": "2026-11-02", "days": 7}
OURS, THEIRS = "Birch", "Amber"
ALL = "/api/v1/"


@dataclass
class House:
    """One house with two teams in it: a client for each, and the ids of what is theirs, by noun."""

    admin: TestClient
    ours: TestClient
    theirs: TestClient
    ids: dict[str, int]


def client_of(app: FastAPI, admin: TestClient, team: str, role: Role = "admin") -> TestClient:
    made = admin.post(ALL + "keys", json={"name": f"{team} {role}", "role": role, "team": team})
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    return TestClient(app, raise_server_exceptions=False, headers=headers)


def make(client: TestClient, noun: str, **body: object) -> int:
    made = client.post(ALL + noun, json=body)
    assert made.status_code == 201, (noun, made.text)
    return int(made.json()["id"])


def furnish(client: TestClient, name: str) -> dict[str, int]:
    """One of everything, by a key of the team and with its name in it."""
    until = {"starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T18:00:00Z"}
    ids = {
        "people": make(client, "people", name=f"{name} Léa", slack_user=f"U0{name.upper()}"),
        "sources": make(client, "sources", name=f"{name} inbox", kind="push"),
    }
    hook = {"url": f"https://{name.lower()}.example/hook"}
    ids["channels"] = make(client, "channels", name=f"{name} hook", kind="webhook", settings=hook)
    layers = [LAYER | {"people": [f"{name} Léa"]}]
    texts = {"en": f"{name} looks into it."}
    ids["statement-templates"] = make(
        client, "statement-templates", name=f"{name} recall", texts=texts, approvers=[f"{name} Léa"]
    )
    ids["rotas"] = make(client, "rotas", name=f"{name} rota", layers=layers)
    ids["policies"] = make(client, "policies", name=f"{name} policy", rota=f"{name} rota")
    ids["watches"] = make(
        client, "watches", name=f"{name} brand", query=f"any of: {name}, Cedar", policy=f"{name} policy"
    )
    ids["silences"] = make(client, "silences", why=f"{name} drill", watch=f"{name} brand", **until)
    ids["planned-events"] = make(
        client, "planned-events", name=f"{name} day", watch=f"{name} brand", factor=2, **until
    )
    return ids


def burn(runtime: Runtime, ids: dict[str, int], name: str) -> None:
    """Have the watch of the team burn, told in its channel."""
    now, began = runtime.now(), FACTS.onset_at
    with runtime.sessions.begin() as session:
        watch = session.get_one(Watch, ids["watches"])
        incident = Incident(
            watch=watch, state=State.burning, onset_at=began, opened_at=began, burning_at=began,
            peak_at=now, peak=48, mentions=96, threshold=9.0,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        post = Item("1", f"{name} burns", began)
        receive(session, runtime.ingest, ids["sources"], [post], now=now)
        transition = record(session, incident, Reason.ignited, at=began, facts=FACTS)
        told = select(Delivery).where(
            Delivery.transition_id == transition.id, Delivery.channel_id == ids["channels"]
        )
        delivery = session.scalars(told).one()
        delivery.state, delivery.due_at, delivery.payload = (
            DeliveryState.dead,
            None,
            {"text": f"{name} burns"},
        )
        ids["incidents"], ids["deliveries"] = incident.id, delivery.id


def _carry(client: TestClient, ids: dict[str, int], name: str) -> None:
    """Have the team carry its incident: the first line of its log, statement, updates and room."""
    here = f"incidents/{ids['incidents']}"
    make(client, f"{here}/log", kind="fact", text=f"{name} is recalled")
    make(client, f"{here}/statements", template=f"{name} recall", language="en")
    make(client, f"{here}/updates", channels=[f"{name} hook"])
    assert client.post(f"{ALL}{here}/room", json={"lead": f"{name} Léa"}).status_code == 200


@pytest.fixture
def house(app: FastAPI, admin: TestClient, runtime: Runtime) -> Iterator[House]:
    teams = {name: make(admin, "teams", name=name) for name in (OURS, THEIRS)}
    ours, theirs = (client_of(app, admin, name) for name in (OURS, THEIRS))
    with ours, theirs:
        ids = furnish(theirs, THEIRS)
        burn(runtime, ids, THEIRS)
        _carry(theirs, ids, THEIRS)
        ids["keys"] = next(
            row["id"] for row in admin.get(ALL + "keys").json()["items"] if row["team"] == THEIRS
        )
        yield House(admin, ours, theirs, ids | {"teams": teams[THEIRS]})
