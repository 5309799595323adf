"""Fire: what burns, who has it, what can be done; each act by whoever may, once, and told."""

from html import escape

import pytest
from sqlalchemy import select, text

from app.admin import teams
from app.admin.fields import Role
from app.admin.team_specs import TeamSpec
from app.models import AuditEntry, Incident, LogEntry, State, VerdictWord, Watch
from app.runtime import Runtime
from tests.console.conftest import SignsIn

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ACTS: dict[str, dict[str, str]] = {
    "acknowledge": {},
    "take-over": {},
    "snooze": {"minutes": "60"},
    "verdict": {"verdict": "fire"},
    "log": {"kind": "decision", "text": "We answer <b>now</b>"},
    "close": {"note": "answered"},
}


def _incident(runtime: Runtime, fire: int) -> Incident:
    with runtime.sessions() as session:
        return session.get_one(Incident, fire)


def test_a_responder_takes_it_pauses_it_judges_it_writes_and_closes_it(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea, max_ = signs_in("Léa"), signs_in("Max")
    page = lea.get(f"/fires/{fire}")
    assert "I take it" in page
    assert lea.post(f"/fires/{fire}/acknowledge") == (303, f"/fires/{fire}?done=acknowledge")
    page = lea.get(f"/fires/{fire}?done=acknowledge")
    assert "You have it in hand" in page
    assert "Acknowledged by Léa" in page
    assert "Take over" not in page, "it is hers"
    max_.get(f"/fires/{fire}")
    status, shown = max_.post(f"/fires/{fire}/acknowledge")
    assert (status, "Léa has incident" in shown) == (409, True), "who comes second is told who was first"
    assert max_.post(f"/fires/{fire}/take-over")[0] == 303
    assert max_.post(f"/fires/{fire}/snooze", minutes="60")[0] == 303
    assert max_.post(f"/fires/{fire}/verdict", verdict="fire", note="real")[0] == 303
    assert max_.post(f"/fires/{fire}/log", **ACTS["log"])[0] == 303
    page = max_.get(f"/fires/{fire}")
    assert "We answer &lt;b&gt;now&lt;/b&gt;" in page
    assert max_.post(f"/fires/{fire}/close", note="answered")[0] == 303
    done = _incident(runtime, fire)
    assert (done.acknowledged_by, done.verdict, done.state) == ("Max", VerdictWord.fire, State.out)
    assert "I take it" not in max_.get(f"/fires/{fire}")
    with runtime.sessions() as session:
        actors = set(session.scalars(select(AuditEntry.actor).where(AuditEntry.subject == "incident")))
        assert actors == {"Léa", "Max"}
        assert session.scalars(select(LogEntry.by)).one() == "Max"


@pytest.mark.parametrize(
    ("role", "team", "may"),
    [
        ("viewer", None, False), ("responder", None, True), ("admin", None, True),
        ("viewer", "Danone", False), ("responder", "Danone", True), ("responder", "Evian", None),
    ],
)  # fmt: skip
def test_each_act_takes_its_role_in_the_team_of_the_fire(
    signs_in: SignsIn, runtime: Runtime, fire: int, role: Role, team: str | None, may: bool | None
) -> None:
    """None: they do not even see that it is there."""
    if team:
        with runtime.sessions.begin() as session:
            for name in ("Danone", "Evian"):
                teams.create(session, TeamSpec(name=name), by="test", now=runtime.now())
            session.execute(text("UPDATE watch SET team_id = (SELECT id FROM team WHERE name = 'Danone')"))
    somebody = signs_in("Léa", role, teams={team: role} if team else None)
    somebody.get("/")
    seen = somebody.http.get(f"/fires/{fire}").status_code
    assert seen == (404 if may is None else 200)
    if may is not None:
        assert ("I take it" in somebody.get(f"/fires/{fire}")) is may
    before = _incident(runtime, fire)
    for act, fields in ACTS.items():
        status, _ = somebody.post(f"/fires/{fire}/{act}", **fields)
        # 409: it is theirs already, when they take it over.
        assert status in ({303, 409} if may else {404} if may is None else {403}), act
    after = _incident(runtime, fire)
    changed = (after.state, after.acknowledged_by, after.verdict) != (
        before.state, before.acknowledged_by, before.verdict,
    )  # fmt: skip
    assert changed is bool(may)


def test_what_strangers_wrote_stays_text(signs_in: SignsIn, runtime: Runtime, fire: int) -> None:
    hostile = '<img src=x onerror="alert(1)">"\'`{{7*7}}'
    with runtime.sessions.begin() as session:
        session.execute(select(Watch)).scalars().one().name = hostile
    lea = signs_in("Léa")
    lea.post(f"/fires/{fire}/log", kind="fact", text=hostile)
    for path in ("/", f"/fires/{fire}"):
        page = lea.get(path)
        assert "<img src=x" not in page
        assert escape("<img src=x") in page
        assert "{{7*7}}" in page or path == "/"
        answer = lea.http.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert "onclick" not in answer.text


def test_what_is_not_there_or_makes_no_sense_is_said_on_a_page(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa", language="fr")
    lea.get("/")
    for path, status in (("/fires/99", 404), ("/fires/0", 422), ("/fires/x", 422), ("/?page=x", 422)):
        answer = lea.http.get(path)
        assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (status, True)
    for act, fields in (("snooze", {"minutes": "1"}), ("verdict", {"verdict": "meteor"}), ("log", {})):
        status, page = lea.post(f"/fires/{fire}/{act}", **fields)
        assert (status, "Cette saisie ne convient pas" in page) == (422, True)
    assert _incident(runtime, fire).verdict is None
