"""A report that is shared by a link: read by who has it, by nobody when it has ended; and nothing else."""

from datetime import timedelta
from html import escape
from io import StringIO
from re import search

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from starlette.testclient import TestClient

from app.admin import forgetting, teams
from app.admin.team_specs import TeamSpec
from app.console import shared
from app.models import Incident, Post, ReportLink, Watch
from app.pipeline.ingest.retain import retain
from app.runtime import Runtime
from tests.api.conftest import START, written
from tests.console.conftest import HTML, Browser, Clock, SignsIn

__all__ = ["written"]
pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def _share(browser: Browser, path: str, **fields: str) -> str:
    """The path of a new link, which the page shows this once."""
    browser.get(path)
    status, page = browser.post(f"{path}/links", **fields)
    found = search(r'value="http://127\.0\.0\.1:8321(/shared/[\w-]{43})"', page)
    assert status == 200
    assert found is not None
    return found[1]


def test_whoever_has_the_link_reads_the_report_and_can_do_nothing(
    signs_in: SignsIn, client: TestClient, fire: int, clock: Clock, written: StringIO
) -> None:
    lea, path = signs_in("Léa"), f"/reports/fires/{fire}"
    link = _share(lea, path, days="7", language="fr")
    answer = client.get(link, headers=HTML)
    assert answer.status_code == 200
    assert '<html lang="fr">' in answer.text, "in the language that the report was shared in"
    assert "Point d’étape · Danone" in answer.text
    for way in ("<nav", "<form", "<script", 'href="/reports', 'href="/"', "sign-out"):
        assert way not in answer.text, way
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert "Interim report" in client.get(f"{link}?language=en").text
    pdf = client.get(f"{link}/report.pdf")
    assert (pdf.content[:4], pdf.headers["Referrer-Policy"]) == (b"%PDF", "no-referrer")
    log = [row for row in written.getvalue().splitlines() if "HTTP Request" not in row]  # of the client
    assert any("/shared/" in row for row in log)
    assert link.rpartition("/")[2] not in "".join(log), "who reads the log gets in by none"
    page = lea.get(path)
    assert link not in page, "it was shown once"
    assert "<td>29 Nov 09:14</td><td>09:14</td>" in page, "it holds for a week, and was opened"
    assert "not yet" not in page
    clock.at = START + timedelta(days=7)
    assert client.get(link).status_code == 410


def test_a_link_that_is_no_more_and_one_that_never_was_are_told_apart_by_nobody(
    signs_in: SignsIn, runtime: Runtime, client: TestClient, fire: int, clock: Clock
) -> None:
    lea, path = signs_in("Léa"), f"/reports/fires/{fire}"
    taken, ended = _share(lea, path, days="30"), _share(lea, path, days="1")
    with runtime.sessions() as session:
        number = session.scalars(select(ReportLink.id).order_by(ReportLink.id)).first()
    assert lea.post(f"{path}/links/back", link=str(number)) == (303, f"{path}?done=back")
    assert lea.post(f"{path}/links/back", link=str(number))[0] == 404
    clock.at = START + timedelta(days=1)
    forged = "/shared/" + "x" * 43
    answers = [
        client.get(one + more, headers=HTML)
        for one in (taken, ended, forged, "/shared/%00")
        for more in ("", "/report.pdf")
    ]
    assert {(one.status_code, one.text) for one in answers} == {(410, answers[0].text)}
    assert "This link opens nothing" in answers[0].text
    assert "Danone" not in answers[0].text
    assert answers[0].headers["Referrer-Policy"] == "no-referrer"
    retain(runtime.sessions, timedelta(days=90), now=clock.at)
    with runtime.sessions() as session:
        assert session.scalars(select(ReportLink)).all() == [], "what has ended is kept no longer"


def test_what_is_forgotten_is_forgotten_in_what_was_shared(
    signs_in: SignsIn, runtime: Runtime, client: TestClient, fire: int
) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    with runtime.sessions.begin() as session:
        session.scalars(select(Post)).one().author = hostile
        session.execute(text("UPDATE mention SET author = :name"), {"name": hostile})
        session.scalars(select(Watch)).one().name = "Evian <b>"
    link = _share(signs_in("Léa"), f"/reports/fires/{fire}")
    page = client.get(link).text
    assert escape(hostile) in page
    assert "<img" not in page
    assert "Evian &lt;b&gt;" in page
    with runtime.sessions.begin() as session:
        forgetting.forget(session, hostile, keyed=lambda name: name, by="test", now=runtime.now())
    assert escape("onerror") not in client.get(link).text


def test_a_link_of_a_team_opens_what_the_team_sees_and_ends_when_the_watch_leaves_it(
    signs_in: SignsIn, runtime: Runtime, client: TestClient, fire: int
) -> None:
    with runtime.sessions.begin() as session:
        ours, theirs = (
            teams.create(session, TeamSpec(name=name), by="test", now=runtime.now()).id
            for name in ("Danone", "Evian")
        )
        mine = session.scalars(select(Watch)).one()
        mine.team_id = ours
        burnt = session.get_one(Incident, fire)
        session.add(other := Watch(
            name="Secret brand", query={"any_of": ["x"]}, languages=[], time_zone="UTC", policy=mine.policy,
            team_id=theirs, created_at=START, updated_at=START,
        ))  # fmt: skip
        session.flush()
        session.add(Incident(
            watch_id=other.id, story_id=fire, state=burnt.state, onset_at=burnt.onset_at,
            opened_at=burnt.opened_at, burning_at=burnt.burning_at, peak_at=burnt.peak_at, peak=9, mentions=9,
            threshold=9.0,
        ))  # fmt: skip
    lea, max_ = signs_in("Léa", teams={"Danone": "responder"}), signs_in("Max", teams={"Evian": "responder"})
    path = f"/reports/fires/{fire}"
    link = _share(lea, path)
    assert "Secret brand" not in client.get(link).text, "the same fire in another team is not told"
    max_.get("/reports")
    assert max_.http.get(path, headers=HTML).status_code == 404
    assert max_.post(f"{path}/links")[0] == max_.post(f"{path}/links/back", link="1")[0] == 404
    assert client.get(link).status_code == 200
    with runtime.sessions.begin() as session:
        session.scalars(select(Watch).where(Watch.name == "Danone")).one().team_id = theirs
    assert client.get(link).status_code == 410, (
        "what went to another team is not opened by a link of the first"
    )
    assert "not yet" not in max_.get(path), "nor listed there"


def test_whoever_has_a_link_keeps_nobody_else_waiting(
    signs_in: SignsIn, app: FastAPI, fire: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = _share(signs_in("Léa"), f"/reports/fires/{fire}")
    monkeypatch.setattr(shared, "_AT_ONCE", 0)
    with TestClient(app) as late:
        for path in (link, f"{link}/report.pdf"):
            answer = late.get(path, headers=HTML)
            assert (answer.status_code, "the link still holds" in answer.text) == (503, True)
