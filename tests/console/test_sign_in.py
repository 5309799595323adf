"""Signing in: a link works once, for a while, for one person; nothing tells who has an account."""

from datetime import timedelta
from io import StringIO
from re import search

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from app.admin import channels, people, sign_in
from app.admin.specs import ChannelSpec
from app.admin.team_specs import PersonSpec
from app.models import AuditEntry, Person, SignInLink
from app.runtime import Runtime
from tests.api.conftest import Clock, written
from tests.console.conftest import HTML, SignsIn, link_for
from tests.standins.mail import MailStandin

__all__ = ["written"]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_whoever_is_not_signed_in_is_led_to_the_page_and_back(client: TestClient, fire: int) -> None:
    for path, to in (("/", "/sign-in"), (f"/fires/{fire}", f"/sign-in?next=/fires/{fire}")):
        answer = client.get(path, headers=HTML, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert client.get("/", headers={"Accept": "application/json"}).json()["docs"] == "/docs"
    assert client.get("/live").status_code == 401
    assert client.post(f"/fires/{fire}/acknowledge", headers=HTML, follow_redirects=False).status_code == 303


def test_a_look_at_a_link_does_nothing_and_a_press_signs_in_once(
    client: TestClient, runtime: Runtime, signs_in: SignsIn, clock: Clock
) -> None:
    signs_in("Léa")
    path = link_for(runtime, "Léa", now=clock.at)
    for _ in range(2):  # a scanner of mails, then the reader
        assert "Hello Léa" in client.get(path, headers=HTML).text
    assert not client.cookies
    answer = client.post(f"{path}", data={"next": "/fires/1"}, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fires/1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    again = client.post(path, headers=HTML, follow_redirects=False)
    assert (again.status_code, "opens nothing any more" in again.text) == (410, True)
    assert client.get(path, headers=HTML).status_code == 410
    assert client.get("/sign-in/forged", headers=HTML | {"Accept-Language": "fr"}).status_code == 410


def test_a_link_that_is_too_old_signs_nobody_in(
    client: TestClient, runtime: Runtime, signs_in: SignsIn, clock: Clock
) -> None:
    signs_in("Léa")
    path = link_for(runtime, "Léa", now=clock.at, holds=timedelta(minutes=30))
    clock.at += timedelta(minutes=30)
    assert client.post(path, headers=HTML).status_code == 410


def test_the_first_one_says_who_they_are_and_is_the_admin(client: TestClient, runtime: Runtime) -> None:
    def token() -> str | None:
        with runtime.sessions.begin() as session:
            return sign_in.first_link(session, now=runtime.now())

    spent, path = f"/sign-in/{token()}", f"/sign-in/{token()}"
    assert client.post(spent, data={"name": "Eve"}, headers=HTML).status_code == 410
    assert "You are the first here" in client.get(path, headers=HTML).text
    refused = client.post(path, data={"name": " "}, headers=HTML)
    assert (refused.status_code, "aria-invalid" in refused.text) == (422, True)
    french = HTML | {"Accept-Language": "fr"}
    assert client.post(path, data={"name": "Léa"}, headers=french, follow_redirects=False).status_code == 303
    with runtime.sessions() as session:
        person = session.scalars(select(Person)).one()
        assert (person.name, person.role, person.language) == ("Léa", "admin", "fr")
    assert token() is None
    assert "Rien ne brûle" in client.get("/", headers=HTML).text


def test_a_session_ends_when_it_is_not_used_or_very_old_and_everywhere_if_asked(
    signs_in: SignsIn, runtime: Runtime, clock: Clock
) -> None:
    here, there = signs_in("Léa"), signs_in("Léa")
    for browser in (here, there):
        browser.get("/")
    for _ in range(4):
        clock.at += timedelta(days=6)
        here.get("/")
    assert there.http.get("/", headers=HTML, follow_redirects=False).status_code == 303, "a week unused"
    clock.at += timedelta(days=6, minutes=1)
    assert here.http.get("/", headers=HTML, follow_redirects=False).status_code == 303, "a month old"

    for browser in (here, there):
        browser.post(link_for(runtime, "Léa", now=clock.at))
        browser.get("/")
    assert there.post("/sign-out", everywhere="false") == (303, "/sign-in")
    here.get("/")
    there.post(link_for(runtime, "Léa", now=clock.at))
    there.get("/")
    assert here.post("/sign-out", everywhere="true") == (303, "/sign-in")
    assert there.http.get("/", headers=HTML, follow_redirects=False).status_code == 303


def test_what_a_browser_held_before_opens_nothing(
    client: TestClient, signs_in: SignsIn, runtime: Runtime, clock: Clock
) -> None:
    """Session fixation: whoever planted a cookie gains nothing."""
    signs_in("Léa")
    planted = {"Cookie": "tocsin=planted"}
    client.cookies.clear()
    path = link_for(runtime, "Léa", now=clock.at)
    answer = client.post(path, headers=HTML | planted, follow_redirects=False)
    assert (answer.status_code, "planted" in answer.headers["set-cookie"]) == (303, False)
    client.cookies.clear()
    assert client.get("/", headers=HTML | planted, follow_redirects=False).status_code == 303


def test_a_form_of_another_site_or_page_does_nothing(signs_in: SignsIn, fire: int, runtime: Runtime) -> None:
    browser = signs_in("Léa")
    browser.get(f"/fires/{fire}")
    path, good = f"/fires/{fire}/acknowledge", {"csrf": browser.csrf}
    for fields, headers in (
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
        (good, {"Sec-Fetch-Site": "same-site"}),
        (good, {"Origin": "https://evil.example"}),
    ):
        answer = browser.http.post(path, data=fields, headers=HTML | headers, follow_redirects=False)
        assert answer.status_code == 403
    with runtime.sessions() as session:
        assert session.scalar(text("SELECT acknowledged_by FROM incident")) is None
    same = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert browser.http.post(path, data=good, headers=HTML | same, follow_redirects=False).status_code == 303
    login = browser.http.post("/sign-in/x", headers=HTML | {"Sec-Fetch-Site": "cross-site"})
    assert login.status_code == 403, "nobody is signed in as somebody else by another site"


def test_nobody_is_led_elsewhere_after_signing_in(
    client: TestClient, runtime: Runtime, signs_in: SignsIn, clock: Clock
) -> None:
    signs_in("Léa")
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nX: y"):
        path = link_for(runtime, "Léa", now=clock.at)
        answer = client.post(path, data={"next": wanted}, headers=HTML, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), wanted


def _reachable(runtime: Runtime, port: int, address: str) -> None:
    with runtime.sessions.begin() as session:
        people.create(session, PersonSpec(name="Léa", language="fr"), by="test", now=runtime.now())
        spec = ChannelSpec.model_validate(
            {
                "name": "Léa’s mailbox", "kind": "email", "person": "Léa",
                "settings": {
                    "to": [address], "sender": "tocsin@brand.example", "server": "127.0.0.1", "port": port,
                    "security": "none",
                },
            }
        )  # fmt: skip
        channels.create(session, spec, vault=runtime.vault, by="test", now=runtime.now())


def test_a_link_is_mailed_to_whoever_has_the_address_and_the_answer_tells_nobody(
    client: TestClient, runtime: Runtime, clock: Clock, written: StringIO
) -> None:
    with MailStandin() as server:
        _reachable(runtime, server.port, "Lea@brand.example")

        def ask(address: str) -> tuple[int, str]:
            answer = client.post("/sign-in", data={"address": address, "next": "/fires/7"}, headers=HTML)
            return answer.status_code, answer.text

        known, unknown = ask(" lea@BRAND.example"), ask("eve@brand.example")
        assert known == unknown
        assert (known[0], "a link is on its way" in known[1]) == (200, True)
        [mail] = server.mails
        assert (server.recipients, mail["To"]) == ([["Lea@brand.example"]], "Lea@brand.example")
        assert mail["Subject"] == "Se connecter à Tocsin"
        plain = mail.get_body(("plain",))
        assert plain is not None
        found = search(r"http://127\.0\.0\.1:8321(/sign-in/\S+)", plain.get_content())
        assert found
        assert found[1].endswith("?next=/fires/7")
        assert "/fires/7" in client.get(found[1], headers=HTML).text
        for _ in range(9):
            ask("lea@brand.example")
        assert len(server.mails) == 5, "nobody's mailbox is flooded"
        clock.at += timedelta(hours=2)
        assert {ask("x@brand.example")[0] for _ in range(61)} == {200, 429}
    token = found[1].removeprefix("/sign-in/").split("?")[0]
    lines = [
        line for line in written.getvalue().splitlines() if '"HTTP Request' not in line
    ]  # the test's own
    assert not any(token in line for line in lines), (
        "a link in the log would open the door to whoever reads it"
    )
    with runtime.sessions() as session:
        for kept in (select(SignInLink.digest), select(AuditEntry.after)):
            assert token not in str(session.scalars(kept).all())
