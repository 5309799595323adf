"""A clock that jumps makes nobody deaf: what stands in the future is not believed, and the jump is told."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.models import Notice, Post
from app.pipeline.reports.bulletins import publish
from tests.pipeline.timekeeping.crooked import crooked_town
from tests.pipeline.town import STEP

pytestmark = [pytest.mark.faults, pytest.mark.story]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_TELLINGS = 4  # three brands, of which one is told in both channels


def test_after_one_pass_a_day_ahead_all_is_heard_judged_and_told_by_the_right_clock(
    database: str, tmp_path: Path
) -> None:
    with crooked_town(database, tmp_path) as town:
        town.live(3)
        town.live(1, off=DAY)
        town.live(1)
        now = town.clock.at
        for source in town.sources():
            assert source.due_at is not None
            assert source.heard_until is not None
            assert source.heard_until <= now
            assert source.due_at <= now + HOUR
        for watch in town.watches():
            assert watch.scored_until is not None
            assert now - HOUR <= watch.scored_until <= now
        town.live(32)
        assert len(set(town.told())) == _TELLINGS, "the fires that began after it are told"
        assert len(town.told()) == len(set(town.told())), "and each once"
        assert [n.facts["seconds"] for n in town.jumps()] == [
            DAY.total_seconds() + 300,
            -DAY.total_seconds() + 300,
        ]
        assert town.raised == []


@pytest.mark.parametrize("back", [HOUR, DAY], ids=["an hour", "a day"])
def test_a_clock_that_is_set_back_makes_nobody_deaf(database: str, tmp_path: Path, back: timedelta) -> None:
    with crooked_town(database, tmp_path) as town:
        town.live(3)
        town.live(2, off=-back)
        for source in town.sources():
            assert source.heard_until is not None
            assert town.clock.at - 2 * STEP <= source.heard_until <= town.clock.at
        town.live(32, off=-back)
        assert all(
            watch.scored_until is not None and watch.scored_until >= town.clock.at - HOUR
            for watch in town.watches()
        )
        assert len(set(town.told())) == _TELLINGS, "the fires that began after it are told"
        assert len(town.told()) == len(set(town.told())), "and each once"
        assert [n.facts["seconds"] for n in town.jumps()] == [300 - back.total_seconds()]
        assert all(
            b"set back" in b"".join(told) or b'"clock"' in b"".join(told)
            for told in town.far_end.told.values()
        )
        assert town.raised == []


def test_a_clock_that_runs_years_ahead_deletes_nothing(database: str, tmp_path: Path) -> None:
    with crooked_town(database, tmp_path) as town:
        town.live(3)
        count = select(func.count(Post.id))
        with town.runtime.sessions() as session:
            before = session.scalars(count).one()
        town.live(2, off=1_000 * DAY)
        town.live(1)
        with town.runtime.sessions() as session:
            assert session.scalars(count).one() >= before > 0


def test_a_bulletin_that_was_made_for_a_day_to_come_is_made_again_when_it_has_come(
    database: str, tmp_path: Path
) -> None:
    with crooked_town(database, tmp_path) as town:
        town.live(1)
        publish(town.runtime.sessions, now=town.clock.at + DAY)
        town.live(1, off=DAY)
        town.live(1)
        periods = select(Notice.period).where(Notice.period != "", Notice.at > town.clock.at)
        with town.runtime.sessions() as session:
            assert session.scalars(periods).all() == []
        publish(town.runtime.sessions, now=town.clock.at + DAY)
        with town.runtime.sessions() as session:
            assert f"{town.clock.at + DAY:%Y-%m-%d}" in session.scalars(periods).all()
