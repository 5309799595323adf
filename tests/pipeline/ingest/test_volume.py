"""What a source counts itself is kept, corrected, forgotten in time, and set beside what was usual."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.models import Coverage, Run, Source, SourceHealth, Volume
from app.pipeline import Chain
from app.pipeline.ingest.record_run import record_run
from app.pipeline.ingest.retain import retain
from app.pipeline.ingest.volume import points, remember
from app.sources.base import Batch
from app.sources.base import Volume as Counted

QUARTER, HOUR, WEEK = timedelta(minutes=15), timedelta(hours=1), timedelta(weeks=1)
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday


def counted(at: datetime, count: int, total: int | None = 1_000, step: timedelta = QUARTER) -> Counted:
    return Counted(at, step, count, total)


def usual(sessions: Sessions, source_id: int, at: datetime, zone: str = "UTC") -> tuple[Any, int]:
    with sessions() as session:
        row = session.get_one(Volume, (source_id, at))
        (point,) = points(session, [row], zone=zone)
    return point.usual, point.weeks


def keep(sessions: Sessions, source_id: int, *volume: Counted) -> None:
    with sessions.begin() as session:
        remember(session, source_id, volume)


def test_a_count_that_is_corrected_takes_the_place_of_the_first(sessions: Sessions, velinor: int) -> None:
    keep(sessions, velinor, counted(AT, 3), counted(AT + QUARTER, 4))
    keep(sessions, velinor, counted(AT + QUARTER, 5, 1_100), counted(AT + 2 * QUARTER, 6, None))
    with sessions() as session:
        rows = session.execute(select(Volume.at, Volume.count, Volume.total).order_by(Volume.at)).all()
    assert [tuple(row) for row in rows] == [
        (AT, 3, 1_000), (AT + QUARTER, 5, 1_100), (AT + 2 * QUARTER, 6, None),
    ]  # fmt: skip


def test_a_run_keeps_its_volume_with_its_cursor(sessions: Sessions, chain: Chain, velinor: int) -> None:
    batch = Batch([], {"n": 1}, None, AT, "empty", volume=[counted(AT, 3)])
    with sessions.begin() as session:
        record_run(session, chain.ingest, velinor, batch, AT, timedelta(0))
    with sessions() as session:
        assert session.get_one(Source, velinor).cursor == {"n": 1}
        assert session.scalars(select(Volume.count)).all() == [3]


def test_a_run_for_volume_alone_says_nothing_of_how_posts_are_heard(
    sessions: Sessions, chain: Chain, velinor: int
) -> None:
    with sessions.begin() as session:
        source = session.get_one(Source, velinor)
        source.health, source.health_why = SourceHealth.degraded, "half"
        source.failures, source.heard_until = 1, AT
    batch = Batch([], {"n": 2}, AT - HOUR, AT + HOUR, "unchanged", volume=[counted(AT, 3)], aside=True)
    with sessions.begin() as session:
        record_run(session, chain.ingest, velinor, batch, AT + HOUR, timedelta(0))
    with sessions() as session:
        source = session.get_one(Source, velinor)
        assert (source.health, source.health_why, source.failures) == ("degraded", "half", 1)
        assert (source.heard_until, source.cursor) == (AT, {"n": 2})
        assert session.scalars(select(Coverage)).all() == []
        assert session.scalars(select(Run)).all() == []


def test_old_volume_is_forgotten(sessions: Sessions, velinor: int) -> None:
    keep(sessions, velinor, counted(AT, 3), counted(AT + HOUR, 4))
    retain(sessions, timedelta(days=30), now=AT + timedelta(days=30, minutes=30))
    with sessions() as session:
        assert session.scalars(select(Volume.at)).all() == [AT + HOUR]


def test_usual_is_the_median_of_the_weeks_before_in_proportion_to_the_total(
    sessions: Sessions, velinor: int
) -> None:
    keep(
        sessions, velinor, counted(AT, 30, 2_000),
        *(counted(AT - n * WEEK, count) for n, count in enumerate((4, 6, 90), 1)),
        counted(AT - WEEK + 2 * HOUR, 500),  # another hour
        counted(AT - QUARTER, 500),
    )  # fmt: skip
    assert usual(sessions, velinor, AT) == (pytest.approx(12), 3)


def test_without_totals_or_with_other_steps_counts_are_compared_for_the_same_time(
    sessions: Sessions, velinor: int
) -> None:
    keep(sessions, velinor, counted(AT, 30, None), counted(AT - WEEK, 40, None, step=HOUR))
    assert usual(sessions, velinor, AT) == (10, 1)


def test_nothing_is_usual_before_a_week_is_known(sessions: Sessions, velinor: int) -> None:
    keep(sessions, velinor, *(counted(AT - n * QUARTER, 4) for n in range(300)))
    assert usual(sessions, velinor, AT) == (None, 0)


def test_what_comes_later_changes_nothing_of_what_was_usual(sessions: Sessions, velinor: int) -> None:
    keep(sessions, velinor, counted(AT, 30), counted(AT - WEEK, 4))
    before = usual(sessions, velinor, AT)
    keep(sessions, velinor, *(counted(AT + n * QUARTER, 900) for n in range(1, 2_000)))
    assert usual(sessions, velinor, AT) == before == (4, 1)


def test_the_hour_is_that_of_the_place_also_when_the_clocks_change(sessions: Sessions, velinor: int) -> None:
    summer, winter = datetime(2026, 10, 19, 6, 0, tzinfo=UTC), datetime(2026, 10, 26, 7, 0, tzinfo=UTC)
    keep(sessions, velinor, counted(winter, 30), counted(summer, 8), counted(summer + HOUR, 2))
    assert usual(sessions, velinor, winter, "Europe/Paris") == (pytest.approx(8), 1)
    assert usual(sessions, velinor, winter) == (pytest.approx(2), 1)


def test_a_total_of_nothing_has_no_share(sessions: Sessions, velinor: int) -> None:
    keep(sessions, velinor, counted(AT, 0, 0), counted(AT - WEEK, 4))
    with sessions() as session:
        (point,) = points(session, session.scalars(select(Volume).where(Volume.at == AT)).all(), zone="UTC")
    assert (point.share, point.usual) == (None, 4)
