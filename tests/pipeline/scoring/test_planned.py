"""Planned events: what earlier ones did is expected of the next."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Bucket, PlannedEvent, Policy, Source, Watch
from app.pipeline.scoring.planned import UNKNOWN, events_between, factors_of, learn

START = datetime(2026, 9, 1, tzinfo=UTC)
NINE = START + timedelta(days=40, hours=9)  # the first results day begins
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


@pytest.fixture
def brand(sessions: Sessions) -> int:
    """Ten mentions an hour from nine to noon, day after day; on the first results day 20, 80 and 30."""
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        source = Source(name="forum", kind="push", settings={}, health_since=START, **stamps)
        watch = Watch(
            name="Vélinor", query={}, languages=[], policy=Policy(name="default", **stamps), **stamps
        )
        session.add_all([source, watch])
        session.flush()
        for day in range(60):
            for hour in range(3):
                at = START + day * DAY + (9 + hour) * HOUR
                mentions = (20, 80, 30)[hour] if at.date() == NINE.date() else 10
                session.add(
                    Bucket(
                        watch_id=watch.id, source_id=source.id, at=at, mentions=mentions, counted_at=at
                    )
                )  # fmt: skip
        return watch.id


def results(session: Session, at: datetime, **more: object) -> PlannedEvent:
    given = {"name": "T3", "kind": "results", "factor": None, "created_by": "t", "created_at": START} | more
    event = PlannedEvent(starts_at=at, ends_at=at + 3 * HOUR, **given)
    session.add(event)
    session.flush()
    return event


def test_an_event_expects_what_an_earlier_one_of_its_kind_did_hour_by_hour(
    sessions: Sessions, brand: int
) -> None:
    with sessions.begin() as session:
        results(session, NINE, watch_id=brand)
        after = results(session, NINE + 10 * DAY, watch_id=brand, name="T4")
        (factors,) = learn(session, after).values()
        # 81 of 11; the first and the last hour may have it too, should the event be early or late.
        assert factors == pytest.approx([81 / 11] * 3, abs=0.01)


def test_the_first_of_its_kind_is_expected_to_double(sessions: Sessions, brand: int) -> None:
    with sessions.begin() as session:
        results(session, NINE, watch_id=brand, kind="strike", name="Grève")
        event = results(session, NINE + 10 * DAY, watch_id=brand)
        assert learn(session, event) == {}
        assert factors_of(event, brand, {}) == [UNKNOWN]


def test_what_the_team_says_stands_above_what_was_learnt(sessions: Sessions, brand: int) -> None:
    with sessions.begin() as session:
        results(session, NINE, watch_id=brand)
        event = results(session, NINE + 10 * DAY, watch_id=brand, factor=3.0)
        events_between(session, NINE + 9 * DAY, NINE + 11 * DAY)
        assert event.learnt is None
        assert factors_of(event, brand, event.learnt) == [3.0]


def test_nothing_is_learnt_from_an_event_that_was_not_over(sessions: Sessions, brand: int) -> None:
    with sessions.begin() as session:
        results(session, NINE, watch_id=brand)
        event = results(session, NINE + HOUR, watch_id=brand)
        assert learn(session, event) == {}


def test_an_event_of_every_watch_teaches_each_its_own(sessions: Sessions, brand: int) -> None:
    with sessions.begin() as session:
        results(session, NINE, watch_id=None)
        event = results(session, NINE + 10 * DAY, watch_id=None)
        assert list(learn(session, event)) == [brand]


def test_what_was_learnt_is_kept_for_who_looks_back(sessions: Sessions, brand: int) -> None:
    with sessions.begin() as session:
        first = results(session, NINE, watch_id=brand)
        event = results(session, NINE + 10 * DAY, watch_id=brand)
        assert events_between(session, NINE + 10 * DAY, NINE + 11 * DAY) == [event]
        learnt = event.learnt
        assert learnt
        session.delete(first)
        session.flush()
        events_between(session, NINE + 10 * DAY, NINE + 11 * DAY)
        assert event.learnt == learnt
