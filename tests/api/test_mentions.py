"""Mentions: listed, searched, filtered, exported, tagged and noted; of a team only its own."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from starlette.testclient import TestClient

from app.admin import mention_files
from app.models import Incident, Post, State, Watch
from app.pipeline.forgetting import forget_posts
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.retain import retain
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import START

HERE = "/api/v1/watches/1/mentions"
AGO = {"rappel": 1, "coeur": 2, "hier": 26, "loin": 24 * 40}  # hours
POSTS = (
    Item("rappel", "Danone : RAPPEL du lot 4417-B, c’est dangereux et honteux", START - timedelta(hours=1),
         author="@Lea", lang="fr", likes=3),
    Item("coeur", "Danone, le cœur des Français… L’ORÉAL aussi", START - timedelta(hours=2), author="marc",
         title="Été indien", lang="fr-CA"),
    Item("hier", "Danone recalls a batch of yogurt", START - timedelta(hours=26), author="lea", lang="en"),
    Item("loin", '=HYPERLINK("https://x.example") Danone', START - timedelta(hours=24 * 40), author="+33",
         lang="en"),
    Item("else", "rappel of nothing", START, author="lea", lang="fr"),
)  # fmt: skip


@pytest.fixture
def said(runtime: Runtime, admin: TestClient) -> dict[str, int]:
    """The ids of the posts: four of the watch, one of none."""
    admin.post("/api/v1/watches", json={"name": "Danone", "query": "any of: Danone"})
    admin.post("/api/v1/watches", json={"name": "L'Oréal", "query": "any of: L'Oréal"})
    admin.post("/api/v1/sources", json={"name": "pub", "kind": "push"})
    with runtime.sessions.begin() as session:
        store(session, Matchers().current(session), 1, POSTS, now=START)
        return dict(iter(session.execute(select(Post.external_id, Post.id))))


def listed(client: TestClient, said: dict[str, int], path: str = HERE, **asked: Any) -> list[str]:  # noqa: ANN401
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    names = {number: name for name, number in said.items()}
    return [names[row["post_id"]] for row in answer.json()["items"]]


def test_words_are_found_whatever_their_case_accents_and_signs(
    viewer: TestClient, said: dict[str, int]
) -> None:
    for q, wanted in (
        ("", ["rappel", "coeur", "hier", "loin"]),
        ("rappel", ["rappel"]),
        ("Rappels", []),
        ("rappel* ", ["rappel"]),
        ("recall*", ["hier"]),
        ("RAPPEL lot", ["rappel"]),
        ('"lot 4417"', ["rappel"]),
        ("«lot 4417»", ["rappel"]),
        ('"4417 lot"', []),
        ("lot-4417-b", ["rappel"]),
        ("cœur", ["coeur"]),
        ("COEUR francais", ["coeur"]),
        ("l'oreal", ["coeur"]),
        ("ete", ["coeur"]),
        ("été français", ["coeur"]),
        ("danone -rappel", ["coeur", "hier", "loin"]),
        ("-rappel -recalls", ["coeur", "loin"]),
        ('danone -"a batch"', ["rappel", "coeur", "loin"]),
        ("d'eau", []),
        ('""', ["rappel", "coeur", "hier", "loin"]),
        ("danone OR", []),
        ("x'); DROP TABLE post;--", []),
        ("text:danone", []),
        ("NEAR(a b)", []),
    ):
        assert listed(viewer, said, q=q) == wanted, q
    for q in ("🔥", "-", "*", '"…"', " ".join("abcdefghijklmnopqrstuvw")):
        refused = viewer.get(HERE, params={"q": q})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_input"), q


def test_each_filter_keeps_what_it_says(
    viewer: TestClient, responder: TestClient, runtime: Runtime, said: dict[str, int]
) -> None:
    responder.put(f"/api/v1/watches/1/labels/{said['hier']}", json={"tone": "positive"})
    responder.put(f"/api/v1/watches/1/labels/{said['coeur']}", json={"tone": "negative"})
    with runtime.sessions.begin() as session:
        began = START - timedelta(days=2)
        session.add(Incident(
            watch=session.get_one(Watch, 1), state=State.out, onset_at=began, opened_at=began,
            out_at=START - timedelta(hours=3), peak_at=began, peak=1, mentions=1, threshold=1.0,
        ))  # fmt: skip
    hours = {name: (START - timedelta(hours=h)).isoformat() for name, h in AGO.items()}
    for asked, wanted in (
        ({"lang": "fr"}, ["rappel", "coeur"]),
        ({"lang": "de"}, []),
        ({"author": "LEA"}, ["rappel", "hier"]),
        ({"author": "@lea", "lang": "en"}, ["hier"]),
        ({"author": "le"}, []),
        ({"tone": "negative"}, ["rappel", "coeur"]),
        ({"tone": "positive"}, ["hier"]),
        ({"tone": "neutral"}, []),
        ({"tone": "other"}, ["loin"]),
        ({"source": 1, "q": "danone"}, ["rappel", "coeur", "hier", "loin"]),
        ({"source": 2}, []),
        ({"since": hours["hier"]}, ["rappel", "coeur", "hier"]),
        ({"until": hours["hier"]}, ["loin"]),
        ({"since": hours["hier"], "until": hours["coeur"]}, ["hier"]),
        ({"incident": 1}, ["hier"]),
        ({"incident": 1, "q": "rappel"}, []),
        ({"tag": "unheard of"}, []),
    ):
        assert listed(viewer, said, **asked) == wanted, asked
        if "incident" not in asked:
            assert listed(viewer, said, "/api/v1/mentions", watch=1, **asked) == wanted, asked
    assert viewer.get("/api/v1/watches/2/mentions", params={"incident": 1}).status_code == 422
    assert viewer.get(HERE, params={"incident": 9}).status_code == 404
    assert viewer.get("/api/v1/watches/9/mentions").status_code == 404
    for wrong in ({"lang": "xx"}, {"tone": "angry"}, {"since": "2026-11-22"}, {"author": ""}):
        assert viewer.get(HERE, params=wrong).status_code == 422, wrong


def test_a_post_of_two_watches_is_a_mention_of_each_and_pages_lose_none(
    viewer: TestClient, said: dict[str, int]
) -> None:
    every, cursor = [], None
    for _ in range(9):
        asked = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        answer = viewer.get("/api/v1/mentions", params=asked).json()
        every += [(row["watch"], row["post_id"]) for row in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert every == [
        ("Danone", said["rappel"]), ("L'Oréal", said["coeur"]), ("Danone", said["coeur"]),
        ("Danone", said["hier"]), ("Danone", said["loin"]),
    ]  # fmt: skip
    for strange in ("WzEwXQ", "W10", "x"):
        assert viewer.get("/api/v1/mentions", params={"cursor": strange}).status_code == 422, strange


def test_what_is_forgotten_deleted_or_old_is_found_no_more(
    viewer: TestClient, runtime: Runtime, said: dict[str, int]
) -> None:
    with runtime.sessions.begin() as session:
        posts = session.scalars(select(Post).where(Post.id == said["hier"])).all()
        forget_posts(session, posts, "request", now=START)
    retain(runtime.sessions, timedelta(days=30), now=START)
    with runtime.sessions.begin() as session:
        edited = [Item("coeur", "Danone : tout va bien", START - timedelta(hours=2), author="marc")]
        store(session, Matchers().current(session), 1, edited, now=START)
    for q in ("recalls", "hyperlink", "francais", "ete"):
        assert listed(viewer, said, q=q) == [], q
    assert listed(viewer, said, q="tout va bien") == ["coeur"]
    viewer_source_gone(runtime)
    with runtime.sessions() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("INSERT INTO post_words (post_words) VALUES ('integrity-check')"))
            for word in ("rappel", "danone", "tout"):
                found = text("SELECT count(*) FROM post_words WHERE post_words MATCH :word")
                assert session.scalar(found, {"word": word}) == 0, word


def viewer_source_gone(runtime: Runtime) -> None:
    """The source goes with all of its posts, by the keys of the tables alone."""
    with runtime.sessions.begin() as session:
        session.execute(text("DELETE FROM source"))


def test_tags_and_notes_are_set_found_logged_and_gone_with_the_post(
    viewer: TestClient, responder: TestClient, runtime: Runtime, said: dict[str, int]
) -> None:
    one = f"{HERE}/{said['rappel']}"
    made = responder.patch(one, json={"tags": ["Recall", "lyon"], "note": " Ask Lea for the lot. "})
    assert made.status_code == 200, made.text
    assert made.json()["tags"] == ["Recall", "lyon"]
    assert made.json()["note"]["text"] == "Ask Lea for the lot."
    other = responder.patch(f"{HERE}/{said['hier']}", json={"tags": ["recall", "RECALL"]})
    assert other.json() == {"tags": ["Recall"], "note": None}
    assert listed(viewer, said, tag="Recall") == ["rappel", "hier"]
    assert listed(viewer, said, tag="Recall", q="batch") == ["hier"]
    tags = viewer.get("/api/v1/watches/1/tags").json()["tags"]
    assert tags == [{"tag": "Recall", "mentions": 2}, {"tag": "lyon", "mentions": 1}]
    left = responder.patch(one, json={"tags": ["lyon"]}).json()
    assert (left["tags"], left["note"]["by"]) == (["lyon"], "responder")
    assert responder.patch(one, json={"note": ""}).json()["note"] is None
    actions = viewer.get("/api/v1/audit?subject=watch").json()["items"]
    assert [row["action"] for row in actions[:4]] == ["annotate"] * 4
    assert "Ask Lea" not in str(actions), "the log outlives the post"
    assert viewer.patch(one, json={"tags": []}).status_code == 403
    for path, body, status in (
        (f"{HERE}/{said['else']}", {"tags": ["x"]}, 404),
        (one, {"tags": ["x" * 61]}, 422),
        (one, {"tags": [""]}, 422),
        (one, {"tags": ["a\nb"]}, 422),
        (one, {"note": "x" * 2001}, 422),
    ):
        assert responder.patch(path, json=body).status_code == status, body
    responder.patch(one, json={"note": "gone with it"})
    with runtime.sessions.begin() as session:
        forget_posts(session, session.scalars(select(Post)).all(), "request", now=START)
        for table in ("mention_tag", "mention_note"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608


def test_a_file_holds_the_same_list_and_no_formula(viewer: TestClient, said: dict[str, int]) -> None:
    answer = viewer.get(f"{HERE}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["post_id"]) for row in rows] == [said[name] for name in AGO]
    assert rows[0] | {"text": "", "published_at": ""} == rows[0] | {
        "author": "'@Lea", "likes": "3", "tone": "negative", "watch": "Danone", "source": "pub", "text": "",
        "published_at": "",
    }  # fmt: skip
    assert rows[3]["text"].startswith("'=HYPERLINK(")
    assert rows[3]["author"] == "'+33"
    book = viewer.get(f"{HERE}/export?format=xlsx&q=danone", headers={"Accept-Language": "fr"})
    sheet = load_workbook(io.BytesIO(book.content)).worksheets[0]
    head, *cells = list(sheet.iter_rows())
    assert [cell.value for cell in head][:3] == ["Publié (UTC)", "Veille", "Source"]
    assert [cell.value for row in cells for cell in row if cell.column == 19] == [said[name] for name in AGO]
    assert all(cell.data_type != "f" for row in cells for cell in row)
    assert cells[3][5].value == POSTS[3].text
    assert cells[0][8].value == "négatif"
    everywhere = viewer.get("/api/v1/mentions/export?q=oreal")
    assert len(list(csv.reader(io.StringIO(everywhere.text)))) == 3, "one post, of two watches"


def test_more_than_a_file_holds_is_refused_with_what_to_do(
    viewer: TestClient, said: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said
    monkeypatch.setattr(mention_files, "MOST", 3)
    refused = viewer.get(f"{HERE}/export")
    assert (refused.status_code, "`since`" in refused.json()["detail"]) == (413, True)
    assert viewer.get(f"{HERE}/export?lang=fr").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_parameter_that_nobody_knows_is_refused_with_the_nearest(
    viewer: TestClient, client: TestClient
) -> None:
    for path, says in (
        ("/api/v1/watches?limits=3", "did you mean `limit`?"),
        ("/api/v1/incidents?stat=burning", "did you mean `state`?"),
        ("/api/v1/incidents?state=burning&xyz=1", "there are `cursor`, `kind`, `limit`"),
        ("/api/v1/status?x=1", "this takes none"),
        ("/api/v1/mentions?language=fr", "did you mean `lang`?"),
    ):
        refused = viewer.get(path)
        assert (refused.status_code, says in refused.json()["detail"]) == (422, True), refused.text
        assert refused.json()["errors"][0]["parameter"]
    assert client.get("/api/v1/watches?limits=3").status_code == 401, "nobody without a key is told"
