"""The same over Slack's socket: slack_sdk's own client, a real line, no public address."""

import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.desk.interactions import Desk
from app.desk.socket import hold_socket
from app.models import Incident
from app.runtime import Runtime
from app.settings import Settings
from tests.desk.conftest import command, press
from tests.standins.patience import until
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import http
from tests.standins.slack_socket import SocketStandin


@pytest.fixture
def line(slack: SlackStandin) -> Iterator[SocketStandin]:
    with SocketStandin() as socket:
        slack.socket_url = socket.url
        yield socket


@pytest.fixture
def settings(settings: Settings, slack: SlackStandin) -> Settings:
    return settings.model_copy(update={"slack_app_token": SecretStr(slack.app_token)})


@pytest.fixture
def held(runtime: Runtime, line: SocketStandin) -> Iterator[SocketStandin]:
    with hold_socket(runtime, Desk(runtime)):
        yield line


def takes(runtime: Runtime, who: str) -> None:
    """Wait until this person has taken the incident."""

    def taken() -> bool:
        with runtime.sessions() as session:
            return session.scalars(select(Incident.acknowledged_by)).one() == who

    until(taken)


@pytest.mark.usefixtures("fire")
def test_a_button_over_the_socket_acts_and_is_answered(
    held: SocketStandin, runtime: Runtime, slack: SlackStandin
) -> None:
    answer = held.send("interactive", press(slack, "U0LEA", "acknowledge", "1"))
    assert "payload" not in answer
    takes(runtime, "Léa")


@pytest.mark.usefixtures("fire")
def test_a_command_over_the_socket_is_answered_in_the_envelope(
    held: SocketStandin, slack: SlackStandin
) -> None:
    answer = held.send("slash_commands", command(slack, "U0LEA", "status"))
    assert "Nimbus" in answer["payload"]["text"]


@pytest.mark.usefixtures("fire")
def test_nonsense_does_not_end_the_line(held: SocketStandin, runtime: Runtime, slack: SlackStandin) -> None:
    held.send("interactive", {"type": "block_actions", "actions": []})
    held.send("events_api", {"event": {}})
    held.send("interactive", press(slack, "U0MAX", "acknowledge", "1"))
    takes(runtime, "Max")


@pytest.mark.usefixtures("fire")
def test_a_line_that_slack_renews_is_taken_up_again(
    held: SocketStandin, runtime: Runtime, slack: SlackStandin
) -> None:
    held.send("slash_commands", command(slack, "U0LEA", "help"))
    held.cut()
    held.send("interactive", press(slack, "U0LEA", "acknowledge", "1"))
    takes(runtime, "Léa")


def calls(slack: SlackStandin) -> int:
    return len(slack.calls("apps.connections.open"))


@pytest.mark.usefixtures("line")
def test_a_token_that_slack_refuses_is_tried_once_and_leaves_the_service_running(
    runtime: Runtime, slack: SlackStandin
) -> None:
    slack.app_token = "xapp-another"
    with hold_socket(runtime, Desk(runtime)):
        # What may mend is tried again by the thread that has tried.
        until(lambda: calls(slack) == 1 and not any(t.name == "slack-socket" for t in threading.enumerate()))
    assert calls(slack) == 1


@pytest.mark.usefixtures("fire")
def test_a_slack_that_is_down_at_the_start_is_called_again(
    runtime: Runtime, slack: SlackStandin, line: SocketStandin
) -> None:
    slack.fail(http(503), method="apps.connections.open")
    with hold_socket(runtime, Desk(runtime)):
        until(lambda: calls(slack) == 2)
        line.send("interactive", press(slack, "U0LEA", "acknowledge", "1"))
        takes(runtime, "Léa")
