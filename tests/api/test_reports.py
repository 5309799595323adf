"""Reports over HTTP: as data and in each format, edited by who may, and found by the words of the header."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.models import AuditEntry
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import Clock
from tests.standins.mail import MailStandin


@pytest.fixture
def runtime(database: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    settings = Settings(data_dir=tmp_path, database_url=database, allow_private_hosts=["127.0.0.1"])
    with open_runtime(settings, now=clock) as runtime:
        yield runtime


FIRE, WEEK = "/api/v1/incidents/1/report", "/api/v1/watches/1/report"
pytestmark = [
    pytest.mark.usefixtures("fire"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def test_a_report_is_given_in_the_format_that_is_asked_for(viewer: TestClient) -> None:
    assert viewer.get(FIRE).json()["watch"] == "Danone"
    for form, kind, begin in (
        ("md", "text/markdown", b"# "), ("html", "text/html", b"<!DOCTYPE"),
        ("pdf", "application/pdf", b"%PDF"),
    ):  # fmt: skip
        answer = viewer.get(FIRE, params={"format": form, "language": "fr"})
        accepted = viewer.get(FIRE, params={"language": "fr"}, headers={"Accept": kind})
        for one in (answer, accepted):
            assert one.status_code == 200, form
            assert one.headers["content-type"].startswith(kind)
            assert one.content.startswith(begin)
        assert f".{form}" in answer.headers["Content-Disposition"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_week_is_given_as_data_and_in_words(viewer: TestClient) -> None:
    data = viewer.get(WEEK, params={"period": "2026-W47"}).json()
    assert (data["watch"], data["period"], len(data["curve"]["points"])) == ("Danone", "2026-W47", 7)
    assert viewer.get(WEEK, params={"format": "md"}).text.startswith("# Week 46 of 2026 · Danone")


def test_what_is_not_there_or_no_period_is_said(viewer: TestClient) -> None:
    assert viewer.get("/api/v1/incidents/99/report").json()["detail"] == "there is no incident 99"
    assert viewer.get("/api/v1/watches/99/report").status_code == 404
    wrong = viewer.get(WEEK, params={"period": "2026-W99"})
    assert (wrong.status_code, "2026-W48 or 2026-11" in wrong.json()["detail"]) == (422, True)
    ahead = viewer.get(WEEK, params={"period": "2031-01"})
    assert "has not begun" in ahead.json()["detail"]


def test_the_team_writes_into_it_and_the_audit_log_says_who(
    responder: TestClient, viewer: TestClient, runtime: Runtime
) -> None:
    assert viewer.patch(FIRE, json={"summary": "x"}).status_code == 403
    first = responder.patch(FIRE, json={"summary": "Un bocal avec du verre.", "remarks": "Merci"})
    assert (first.status_code, first.json()["by"]) == (200, "responder")
    second = responder.patch(FIRE, json={"to_change": "Appeler l'usine"}).json()
    assert (second["summary"], second["to_change"]) == ("Un bocal avec du verre.", "Appeler l'usine")
    assert responder.patch(FIRE, json={"summary": "x" * 20_001}).status_code == 422
    assert responder.patch(FIRE, json={"verdict": "fire"}).status_code == 422
    text = viewer.get(FIRE, params={"format": "md", "language": "fr"}).text
    assert text.index("Un bocal avec du verre.") < text.index("## À changer") < text.index("Appeler l'usine")
    with runtime.sessions() as session:
        entries = session.query(AuditEntry).filter_by(action="edit_report").all()
    assert [(entry.actor, entry.subject, entry.subject_id) for entry in entries] == [
        ("responder", "incident", 1)
    ] * 2


def test_a_report_is_sent_to_a_channel_that_takes_files_and_noted(
    admin: TestClient, responder: TestClient, viewer: TestClient, runtime: Runtime
) -> None:
    wanted = {"channel": "mailbox"}
    assert viewer.post(f"{FIRE}/send", json=wanted).status_code == 403
    nowhere = responder.post(f"{FIRE}/send", json=wanted)
    assert "there is no channel “mailbox”" in nowhere.json()["detail"]
    refused = responder.post(f"{FIRE}/send", json={"channel": "terminal"})
    assert (refused.status_code, "takes no file" in refused.json()["detail"]) == (422, True)
    with MailStandin() as server:
        settings = {
            "to": ["lea@brand.example"], "sender": "t@brand.example", "server": "127.0.0.1",
            "port": server.port, "security": "none",
        }  # fmt: skip
        made = {"name": "mailbox", "kind": "email", "settings": settings, "language": "fr"}
        assert admin.post("/api/v1/channels", json=made).status_code == 201
        for path in (FIRE, WEEK):
            sent = responder.post(f"{path}/send", json=wanted)
            assert sent.json() == {"text": "127.0.0.1 took it for lea@brand.example"}
    assert [next(mail.iter_attachments()).get_content()[:4] for mail in server.mails] == [b"%PDF"] * 2
    with runtime.sessions() as session:
        entries = session.query(AuditEntry).filter_by(action="send_report").all()
    assert [(entry.actor, entry.subject) for entry in entries] == [
        ("responder", "incident"), ("responder", "watch"),
    ]  # fmt: skip
