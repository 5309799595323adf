"""Missing is not zero: how much of a watch was heard, by what each of its sources usually brings."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from app.db import Sessions
from app.models import LookBack, Policy, Source, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.pipeline.roster import read_roster
from app.pipeline.scoring.counts import load
from app.pipeline.scoring.coverage import CoverageModel
from tests.pipeline.brand import START, post

DAY = timedelta(days=1)
STEP = timedelta(minutes=5)


@pytest.fixture
def two(sessions: Sessions) -> tuple[int, int, int]:
    """A watch and two sources, one of which brings nearly all."""
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        loud, quiet = (
            Source(name=name, kind="push", settings={}, health_since=START, **stamps)
            for name in ("loud", "quiet")
        )
        policy = Policy(name="default", **stamps)
        watch = Watch(name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], policy=policy, **stamps)
        session.add_all([loud, quiet, watch])
        session.flush()
        compiled = Matchers().current(session)
        for k in range(95):
            store(session, compiled, loud.id, [post(f"l{k}", START + k * STEP, "Vélinor")], now=START + DAY)
        for k in range(5):
            store(session, compiled, quiet.id, [post(f"q{k}", START + k * STEP, "Vélinor")], now=START + DAY)
        return watch.id, loud.id, quiet.id


def coverage(sessions: Sessions, watch_id: int, since: datetime, steps: int) -> list[float]:
    with sessions() as session:
        watch = session.get_one(Watch, watch_id)
        found = CoverageModel.of([watch], read_roster(session).sources).coverage(
            session, since, since + steps * STEP
        )
        return [round(float(c), 3) for c in found[0]]


def test_a_deaf_source_weighs_what_it_usually_brings(sessions: Sessions, two: tuple[int, int, int]) -> None:
    watch, loud, quiet = two
    noon = START + DAY + timedelta(hours=12)
    with sessions.begin() as session:
        observed(session, loud, noon, noon + STEP)
        observed(session, quiet, noon, noon + 2 * STEP)
    assert coverage(sessions, watch, noon, 3) == [1.0, 0.05, 0.0]


def test_the_weights_of_a_day_come_from_the_days_before_it(
    sessions: Sessions, two: tuple[int, int, int]
) -> None:
    watch, loud, _ = two
    with sessions.begin() as session:
        observed(session, loud, START, START + STEP)
    assert coverage(sessions, watch, START, 1) == [0.5], (
        "on the first day nothing is known of what they bring"
    )


def test_minutes_add_up_to_five_and_never_to_more(sessions: Sessions, two: tuple[int, int, int]) -> None:
    _, loud, quiet = two
    noon = START + DAY + timedelta(hours=12)
    with sessions.begin() as session:
        for source in (loud, quiet):
            observed(session, source, noon, noon + timedelta(minutes=2))
            observed(session, source, noon + timedelta(minutes=2), noon + STEP)
            observed(session, source, noon, noon + STEP)
    assert coverage(sessions, two[0], noon, 1) == [1.0]


def test_a_bucket_that_was_hardly_heard_is_missing_and_one_partly_heard_is_taken_up(
    sessions: Sessions, two: tuple[int, int, int]
) -> None:
    watch_id, loud, quiet = two
    noon = START + DAY + timedelta(hours=12)
    with sessions.begin() as session:
        items = [post(f"x{k}", noon + k * timedelta(seconds=1), "Vélinor") for k in range(6)]
        store(session, Matchers().current(session), loud, items, now=noon + STEP)
        observed(session, loud, noon, noon + STEP, coverage=0.6)
        observed(session, quiet, noon, noon + STEP, coverage=0.6)
        observed(session, loud, noon + STEP, noon + 2 * STEP, coverage=0.3)
    with sessions() as session:
        watch = session.get_one(Watch, watch_id)
        sources = read_roster(session).sources
        values = load(session, [watch], sources, since=noon, until=noon + 2 * STEP).values(0, 2)[0]
    assert values[0] == pytest.approx(10)
    assert np.isnan(values[1])


@pytest.mark.parametrize(("alone", "beside", "part"), [(95, 5, 0.95), (40, 60, 0.4), (0, 0, 1.0)])
def test_what_one_source_found_of_the_past_counts_for_what_it_brings_of_the_present(
    sessions: Sessions, alone: int, beside: int, part: float
) -> None:
    live = START + 10 * DAY
    stamps = {"created_at": live, "updated_at": live}
    with sessions.begin() as session:
        sources = [
            Source(name=name, kind="push", settings={}, health_since=live, heard_until=live, **stamps)
            for name in ("looks back", "cannot")
        ]
        policy = Policy(name="default", **stamps)
        watch = Watch(name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], policy=policy, **stamps)
        session.add_all([*sources, watch])
        session.flush()
        one, other = (source.id for source in sources)
        session.add(LookBack(source_id=one, asked_at=live, since=START, until=live, reached=START, mark={}))
        compiled = Matchers().current(session)
        past = [post(f"p{k}", START + k * timedelta(hours=3), "Vélinor") for k in range(80)]
        now = [post(f"n{k}", live + k * timedelta(minutes=1), "Vélinor") for k in range(alone)]
        store(session, compiled, one, past + now, now=live + DAY)
        came = [post(f"o{k}", live + k * timedelta(minutes=1), "Vélinor") for k in range(beside)]
        store(session, compiled, other, came, now=live + DAY)
        observed(session, one, START, live + DAY)
        observed(session, other, live, live + DAY)
        watch_id = watch.id
    with sessions() as session:
        watch = session.get_one(Watch, watch_id)
        series = load(session, [watch], read_roster(session).sources, since=live - DAY, until=live + STEP)
    assert series.coverage[0, 0] == pytest.approx(part, abs=0.04)
    assert series.coverage[0, -1] == pytest.approx(1.0)
    if part < 0.5:
        assert np.isnan(series.values(0, 1)).all(), "less than half of what is heard now says nothing"


def test_nothing_is_known_of_a_stream_before_a_watch_asked_for_it(sessions: Sessions) -> None:
    made = START + 2 * DAY
    with sessions.begin() as session:
        stamps = {"created_at": START, "updated_at": START}
        stream, feed = (
            Source(name=kind, kind=kind, settings={}, health_since=START, **stamps)
            for kind in ("jetstream", "push")
        )
        policy = Policy(name="default", **stamps)
        watch = Watch(name="Vélinor", query={"any_of": ["Vélinor"]}, languages=[], policy=policy, **stamps)
        watch.created_at = made
        session.add_all([stream, feed, watch])
        session.flush()
        for source in (stream, feed):
            observed(session, source.id, START, made + DAY)
        watch_id = watch.id
    assert coverage(sessions, watch_id, made - STEP, 3) == [0.5, 1.0, 1.0]
