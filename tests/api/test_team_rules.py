"""What is a team's, what is the house's, and what of the one serves the other."""

from collections.abc import Callable
from datetime import timedelta

from fastapi import FastAPI

from app.admin.fields import Role
from app.models import Notice, Source
from app.pipeline.ingest.collect import receive
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import FACTS
from tests.api.two_teams import ALL, LAYER, OURS, THEIRS, House, burn, client_of, furnish, house, make

__all__ = ["house"]


def test_what_is_of_the_house_serves_a_team_and_is_changed_by_the_house_alone(house: House) -> None:
    admin, ours = house.admin, house.ours
    feed = make(admin, "sources", name="press", kind="push")
    calm = make(admin, "policies", name="calm")
    desk = make(admin, "channels", name="desk", kind="webhook", settings={"url": "https://desk.example/x"})
    make(admin, "people", name="Ana")
    night = make(admin, "rotas", name="night", layers=[LAYER | {"people": ["Ana"]}])
    hidden = make(admin, "watches", name="house brand", query="any of: Fir")
    for noun, row in (("sources", feed), ("policies", calm), ("channels", desk), ("rotas", night)):
        assert ours.get(f"{ALL}{noun}/{row}").status_code == 200
        refused = ours.patch(f"{ALL}{noun}/{row}", json={"name": "mine"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.text
        assert "of the house" in refused.json()["detail"]
        assert ours.delete(f"{ALL}{noun}/{row}").status_code == 403
        assert admin.get(f"{ALL}{noun}/{row}").json()["name"] != "mine"
    assert ours.get(f"{ALL}watches/{hidden}").status_code == 404
    made = make(
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
    ours = make(house.ours, "watches", name="Birch brand", query="any of: Cedar")
    house_watch = make(house.admin, "watches", name="house brand", query="any of: Cedar")
    common = make(house.admin, "sources", name="press", kind="push")
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
    ids = furnish(house.ours, OURS)
    burn(runtime, ids, OURS)
    began = FACTS.onset_at + timedelta(minutes=5)
    with runtime.sessions.begin() as session:
        for source_id in (ids["sources"], house.ids["sources"]):
            session.add(Notice(source_id=source_id, at=began, since=began, health="down", why="gone"))
    for client in (house.ours, house.admin):
        shown = client.get(f"{ALL}incidents/{ids['incidents']}/report?format=md")
        assert f"{OURS} inbox" in shown.text
        assert THEIRS not in shown.text


def test_a_key_of_a_team_opens_only_what_its_role_may(house: House, app: FastAPI) -> None:
    furnish(house.ours, OURS)
    with client_of(app, house.admin, OURS, "viewer") as viewer:
        assert viewer.get(ALL + "watches").json()["items"][0]["name"] == f"{OURS} brand"
        assert viewer.post(ALL + "watches", json={"name": "w", "query": "any of: x"}).status_code == 403


def test_the_last_admin_key_of_the_house_stays_though_a_team_has_one(
    house: House, key: Callable[[Role], str]
) -> None:
    del key
    mine = next(row for row in house.admin.get(ALL + "keys").json()["items"] if row["team"] is None)
    assert house.admin.delete(f"{ALL}keys/{mine['id']}").status_code == 409
    assert house.admin.delete(f"{ALL}keys/{house.ids['keys']}").status_code == 200
