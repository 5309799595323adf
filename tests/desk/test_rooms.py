"""The room of a crisis: made in Slack, or not, and everything else works without one."""

import pytest
from sqlalchemy import select, update

from app.admin import keys, rotas
from app.admin.team_specs import KeySpec, LayerSpec, RotaSpec
from app.models import AuditEntry, CrisisRoom, LogEntry, Policy
from app.runtime import Runtime
from tests.desk.conftest import NOW, Door
from tests.desk.test_typed import said
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import says


@pytest.fixture
def room(door: Door, fire: int, runtime: Runtime, slack: SlackStandin) -> str:
    """The id of a room that Léa asked for, with Max on duty."""
    assert fire == 1
    with runtime.sessions.begin() as session:
        layer = LayerSpec(people=["Max"], starts_on=NOW.date().replace(day=1))
        rotas.create(session, RotaSpec(name="comms", layers=[layer]), by="t", now=NOW)
        session.execute(update(Policy).values(rota="comms"))
    assert said(door, "U0LEA", "pilote 1 léa") == (
        "Rôles pour l’incident 1 (Nimbus)\u00a0: *Pilote\u00a0:* Léa · "
        "*Porte-parole\u00a0:* personne pour l’instant · *Secrétaire\u00a0:* personne pour l’instant"
    )
    assert said(door, "U0LEA", "prendre 1")
    assert "en cours de création" in said(door, "U0LEA", "cellule")
    assert slack.answers[-1]["text"] == "La cellule est ici\u00a0: <#C0ROOM1>."
    return "C0ROOM1"


def test_it_holds_those_on_duty_the_alert_the_roles_and_how_to_log(
    room: str, door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    assert slack.rooms.names == {room: "crise-nimbus-1"}
    assert slack.rooms.people[room] == ["U0MAX", "U0LEA"]
    (first,) = slack.messages(room)
    for part in ("DÉPART DE FEU · Nimbus", "*Pilote\\xa0:* Léa", "`/tocsin décision\\xa0: …`"):
        assert part in str(first["blocks"]), part
    assert said(door, "U0MAX", "décision : on répond", channel=room).startswith(
        "Dans le journal de l’incident 1"
    )
    assert "La cellule est ici" in said(door, "U0MAX", "cellule 1")
    assert len(slack.calls("conversations.create")) == 1
    assert "n’a pas été annoncé" in said(door, "U0MAX", "décision 1 : x", channel="C0OTHER")
    with runtime.sessions() as session:
        assert session.scalars(select(LogEntry.text)).all() == ["on répond"]
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "crisis_room")).all()
    assert actions == ["create", "update"]


@pytest.mark.usefixtures("fire")
def test_what_slack_refuses_is_a_sentence_and_all_else_works(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    slack.scopes = tuple(scope for scope in slack.scopes if scope != "groups:write")
    said(door, "U0LEA", "cellule 1")
    assert "donnez-lui groups:write et réinstallez-la" in slack.answers[-1]["text"]
    slack.scopes += ("groups:write",)
    for code, why in (
        ("name_taken", "«\u00a0crise-nimbus-1\u00a0»"), ("restricted_action", "Un propriétaire de l’espace"),
        ("fatal_error", "fatal_error"),
    ):  # fmt: skip
        slack.fail(says(code), method="conversations.create")
        said(door, "U0LEA", "cellule 1")
        assert why in slack.answers[-1]["text"], code
    slack.kill()
    said(door, "U0LEA", "cellule 1")
    slack.revive()
    with runtime.sessions() as session:
        assert session.scalars(select(CrisisRoom)).all() == []
    assert "Dans le journal" in said(door, "U0LEA", "décision 1 : on répond sans cellule")
    assert "U0ZOE" in said(door, "U0ZOE", "cellule 1")
    slack.fail(says("cant_invite"), method="conversations.invite")
    said(door, "U0MAX", "prendre 1")
    said(door, "U0LEA", "cellule 1")
    assert "cant_invite" in slack.answers[-1]["text"], "what was refused is told, and the room is there"
    assert len(slack.messages("C0ROOM1")) == 1


@pytest.mark.usefixtures("fire")
def test_over_http_a_conversation_is_named_and_roles_are_kept(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    with runtime.sessions.begin() as session:
        key = keys.create(session, KeySpec(name="Léa", role="responder"), by="t", now=NOW)[1]

    def ask(method: str, **body: object) -> tuple[int, dict[str, object]]:
        headers = {"Authorization": f"Bearer {key}"}
        answer = door.client.request(method, "/api/v1/incidents/1/room", json=body or None, headers=headers)
        return answer.status_code, answer.json()

    assert ask("GET")[0] == 404
    assert ask("POST", lead="Max")[1]["lead"] == "Max"
    slack.channels["C0WAR"] = []
    slack.rooms.people["C0WAR"] = []
    status, made = ask("POST", slack_channel="C0WAR", spokesperson="Léa")
    assert (status, made["slack_channel"], made["lead"], made["notes"]) == (200, "C0WAR", "Max", [])
    assert "Nimbus" in str(slack.messages("C0WAR"))
    _, away = ask("POST", slack_channel="C0AWAY")
    assert "invite the bot" in str(away["notes"])
    assert ask("POST", make=True)[0] == 409
    assert ask("POST", make=True, slack_channel="C0WAR")[0] == 422
    assert ask("POST", scribe="Ivan")[0] == 422
    assert ask("GET")[1]["spokesperson"] == "Léa"
