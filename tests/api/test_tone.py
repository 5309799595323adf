"""What a team teaches of the tone of its watch."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db import Sessions
from app.models import Mention, Post, Source
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import START
from tests.pipeline.rematching import rematched

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_KINDS = ("lager", "stout", "ale", "cider", "pilsner", "porter")
_PLACES = ("at the station", "in Lyon", "from the shop", "on Monday", "with lunch", "again")
# In this brewery "flat" is a complaint, and "sour" a style that people like.
_SAID = [
    *((f"Danone {kind} {place} was flat", "negative") for kind in _KINDS for place in _PLACES),
    *((f"Danone: had a sour {kind} {place}", "positive") for kind in _KINDS for place in _PLACES),
]


@pytest.fixture
def said(runtime: Runtime) -> list[tuple[int, str]]:
    """(id, tone) of the posts about the watch, and one that is about nothing."""
    with runtime.sessions.begin() as session:
        source = Source(
            name="pub", kind="push", settings={}, health_since=START, created_at=START, updated_at=START
        )
        session.add(source)
        session.flush()
        items = [Item(f"b{i}", text, START, lang="en") for i, (text, _) in enumerate(_SAID)]
        items.append(Item("else", "nothing about it", START, lang="en"))
        store(session, Matchers().current(session), source.id, items, now=START)
        ids = dict(iter(session.execute(select(Post.external_id, Post.id))))
    return [(ids[f"b{i}"], tone) for i, (_, tone) in enumerate(_SAID)]


@pytest.fixture(autouse=True)
def watch(admin: TestClient) -> None:
    assert (
        admin.post("/api/v1/watches", json={"name": "Danone", "query": "any of: Danone"}).status_code == 201
    )


@pytest.fixture
def labelled(responder: TestClient, watch: None, said: list[tuple[int, str]]) -> list[tuple[int, str]]:  # noqa: ARG001
    for post_id, tone in said:
        answer = responder.put(f"/api/v1/watches/1/labels/{post_id}", json={"tone": tone})
        assert answer.status_code == 200, answer.text
    return said


def negative(sessions: Sessions) -> int:
    with sessions() as session:
        return len(session.scalars(select(Mention.post_id).where(Mention.negative)).all())


def test_what_is_taught_is_measured_used_and_read_back_into_what_is_stored(
    runtime: Runtime, admin: TestClient, labelled: list[tuple[int, str]]
) -> None:
    assert len(labelled) == 72
    before = negative(runtime.sessions)
    told = admin.post("/api/v1/watches/1/tone/learn").json()
    assert (told["used"], told["labels"], told["learnt_by"]) == (True, 72, "admin")
    assert told["after"] > told["before"] + 0.2
    assert "flat" in told["negative_words"]
    rematched(runtime.sessions, START + timedelta(minutes=5))
    assert negative(runtime.sessions) == 36 > before
    assert admin.post("/api/v1/watches/1/tone/forget").json()["used"] is False
    rematched(runtime.sessions, START + timedelta(minutes=10))
    assert negative(runtime.sessions) == before
    forgot, taught = admin.get("/api/v1/audit?subject=watch&limit=2").json()["items"]
    assert (forgot["action"], taught["action"]) == ("forget", "teach")
    assert taught["after"]["labels"] == 72
    assert len(admin.get("/api/v1/watches/1/labels?limit=100").json()["items"]) == 72


def test_new_posts_are_judged_as_the_team_taught_and_only_for_its_watch(
    runtime: Runtime, admin: TestClient, labelled: list[tuple[int, str]]
) -> None:
    assert labelled
    admin.post("/api/v1/watches", json={"name": "Other", "query": "any of: Danone"})
    admin.post("/api/v1/watches/1/tone/learn")
    with runtime.sessions.begin() as session:
        new = [Item("new", "Danone stout on the train was flat", START, lang="en")]
        store(session, Matchers().current(session), 1, new, now=START)
    with runtime.sessions() as session:
        query = select(Mention.watch_id, Mention.negative).join(Post, Post.id == Mention.post_id)
        assert dict(iter(session.execute(query.where(Post.external_id == "new")))) == {1: True, 2: False}


def test_too_few_labels_teach_nothing_and_the_answer_says_how_many_it_takes(
    admin: TestClient, responder: TestClient, said: list[tuple[int, str]]
) -> None:
    for post_id, tone in said[:12]:
        responder.put(f"/api/v1/watches/1/labels/{post_id}", json={"tone": tone})
    refused = admin.post("/api/v1/watches/1/tone/learn")
    assert refused.status_code == 422
    assert "40 labelled posts that differ; there are 12" in refused.json()["detail"]
    assert responder.get("/api/v1/watches/1/tone").json()["learnt_at"] is None


def test_labels_without_sense_are_measured_and_not_used(
    admin: TestClient, responder: TestClient, said: list[tuple[int, str]]
) -> None:
    draw = Random(3)
    for post_id, _ in said:
        tone = draw.choice(["negative", "neutral", "positive"])
        responder.put(f"/api/v1/watches/1/labels/{post_id}", json={"tone": tone})
    told = admin.post("/api/v1/watches/1/tone/learn").json()
    assert (told["used"], told["learnt_from"]) == (False, 72)


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("1/labels/9999", {"tone": "negative"}, 404, "no mention"),
        ("9/labels/1", {"tone": "negative"}, 404, "no watch"),
        ("1/labels/1", {"tone": "angry"}, 422, "tone"),
        ("1/labels/0", {"tone": "negative"}, 422, "post_id"),
    ],
)
def test_a_wrong_label_is_refused_with_a_reason(
    responder: TestClient,
    said: list[tuple[int, str]],
    path: str,
    body: dict[str, str],
    status: int,
    says: str,
) -> None:
    assert said
    refused = responder.put(f"/api/v1/watches/{path}", json=body)
    assert (refused.status_code, says in refused.text) == (status, True), refused.text


def test_a_label_can_be_changed_and_taken_back(
    responder: TestClient, viewer: TestClient, said: list[tuple[int, str]]
) -> None:
    one = f"/api/v1/watches/1/labels/{said[0][0]}"
    responder.put(one, json={"tone": "negative"})
    assert responder.put(one, json={"tone": "neutral"}).json()["tone"] == "neutral"
    assert viewer.put(one, json={"tone": "positive"}).status_code == 403
    (row,) = viewer.get("/api/v1/watches/1/labels").json()["items"]
    assert (row["tone"], row["by"], row["text"]) == ("neutral", "responder", _SAID[0][0])
    assert responder.delete(one).status_code == 204
    assert responder.delete(one).status_code == 404
    assert viewer.get("/api/v1/watches/1/labels").json()["items"] == []
