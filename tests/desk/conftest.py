"""A service whose fire was told in a Slack on loopback, and people who press its buttons."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.admin import people, watches
from app.admin.specs import WatchSpec
from app.admin.team_specs import SlackUserSpec
from app.channels.facts import Facts
from app.models import Incident, Reason, State, Watch
from app.pipeline.delivery.notify import notify
from app.pipeline.incidents.incidents import record
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.channels.factory import facts
from tests.standins.clock import StillClock
from tests.standins.lent import LentApp
from tests.standins.slack import SlackStandin

NOW = datetime.fromisoformat("2026-11-22T09:30:00+00:00")
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
Json = dict[str, Any]
_TIMES = count(1)  # no two presses are at the same instant


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOW)


@pytest.fixture
def slack(clock: StillClock) -> Iterator[SlackStandin]:
    # People press buttons in quick succession; the pace of messages has tests of its own.
    with SlackStandin(now=clock.now, tolerance=2) as standin:
        yield standin


@pytest.fixture
def settings(database: str, tmp_path: Path, slack: SlackStandin) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database,
        language="fr",
        public_url="https://tocsin.example",
        slack_bot_token=SecretStr(slack.token),
        slack_channel="C0ALERTS",
        slack_api_url=slack.url,
        slack_signing_secret=SecretStr(SIGNING),
    )


@pytest.fixture
def runtime(settings: Settings, clock: StillClock) -> Iterator[Runtime]:
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(404))
    with open_runtime(settings, now=clock.now, transport=nowhere) as runtime:
        yield runtime


@pytest.fixture
def fire(runtime: Runtime) -> int:
    """The id of an incident that burns and was told; Léa may act, Zoé may look."""
    with runtime.sessions.begin() as session:
        people.bind(session, "U0LEA", SlackUserSpec(name="Léa"), by="test", now=NOW)
        people.bind(session, "U0MAX", SlackUserSpec(name="Max"), by="test", now=NOW)
        people.bind(session, "U0ZOE", SlackUserSpec(name="Zoé", role="viewer"), by="test", now=NOW)
        watch = watches.create(
            session,
            WatchSpec.model_validate({"name": "Nimbus", "query": "any of: Nimbus"}),
            by="test",
            now=NOW,
        )
        number = burning(session, watch).id
    notify(runtime.sessions, runtime.chain.delivery, now=NOW)
    return number


def burning(session: Session, watch: Watch) -> Incident:
    """An incident of the watch that burns since a moment, and is to be told."""
    incident = Incident(
        watch=watch, state=State.burning, level=0, onset_at=NOW - timedelta(minutes=35), opened_at=NOW,
        burning_at=NOW, last_transition_at=NOW, peak_at=NOW, peak=253.0, mentions=312, alerted_rate=253.0,
        alert_context={}, threshold=5.0,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    known: Facts = facts()
    record(session, incident, Reason.ignited, at=NOW, facts=known)
    return incident


def incident(runtime: Runtime) -> Incident:
    with runtime.sessions() as session:
        return session.scalars(select(Incident)).unique().one()


class Door:
    """Posts to the request URL as Slack does, signed."""

    def __init__(self, client: TestClient, clock: StillClock, slack: SlackStandin) -> None:
        self.client, self._clock, self._slack = client, clock, slack

    def form(self, fields: dict[str, str], **changes: str) -> Any:  # noqa: ANN401 - the test client's own
        body = urlencode(fields)
        stamp = changes.get("stamp", str(int(self._clock.now().timestamp())))
        made = hmac.new(SIGNING.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": changes.get("signature", f"v0={made}"),
        }
        return self.client.post("/api/v1/slack", content=changes.get("body", body), headers=headers)

    def pressed(self, user: str, act: str, value: str = "1", *, channel: str = "C0ALERTS") -> Any:  # noqa: ANN401 - the test client's own
        return self.form({"payload": json.dumps(press(self._slack, user, act, value, channel=channel))})

    def typed(self, user: str, text: str, *, channel: str = "C0ALERTS") -> Any:  # noqa: ANN401 - the test client's own
        return self.form(command(self._slack, user, text, channel=channel))


def press(slack: SlackStandin, user: str, act: str, value: str, *, channel: str = "C0ALERTS") -> Json:
    """What Slack sends when a button is pressed, or a choice made."""
    chosen: Json = {"type": "button", "value": value}
    if ":" in value:
        option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
        chosen = {"type": "static_select", "selected_option": option}
    return {
        "type": "block_actions",
        "api_app_id": "A1",
        "team": {"id": "T1"},
        "user": {"id": user, "username": "x"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": channel},
        "channel": {"id": channel},
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "response_url": slack.url + "response/1",
        "actions": [
            {"action_id": f"tocsin_{act}", "block_id": "b", "action_ts": f"{next(_TIMES)}.2", **chosen}
        ],
    }


def command(slack: SlackStandin, user: str, text: str, *, channel: str = "C0ALERTS") -> dict[str, str]:
    """The fields of the command `/tocsin`."""
    return {
        "token": "x",
        "team_id": "T1",
        "channel_id": channel,
        "user_id": user,
        "command": "/tocsin",
        "text": text,
        "response_url": slack.url + "response/2",
        "trigger_id": f"{next(_TIMES)}.2.3",
    }


@pytest.fixture(scope="session")
def lent_app() -> LentApp:
    return LentApp()


@pytest.fixture
def door(lent_app: LentApp, runtime: Runtime, clock: StillClock, slack: SlackStandin) -> Iterator[Door]:
    with TestClient(lent_app.around(runtime), raise_server_exceptions=False) as client:
        yield Door(client, clock, slack)
