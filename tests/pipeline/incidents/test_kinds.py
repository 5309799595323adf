"""What the kind of an incident is judged from, beside its volume (on SQLite alone)."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from app.clock import STEP
from app.db import Sessions
from app.kinds import KindTerm
from app.models import Bucket, Source, Watch
from app.pipeline.incidents.kinds import IncidentCounts, judge_kind, tone_of
from app.pipeline.incidents.said_before import ANY_BRAND, SaidBefore, UsualShares
from app.pipeline.scoring.counts import Series
from app.pipeline.scoring.coverage import CoverageModel
from app.pipeline.scoring.scored_series import ScoredSeries
from app.reading.glance import Glance
from app.reading.kind import Evidence, Judgement, kind_of
from app.reading.share import ShareChange, changed
from tests.pipeline.brand import START

DAY = timedelta(days=1)
BEGAN = START + 40 * DAY + 15 * STEP
NOBODY = np.empty((0, 0))
UNCOVERED = CoverageModel({}, {}, np.empty((2, 0), np.int64), {})
NOTHING_ELSE = ScoredSeries.of(Series((), START, NOBODY, NOBODY, UNCOVERED), 0, ())
SAID = Glance(
    negative=np.asarray([True] * 3 + [False] * 7),
    positive=np.asarray([False] * 5 + [True] * 4 + [False]),
    harm=np.asarray([True] * 5 + [False] * 5),
    launch=np.asarray([False] * 8 + [True] * 2),
    feast=np.asarray([False] * 7 + [True] * 3),
)
COUNTED = IncidentCounts(
    mentions=20,
    pushed=0.1,
    loudest=9,
    rings_alone=True,
    planned=False,
    agree=1,
    signed=0,
    accounts=0,
    common=0.0,
)
READ = Evidence(
    read=10, harm=5, launch=2, positive=4, negative=3, mentions=20, loudest=0.45, amplified=0.1, feast=3
)
USUAL = ShareChange(share=0.3, low=0.2, high=0.4, usual=0.3, usual_low=0.2, usual_high=0.4, p=0.5)


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def judged(
    counts: IncidentCounts = COUNTED,
    tone: ShareChange = USUAL,
    seen: Glance = SAID,
    usual: UsualShares = ANY_BRAND,
) -> Judgement:
    return judge_kind(NOTHING_ELSE, Watch(id=1), 0, 2.0, seen, usual, counts, tone)


def test_the_usual_tone_is_that_of_each_of_the_four_weeks_before(sessions: Sessions, velinor: int) -> None:
    counted: list[tuple[datetime, int, int]] = [
        (BEGAN - 28 * DAY - STEP, 90, 100),  # too long ago
        (BEGAN - 28 * DAY, 3, 40),
        (BEGAN - 28 * DAY + STEP, 1, 20),  # of the same day
        (BEGAN - 3 * DAY, 2, 50),
        (BEGAN - DAY, 9, 30),
        (BEGAN - STEP, 4, 60),
        (BEGAN, 70, 80),  # it burns
    ]
    with sessions.begin() as session:
        watch = session.scalars(select(Watch)).one()
        stamps = {"created_at": START, "updated_at": START}
        other = Watch(name="Armor", query={}, languages=[], policy=watch.policy, **stamps)
        press = Source(
            name="press", kind="push", settings={}, health_since=START, heard_until=START, **stamps
        )
        session.add_all([other, press])
        session.flush()
        session.add_all(
            Bucket(watch_id=watch.id, source_id=velinor, at=at, negative=bad, mentions=of, counted_at=at)
            for at, bad, of in counted
        )
        at = BEGAN - DAY
        session.add_all([
            Bucket(watch_id=watch.id, source_id=press.id, at=at, negative=1, mentions=10, counted_at=at),
            Bucket(watch_id=other.id, source_id=velinor, at=at, negative=50, mentions=60, counted_at=at),
        ])  # fmt: skip
        found = tone_of(session, watch, 12, 40, BEGAN)
    assert found == changed(12, 40, [(4, 60), (2, 50), (10, 40), (4, 60)])


def test_what_was_read_and_counted_is_what_the_kind_is_judged_from() -> None:
    assert judged() == kind_of(READ)
    planned = replace(COUNTED, planned=True, agree=2, signed=10, accounts=3, common=0.4)
    assert judged(planned) == kind_of(replace(READ, planned=True, agree=2, signed=10, accounts=3, common=0.4))
    pushed = replace(COUNTED, pushed=0.7, rings_alone=False)
    assert judged(pushed) == kind_of(replace(READ, amplified=0.7, rings_alone=False))


def test_how_loud_an_account_is_is_its_part_of_the_mentions() -> None:
    assert judged(replace(COUNTED, loudest=12)) == kind_of(replace(READ, loudest=0.6))
    assert judged(replace(COUNTED, loudest=11)) == kind_of(replace(READ, loudest=0.55))
    assert judged(replace(COUNTED, mentions=0, loudest=0)) == kind_of(replace(READ, mentions=0, loudest=0.0))


def test_what_is_usual_is_that_of_the_watch() -> None:
    usual = UsualShares(harm=0.6, launch=0.0, praise=0.3, topic=0.1, feast=0.2)
    asked = replace(
        READ, usual_harm=0.6, usual_launch=0.0, usual_praise=0.3, usual_common=0.1, usual_feast=0.2
    )
    assert judged(usual=usual) == kind_of(asked) != judged()
    neutral = Glance(*(np.full(10, False) for _ in range(5)))
    large = replace(READ, harm=0, launch=0, feast=0, positive=0, negative=0, beyond=2.0)
    assert judged(replace(COUNTED, beyond=2.0), seen=neutral) == kind_of(large) != judged(seen=neutral)


def test_what_little_was_said_before_is_drawn_to_what_is_usual_of_any_brand() -> None:
    def shares(posts: int) -> UsualShares:
        every = np.full(posts, True)
        seen = Glance(negative=~every, positive=every, harm=~every, launch=every, feast=~every)
        return SaidBefore(("Our new yoghurt",) * posts, (None,) * posts).shares(seen, ["Yoghurt"])

    assert shares(0) == ANY_BRAND
    assert shares(1).launch == pytest.approx(3 / 21)
    assert shares(19) == UsualShares(harm=4 / 39, launch=21 / 39, praise=19 / 39, topic=0.0, feast=1 / 39), (
        "too few to compare"
    )
    assert shares(20) == UsualShares(harm=0.1, launch=0.55, praise=0.5, topic=1.0, feast=0.025)


def test_the_tone_has_risen_where_it_hardly_ever_is_so_bad() -> None:
    assert KindTerm.more_negative in dict(judged(tone=replace(USUAL, p=0.009)).terms)
    assert KindTerm.more_negative not in dict(judged(tone=replace(USUAL, p=0.01)).terms)
