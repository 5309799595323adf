"""Posts that no database can hold as they are, or that ours refuses: the others are stored."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Bucket, Mention, Post, Source
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.record_run import dates_new_as_old
from app.pipeline.ingest.store import Stored, store
from app.sources.base import Batch, Item

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def source(sessions: Sessions) -> int:
    with sessions.begin() as session:
        source = Source(
            name="forum", kind="push", settings={}, health_since=NOW, created_at=NOW, updated_at=NOW
        )
        session.add(source)
        session.flush()
        return source.id


def stored(sessions: Sessions, source: int, *items: Item) -> Stored:
    with sessions.begin() as session:
        return store(session, Matchers().current(session), source, items, now=NOW, careful=True)


def ids(session: Session) -> list[str]:
    return sorted(session.scalars(select(Post.external_id)))


def test_half_a_surrogate_pair_and_a_null_character_are_replaced_by_a_sign(
    sessions: Sessions, source: int
) -> None:
    post = Item("a\ud83d", "half a smile \ud83d, and \x00", NOW, author="\udc00", title="\x00", lang="fr")
    assert stored(sessions, source, post).stored == 1
    assert stored(sessions, source, post).stored == 0, "it is known again"
    with sessions() as session:
        kept = session.scalars(select(Post)).one()
    assert (kept.external_id, kept.text) == ("a\ufffd", "half a smile \ufffd, and \ufffd")
    assert (kept.author, kept.title) == ("\ufffd", "\ufffd")


def test_a_post_that_the_database_refuses_keeps_none_of_the_others_out(
    sessions: Sessions, source: int
) -> None:
    posts = [Item(f"p{n}", f"post {n}", NOW) for n in range(20)]
    posts[13] = replace(posts[13], likes=10**30)  # no integer of a database is so large
    became = stored(sessions, source, *posts)
    assert (became.received, became.stored) == (20, 19)
    assert [external_id for external_id, _ in became.refused] == ["p13"]
    with sessions() as session:
        assert ids(session) == sorted(post.external_id for post in posts if post.external_id != "p13")
        assert session.scalar(select(func.count()).select_from(Bucket)) == 0
        assert session.scalar(select(func.count()).select_from(Mention)) == 0


def test_most_that_is_new_dated_too_old_is_a_trouble_and_an_archive_that_is_first_read_is_none() -> None:
    batch = Batch([], {}, NOW, NOW, "ok")
    assert dates_new_as_old(Stored(3, 1, 0, too_old=2), batch)
    assert not dates_new_as_old(Stored(3, 2, 0, too_old=1), batch)
    assert not dates_new_as_old(Stored(3, 0, 0, too_old=3), replace(batch, window_from=None))
