"""What a team teaches of what its watch is about, from a label to what is counted."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.admin import relevance, tone
from app.admin.apply import apply
from app.admin.yaml_file import read
from app.models import Aside, Bucket, Mention, Notice, Post, Source
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.sources.base import Item
from tests.api.conftest import START
from tests.pipeline.rematching import rematched
from tests.reading.ambiguous import BRANDS

POMELO = BRANDS[0]
LABELLED = 22  # of each kind


def come(runtime: Runtime, name: str, texts: list[str]) -> list[int]:
    """The ids of the posts, stored as a source brings them."""
    with runtime.sessions.begin() as session:
        items = [Item(f"{name}{i}", text, START - timedelta(hours=1)) for i, text in enumerate(texts)]
        store(session, Matchers().current(session), 1, items, now=START)
        named = select(Post.id).where(Post.external_id.in_([item.external_id for item in items]))
        return list(session.scalars(named.order_by(Post.id)))


def counts(runtime: Runtime) -> tuple[int, int, int]:
    """(mentions, set aside, counted in buckets)."""
    with runtime.sessions() as session:
        tables = (select(func.count()).select_from(table) for table in (Mention, Aside))
        mentions, aside = (session.scalar(query) or 0 for query in tables)
        return mentions, aside, session.scalar(select(func.sum(Bucket.mentions))) or 0


@pytest.fixture
def noise(runtime: Runtime, admin: TestClient) -> list[int]:
    """A watch of a fruit's name with a past, some of it labelled; the ids of what is not about it."""
    admin.post("/api/v1/watches", json={"name": "Pomelo", "query": "any of: Pomelo"})
    with runtime.sessions.begin() as session:
        stamps = {"health_since": START, "created_at": START, "updated_at": START}
        session.add(Source(name="pub", kind="push", settings={}, **stamps))
    come(runtime, "past", POMELO.posts("about", 60, seed=2) + POMELO.posts("noise", 60, seed=2))
    about = come(runtime, "about", POMELO.posts("about", LABELLED, seed=1, part=0))
    noise = come(runtime, "noise", POMELO.posts("noise", LABELLED, seed=1, part=0))
    with runtime.sessions.begin() as session:
        for post_id in about[::2]:
            tone.label(session, 1, post_id, "neutral", by="Léa", now=START)
        for post_id in about[1::2]:
            relevance.relate(session, 1, post_id, about=True, by="Léa", now=START)
        for post_id in noise:
            relevance.relate(session, 1, post_id, about=False, by="Léa", now=START)
    return noise


def put(client: TestClient, post_id: int, **said: object) -> tuple[int, object, object]:
    answer = client.put(f"/api/v1/watches/1/labels/{post_id}", json=said)
    return answer.status_code, answer.json().get("tone"), answer.json().get("about")


def test_what_is_not_about_the_watch_is_kept_shown_and_counted_apart(
    runtime: Runtime, admin: TestClient, viewer: TestClient, noise: list[int]
) -> None:
    assert len(noise) == LABELLED
    before = counts(runtime)
    assert before == (120 + 2 * LABELLED, 0, 120 + 2 * LABELLED)
    told = admin.post("/api/v1/watches/1/relevance/learn").json()
    assert (told["on"], told["about"], told["noise"], told["lost"]) == (True, LABELLED, LABELLED, 0.0)
    rematched(runtime.sessions, START + timedelta(minutes=5))
    mentions, aside, counted = counts(runtime)
    assert mentions + aside == before[0]
    assert counted == mentions
    assert aside >= 0.6 * (60 + LABELLED)
    shown = viewer.get("/api/v1/watches/1/relevance").json()
    assert (shown["mentions"], shown["set_aside"]) == (mentions, aside)
    (one,) = viewer.get("/api/v1/watches/1/aside?limit=1").json()["items"]
    assert "pomelo" in one["text"].lower()
    # What comes now goes the same way, a fire never.
    come(runtime, "now", POMELO.posts("noise", 30, seed=5, part=1))
    after = counts(runtime)
    assert after[1] - aside >= 20
    come(runtime, "fire", POMELO.posts("fire", 40, seed=5))
    assert counts(runtime)[:2] == (after[0] + 40, after[1])
    # Off, all of it counts.
    assert admin.post("/api/v1/watches/1/relevance/off").json()["on"] is False
    rematched(runtime.sessions, START + timedelta(minutes=10))
    everything = sum(after[:2]) + 40
    assert counts(runtime) == (everything, 0, everything)
    assert admin.post("/api/v1/watches/1/relevance/on").json()["on"] is True
    actions = [row["action"] for row in admin.get("/api/v1/audit?subject=watch&limit=3").json()["items"]]
    assert actions == ["switch relevance", "switch relevance", "teach relevance"]


def test_the_newest_word_on_a_post_counts(responder: TestClient, noise: list[int]) -> None:
    def about(post_id: int) -> list[bool]:
        rows = responder.get("/api/v1/watches/1/relations?limit=100").json()["items"]
        return [row["about"] for row in rows if row["post_id"] == post_id]

    one = noise[0]
    assert about(one) == [False]
    assert put(responder, one, tone="negative") == (200, "negative", True)
    assert about(one) == []
    assert put(responder, one, about=False) == (200, None, False)
    assert one not in [row["post_id"] for row in responder.get("/api/v1/watches/1/labels").json()["items"]]
    assert put(responder, one, about=True) == (200, None, True)
    assert about(one) == [True]
    assert responder.delete(f"/api/v1/watches/1/labels/{one}").status_code == 204
    assert responder.delete(f"/api/v1/watches/1/labels/{one}").status_code == 404
    assert put(responder, 9999, about=False)[0] == 404
    for said in ({}, {"tone": "negative", "about": True}, {"about": None}, {"about": "no"}, {"tone": "bad"}):
        assert put(responder, one, **said)[0] == 422, said


def test_too_few_labels_teach_nothing_and_the_answer_says_how_many_it_takes(
    runtime: Runtime, admin: TestClient, noise: list[int]
) -> None:
    with runtime.sessions.begin() as session:
        for post_id in noise[5:]:
            tone.unlabel(session, 1, post_id, by="Léa", now=START)
    refused = admin.post("/api/v1/watches/1/relevance/learn")
    assert refused.status_code == 422
    assert f"there are {LABELLED} and 5" in refused.json()["detail"]
    assert "nothing is learnt yet" in admin.post("/api/v1/watches/1/relevance/on").json()["detail"]


def test_a_trial_of_a_query_knows_what_the_team_said_is_noise(
    runtime: Runtime, viewer: TestClient, noise: list[int]
) -> None:
    assert noise
    juice = come(runtime, "juice", [f"Jus de pomelo, {i} glaçons" for i in range(40)])
    with runtime.sessions.begin() as session:
        for post_id in juice:
            relevance.relate(session, 1, post_id, about=False, by="Léa", now=START)
    asked = {"query": "Pomelo", "watch": "Pomelo", "days": 7}
    tried = viewer.post("/api/v1/queries/try", json=asked).json()["trial"]
    assert {"jus", "glacons"} & set(" ".join(tried["suggestion"]["noise"]).split())


def test_a_watch_says_itself_whether_posts_are_set_aside_and_its_channels_hear_when_it_begins(
    runtime: Runtime, admin: TestClient, noise: list[int]
) -> None:
    def wish(value: object) -> object:
        answer = admin.patch("/api/v1/watches/1", json={"relevance": value})
        return answer.json().get("relevance") if answer.status_code == 200 else answer.status_code

    def notices() -> list[dict[str, object]]:
        with runtime.sessions() as session:
            rows = session.scalars(select(Notice).where(Notice.health == "aside"))
            return [row.facts for row in rows]

    assert noise
    assert admin.get("/api/v1/watches/1").json()["relevance"] is None
    assert wish("maybe") == 422
    assert wish(False) is False
    assert admin.post("/api/v1/watches/1/relevance/learn").json()["on"] is False, "it is not wanted"
    assert notices() == []
    assert wish(True) is True
    assert admin.get("/api/v1/watches/1/relevance").json()["on"] is True
    (told,) = notices()
    assert (told["watch"], told["begins"], told["lost"]) == ("Pomelo", True, 0.0)
    # What is left out stays as it is, and saying it again changes nothing.
    assert wish(None) is True
    assert wish(True) is True
    assert len(notices()) == 1
    (entry, *_) = admin.get("/api/v1/audit?subject=watch&limit=1").json()["items"]
    assert (entry["action"], entry["after"]["relevance"]) == ("update", True)
    assert admin.post("/api/v1/watches/1/relevance/off").json()["on"] is False
    assert admin.get("/api/v1/watches/1").json()["relevance"] is False


def test_the_file_of_apply_switches_it_before_anything_is_learnt(runtime: Runtime, admin: TestClient) -> None:
    def applied(line: str) -> list[tuple[str, object, object]]:
        text = f"watches:\n- name: Azur\n  query: 'Azur OR #azur'\n{line}"
        with runtime.sessions.begin() as session:
            done = apply(session, read(text, {}), vault=runtime.vault, by="Léa", now=START)
        return [field for change in done.changes for field in change.fields if field[0] == "relevance"]

    assert applied("") == []
    assert applied("  relevance: off\n") == [("relevance", None, False)]
    assert applied("") == [], "left out, it stays as it is"
    assert applied("  relevance: on\n") == [("relevance", False, True)]
    assert admin.get("/api/v1/watches/1/relevance").json()["on"] is False, "nothing is learnt yet"
