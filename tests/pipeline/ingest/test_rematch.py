"""A watch that is made or changed looks back over the posts that are stored already."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.db import Sessions
from app.models import Bucket, Mention, Policy, Post, Watch
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.retain import retain
from app.pipeline.ingest.store import store
from tests.pipeline.brand import START, ordinary
from tests.pipeline.rematching import rematched

NOW = START + timedelta(days=2)


@pytest.fixture
def stored(sessions: Sessions, velinor: int) -> int:
    items = ordinary(1)
    with sessions.begin() as session:
        store(session, Matchers().current(session), velinor, items, now=NOW)
    return len(items)


@pytest.mark.usefixtures("stored")
def test_a_new_watch_has_a_past(sessions: Sessions) -> None:
    with sessions.begin() as session:
        last = session.scalars(select(func.max(Post.id))).one()
        watch = Watch(
            name="Promotions", query={"any_of": ["promo"]}, languages=[], policy=session.get_one(Policy, 1),
            rematch_until=last, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(watch)
    rematched(sessions, NOW + timedelta(minutes=1))
    with sessions() as session:
        watch = session.scalars(select(Watch).where(Watch.name == "Promotions")).one()
        assert watch.rematch_until is None
        query = select(func.count()).select_from(Mention).where(Mention.watch_id == watch.id)
        promos = session.scalars(select(func.count()).where(Post.text.contains("promo"))).one()
        assert session.scalars(query).one() == promos > 0
        counted = select(func.sum(Bucket.mentions)).where(Bucket.watch_id == watch.id)
        assert session.scalars(counted).one() == promos


def test_a_changed_query_takes_away_what_no_longer_matches(sessions: Sessions, stored: int) -> None:
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        watch.query, watch.updated_at = {"any_of": ["autre chose"]}, NOW
        watch.rematch_until = session.scalars(select(func.max(Post.id))).one()
    rematched(sessions, NOW)
    with sessions() as session:
        assert session.scalars(select(func.count()).select_from(Mention)).one() == 0
        assert session.scalars(select(func.count()).select_from(Bucket)).one() == 0
        assert session.scalars(select(func.count()).select_from(Post)).one() == stored


def test_what_is_older_than_the_retention_goes_and_its_counts_stay(sessions: Sessions, stored: int) -> None:
    retain(sessions, timedelta(days=36), now=NOW + timedelta(days=60))
    with sessions() as session:
        assert session.scalars(select(func.count()).select_from(Post)).one() == 0
        assert session.scalars(select(func.count()).select_from(Mention)).one() == 0
        assert session.scalars(select(func.sum(Bucket.mentions))).one() == stored
