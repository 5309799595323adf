"""What people press and type in Slack, over HTTP: one answer to each, and the alert repainted at once."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.admin import people, teams, watches
from app.admin.specs import WatchSpec
from app.admin.team_specs import SlackUserSpec, TeamSpec
from app.models import AuditEntry, Policy, Proposal, State
from app.runtime import Runtime
from tests.desk.conftest import NOW, Door, command, incident, press
from tests.standins.clock import StillClock
from tests.standins.slack import SlackStandin

NONSENSE = [
    "", "[]", "{", "null", "[" * 2000, '{"type":"block_actions"}', '{"type":"block_actions","actions":[]}',
    '{"type":"view_submission","view":{}}',
    '{"type":"block_actions","user":{"id":"<@U1>"},"actions":[{}]}',
    json.dumps({
        "type": "block_actions", "user": {"id": "U0LEA"}, "channel": {"id": "C0ALERTS"},
        "actions": [{"action_id": "tocsin_snooze", "selected_option": {"value": "1:1e9"}}],
    }),
]  # fmt: skip


def buttons(slack: SlackStandin) -> list[str]:
    (root,) = slack.messages()
    block = next(block for block in root["blocks"] if block["type"] == "actions")
    return [element["action_id"].removeprefix("tocsin_") for element in block["elements"]]


@pytest.mark.usefixtures("fire")
def test_the_alert_has_buttons_that_fit_how_it_stands(door: Door, slack: SlackStandin) -> None:
    assert buttons(slack) == ["acknowledge", "snooze", "verdict", "close", "open"]
    door.pressed("U0LEA", "acknowledge")
    assert buttons(slack) == ["take_over", "snooze", "verdict", "close", "open"]
    door.pressed("U0LEA", "close")
    assert buttons(slack) == ["verdict", "open"]


@pytest.mark.usefixtures("fire")
def test_who_acknowledges_has_it_and_the_alert_says_so_at_once(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    answer = door.pressed("U0LEA", "acknowledge")
    assert (answer.status_code, answer.content) == (200, b"")
    assert incident(runtime).acknowledged_by == "Léa"
    assert "Léa" in str(slack.messages()[0]["blocks"])
    assert slack.answers == []
    with runtime.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "acknowledge")).one()
    assert (entry.actor, entry.subject) == ("Léa", "incident")


@pytest.mark.usefixtures("fire")
def test_of_two_who_press_one_has_it_and_the_other_is_told_who(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    door.pressed("U0LEA", "acknowledge")
    door.pressed("U0MAX", "acknowledge")
    assert incident(runtime).acknowledged_by == "Léa"
    (told,) = slack.answers
    assert told["text"] == "Léa s’en occupe déjà."
    assert told["response_type"] == "ephemeral"
    assert told["replace_original"] is False
    door.pressed("U0MAX", "take_over")
    assert incident(runtime).acknowledged_by == "Max"


@pytest.mark.usefixtures("fire")
@pytest.mark.parametrize("user", ["U0ZOE", "U0WHO"], ids=["a viewer", "a stranger"])
def test_who_is_not_bound_to_it_may_look_not_act(
    door: Door, runtime: Runtime, slack: SlackStandin, user: str
) -> None:
    for act, value in (("acknowledge", "1"), ("snooze", "1:1800"), ("verdict", "1:fire"), ("close", "1")):
        assert door.pressed(user, act, value).status_code == 200
    assert incident(runtime).acknowledged_by is None
    assert incident(runtime).state is State.burning
    assert len(slack.answers) == 4
    assert user in slack.answers[0]["text"]
    assert "Nimbus" in door.typed(user, "").json()["text"]


@pytest.mark.usefixtures("fire")
def test_a_snooze_of_a_choice_and_a_verdict(door: Door, runtime: Runtime) -> None:
    door.pressed("U0LEA", "snooze", "1:14400")
    assert incident(runtime).snoozed_until == NOW + timedelta(hours=4)
    door.pressed("U0LEA", "verdict", "1:false_alarm")
    assert incident(runtime).verdict == "false_alarm"


@pytest.mark.usefixtures("fire")
def test_until_opens_a_dialog_and_its_answer_snoozes(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    door.pressed("U0LEA", "snooze", "1:until")
    (view,) = slack.views
    assert json.loads(view["private_metadata"]) == {"incident": 1, "channel": "C0ALERTS"}

    def submitted(at: int) -> dict[str, object]:
        state = {"values": {"until": {"v": {"type": "datetimepicker", "selected_date_time": at}}}}
        payload = {"type": "view_submission", "user": {"id": "U0LEA"}, "view": {**view, "state": state}}
        answer = door.form({"payload": json.dumps(payload)})
        return dict(answer.json()) if answer.content else {}

    past = submitted(int((NOW - timedelta(minutes=1)).timestamp()))
    assert past == {"response_action": "errors", "errors": {"until": "Choisissez un moment à venir."}}
    assert incident(runtime).snoozed_until is None
    assert submitted(int((NOW + timedelta(hours=9)).timestamp())) == {}
    assert incident(runtime).snoozed_until == NOW + timedelta(hours=9)


@pytest.mark.usefixtures("fire")
def test_an_incident_is_only_acted_on_where_it_was_told(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    door.pressed("U0LEA", "acknowledge", channel="C0OTHER")
    door.pressed("U0LEA", "acknowledge", "99")
    assert incident(runtime).acknowledged_by is None
    assert len(slack.answers) == 2


@pytest.mark.usefixtures("fire")
def test_a_link_that_is_followed_asks_for_nothing(door: Door, slack: SlackStandin) -> None:
    assert door.pressed("U0WHO", "open").status_code == 200
    assert slack.answers == []


@pytest.mark.usefixtures("fire")
def test_no_private_answer_goes_to_an_address_that_is_not_slacks(
    door: Door, slack: SlackStandin, runtime: Runtime
) -> None:
    payload = {
        "type": "block_actions", "user": {"id": "U0WHO"}, "channel": {"id": "C0ALERTS"}, "trigger_id": "1",
        "response_url": "http://169.254.169.254/latest",
        "actions": [{"action_id": "tocsin_close", "value": "1"}],
    }  # fmt: skip
    before = len(slack.requests)
    assert door.form({"payload": json.dumps(payload)}).status_code == 200
    assert len(slack.requests) == before
    assert incident(runtime).state is State.burning


@pytest.mark.usefixtures("fire")
@pytest.mark.parametrize("payload", NONSENSE)
def test_what_slack_does_not_send_is_refused_and_breaks_nothing(door: Door, payload: str) -> None:
    assert door.form({"payload": payload}).status_code in {200, 400}


@pytest.mark.usefixtures("fire")
def test_only_what_slack_signed_is_taken(door: Door, clock: StillClock, runtime: Runtime) -> None:
    fields = {"user_id": "U0LEA", "channel_id": "C0ALERTS", "command": "/tocsin", "text": "ack 1"}
    now = int(clock.now().timestamp())
    for changes in (
        {"stamp": str(now - 301)}, {"stamp": str(now + 301)}, {"stamp": "soon"}, {"stamp": ""},
        {"signature": "v0=" + "0" * 64}, {"signature": ""}, {"body": "text=ack+1"},
    ):  # fmt: skip
        assert door.form(fields, **changes).status_code == 401
    assert incident(runtime).acknowledged_by is None
    assert door.form(fields, stamp=str(now - 300)).status_code == 200
    assert incident(runtime).acknowledged_by == "Léa"


@pytest.mark.usefixtures("fire")
def test_an_admin_takes_or_leaves_a_proposal(door: Door, runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        people.bind(session, "U0ADA", SlackUserSpec(name="Ada", role="admin"), by="test", now=NOW)
        session.add_all(
            [Proposal(watch_id=1, at=NOW, changes={"alarms_per_month": 0.5}, facts={}) for _ in range(2)]
        )
    assert "administrateur" in door.typed("U0LEA", "oui 1").json()["text"]
    assert "proposition 1" in door.typed("U0ADA", "oui 1").json()["text"]
    assert door.typed("U0ADA", "oui 1").json()["text"] == "Ada a déjà dit oui."
    assert "proposition 2" in door.typed("U0ADA", "non #2").json()["text"]
    assert door.typed("U0ADA", "oui 9").json()["text"] == "Il n’y a pas de proposition 9."
    assert door.typed("U0ADA", "oui 2").json()["text"] == "Ada a déjà dit non."
    with runtime.sessions() as session:
        assert session.scalars(select(Policy.alarms_per_month)).one() == 0.5


@pytest.mark.usefixtures("fire")
def test_a_press_that_comes_again_is_obeyed_once(
    door: Door, runtime: Runtime, slack: SlackStandin, clock: StillClock
) -> None:
    again = press(slack, "U0LEA", "snooze", "1:1800")
    for _ in range(3):
        assert door.form({"payload": json.dumps(again)}).status_code == 200
        clock.at += timedelta(minutes=1)
    first = incident(runtime).snoozed_until
    assert first == NOW + timedelta(minutes=30), "the signature holds for five minutes, the press does not"
    typed = command(slack, "U0LEA", "snooze 1 2h")
    for _ in range(2):
        assert door.form(typed).status_code == 200
        clock.at += timedelta(minutes=1)
    until = incident(runtime).snoozed_until
    assert until is not None
    assert until < clock.at + timedelta(hours=2) - timedelta(minutes=1)
    clock.at += timedelta(minutes=5)
    door.pressed("U0LEA", "snooze", "1:14400")
    assert incident(runtime).snoozed_until == clock.at + timedelta(hours=4), "another press is another wish"


@pytest.mark.usefixtures("fire")
def test_a_press_that_was_refused_may_be_tried_again(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    payload = {"payload": json.dumps(press(slack, "U0NEW", "acknowledge", "1"))}
    door.form(payload)
    assert incident(runtime).acknowledged_by is None
    with runtime.sessions.begin() as session:
        people.bind(session, "U0NEW", SlackUserSpec(name="Nour"), by="test", now=NOW)
    door.form(payload)
    assert incident(runtime).acknowledged_by == "Nour"


@pytest.mark.usefixtures("fire")
def test_a_proposal_is_answered_by_its_button_and_the_person_told_alone(
    door: Door, runtime: Runtime, slack: SlackStandin
) -> None:
    with runtime.sessions.begin() as session:
        people.bind(session, "U0ADA", SlackUserSpec(name="Ada", role="admin"), by="test", now=NOW)
        session.add(Proposal(watch_id=1, at=NOW, changes={"alarms_per_month": 0.5}, facts={}))
    door.pressed("U0LEA", "yes", "1")
    assert "administrateur" in slack.answers[-1]["text"]
    door.pressed("U0ADA", "yes", "1")
    assert "proposition 1" in slack.answers[-1]["text"]
    with runtime.sessions() as session:
        assert session.scalars(select(Policy.alarms_per_month)).one() == 0.5
        assert session.scalars(select(Proposal.decided_by)).one() == "Ada"


def test_a_person_acts_on_what_is_of_their_team_and_sees_no_other(
    door: Door, runtime: Runtime, slack: SlackStandin, fire: int
) -> None:
    with runtime.sessions.begin() as session:
        for name in ("Nimbus SA", "Other"):
            teams.create(session, TeamSpec(name=name), by="test", now=NOW)
        watches.update(session, 1, {"team": "Nimbus SA"}, by="test", now=NOW)
        watch = {"name": "Secret", "query": "any of: Secret", "team": "Other"}
        watches.create(session, WatchSpec.model_validate(watch), by="test", now=NOW)
        for user, roles in (
            ("U0LEA", {"Nimbus SA": "responder", "Other": "viewer"}),
            ("U0MAX", {"Other": "admin", "Nimbus SA": "viewer"}),
            ("U0ZOE", {"Other": "admin"}),
        ):
            person = people.in_slack(session, user)
            assert person is not None
            people.update(session, person.id, {"teams": roles}, by="test", now=NOW)
    for user in ("U0MAX", "U0ZOE"):
        door.pressed(user, "acknowledge", str(fire))
        assert incident(runtime).acknowledged_by is None, user
        assert "demandez" in slack.answers[-1]["text"].lower() or "ask an admin" in slack.answers[-1]["text"]
    door.pressed("U0LEA", "acknowledge", str(fire))
    assert incident(runtime).acknowledged_by == "Léa"
    assert "Secret" in door.typed("U0LEA", "watches").json()["text"]
    assert "Nimbus" not in door.typed("U0ZOE", "watches").json()["text"]
    assert "Nimbus" not in door.typed("U0ZOE", "status").json()["text"]
