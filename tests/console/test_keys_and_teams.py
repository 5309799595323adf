"""Keys of the API and teams of the house, on pages: made, rotated, renamed, ended, and what is refused."""

from datetime import UTC, datetime, timedelta
from html import unescape
from re import search

import pytest
from sqlalchemy import select

from app.admin import keys, people, sources, teams
from app.admin.fields import Role
from app.admin.specs import SourceSpec
from app.admin.team_specs import KeySpec, TeamSpec
from app.models import ApiKey, AuditEntry, Membership, Person, Team
from app.runtime import Runtime
from tests.console.conftest import Clock, SignsIn

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def shown_key(page: str) -> str:
    found = search(r"<code[^>]*>(tocsin_\w_[\w-]{43})</code>", page)
    assert found, page
    return found[1]


def make_key(runtime: Runtime, name: str, role: Role = "viewer", team: str | None = None) -> int:
    with runtime.sessions.begin() as session:
        spec = KeySpec(name=name, role=role, team=team)
        return keys.create(session, spec, by="test", now=runtime.now())[0].id


def test_a_key_is_made_shown_once_and_put_in_the_place_of_another(
    signs_in: SignsIn, runtime: Runtime, clock: Clock
) -> None:
    lea = signs_in("Léa", "admin")
    assert "No key opens anything" in lea.get("/keys")
    assert 'name="team"' not in lea.get("/keys/new"), "there is no team to choose"
    status, page = lea.post("/keys", name="Grafana", role="responder", last_day="2026-12-31")
    first = shown_key(page)
    assert (status, "1 Jan 00:00" in page) == (200, True), "it ends when the day has"
    page = lea.get("/keys/1")
    assert ("1 Jan 00:00" in page, first in page, first[:15] in page) == (True, False, True)
    clock.at += timedelta(days=2)
    status, page = lea.post("/keys/1/rotate", overlap_days="7")
    second = shown_key(page)
    assert (status, "Grafana still opens until 1 Dec 09:14" in page) == (200, True)
    listed = lea.get("/keys")
    assert ("Grafana (2)" in listed, 'id="ended"' in listed) == (True, False)
    status, page = lea.post("/keys/2/rotate", overlap_days="0")
    assert (status, "Grafana (2) opens nothing any more" in page) == (200, True)
    ended = lea.get("/keys").partition('id="ended"')[2]
    assert ("Grafana (2)" in ended, "expired (09:14)" in ended, "Grafana (3)" in ended) == (True, True, False)
    for path in ("/keys", "/keys/1", "/keys/2", "/audit"):
        page = lea.get(path)
        assert (first in page, second in page) == (False, False), path
    with runtime.sessions() as session:
        rows = session.scalars(select(ApiKey).order_by(ApiKey.id)).all()
        assert [(row.name, row.role) for row in rows] == [
            ("Grafana", "responder"), ("Grafana (2)", "responder"), ("Grafana (3)", "responder"),
        ]  # fmt: skip
        assert rows[0].expires_at == datetime(2026, 12, 1, 9, 14, tzinfo=UTC)
        actors = set(session.scalars(select(AuditEntry.actor).where(AuditEntry.subject == "api_key")))
        assert actors == {"Léa"}


def test_a_slip_in_a_key_is_told_beside_its_field_and_nothing_is_lost(
    signs_in: SignsIn, runtime: Runtime
) -> None:
    lea = signs_in("Léa", "admin", language="fr")
    lea.get("/keys/new")
    for given, field, said in (
        ({"name": " "}, "name", "Dites qui ou ce qui s’en servira."),
        ({"last_day": "2026-11-21"}, "last_day", "la clé serait déjà échue"),
        ({"last_day": "soon"}, "last_day", "Écrivez un jour"),
        ({"last_day": "9999-12-31"}, "last_day", "Écrivez un jour"),
        ({"last_day": "2999-01-01"}, "last_day", "1990"),
        ({"role": "root"}, "role", ""),
        ({"team": "Nobody"}, "team", "Nobody"),
    ):
        status, page = lea.post("/keys", **({"name": "Grafana"} | given))
        assert (status, said in unescape(page)) == (422, True), given
        assert f'id="{field}-wrong"' in page, given
        assert 'value="Grafana"' in page or "name" in given, "what was given is still there"
    make_key(runtime, "x")
    for days in ("91", "-1", "1.5", "soon", "nan"):
        status, page = lea.post("/keys/1/rotate", overlap_days=days)
        assert (status, 'id="overlap_days-wrong"' in page) == (422, True), days
    with runtime.sessions() as session:
        assert session.scalars(select(ApiKey.name)).all() == ["x"]


def test_the_last_admin_key_is_kept_and_the_refusal_is_told_in_place(
    signs_in: SignsIn, runtime: Runtime
) -> None:
    lea = signs_in("Léa", "admin", language="fr")
    first = make_key(runtime, "first", "admin")
    assert "<details" in lea.get(f"/keys/{first}"), "who revokes is asked first, without a script"
    status, page = lea.post(f"/keys/{first}/revoke")
    assert (status, "c’est la dernière clé d’administration" in unescape(page)) == (422, True)
    second = make_key(runtime, "second", "admin")
    assert lea.post(f"/keys/{first}/revoke") == (303, "/keys?done=1")
    page = lea.get(f"/keys/{first}")
    assert ("Elle n’ouvre plus rien" in page, "/rotate" in page, "/revoke" in page) == (True, False, False)
    status, page = lea.post(f"/keys/{first}/rotate", overlap_days="1")
    assert (status, "cette clé n’ouvre plus rien" in unescape(page)) == (422, True)
    assert lea.post(f"/keys/{second}/revoke")[0] == 422
    assert lea.post("/keys/99/revoke")[0] == 404


def test_an_admin_of_one_team_sees_and_makes_the_keys_of_that_team_alone(
    signs_in: SignsIn, runtime: Runtime
) -> None:
    with runtime.sessions.begin() as session:
        for name in ("Evian", "Volvic"):
            teams.create(session, TeamSpec(name=name), by="test", now=runtime.now())
    signs_in("Ana", "admin")
    max_ = signs_in("Max", teams={"Evian": "admin", "Volvic": "viewer"})
    of_house, other = make_key(runtime, "of the house", "admin"), make_key(runtime, "theirs", team="Volvic")
    own = make_key(runtime, "own", team="Evian")
    page = max_.get("/keys")
    assert ("own" in page, "of the house" in page, "theirs" in page) == (True, False, False)
    page = max_.get("/keys/new")
    assert ("Evian" in page, "Volvic" in page, "the whole house" in page) == (True, False, False)
    for key in (of_house, other):
        for act in ("revoke", "rotate"):
            assert max_.post(f"/keys/{key}/{act}")[0] in {403, 404}, (key, act)
    assert max_.post("/keys", name="New", role="admin", team="Volvic")[0] == 403
    assert max_.post("/keys", name="New", role="admin")[0] == 422, "of which team is not said"
    status, page = max_.post("/keys", name="New", role="admin", team="Evian")
    assert (status, bool(shown_key(page))) == (200, True)
    assert max_.post(f"/keys/{own}/rotate", overlap_days="1")[0] == 200
    assert max_.http.get("/teams").status_code == 403
    assert max_.post("/teams", name="Badoit")[0] == 403
    with runtime.sessions() as session:
        names = session.scalars(select(ApiKey.name).join(Team).where(Team.name == "Evian")).all()
        assert sorted(names) == ["New", "own", "own (2)"]


def test_a_team_is_made_renamed_and_deleted_once_nothing_belongs_to_it(
    signs_in: SignsIn, runtime: Runtime
) -> None:
    lea = signs_in("Léa", "admin")
    assert "There is no team" in lea.get("/teams")
    assert lea.post("/teams", name="Evian") == (303, "/teams/1?done=1")
    for given, said in ((" ", "Give the team a name"), ("Evian", "There is a team “Evian” already")):
        status, page = lea.post("/teams", name=given)
        assert (status, said in unescape(page), 'id="name-wrong"' in page) == (422, True, True), given
    assert lea.post("/teams", name="Volvic")[0] == 303
    status, page = lea.post("/teams/2", name="Evian")
    assert (status, 'value="Evian"' in page) == (422, True)
    assert lea.post("/teams/2", name="Badoit") == (303, "/teams/2?done=1")
    signs_in("Max", teams={"Evian": "responder"})
    with runtime.sessions.begin() as session:
        spec = SourceSpec(name="inbox", kind="push", team="Evian")
        sources.create(session, spec, vault=runtime.vault, by="test", now=runtime.now())
        who = session.scalars(select(Person.id).where(Person.name == "Max")).one()
    key = make_key(runtime, "Grafana", team="Evian")
    assert "1 source, 1 key, 1 person" in lea.get("/teams")
    page = lea.get("/teams/1")
    assert (f'href="/people/{who}">Max' in page, "acts on fires" in page) == (True, True)
    assert 'action="/teams/1/delete"' not in page, "what cannot be done is not offered"
    status, page = lea.post("/teams/1/delete")
    assert (status, "It is not deleted: something belongs to it" in page) == (422, True)
    with runtime.sessions.begin() as session:
        sources.delete(session, 1, by="test", now=runtime.now())
        people.delete(session, who, by="test", now=runtime.now())
        session.get_one(ApiKey, key).expires_at = runtime.now()
    assert 'action="/teams/1/delete"' in lea.get("/teams/1")
    assert lea.post("/teams/1/delete") == (303, "/teams?done=1")
    page = lea.get("/teams?done=1")
    assert ("Evian" in page, "Badoit" in page) == (False, True)
    with runtime.sessions() as session:
        assert session.scalars(select(Team.name)).all() == ["Badoit"]
        assert session.scalars(select(Membership.team_id)).all() == []
