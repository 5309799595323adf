"""What holds for every kind that looks back: all that its host shows, and no claim too much."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest

from app.sources import KINDS
from app.sources.base import Item, Past, StepBack
from tests.sources.far_ends import FAR_ENDS
from tests.sources.far_ends.base import NOW, Play, Post, later, play

ABLE = {kind.name: kind.looks_back for kind in KINDS if kind.looks_back}
DAY = timedelta(days=1)
MOST_STEPS = 400


@pytest.fixture(params=[pytest.param(one, id=one.kind) for one in FAR_ENDS if one.kind in ABLE])
def far(request: pytest.FixtureRequest) -> Iterator[Play]:
    with play(request.param) as playing:
        yield playing


def walk(far: Play, since: datetime, until: datetime = NOW) -> list[Past]:
    """All steps, from ten past on and a minute apart, for hosts keep their pace."""
    steps: list[Past] = []
    step = StepBack(since, until, later(10))
    while len(steps) < MOST_STEPS:
        past = far.back(step)
        assert step.since <= past.reached <= step.until
        steps.append(past)
        if past.mark is None or past.reached <= since:
            return steps
        step = StepBack(since, past.reached, later(10 + len(steps)), past.mark, far.cursor)
    raise AssertionError("it comes to no end")


def of_then(steps: list[Past], since: datetime, until: datetime = NOW) -> dict[str, Item]:
    items = [item for past in steps for item in past.items]
    return {
        item.external_id: item for item in items if item.published_at and since <= item.published_at < until
    }


def test_all_that_the_host_shows_is_found_and_its_time_is_covered(far: Play) -> None:
    days = min(ABLE[far.server.far_end.kind], 40 * DAY) // DAY
    draw, since = Random(7), NOW - days * DAY
    far.server.posts = [Post(n, later(-draw.uniform(1, (days + 20) * 1_440))) for n in range(1, 331)]
    far.run(NOW)
    steps = walk(far, since)
    told = {
        far.server.far_end.external_id(post)
        for post in far.server.posts
        if since + DAY <= post.at < NOW - DAY
    }
    assert told <= set(of_then(steps, since - DAY))
    assert steps[-1].reached == since
    claimed = {past.coverage for past in steps}
    assert claimed == ({0.0} if far.server.far_end.kind == "google_news" else {1.0})


def test_a_burst_that_fills_pages_is_no_hole(far: Play) -> None:
    at = NOW - 3 * DAY
    size = far.server.far_end.burst
    burst = [Post(n, at + timedelta(minutes=240 * n / size)) for n in range(1, size + 1)]
    far.server.posts = [Post(900 + n, later(-1_440 * n)) for n in range(1, 6)] + burst
    far.run(NOW)
    since, until, found, told = NOW - 5 * DAY, NOW, dict[str, Item](), list[tuple[datetime, datetime]]()
    for past in walk(far, since):
        found |= of_then([past], since - DAY)
        if past.coverage and past.reached < until:
            told.append((past.reached, until))
        until = past.reached
    for post in burst:
        heard = any(begin + timedelta(minutes=15) <= post.at < end for begin, end in told)
        assert not heard or far.server.far_end.external_id(post) in found


def test_nothing_older_ends_at_once_and_a_crash_between_steps_repeats_a_step(far: Play) -> None:
    far.server.posts = [Post(1, later(-90)), Post(2, later(-60))]
    far.run(NOW)
    since = NOW - 2 * DAY
    once, again = far.back(StepBack(since, NOW, later(1))), far.back(StepBack(since, NOW, later(3)))
    assert (once.reached, once.mark) == (again.reached, again.mark)
    assert set(of_then([once], since)) == set(of_then([again], since))
    assert len(walk(far, since)) <= 6


def test_every_kind_that_looks_back_is_tried_here() -> None:
    assert {one.kind for one in FAR_ENDS} >= set(ABLE) - {"rss"}
