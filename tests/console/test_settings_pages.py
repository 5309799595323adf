"""Watches, sources, channels, people and the calendar are set on pages, by the rules of the API."""

from datetime import UTC, datetime
from html import unescape
from re import findall, search

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app import channels, sources
from app.admin import teams
from app.admin.team_specs import TeamSpec
from app.models import Channel, Person, PlannedEvent, Policy, Silence, Source, Watch
from app.runtime import Runtime
from tests.console.conftest import HTML, SignsIn
from tests.standins.patience import until

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def test_a_watch_is_tried_saved_and_changed(signs_in: SignsIn, runtime: Runtime, fire: int) -> None:
    lea = signs_in("Léa", "admin")
    page = lea.get("/watches/new?name=Danone")
    assert 'value="Danone"' in page
    status, page = lea.post("/watches", name="Two", query="burns -nothing", **{"try": "1"})
    assert (status, "1 post in 7 days, of 1 heard" in page, "Danone burns" in page) == (200, True, True)
    status, page = lea.post("/watches", name="Two", query="burns AND", kind="brand", policy="default")
    assert (status, "aria-invalid" in page, "burns AND</textarea>" in page) == (422, True, True)
    status, page = lea.post("/watches", name="Danone", query="burns", policy="default", time_zone="UTC")
    assert (status, "is not saved" in page) == (422, True), "the name is taken"
    given = {"query": "burns", "kind": "risk", "policy": "default", "time_zone": "Europe/Paris"}
    status, where = lea.post(
        "/watches", name="Two", languages="fr, en", sources="pushed", enabled="true", **given
    )
    assert (status, where) == (303, "/watches/2?done=1")
    assert "It is saved" in lea.get(where)
    status, _ = lea.post("/watches/2", name="Two", languages="", sources="", **given)
    assert status == 303
    with runtime.sessions() as session:
        watch = session.get_one(Watch, 2)
        assert (watch.kind, watch.languages, watch.enabled, watch.query) == (
            "risk",
            [],
            False,
            {"text": "burns"},
        )
    assert "switched off" in lea.get("/watches")
    assert fire


def test_what_is_a_watchs_own_is_set_shown_and_given_up(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa", "admin")
    lea.get("/watches/1")
    given = {"name": "Danone", "query": "burns", "policy": "default", "enabled": "true"}

    def own() -> dict[str, float]:
        with runtime.sessions() as session:
            return session.get_one(Watch, 1).policy.overrides or {}

    for fields, wanted in (
        ({"floor": "8", "threshold": "2,5", "cooldown_minutes": ""}, {"floor": 8, "threshold": 2.5}),
        ({"floor": "9"}, {"floor": 9, "threshold": 2.5}),
        ({"floor": "", "threshold": ""}, {}),
    ):
        assert lea.post("/watches/1", **given, **fields)[0] == 303
        assert own() == wanted, fields
        assert ('value="8"' in lea.get("/watches/1")) == (wanted.get("floor") == 8)
    for wrong in ("0", "many", "nan", "1e400"):
        status, page = lea.post("/watches/1", **given, floor=wrong)
        assert (status, 'id="floor-wrong"' in page, f'value="{wrong}"' in page) == (422, True, True), wrong
    assert own() == {}
    assert fire


@pytest.mark.story
def test_what_a_watch_would_have_rung_is_played_behind_the_page_and_its_budget_set(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa", "admin")
    assert "It accepts 1 false alarm a month" in lea.get("/watches/1/sensitivity")
    until(lambda: "is being played" not in lea.get("/watches/1/sensitivity?step=1"), every=0.2)
    assert "still learning" in lea.get("/watches/1/sensitivity?step=1")
    assert lea.post("/watches/1/sensitivity", step="1", whom="watch")[0] == 303
    assert lea.post("/watches/1/sensitivity", step="99", whom="watch")[0] == 422
    with runtime.sessions() as session:
        budgets = dict(iter(session.execute(select(Policy.base_id, Policy.alarms_per_month))))
        assert budgets == {None: 1.0, 1: 0.25}, "the others keep theirs"
    assert lea.post("/watches/1/sensitivity", step="2", whom="watch")[0] == 303
    with runtime.sessions() as session:
        assert session.get_one(Watch, 1).policy.alarms_per_month == 0.5
    assert fire


def test_sources_are_added_changed_and_asked_again_and_a_secret_is_shown_once(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa", "admin")
    assert "rss" in lea.get("/listening/new")
    found = (
        "/listening/new?kind=rss&name=News&settings=%7B%22url%22%3A%22https%3A%2F%2Fnews.example%2Ff%22%7D"
    )
    assert "https://news.example/f" in lea.get(found)
    status, page = lea.post("/listening", kind="rss", name="News", url="not an address", was_new="1")
    assert (status, "aria-invalid" in page, "not an address" in page) == (422, True, True)
    feed = {"kind": "rss", "name": "News", "url": "https://news.example/f", "enabled": "true", "was_new": "1"}
    assert lea.post("/listening", **feed)[0] == 303
    status, page = lea.post("/listening", kind="push", name="Tool", enabled="true")
    made = search(r"<code>(\S+)</code>", page)
    assert (status, bool(made)) == (200, True)
    assert made
    for path in ("/listening", "/listening/3", "/audit"):
        assert made[1] not in lea.get(path)
    assert lea.post("/listening/2/again") == (303, "/listening?done=1")
    assert lea.post("/listening/2", **(feed | {"name": "Press", "secret": ""}))[0] == 303
    status, page = lea.post("/listening/1/again")
    assert (status, "posts are brought to it" in page) == (409, True)
    with runtime.sessions() as session:
        assert session.get_one(Source, 2).name == "Press"
    assert lea.http.get("/listening/find?site=nowhere.example", headers=HTML).status_code == 200
    assert fire


def test_a_channel_is_added_and_tested_and_its_failure_is_told(signs_in: SignsIn, runtime: Runtime) -> None:
    lea = signs_in("Léa", "admin", language="fr")
    lea.get("/channels")
    mail = {
        "kind": "email", "name": "Box",
        "to": "lea@brand.example\nmax@brand.example", "sender": "t@brand.example",
        "server": "127.0.0.1", "port": "1", "security": "none", "enabled": "true",
    }  # fmt: skip
    status, page = lea.post("/channels", **(mail | {"to": "nobody"}))
    assert (status, "aria-invalid" in page) == (422, True)
    assert lea.post("/channels", **mail)[0] == 303
    with runtime.sessions() as session:
        box = session.scalars(select(Channel).where(Channel.name == "Box")).one()
        assert box.settings["to"] == ["lea@brand.example", "max@brand.example"]
        number = box.id
    status, page = lea.post(f"/channels/{number}/test")
    assert (status, "Box" in page, 'role="alert"' in page) == (502, True, True)
    assert lea.post(f"/channels/{number}", **(mail | {"person": "Léa"}))[0] == 303
    assert "appelle Léa" in lea.get("/channels")


def test_somebody_is_invited_and_the_last_admin_stays(
    signs_in: SignsIn, client: TestClient, runtime: Runtime
) -> None:
    lea = signs_in("Léa", "admin")
    lea.get("/people/new")
    status, page = lea.post("/people", name="Max", role="responder", language="fr", slack_user="x")
    assert (status, "aria-invalid" in page) == (422, True)
    status, page = lea.post("/people", name="Max", role="responder", language="fr", slack_user="")
    found = search(r'value="http://127\.0\.0\.1:8321(/sign-in/[^"]+)"', unescape(page))
    assert (status, bool(found)) == (200, True)
    assert found
    assert client.post(found[1], headers=HTML, follow_redirects=False).status_code == 303
    assert "Rien ne brûle" in client.get("/", headers=HTML).text
    with runtime.sessions() as session:
        ids = dict(iter(session.execute(select(Person.name, Person.id))))
    assert lea.post(f"/people/{ids['Max']}/out")[0] == 303
    assert client.get("/", headers=HTML, follow_redirects=False).status_code == 303
    for act, fields in (("", {"role": "viewer", "name": "Léa"}), ("/delete", {})):
        status, page = lea.post(f"/people/{ids['Léa']}{act}", **fields)
        assert (status, "last admin" in page) == (422, True)
    assert lea.post(f"/people/{ids['Max']}/delete")[0] == 303
    with runtime.sessions() as session:
        assert list(session.scalars(select(Person.role))) == ["admin"]


def test_who_is_no_admin_sets_their_own_language_alone(signs_in: SignsIn, runtime: Runtime) -> None:
    signs_in("Ana", "admin")
    lea = signs_in("Léa", "viewer", language="en")
    with runtime.sessions() as session:
        ids = dict(iter(session.execute(select(Person.name, Person.id))))
    page = lea.get(f"/people/{ids['Léa']}")
    assert 'name="role"' not in page
    assert lea.post(f"/people/{ids['Léa']}", language="fr", role="admin", name="Queen")[0] == 303
    with runtime.sessions() as session:
        person = session.get_one(Person, ids["Léa"])
        assert (person.language, person.role, person.name) == ("fr", "viewer", "Léa")
    assert lea.post(f"/people/{ids['Ana']}", language="fr")[0] == 403
    assert lea.post(f"/people/{ids['Ana']}/link")[0] == 403, "a link would lend them what Ana may do"


def test_no_admin_of_one_team_lets_in_somebody_who_is_more_in_another(
    signs_in: SignsIn, runtime: Runtime
) -> None:
    """A link lends all that its person may: also what its maker does not see."""
    with runtime.sessions.begin() as session:
        for name in ("Evian", "Volvic"):
            teams.create(session, TeamSpec(name=name), by="test", now=runtime.now())
    signs_in("Max", teams={"Evian": "viewer", "Volvic": "admin"})
    signs_in("Zoé", teams={"Evian": "viewer"})
    ana = signs_in("Ana", teams={"Evian": "admin"})
    ana.get("/people")
    with runtime.sessions() as session:
        ids = dict(iter(session.execute(select(Person.name, Person.id))))
    for act in ("link", "out", "delete"):
        assert ana.post(f"/people/{ids['Max']}/{act}")[0] == 403, act
    assert ana.post(f"/people/{ids['Zoé']}/link")[0] == 200
    assert ana.post(f"/people/{ids['Zoé']}/out")[0] == 303


def test_the_calendar_is_written_on_the_clock_of_who_writes_it(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa", "responder")
    with runtime.sessions.begin() as session:
        session.scalars(select(Person)).one().time_zone = "Europe/Paris"
    lea.get("/calendar")
    times = {"starts_at": "2026-11-23T09:00", "ends_at": "2026-11-23T11:00"}
    assert lea.post("/calendar/silences", why="Drill", watch="Danone", **times)[0] == 303
    assert lea.post("/calendar/events", name="Launch", watch="", factor="3", **times)[0] == 303
    for wrong in (
        {"starts_at": "soon"},
        {"ends_at": "2026-11-23T08:00"},
        {"watch": "Nobody"},
        {"factor": "0"},
    ):
        status, page = lea.post("/calendar/events", name="x", **(times | wrong))
        assert (status, "is not saved" in page) == (422, True), wrong
    page = lea.get("/calendar")
    assert "23 Nov 09:00 → 23 Nov 11:00" in page
    with runtime.sessions() as session:
        silence, event = session.scalars(select(Silence)).one(), session.scalars(select(PlannedEvent)).one()
        assert silence.starts_at == event.starts_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
        assert (event.watch_id, event.factor) == (None, 3.0)
    assert lea.post(f"/calendar/silences/{silence.id}/delete")[0] == 303
    assert lea.post(f"/calendar/events/{event.id}/delete")[0] == 303
    assert "Nothing is planned" in lea.get("/calendar")
    assert fire


def test_mentions_are_found_marked_and_taken_along(signs_in: SignsIn, fire: int) -> None:
    lea = signs_in("Léa")
    for query in (
        "",
        "?q=dânone -nothing",
        f"?incident={fire}",
        "?watch=1&tone=other",
        "?since=2026-11-22T00:00",
    ):
        assert "Danone burns" in lea.get(f"/mentions{query}"), query
    for query in ("?q=elsewhere", "?tone=positive", "?tag=recall", "?until=2026-11-01T00:00"):
        page = lea.get(f"/mentions{query}")
        assert ("Danone burns" not in page, "Nothing that was heard" in page) == (True, True), query
    for query in ("?watch=x", "?since=soon", "?q=-", "?tone=furious", "?cursor=x"):
        assert lea.http.get(f"/mentions{query}", headers=HTML).status_code == 422, query
    found = search(r'action="(/mentions/1/\d+)"', lea.get("/mentions"))
    assert found
    back = {"back": "/mentions?q=danone"}
    assert lea.post(found[1], what="tags", tags="recall, Lyon", **back)[0] == 303
    assert lea.post(found[1], what="negative", **back)[0] == 303
    page = lea.get("/mentions?tag=recall&tone=negative")
    assert "Lyon, recall" in page
    assert lea.post(found[1], what="not_about", back="//evil.example")[1].startswith("/#m1-")
    assert lea.post("/mentions/1/99", what="negative")[0] == 404
    for form, head in (("csv", "text/csv"), ("xlsx", "application/vnd.openxml")):
        answer = lea.http.get(f"/mentions/export?q=danone&format={form}")
        assert (answer.status_code, answer.headers["content-type"].startswith(head)) == (200, True)


def test_what_is_wrong_is_said_in_the_language_of_the_page(signs_in: SignsIn, fire: int) -> None:
    """No refusal that the forms of sources and channels can give is left in English."""
    lea = signs_in("Léa", "admin", language="fr")
    english = r"\b(should|must|give|is missing|there is|this is|write)\b"
    kinds = [("/listening", one.name, one.summary, one.settings) for one in sources.KINDS]
    kinds += [("/channels", one.name, one.summary, one.settings) for one in channels.KINDS]
    for home, name, summary, model in kinds:
        page = lea.get(f"{home}/new?kind={name}")
        assert summary not in unescape(page), name
        for value in ("", "-1", "x" * 3, "\u2028"):
            given = dict.fromkeys(model.model_fields, value) | {"kind": name, "name": ""}
            answer = lea.http.post(home, data=given | {"csrf": lea.csrf}, headers=HTML)
            said = findall(r'(?:role="alert"|</strong></p><p)>([^<]*)</p>', answer.text)
            assert (answer.status_code, bool(said)) == (422, True), (name, value)
            for one in map(unescape, said):
                assert not search(english, one), (name, one)
    assert fire
