"""Teams in one house: by a key of one, nothing of another is seen or changed, whichever route is asked."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from app.admin.fields import Role
from app.models import Base, Delivery, DeliveryState, Incident, Notice, Reason, Source, State, Watch
from app.pipeline.incidents.incidents import record
from app.pipeline.ingest.collect import receive
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import FACTS
from tests.api.test_role import SIGNED, operations

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


def _client(app: FastAPI, admin: TestClient, team: str, role: Role = "admin") -> TestClient:
    made = admin.post(ALL + "keys", json={"name": f"{team} {role}", "role": role, "team": team})
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    return TestClient(app, raise_server_exceptions=False, headers=headers)


def _make(client: TestClient, noun: str, **body: object) -> int:
    made = client.post(ALL + noun, json=body)
    assert made.status_code == 201, (noun, made.text)
    return int(made.json()["id"])


def _furnish(client: TestClient, name: str) -> dict[str, int]:
    """One of everything, by a key of the team and with its name in it."""
    until = {"starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T18:00:00Z"}
    ids = {
        "people": _make(client, "people", name=f"{name} Léa", slack_user=f"U0{name.upper()}"),
        "sources": _make(client, "sources", name=f"{name} inbox", kind="push"),
    }
    hook = {"url": f"https://{name.lower()}.example/hook"}
    ids["channels"] = _make(client, "channels", name=f"{name} hook", kind="webhook", settings=hook)
    layers = [LAYER | {"people": [f"{name} Léa"]}]
    texts = {"en": f"{name} looks into it."}
    ids["statement-templates"] = _make(
        client, "statement-templates", name=f"{name} recall", texts=texts, approvers=[f"{name} Léa"]
    )
    ids["rotas"] = _make(client, "rotas", name=f"{name} rota", layers=layers)
    ids["policies"] = _make(client, "policies", name=f"{name} policy", rota=f"{name} rota")
    ids["watches"] = _make(
        client, "watches", name=f"{name} brand", query=f"any of: {name}, Cedar", policy=f"{name} policy"
    )
    ids["silences"] = _make(client, "silences", why=f"{name} drill", watch=f"{name} brand", **until)
    ids["planned-events"] = _make(
        client, "planned-events", name=f"{name} day", watch=f"{name} brand", factor=2, **until
    )
    return ids


def _burn(runtime: Runtime, ids: dict[str, int], name: str) -> None:
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
    _make(client, f"{here}/log", kind="fact", text=f"{name} is recalled")
    _make(client, f"{here}/statements", template=f"{name} recall", language="en")
    _make(client, f"{here}/updates", channels=[f"{name} hook"])
    assert client.post(f"{ALL}{here}/room", json={"lead": f"{name} Léa"}).status_code == 200


@pytest.fixture
def house(app: FastAPI, admin: TestClient, runtime: Runtime) -> Iterator[House]:
    teams = {name: _make(admin, "teams", name=name) for name in (OURS, THEIRS)}
    ours, theirs = (_client(app, admin, name) for name in (OURS, THEIRS))
    with ours, theirs:
        ids = _furnish(theirs, THEIRS)
        _burn(runtime, ids, THEIRS)
        _carry(theirs, ids, THEIRS)
        ids["keys"] = next(
            row["id"] for row in admin.get(ALL + "keys").json()["items"] if row["team"] == THEIRS
        )
        yield House(admin, ours, theirs, ids | {"teams": teams[THEIRS]})


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


def test_what_is_of_the_house_serves_a_team_and_is_changed_by_the_house_alone(house: House) -> None:
    admin, ours = house.admin, house.ours
    feed = _make(admin, "sources", name="press", kind="push")
    calm = _make(admin, "policies", name="calm")
    desk = _make(admin, "channels", name="desk", kind="webhook", settings={"url": "https://desk.example/x"})
    _make(admin, "people", name="Ana")
    night = _make(admin, "rotas", name="night", layers=[LAYER | {"people": ["Ana"]}])
    hidden = _make(admin, "watches", name="house brand", query="any of: Fir")
    for noun, row in (("sources", feed), ("policies", calm), ("channels", desk), ("rotas", night)):
        assert ours.get(f"{ALL}{noun}/{row}").status_code == 200
        refused = ours.patch(f"{ALL}{noun}/{row}", json={"name": "mine"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.text
        assert "of the house" in refused.json()["detail"]
        assert ours.delete(f"{ALL}{noun}/{row}").status_code == 403
        assert admin.get(f"{ALL}{noun}/{row}").json()["name"] != "mine"
    assert ours.get(f"{ALL}watches/{hidden}").status_code == 404
    made = _make(
        ours, "watches", name="Birch brand", query="any of: Birch", policy="calm", sources=["press"],
        channels=["desk"],
    )  # fmt: skip
    assert ours.get(f"{ALL}watches/{made}").json()["team"] == OURS
    everywhere = {"why": "for all", "starts_at": "2026-11-23T08:00:00Z", "ends_at": "2026-11-23T18:00:00Z"}
    assert ours.post(ALL + "silences", json=everywhere).status_code == 403


def test_what_a_team_makes_is_its_own_and_can_be_given_to_nobody(house: House) -> None:
    for noun, body in (
        ("watches", {"name": "w", "query": "any of: x"}),
        ("sources", {"name": "s", "kind": "push"}),
        ("policies", {"name": "p"}),
        ("keys", {"name": "k", "role": "admin"}),
    ):
        given = house.ours.post(ALL + noun, json=body | {"team": THEIRS})
        assert given.status_code == 422, (noun, given.text)
        made = house.ours.post(ALL + noun, json=body)
        assert (made.status_code, made.json()["team"]) == (201, OURS)
    person = house.ours.post(ALL + "people", json={"name": "Max", "role": "viewer"}).json()
    assert person["teams"] == {OURS: "viewer"}
    assert house.ours.post(ALL + "people", json={"name": "M", "teams": {THEIRS: "admin"}}).status_code == 422
    assert house.ours.post(ALL + "teams", json={"name": "Cypress"}).status_code == 403
    taken = house.ours.post(ALL + "watches", json={"name": f"{THEIRS} brand", "query": "any of: x"})
    assert taken.status_code == 409


def test_the_house_mixes_no_teams(house: House) -> None:
    """What is of one team cannot be named by what is of another, nor by what is of the house."""
    admin, ids = house.admin, house.ids
    for field, named in (
        ("policy", f"{THEIRS} policy"),
        ("sources", [f"{THEIRS} inbox"]),
        ("channels", [f"{THEIRS} hook"]),
    ):
        for team in (OURS, None):
            mixed = {"name": "mixed", "query": "any of: x", "team": team, field: named}
            refused = admin.post(ALL + "watches", json=mixed)
            assert refused.status_code == 422, (field, team, refused.text)
            assert f"#/{field}" in refused.json()["errors"][0]["pointer"]
    layers = [LAYER | {"people": [f"{THEIRS} Léa"]}]
    assert admin.post(ALL + "rotas", json={"name": "r", "team": OURS, "layers": layers}).status_code == 422
    moved = admin.patch(f"{ALL}policies/{ids['policies']}", json={"team": OURS, "rota": ""})
    assert moved.status_code == 409
    assert f"{THEIRS} brand" in moved.json()["detail"]
    gone = admin.delete(f"{ALL}teams/{ids['teams']}")
    assert gone.status_code == 409
    assert "belong to it" in gone.json()["detail"]


def test_posts_of_a_teams_source_are_heard_by_its_watches_alone(house: House, runtime: Runtime) -> None:
    ours = _make(house.ours, "watches", name="Birch brand", query="any of: Cedar")
    house_watch = _make(house.admin, "watches", name="house brand", query="any of: Cedar")
    common = _make(house.admin, "sources", name="press", kind="push")
    now = runtime.now()
    for source, text in ((house.ids["sources"], "Cedar in private"), (common, "Cedar in public")):
        with runtime.sessions.begin() as session:
            receive(session, runtime.ingest, source, [Item(text, text, now - timedelta(minutes=1))], now=now)
    texts = {}
    for watch in (ours, house_watch, house.ids["watches"]):
        tried = house.admin.post(ALL + "queries/try", json={"query": "any of: Cedar", "watch": str(watch)})
        texts[watch] = {one["text"] for one in tried.json()["trial"]["samples"]}
    assert texts[ours] == texts[house_watch] == {"Cedar in public"}
    assert texts[house.ids["watches"]] == {"Cedar in private", "Cedar in public"}
    tried = house.ours.post(ALL + "queries/try", json={"query": "any of: Cedar"})
    assert "private" not in tried.text
    assert "public" in tried.text
    with runtime.sessions() as session:
        private = session.get_one(Source, house.ids["sources"]).team_id
        assert private is not None


def test_a_search_finds_only_mentions_of_the_teams_own_watches(house: House) -> None:
    """The index of words knows no teams: what it finds is narrowed all the same, in lists and in files."""
    for path in ("mentions?q=burns", "mentions?q=-nothing", "mentions", "mentions?author=nobody"):
        assert house.ours.get(ALL + path).json()["items"] == [], path
    for path in ("mentions/export?q=burns", "mentions/export"):
        assert THEIRS not in house.ours.get(ALL + path).text, path
    watch = house.ids["watches"]
    assert house.ours.get(f"{ALL}mentions?watch={watch}").status_code == 404
    assert house.ours.get(f"{ALL}mentions?incident={house.ids['incidents']}").status_code == 404
    for client in (house.theirs, house.admin):
        (row,) = client.get(ALL + "mentions?q=burns").json()["items"]
        assert (row["watch"], row["text"]) == (f"{THEIRS} brand", f"{THEIRS} burns")
        assert f"{THEIRS} burns" in client.get(ALL + "mentions/export?q=burns").text


def test_a_report_names_no_source_of_another_team(house: House, runtime: Runtime) -> None:
    ids = _furnish(house.ours, OURS)
    _burn(runtime, ids, OURS)
    began = FACTS.onset_at + timedelta(minutes=5)
    with runtime.sessions.begin() as session:
        for source_id in (ids["sources"], house.ids["sources"]):
            session.add(Notice(source_id=source_id, at=began, since=began, health="down", why="gone"))
    for client in (house.ours, house.admin):
        shown = client.get(f"{ALL}incidents/{ids['incidents']}/report?format=md")
        assert f"{OURS} inbox" in shown.text
        assert THEIRS not in shown.text


def test_a_key_of_a_team_opens_only_what_its_role_may(house: House, app: FastAPI) -> None:
    _furnish(house.ours, OURS)
    with _client(app, house.admin, OURS, "viewer") as viewer:
        assert viewer.get(ALL + "watches").json()["items"][0]["name"] == f"{OURS} brand"
        assert viewer.post(ALL + "watches", json={"name": "w", "query": "any of: x"}).status_code == 403


def test_the_last_admin_key_of_the_house_stays_though_a_team_has_one(
    house: House, key: Callable[[Role], str]
) -> None:
    del key
    mine = next(row for row in house.admin.get(ALL + "keys").json()["items"] if row["team"] is None)
    assert house.admin.delete(f"{ALL}keys/{mine['id']}").status_code == 409
    assert house.admin.delete(f"{ALL}keys/{house.ids['keys']}").status_code == 200
