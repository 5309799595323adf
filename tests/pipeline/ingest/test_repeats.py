"""Each bucket knows what of it repeats what was said before."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.db import Sessions
from app.models import Bucket, Mention, Post, Source, Watch
from app.pipeline.ingest.count import recount
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.sources.base import Item
from tests.pipeline.rematching import rematched

AT = datetime(2026, 11, 22, 9, 3, tzinfo=UTC)
NOW = AT + timedelta(days=3)
CRY = "le lot 4417 des yaourts Vélinor est en cause, faites tourner"
HOUR = timedelta(hours=1)


def said(number: int, text: str = CRY, *, after: timedelta = timedelta(0), url: str | None = None) -> Item:
    return Item(f"p{number}", text, AT + after, author=f"@u{number}", url=url)


class Shelf:
    """Stores into sources of one service."""

    def __init__(self, sessions: Sessions, first: int) -> None:
        self.sessions, self.first = sessions, first

    def put(self, *items: Item, source: int | None = None) -> None:
        with self.sessions.begin() as session:
            store(session, Matchers().current(session), source or self.first, items, now=NOW)

    def another(self) -> int:
        with self.sessions.begin() as session:
            source = Source(
                name="Other", kind="push", settings={}, health_since=AT, created_at=AT, updated_at=AT
            )
            session.add(source)
            session.flush()
            return source.id

    def repeated(self) -> list[str]:
        with self.sessions() as session:
            query = select(Post.external_id).join(Mention, Mention.post_id == Post.id)
            return sorted(session.scalars(query.where(Mention.amplified)))

    def counted(self) -> tuple[int, int]:
        """(mentions, amplified) of all buckets."""
        with self.sessions() as session:
            query = select(func.sum(Bucket.mentions), func.sum(Bucket.amplified))
            mentions, amplified = session.execute(query).one()
            return int(mentions), int(amplified)


@pytest.fixture
def shelf(sessions: Sessions, velinor: int) -> Shelf:
    return Shelf(sessions, velinor)


def test_the_first_is_organic_and_each_copy_of_a_day_is_amplified(shelf: Shelf) -> None:
    shelf.put(said(1), said(2, after=HOUR), said(3, f"RT @u1: {CRY} https://t.co/x", after=2 * HOUR))
    shelf.put(said(4, f"{CRY} !!!", after=3 * HOUR), said(5, "les yaourts Vélinor sont bons, je trouve"))
    assert shelf.repeated() == ["p2", "p3", "p4"]
    assert shelf.counted() == (5, 3)


def test_in_whatever_order_they_come_all_but_one_are_amplified(shelf: Shelf) -> None:
    items = [said(k, after=timedelta(minutes=37 * k)) for k in range(12)]
    random.Random(5).shuffle(items)
    for item in items:
        shelf.put(item)
    assert shelf.counted() == (12, 11)


def test_in_one_batch_the_earliest_is_the_one_that_counts(shelf: Shelf) -> None:
    shelf.put(said(3, after=2 * HOUR), said(1), said(2, after=HOUR))
    assert shelf.repeated() == ["p2", "p3"]


def test_after_a_day_the_same_words_are_said_anew(shelf: Shelf) -> None:
    shelf.put(said(1), said(2, after=25 * HOUR))
    assert shelf.repeated() == []


def test_a_copy_in_another_source_is_one_and_changes_nothing_in_the_first(shelf: Shelf) -> None:
    other = shelf.another()
    shelf.put(said(2, after=HOUR))
    shelf.put(said(1), source=other)  # published before, heard later
    assert shelf.repeated() == ["p1"]
    assert shelf.counted() == (2, 1)


def test_few_words_are_no_copies(shelf: Shelf) -> None:
    shelf.put(*(said(k, "Merci Vélinor !", after=k * HOUR) for k in range(5)))
    assert shelf.repeated() == []


def test_one_article_through_two_feeds_is_one_and_two_outlets_are_two(shelf: Shelf) -> None:
    def article(number: int, url: str) -> Item:
        return Item(
            f"p{number}", "", AT + number * HOUR, title="Vélinor rappelle trois lots de yaourts", url=url
        )

    shelf.put(
        article(1, "https://www.lemonde.fr/eco/a.html?utm_source=rss"),
        article(2, "https://lemonde.fr/eco/a.html#xtor"),
        article(3, "https://ouest-france.fr/b"),
    )
    assert shelf.repeated() == ["p2"]


def test_an_edit_is_read_anew(shelf: Shelf) -> None:
    shelf.put(said(1), said(2, after=HOUR))
    shelf.put(said(2, "je retire ce que j'ai dit des yaourts Vélinor hier", after=HOUR))
    assert shelf.repeated() == []
    assert shelf.counted() == (2, 0)
    shelf.put(said(2, after=HOUR))
    assert shelf.repeated() == ["p2"]


def test_each_watch_knows_what_was_said_of_itself(shelf: Shelf) -> None:
    shelf.put(said(1))
    with shelf.sessions.begin() as session:
        (first,) = session.scalars(select(Watch))
        session.add(
            Watch(name="Lots", query={"any_of": ["lot"]}, languages=[], policy=first.policy, created_at=NOW,
                  updated_at=NOW)
        )  # fmt: skip
    shelf.put(said(2, after=HOUR))
    with shelf.sessions() as session:
        query = select(Watch.name).join(Mention, Mention.watch_id == Watch.id).where(Mention.amplified)
        assert session.scalars(query).all() == ["Vélinor"]


def test_a_watch_that_looks_back_finds_as_many(shelf: Shelf) -> None:
    shelf.put(*(said(k, after=timedelta(minutes=50 * k)) for k in range(9)))
    before = shelf.counted()
    with shelf.sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.rematch_until = session.scalars(select(func.max(Post.id))).one()
    rematched(shelf.sessions, NOW)
    assert shelf.counted() == before == (9, 8)


def test_counting_again_changes_nothing(shelf: Shelf) -> None:
    shelf.put(*(said(k, after=timedelta(minutes=k)) for k in range(30)))
    before = shelf.counted()
    with shelf.sessions.begin() as session:
        recount(session, shelf.first, set(session.scalars(select(Bucket.at))), now=NOW)
    assert shelf.counted() == before == (30, 29)
