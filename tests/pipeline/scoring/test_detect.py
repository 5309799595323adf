"""What is kept in memory from pass to pass is what a fresh start would read."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Policy, Source, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.roster import read_roster
from app.pipeline.scoring.counts import load
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.scored_series import ScoredSeries
from detectors import FireDetector
from tests.pipeline.brand import START, ordinary

NOW = START + timedelta(days=5)
HOUR = timedelta(hours=1)
STAMPS = {"created_at": START, "updated_at": START}


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.fixture
def street(sessions: Sessions) -> Sessions:
    """Three watches of five ordinary days."""
    with sessions.begin() as session:
        policy = Policy(name="default", **STAMPS)
        source = Source(name="forum", kind="push", settings={}, health_since=START, **STAMPS)
        session.add_all([policy, source])
        session.add_all(_watch(name, policy) for name in ("marché", "cantine", "Vélinor"))
        session.flush()
        store(session, Matchers().current(session), source.id, ordinary(5), now=NOW)
        observed(session, source.id, START, NOW + 3 * HOUR)
    return sessions


def _watch(name: str, policy: Policy) -> Watch:
    return Watch(name=name, query={"any_of": [name]}, languages=[], policy=policy, **STAMPS)


def judged(sessions: Sessions, scoring: ScoringEngine, hours: int) -> ScoredSeries:
    """The evidence of the hour that begins so many hours after `NOW`."""
    with sessions() as session:
        roster = read_roster(session)
    since = NOW + hours * HOUR
    (found,) = list(
        scoring.advance(sessions, roster.watches, roster.sources, (), since=since, until=since + HOUR)
    )
    return found[0]


def same(one: ScoredSeries, other: ScoredSeries, hours: int) -> None:
    assert one.series.watch_ids == other.series.watch_ids
    since = NOW + hours * HOUR
    for row, _ in enumerate(one.series.watch_ids):
        first, last = one.series.column(since), one.series.column(since + HOUR)
        begin, end = other.series.column(since), other.series.column(since + HOUR)
        for name in ("score", "expected", "flash"):
            mine, theirs = one.evidence(name, row, first, last), other.evidence(name, row, begin, end)
            np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    columns = min(one.series.mentions.shape[1], other.series.mentions.shape[1])
    np.testing.assert_array_equal(one.series.mentions[:, -columns:], other.series.mentions[:, -columns:])
    np.testing.assert_array_equal(one.series.coverage[:, -columns:], other.series.coverage[:, -columns:])


def test_a_watch_that_is_edited_added_or_gone_is_judged_as_after_a_fresh_start(street: Sessions) -> None:
    scoring = ScoringEngine(FireDetector())
    judged(street, scoring, 0)
    with street.begin() as session:
        first, second, _ = session.scalars(select(Watch).order_by(Watch.id))
        session.delete(first)
        second.name, second.updated_at = "nature", NOW
        session.add(_watch("bio", second.policy))
    same(judged(street, scoring, 1), judged(street, ScoringEngine(FireDetector()), 1), 1)


def test_of_an_edited_watch_alone_the_past_is_read_again(
    street: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring = ScoringEngine(FireDetector())
    judged(street, scoring, 0)
    with street.begin() as session:
        session.scalars(select(Watch).where(Watch.name == "cantine")).one().updated_at = NOW
    read: list[list[str]] = []

    def reading(session: Session, watches: list[Watch], *given: object, **named: object) -> object:
        read.append([watch.name for watch in watches])
        return load(session, watches, *given, **named)  # type: ignore[arg-type]

    for module in ("detect", "scored_series"):
        monkeypatch.setattr(f"app.pipeline.scoring.{module}.load", reading)
    judged(street, scoring, 1)
    assert read == [["cantine"]]
    judged(street, scoring, 2)
    assert read == [["cantine"]], "nothing has changed since"
