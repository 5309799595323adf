"""A link in a message: it asks first, acts once, in one name, for a day."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.models import AuditEntry, Incident, State, VerdictWord
from app.runtime import Runtime
from tests.api.conftest import START, Clock

LEA, MAX = "lea@brand.example", "max@brand.example"
Urls = Callable[..., str]


@pytest.fixture
def url(runtime: Runtime, fire: int) -> Urls:
    def made(act: str, by: str = LEA, language: str = "en", number: int = fire) -> str:
        return runtime.act_links.urls(number, by, language, now=START)[act]

    return made


def incident(runtime: Runtime, fire: int) -> Incident:
    with runtime.sessions() as session:
        return session.get_one(Incident, fire)


def test_a_look_does_nothing_a_press_does_it_and_a_second_one_says_who_did_it(
    client: TestClient, runtime: Runtime, fire: int, url: Urls, clock: Clock
) -> None:
    path = url("acknowledge")
    for _ in range(2):  # a scanner of links, then the reader
        asked = client.get(path)
        assert (asked.status_code, asked.text.count("<form")) == (200, 1)
        assert 'method="post"' in asked.text
        assert "You take incident 1 (Danone) in hand" in asked.text
        assert f"in the name of {LEA}" in asked.text
    assert "script" not in asked.text
    assert "form-action 'self'" in asked.headers["Content-Security-Policy"]
    assert asked.headers["Cache-Control"] == "no-store"
    assert incident(runtime, fire).acknowledged_by is None

    done = client.post(path)
    assert (done.status_code, "<form" in done.text) == (200, False)
    assert "You have incident 1 (Danone) in hand" in done.text
    assert incident(runtime, fire).acknowledged_by == LEA

    clock.at += timedelta(minutes=7)
    for again in (client.post(path), client.get(path), client.post(url("acknowledge", MAX, "fr"))):
        assert again.status_code == 200
        assert "<form" not in again.text
        assert f"{LEA} has incident 1 (Danone) in hand, since " in again.text or (
            f"{LEA} s’occupe de l’incident 1 (Danone) depuis " in again.text
        )
    assert incident(runtime, fire).acknowledged_by == LEA
    with runtime.sessions() as session:
        entries = [e for e in session.scalars(select(AuditEntry)) if e.action == "acknowledge"]
    assert [(entry.actor, entry.at) for entry in entries] == [(LEA, START)]


def test_a_snooze_and_a_verdict_are_given_in_the_same_way(
    client: TestClient, runtime: Runtime, fire: int, url: Urls, clock: Clock
) -> None:
    assert "keeps quiet until" in client.post(url("snooze")).text
    assert incident(runtime, fire).snoozed_until == START + timedelta(hours=1)
    clock.at += timedelta(hours=2)  # over: the same link does not begin another
    assert "was used already" in client.post(url("snooze")).text
    assert incident(runtime, fire).snoozed_until == START + timedelta(hours=1)

    assert "is noted as a false alarm" in client.post(url("false_alarm")).text
    assert incident(runtime, fire).verdict is VerdictWord.false_alarm
    assert "was judged a false alarm already" in client.post(url("false_alarm", MAX)).text


def test_a_link_holds_for_a_day(
    client: TestClient, runtime: Runtime, fire: int, url: Urls, clock: Clock
) -> None:
    clock.at += timedelta(hours=24) - timedelta(minutes=1)
    assert client.get(url("acknowledge")).status_code == 200
    clock.at += timedelta(minutes=1)
    for answer in (client.get(url("acknowledge")), client.post(url("acknowledge"))):
        assert answer.status_code == 410
        assert "Take one of a newer message" in answer.text
    assert "Ce lien n’est plus valable" in client.get(url("acknowledge", language="fr")).text
    assert incident(runtime, fire).acknowledged_by is None


def test_what_is_out_can_only_be_judged(
    client: TestClient, runtime: Runtime, admin: TestClient, fire: int, url: Urls
) -> None:
    assert admin.post(f"/api/v1/incidents/{fire}/close", json={}).status_code == 200
    for act in ("acknowledge", "snooze"):
        assert "nothing is left to do" in client.post(url(act)).text
    assert incident(runtime, fire).state is State.out
    assert "is noted as a false alarm" in client.post(url("false_alarm")).text


def test_nobody_makes_a_link_or_changes_one(
    client: TestClient, runtime: Runtime, fire: int, url: Urls
) -> None:
    path = url("acknowledge").rpartition("/")[2]
    wrong = [
        path[:-1],
        path + "AA",
        path[::-1],
        "x",
        "é",
        "A" * 4000,
        path[:6] + ("B" if path[6] == "A" else "A") + path[7:],
    ]
    for token in wrong:
        for answer in (client.get(f"/act/{token}"), client.post(f"/act/{token}")):
            assert answer.status_code == 404, token
            assert "The link was cut on its way" in answer.text
    french = client.get("/act/x", headers={"Accept-Language": "fr"}).text
    assert "Rien à cette adresse" in french
    assert incident(runtime, fire).acknowledged_by is None
    gone = client.post(url("acknowledge", number=fire + 1, language="fr"))
    assert (gone.status_code, "n’est plus conservé" in gone.text) == (404, True)


def test_a_link_is_in_no_log(client: TestClient, url: Urls, written: StringIO) -> None:
    path = url("acknowledge")
    client.get(path)
    client.post(path)
    token = path.rpartition("/")[2]
    assert r"/act/\u2022\u2022\u2022" in written.getvalue()
    assert token[:20] not in written.getvalue()
