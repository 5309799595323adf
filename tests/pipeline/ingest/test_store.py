"""Posts into the database: each once, in the right bucket, whatever their source says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Bucket, Mention, Post, Source, Watch
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import Stored, forget, store
from app.sources.base import Item
from tests.pipeline.brand import post

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
AT = datetime(2026, 11, 22, 9, 3, tzinfo=UTC)
BUCKET = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Shelf:
    """Stores into one source."""

    def __init__(self, sessions: Sessions, source_id: int) -> None:
        self.sessions, self.source_id = sessions, source_id
        self.matchers = Matchers()

    def put(self, *items: Item, now: datetime = NOW, keep_from: datetime | None = None) -> Stored:
        with self.sessions.begin() as session:
            compiled = self.matchers.current(session)
            return store(session, compiled, self.source_id, items, now=now, keep_from=keep_from)

    def posts(self) -> list[Post]:
        with self.sessions() as session:
            return list(session.scalars(select(Post).order_by(Post.id)))

    def buckets(self) -> dict[datetime, int]:
        with self.sessions() as session:
            return {b.at: b.mentions for b in session.scalars(select(Bucket))}


@pytest.fixture
def shelf(sessions: Sessions, velinor: int) -> Shelf:
    return Shelf(sessions, velinor)


def test_a_post_that_comes_twice_is_stored_and_counted_once(shelf: Shelf) -> None:
    item = post("a", AT, "Vélinor encore")
    assert shelf.put(item, item) == Stored(2, 1, 0)
    assert shelf.put(item) == Stored(1, 0, 0)
    assert len(shelf.posts()) == 1
    assert shelf.buckets() == {BUCKET: 1}


def test_an_edit_changes_the_post_and_what_it_is_a_mention_of(shelf: Shelf) -> None:
    item = post("a", AT, "Vélinor encore")
    shelf.put(item, post("b", AT, "velinor aussi"))
    edited = replace(item, text="je retire ce que j'ai dit")
    assert shelf.put(edited, now=NOW + timedelta(hours=1)) == Stored(1, 0, 1)
    first, _ = shelf.posts()
    assert first.text == "je retire ce que j'ai dit"
    assert first.edited_at == NOW + timedelta(hours=1)
    assert first.first_seen_at == NOW
    assert shelf.buckets() == {BUCKET: 1}
    shelf.put(item)
    assert shelf.buckets() == {BUCKET: 2}


def test_the_newest_numbers_of_a_post_are_kept(shelf: Shelf) -> None:
    item = post("a", AT, "Vélinor encore")
    shelf.put(replace(item, shares=2, likes=7))
    assert shelf.put(replace(item, shares=40)) == Stored(1, 0, 0)
    (stored,) = shelf.posts()
    assert (stored.shares, stored.likes, stored.edited_at) == (40, 7, None)


def test_a_late_post_counts_when_it_was_published(shelf: Shelf) -> None:
    shelf.put(post("a", AT - timedelta(hours=30), "Vélinor hier"))
    assert shelf.buckets() == {BUCKET - timedelta(hours=30): 1}


def test_a_date_in_the_future_counts_when_it_was_first_seen(shelf: Shelf) -> None:
    shelf.put(
        post("a", datetime(2099, 1, 1, tzinfo=UTC), "Vélinor en 2099"),
        post("b", NOW + timedelta(minutes=3), "Vélinor, horloge en avance"),
    )
    far, near = shelf.posts()
    assert (far.precision, far.published_at) == ("clamped", NOW)
    assert near.precision == "exact"
    assert shelf.buckets() == {datetime(2026, 11, 22, 9, 10, tzinfo=UTC): 2}


def test_a_post_without_a_date_counts_when_it_was_first_seen_and_stays_there(shelf: Shelf) -> None:
    item = Item("a", "Vélinor sans date", None)
    shelf.put(item)
    shelf.put(item, now=NOW + timedelta(hours=2))
    (stored,) = shelf.posts()
    assert (stored.precision, stored.published_at) == ("first_seen", NOW)
    assert shelf.buckets() == {datetime(2026, 11, 22, 9, 10, tzinfo=UTC): 1}


def test_a_date_from_before_the_web_is_none(shelf: Shelf) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    shelf.put(post("a", epoch, "Vélinor"), keep_from=NOW - timedelta(days=90))
    (stored,) = shelf.posts()
    assert (stored.precision, stored.published_at) == ("first_seen", NOW)


def test_a_post_from_before_the_retention_is_not_stored(shelf: Shelf) -> None:
    stored = shelf.put(post("a", AT - timedelta(days=400), "Vélinor"), keep_from=NOW - timedelta(days=90))
    assert stored == Stored(1, 0, 0, too_old=1)
    assert shelf.posts() == []


def test_a_post_that_its_source_took_back_is_gone_and_no_longer_counted(shelf: Shelf) -> None:
    shelf.put(post("a", AT, "Vélinor encore"), post("b", AT, "Vélinor aussi"))
    with shelf.sessions.begin() as session:
        assert forget(session, shelf.source_id, ["a", "unknown"], now=NOW) == 1
    assert [p.external_id for p in shelf.posts()] == ["b"]
    assert shelf.buckets() == {BUCKET: 1}


def test_many_posts_at_once_are_all_found_again(shelf: Shelf) -> None:
    items = [post(f"n{i}", AT + timedelta(seconds=i), "Vélinor") for i in range(1300)]
    assert shelf.put(*items).stored == 1300
    assert shelf.put(*items) == Stored(1300, 0, 0)
    assert sum(shelf.buckets().values()) == 1300


def test_hostile_text_is_stored_as_it_is(shelf: Shelf) -> None:
    text = "Vélinor <!channel> '); DROP TABLE post;-- \u202e 👩\u200d🚒 " + "x" * 100_000
    shelf.put(post("a", AT, text))
    assert shelf.posts()[0].text == text


def test_a_watch_that_listens_to_other_sources_or_languages_gets_no_mention(
    shelf: Shelf, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.languages, watch.updated_at = ["en"], NOW
    shelf.put(post("a", AT, "Vélinor rappelle encore ses pots"), replace(post("b", AT, "Vélinor"), lang=None))
    with sessions() as session:
        assert _mentions(session) == 1, "a post that does not say its language is kept"


def _mentions(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Mention)).one()


def test_a_post_that_becomes_loud_enough_becomes_a_mention(shelf: Shelf) -> None:
    with shelf.sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.updated_at = {"text": "Vélinor AND likes>=10"}, NOW
    item = post("a", AT, "Vélinor encore")
    shelf.put(replace(item, likes=2))
    assert shelf.buckets() == {}
    stored = shelf.put(replace(item, likes=12, shares=1), now=NOW + timedelta(hours=1))
    assert (stored.stored, stored.edited, stored.mentions) == (0, 0, []), "it is heard, and nothing is new"
    assert shelf.buckets() == {BUCKET: 1}
    shelf.put(replace(item, likes=12, shares=5), now=NOW + timedelta(hours=2))
    assert shelf.buckets() == {BUCKET: 1}


def test_a_source_is_asked_for_by_its_name_or_kind(shelf: Shelf) -> None:
    with shelf.sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        source = session.get_one(Source, shelf.source_id)
        watch.query = {"text": f'Vélinor AND source:"{source.name}" AND source:{source.kind}'}
        watch.updated_at = NOW
    shelf.put(post("a", AT, "Vélinor encore"))
    assert shelf.buckets() == {BUCKET: 1}
    with shelf.sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.updated_at = {"text": "Vélinor AND source:nobody"}, NOW + timedelta(hours=1)
    shelf.put(post("b", AT, "Vélinor encore"))
    assert shelf.buckets() == {BUCKET: 1}
