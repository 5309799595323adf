"""X's counts: asked for beside the posts, within the same money, and never at their cost."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.sources.base import Volume
from app.sources.x.counts import volume_of
from app.sources.x.source import KIND, XSettings
from tests.sources.far_ends.base import Play, Post, ReceivedRequest, Reply, later, play, shown
from tests.sources.far_ends.x import FAR_END

QUARTER, MINUTE, HOUR = timedelta(minutes=15), timedelta(minutes=1), timedelta(hours=1)
PRICE = 0.005


def far(**settings: object) -> AbstractContextManager[Play]:
    """X with these settings, and counts."""
    return play(replace(FAR_END, settings={"query": "velinor", "counts": True} | settings))


def questions(x: Play) -> list[ReceivedRequest]:
    """Those for counts."""
    return [one for one in x.server.asked if one.path == "/2/tweets/counts/recent"]


def row(
    minutes: float, count: object, *, width: timedelta = MINUTE, name: str = "tweet_count"
) -> dict[str, Any]:
    start = later(minutes)
    return {"start": start.isoformat(), "end": (start + width).isoformat(), name: count}


def test_without_being_wanted_they_are_not_asked_for() -> None:
    with play(FAR_END) as x:
        assert x.run(later(0)).volume == []
        assert questions(x) == []
        assert "counted" not in x.cursor


def test_minutes_come_as_whole_quarters_of_an_hour_and_are_paid_for() -> None:
    with far(authors=False) as x:
        x.server.posts = [Post(1, later(-50)), Post(2, later(-46)), Post(3, later(-14))]
        batch = x.run(later(5))
        assert len(batch.items) == 3
        assert batch.cost == pytest.approx(3 * PRICE + PRICE)
        assert {one.at: one.count for one in batch.volume if one.count} == {later(-60): 2, later(-15): 1}
        assert all(one.step == QUARTER for one in batch.volume)
        assert all(one.total is None for one in batch.volume)
        assert (batch.volume[0].at, batch.volume[-1].at) == (later(-24 * 60), later(-15))
        assert KIND.budget
        budget = KIND.budget(XSettings(query="velinor"), x.cursor, later(6))
        assert budget
        assert budget.used == pytest.approx(4 * PRICE)


def test_they_are_asked_for_once_in_a_quarter_of_an_hour_and_the_last_hour_again() -> None:
    with far() as x:
        for minute in (5, 10, 15, 20, 25, 30, 35):
            x.run(later(minute))
        spans = [(one.param("start_time")[11:16], one.param("end_time")[11:16]) for one in questions(x)]
        assert spans == [("09:00", "09:00"), ("08:00", "09:15"), ("08:15", "09:30")]


def test_after_days_of_silence_what_is_missing_is_asked_for() -> None:
    with far() as x:
        x.run(later(5))
        batch = x.run(later(3 * 24 * 60 + 5))
        assert batch.volume[0].at == later(-60)
        assert (batch.volume[-1].at - batch.volume[0].at) / QUARTER + 1 == len(batch.volume)
        assert x.run(later(30 * 24 * 60)).volume[0].at == later((30 * 24 - 6 * 24 - 23) * 60 - 15)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(FAR_END.throttled, "less often", id="throttled"),
        pytest.param(FAR_END.refused, "Check", id="refused"),
        pytest.param(
            Reply({"title": "Forbidden", "detail": "Enroll your app"}, 403), "Enroll", id="no right"
        ),
        pytest.param(Reply("", 503), "out of order", id="503"),
        pytest.param(Reply("<html>no</html>"), "web page", id="a web page"),
        pytest.param(FAR_END.mistaken, "too short", id="an error with status 200"),
        pytest.param(Reply(""), "empty", id="an empty body"),
    ],
)
def test_when_they_fail_the_posts_are_there_and_a_note(reply: Reply, words: str) -> None:
    with far(authors=False) as x:
        x.server.posts = [Post(1, later(-50)), Post(2, later(-20))]
        x.server.spoil = lambda _n, good: reply if x.server.asked[-1].path.endswith("counts/recent") else good
        batch = x.run(later(5))
        assert shown(batch) == x.ids(1, 2)
        assert (batch.status, batch.volume, batch.window_to) == ("ok", [], later(5))
        assert "posts were not counted" in batch.note
        assert words in batch.note
        assert "a-token-of-x" not in batch.note
        assert batch.cost == pytest.approx(2 * PRICE)
        asked = len(questions(x))
        assert x.run(later(10)).note == ""
        assert len(questions(x)) == asked
        x.server.spoil = lambda _n, good: good
        assert x.run(later(20)).volume[0].at == later(15 - 24 * 60)


def test_when_the_posts_fail_nothing_is_counted() -> None:
    with far() as x:
        x.run(later(0))
        x.server.posts = [Post(n, later(3)) for n in range(1, 250)]
        before = len(x.server.asked)
        x.server.spoil = lambda n, good: Reply("", 503) if n > before + 1 else good
        batch = x.run(later(16))
        assert (batch.status, len(batch.items), batch.volume) == ("partial", 100, [])
        assert len(questions(x)) == 1


def test_posts_leave_the_money_for_the_counts_of_the_day() -> None:
    with far(usd_a_day=1, authors=False) as x:
        x.run(later(0))
        x.server.posts = [Post(1_000 + n, later(1) + n * timedelta(seconds=1)) for n in range(800)]
        batches, at = [], later(20)
        while at < datetime(2026, 11, 23, tzinfo=UTC):
            batches.append(x.run(at))
            at += batches[-1].next_in or timedelta(minutes=5)
        assert sum(batch.cost for batch in batches) <= 1
        assert len({one.at for batch in batches for one in batch.volume if one.at >= later(0)}) == 59
        assert "1 USD of today are spent but for counts, until midnight UTC" in batches[-1].note
        assert len(questions(x)) == 1 + 59


def test_what_is_not_counted_whole_is_left_out_and_longer_stretches_stay_as_they_are() -> None:
    found = {
        "data": [
            *(row(n, 2) for n in range(15, 30)),
            *(row(n, "1", name="post_count") for n in range(30, 45)),
            row(20, 5),  # said again: the later word counts
            *(row(n, 2) for n in range(45, 59)),
            row(60, 9, width=HOUR), row(120, 9, width=timedelta(minutes=7)),
            row(0, None), {"start": "soon", "end": None, "tweet_count": 4}, {},
        ]
    }  # fmt: skip
    assert volume_of(found) == [
        Volume(later(15), QUARTER, 33), Volume(later(30), QUARTER, 15), Volume(later(60), HOUR, 9),
    ]  # fmt: skip


def test_nothing_counted_is_nothing() -> None:
    assert volume_of({"meta": {"total_tweet_count": 0}}) == []
