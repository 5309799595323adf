"""A test message to a channel: sent at once, by the API and by `tocsin check --send`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.cli.check_send import of_tests
from app.models import AuditEntry, Channel, Delivery
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import Clock
from tests.standins.mail import MailStandin

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def server() -> Iterator[MailStandin]:
    with MailStandin() as standin:
        yield standin


@pytest.fixture
def runtime(database: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path, database_url=database, allow_private_hosts=["127.0.0.1"])
    with open_runtime(settings, now=clock) as runtime:
        yield runtime


def mailbox(server: MailStandin) -> dict[str, object]:
    sending = {"sender": "t@brand.example", "server": "127.0.0.1", "port": server.port, "security": "none"}
    settings = {"to": ["lea@brand.example"], **sending}
    return {"name": "mailbox", "kind": "email", "language": "fr", "settings": settings}


def test_a_test_message_says_that_it_is_one_and_who_sent_it(
    admin: TestClient, responder: TestClient, runtime: Runtime, server: MailStandin
) -> None:
    path = f"/api/v1/channels/{admin.post('/api/v1/channels', json=mailbox(server)).json()['id']}/test"
    assert responder.post(path).status_code == 403
    assert admin.post(path).json() == {
        "text": "a test message went to “mailbox” (email): see that it arrived"
    }
    (mail,) = server.mails
    assert str(mail["Subject"]).replace("\xa0", " ").startswith("Essai de Tocsin : admin essaie le canal")
    with runtime.sessions() as session:
        assert session.scalars(select(Delivery)).all() == []
        assert [entry.actor for entry in session.scalars(select(AuditEntry)) if entry.action == "test"] == [
            "admin"
        ]


def test_what_fails_is_said_and_one_that_works_again_is_noted(
    admin: TestClient, runtime: Runtime, server: MailStandin, clock: Clock
) -> None:
    number = admin.post("/api/v1/channels", json=mailbox(server)).json()["id"]
    server.refused = {"lea@brand.example"}
    answer = admin.post(f"/api/v1/channels/{number}/test")
    assert (answer.status_code, answer.json()["code"]) == (502, "channel_failed")
    assert "SMTP 550" in answer.json()["detail"]
    with runtime.sessions.begin() as session:
        session.get_one(Channel, number).failing_since = clock()
    server.refused = set()
    (found,) = of_tests(runtime, "mailbox")
    assert found.good
    assert len(server.mails) == 1
    with runtime.sessions() as session:
        assert session.get_one(Channel, number).failing_since is None
    assert admin.post("/api/v1/channels/999/test").status_code == 404


def test_check_sends_to_one_or_to_all_that_are_on(
    admin: TestClient, runtime: Runtime, server: MailStandin
) -> None:
    admin.post("/api/v1/channels", json=mailbox(server))
    admin.post("/api/v1/channels", json=mailbox(server) | {"name": "off", "enabled": False})
    assert [finding.what for finding in of_tests(runtime, "all")] == [
        "test of mailbox (email)", "test of terminal (terminal)",
    ]  # fmt: skip
    (unknown,) = of_tests(runtime, "nobody")
    assert not unknown.good
    assert "there are mailbox, off, terminal" in unknown.said
