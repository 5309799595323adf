"""How much has to be said in an hour or in three for it to be read before the volume is that of a fire."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.channels.facts import Learning
from app.models import PlannedEvent, Policy, Watch
from app.pipeline.scoring.arming import armed, armed_from, would_ring_at
from app.pipeline.scoring.counts import Series
from app.pipeline.scoring.coverage import CoverageModel
from app.pipeline.scoring.scored_series import ScoredSeries
from detectors import threshold_for

ONE_A_MONTH = threshold_for(1.0)
START, HOUR, DAY = datetime(2026, 11, 9, tzinfo=UTC), 12, 288


def _scored(*posts: int, usual: float = 0.1, known: int = DAY, score: float = 0.5) -> ScoredSeries:
    """Posts so many columns before the last of a day, with `usual` an hour in its `known` last columns."""
    counts = np.zeros((1, DAY))
    counts[0, : DAY - 3 * HOUR] = usual / HOUR
    for before in posts:
        counts[0, DAY - 1 - before] += 1
    nothing = np.zeros((2, 0), np.int64)
    model = CoverageModel({1: 0}, {}, nothing, {})
    watch = Watch(id=1, name="Vélinor", policy=Policy(floor=5))
    scored = ScoredSeries.of(Series((1,), START, counts, np.ones((1, DAY)), model), 0, [watch])
    scored.kept["expected"][:, DAY - known : DAY] = usual / HOUR
    scored.kept["score"][:, DAY - known : DAY] = score
    return scored


def _is_armed(scored: ScoredSeries, threshold: float = ONE_A_MONTH) -> bool:
    found = armed(scored, scored.watches[0], DAY - 1, DAY, threshold=threshold)
    assert found.shape == (1,)
    return bool(found[0])


def test_a_few_posts_arm_where_next_to_none_are_usual_and_not_where_they_are() -> None:
    for posts, usual, is_armed in (
        ((0, 1), 0.1, False),  # two are no crowd
        ((0, 1, 2, 3), 0.1, True),
        ((0, 12, 24, 35), 0.1, True),  # in three hours
        ((0, 12, 24, 36), 0.1, False),  # and not in more
        ((0, 1, 2, 3), 2.0, False),
        (tuple(range(12)), 2.0, True),
        (tuple(range(12)), 6.0, False),
    ):
        assert _is_armed(_scored(*posts, usual=usual)) is is_armed, (posts, usual)


def test_a_stricter_policy_is_armed_by_a_higher_score_and_a_strict_one_by_its_threshold_alone() -> None:
    for threshold, score, is_armed in (
        (ONE_A_MONTH, 0.0, True),
        (3.0, 0.9, False),
        (3.0, 1.0, True),
        (threshold_for(0.5), 3.2, False),
        (threshold_for(0.5), 3.3, True),
        (5.0, 4.9, False),
    ):
        assert _is_armed(_scored(*range(8), score=score), threshold) is is_armed, (threshold, score)


def test_a_looser_policy_is_armed_by_fewer_posts_and_a_higher_floor_asks_for_more() -> None:
    scored = _scored(*range(8), usual=2.2)
    assert not _is_armed(scored)
    assert _is_armed(scored, threshold_for(8))
    few = _scored(*range(8))
    assert _is_armed(few)
    few.watches[0].policy.floor = 20
    assert not _is_armed(few)


def test_the_threshold_that_would_not_have_rung_is_the_one_from_which_the_score_arms_no_more() -> None:
    for score in (0.0, 0.5, 1.7, 3.0, 3.5, 6.0):
        at = would_ring_at(score)
        assert armed_from(at) == pytest.approx(score)
        assert armed_from(at + 0.01) > score


def test_a_planned_event_raises_what_arms_and_the_mean_of_the_week_does_not_lower_it() -> None:
    for factor, is_armed in ((1.0, True), (1.5, True), (6.0, False)):
        scored = _scored(*range(12), usual=2.0)
        begin, end = START + timedelta(hours=22), START + timedelta(hours=24)
        scored.events = (PlannedEvent(starts_at=begin, ends_at=end, factor=factor),)
        scored.kept["expected"][:, 22 * HOUR : DAY] *= factor
        assert _is_armed(scored) is is_armed, factor


def test_what_made_hours_seem_busy_once_is_not_believed_beyond_the_week() -> None:
    scored = _scored(*range(6), usual=0.1)
    for believed, is_armed in ((0.2, True), (3.0, True)):
        scored.kept["expected"][:, :DAY] = believed / HOUR
        assert _is_armed(scored) is is_armed, believed
    scored.series.mentions[0, : DAY - 3 * HOUR] = 3.0 / HOUR  # but a busy brand is
    assert not _is_armed(scored)


def test_it_is_the_same_after_a_start_and_while_it_learns_nothing_arms() -> None:
    for posts in ((0, 12, 24, 35), (0, 12, 24, 36)):
        assert _is_armed(_scored(*posts, known=HOUR)) is _is_armed(_scored(*posts)), posts
    scored = _scored(*range(8))
    scored.learning[1] = Learning(until=START)
    assert not _is_armed(scored)
    assert not _is_armed(_scored(*range(8), known=0))


def test_each_column_is_judged_by_what_was_before_it() -> None:
    scored = _scored(20, 21, 22, 23)
    watch = scored.watches[0]
    found = armed(scored, watch, 0, DAY, threshold=ONE_A_MONTH)
    first = int(np.flatnonzero(found)[0])
    assert first == DAY - 21
    alone = [bool(armed(scored, watch, k, k + 1, threshold=ONE_A_MONTH)[0]) for k in range(first - 2, DAY)]
    assert alone == found[first - 2 :].tolist()
