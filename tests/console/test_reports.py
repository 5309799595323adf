"""Reports in the console: found, read, written into by several, sent, and what of it goes wrong."""

from re import findall, search

import pytest
from sqlalchemy import select

from app.admin import channels
from app.admin.specs import ChannelSpec
from app.models import AuditEntry, Channel, Incident, ReportNote, VerdictWord
from app.runtime import Runtime
from tests.console.conftest import Browser, SignsIn
from tests.standins.mail import MailStandin

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
FIELDS = ("summary", "to_change", "remarks")


def _mailbox(runtime: Runtime, port: int, name: str = "mailbox") -> int:
    settings = {
        "to": ["lea@brand.example"], "sender": "t@brand.example", "server": "127.0.0.1", "port": port,
        "security": "none",
    }  # fmt: skip
    spec = ChannelSpec(name=name, kind="email", settings=settings)
    with runtime.sessions.begin() as session:
        return channels.create(session, spec, vault=runtime.vault, by="test", now=runtime.now())[0].id


def _form(browser: Browser, path: str) -> dict[str, str]:
    """The fields of the team's words as the page shows them, with what tells whether they were changed."""
    page = browser.get(path)
    seen = {name: findall(rf'name="seen_{name}" value="(\w+)"', page)[0] for name in FIELDS}
    texts = {name: findall(rf'<textarea id="{name}"[^>]*>\n([^<]*)</textarea>', page)[0] for name in FIELDS}
    return texts | {f"seen_{name}": digest for name, digest in seen.items()}


def _note(runtime: Runtime) -> tuple[str, str, str]:
    with runtime.sessions() as session:
        note = session.scalars(select(ReportNote)).one()
        return note.summary, note.to_change, note.remarks


def test_the_page_leads_to_the_latest_and_counts_what_it_knows(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea = signs_in("Léa")
    page = lea.get("/reports")
    assert f'<a class="button primary" href="/reports/fires/{fire}">Read its report and send it</a>' in page
    assert "<strong>burns</strong> · not judged yet" in page
    assert "A median of fewer than five alerts says little" in page
    assert "(1 alert)" in page
    with runtime.sessions.begin() as session:
        session.get_one(Incident, fire).verdict = VerdictWord.fire
    page = lea.get("/reports?watch=1")
    assert "1 alert of 1 was right" in page
    assert "With so few, the true rate lies between" in page
    assert "Read its report</a>" in signs_in("Max", "viewer").get("/reports"), (
        "who may not send is not told to"
    )
    moved = lea.http.get("/reports?watch=1&of=month", headers={"Accept": "text/html"}, follow_redirects=False)
    assert moved.headers["location"] == "/reports/watches/1?period=month"
    for path in (f"/fires/{fire}", "/watches/1"):
        assert f'href="/reports{path}"' in lea.get(path)


def test_where_nothing_rang_it_says_what_will_be_there(signs_in: SignsIn) -> None:
    page = signs_in("Léa").get("/reports")
    assert "There has been no alert yet" in page
    assert "nothing to measure yet" in page
    assert "<svg" not in page


def test_a_report_is_read_in_both_languages_and_taken_as_a_file(signs_in: SignsIn, fire: int) -> None:
    lea = signs_in("Léa", "viewer")
    for path, title in (
        (f"/reports/fires/{fire}", "Interim report"),
        ("/reports/watches/1", "Week 46 of 2026"),
    ):
        page = lea.get(path)
        assert title in page
        assert "<form method" not in page.partition("<main")[2], "a viewer can do nothing"
        french = lea.get(f"{path}?language=fr")
        assert '<div class="report" lang="fr">' in french
        assert '<html lang="en">' in french, "what is around it stays in the reader's language"
        file = search(r'href="([^"]+file[^"]*)&amp;format=pdf"', french)
        assert file is not None
        for form, begin in (("md", b"# "), ("html", b"<!DOCTYPE"), ("pdf", b"%PDF")):
            if form == "pdf" and "watches" in path:
                continue
            answer = lea.http.get(file[1].replace("&amp;", "&") + f"&format={form}")
            assert answer.content.startswith(begin)
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
            assert answer.headers["Content-Language"] == "fr"
    assert lea.http.get("/reports/watches/1?period=2031-01").status_code == 422
    assert lea.http.get("/reports/fires/99").status_code == 404


def test_the_team_writes_into_it_and_what_is_refused_stays_in_its_field(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea, path = signs_in("Léa"), f"/reports/fires/{fire}"
    form = _form(lea, path) | {"summary": "A jar\r\nwith <b>glass</b>", "remarks": "Thanks"}
    assert lea.post(f"{path}/words", **form) == (303, f"{path}?done=words")
    assert _note(runtime) == ("A jar\nwith <b>glass</b>", "", "Thanks")
    page = lea.get(f"{path}?done=words")
    assert "It is saved, and stands in the report" in page
    assert page.count("with &lt;b&gt;glass&lt;/b&gt;") == 2, "in the report and in its field"
    status, shown = lea.post(
        f"{path}/words", **(_form(lea, path) | {"to_change": "x" * 20_001, "remarks": "Bye"})
    )
    assert (status, "x" * 20_001 in shown, "Bye" in shown) == (422, True, True)
    assert '<details id="words" open>' in shown
    assert _note(runtime)[2] == "Thanks"
    viewer = signs_in("Max", "viewer")
    viewer.get("/reports")
    assert viewer.post(f"{path}/words", summary="x")[0] == 403


def test_of_two_who_write_at_once_neither_loses_anything(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea, max_, path = signs_in("Léa"), signs_in("Max"), f"/reports/fires/{fire}"
    hers, his = _form(lea, path), _form(max_, path)
    assert lea.post(f"{path}/words", **(hers | {"summary": "Hers"}))[0] == 303
    # Another field: both stand there, though his page still had the old summary.
    assert max_.post(f"{path}/words", **(his | {"remarks": "His"}))[0] == 303
    assert _note(runtime) == ("Hers", "", "His")
    # The same field: he is told, sees hers, and keeps what he wrote, in each field.
    status, shown = max_.post(f"{path}/words", **(his | {"summary": "His own", "to_change": "Call first"}))
    assert status == 409
    assert "Max wrote into the same field" in shown or "Léa wrote into the same field" in shown
    for text in (">\nHis own</textarea>", ">\nCall first</textarea>", ">\nHis</textarea>", ">Hers</p>"):
        assert text in shown, text
    assert _note(runtime) == ("Hers", "", "His"), "nothing is changed before he has seen it"
    again = {f"seen_{name}": findall(rf'name="seen_{name}" value="(\w+)"', shown)[0] for name in FIELDS}
    mine = {"summary": "Hers and his", "to_change": "Call first", "remarks": "His"}
    assert max_.post(f"{path}/words", **(mine | again))[0] == 303
    assert _note(runtime) == ("Hers and his", "Call first", "His")
    with runtime.sessions() as session:
        asked = select(AuditEntry.actor).where(AuditEntry.action == "edit_report").order_by(AuditEntry.id)
        assert list(session.scalars(asked)) == ["Léa", "Max", "Max"]


def test_it_is_sent_at_once_and_what_fails_is_said_with_what_to_do(
    signs_in: SignsIn, runtime: Runtime, fire: int
) -> None:
    lea, path = signs_in("Léa", language="fr"), f"/reports/fires/{fire}"
    page = lea.get(path)
    assert "Aucun canal ne prend de bilan" in page
    with MailStandin() as server:
        number = str(_mailbox(runtime, server.port))
        page = lea.get(path)
        assert "mailbox</option>" in page
        assert "terminal</option>" not in page, "it takes no file"
        status, shown = lea.post(f"{path}/send", channel=number, language="fr")
        assert (status, "«\u00a0mailbox\u00a0» l’a reçu" in shown) == (200, True)
        status, shown = lea.post("/reports/watches/1/send?period=2026-W46", channel=number, language="en")
        assert status == 200
    assert ["Point d’étape" in str(mail["subject"]) for mail in server.mails] == [True, False]
    assert "Week 46" in str(server.mails[1]["subject"])
    status, shown = lea.post(f"{path}/send", channel=number, language="fr")
    assert status == 502
    assert "Le bilan n’est pas parti" in shown
    assert "est injoignable" in shown
    assert "Réessayez dans un moment" in shown
    assert f'action="{path}/send"' in shown
    with runtime.sessions() as session:
        terminal = session.scalars(select(Channel.id).where(Channel.kind == "terminal")).first()
        sent = select(AuditEntry.actor).where(AuditEntry.action == "send_report")
        assert list(session.scalars(sent)) == ["Léa", "Léa"], "what did not go is not noted as sent"
    for channel, status in (("", 422), ("99", 404), (str(terminal), 422)):
        assert lea.post(f"{path}/send", channel=channel)[0] == status, channel
