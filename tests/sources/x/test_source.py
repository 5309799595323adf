"""X costs money by the post: the limit holds, and what it left out is read later and once."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import SourceError
from app.sources.base import Batch, Item
from app.sources.x.posts import id_of, instant_of, read
from app.sources.x.source import KIND, XSettings
from tests.sources.far_ends.base import Play, Post, Reply, later, play, shown
from tests.sources.far_ends.x import FAR_END
from tests.sources.street import ReceivedRequest, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def one(row: dict[str, Any], **includes: Any) -> Item:  # noqa: ANN401 - whatever JSON holds
    (item,) = read({"data": [{"id": "20", "text": "Hi"} | row], "includes": includes})
    return item


def test_an_id_holds_its_instant() -> None:
    at = instant_of(1050118621198921728)
    assert instant_of(id_of(at)) == at


def test_a_post_has_its_id_its_time_its_author_and_what_came_of_it() -> None:
    counts = {
        "retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "impression_count": 99,
    }  # fmt: skip
    user = {"id": "7", "username": "ana", "public_metrics": {"followers_count": 1200}, "verified": True}
    item = one(
        {"author_id": "7", "created_at": "2026-11-22T08:00:00.000Z", "lang": "fr", "text": "A &lt; B &amp; C",
         "public_metrics": counts, "referenced_tweets": [{"type": "retweeted", "id": "19"}]},
        users=[user],
    )  # fmt: skip
    assert (item.external_id, item.text, item.author, item.lang) == ("20", "A < B & C", "ana", "fr")
    assert item.published_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert (item.likes, item.shares, item.replies, item.reach, item.followers) == (3, 5, 2, 99, 1200)
    assert item.url == "https://x.com/i/web/status/20"
    assert item.extra == {"repost_of": "19", "verified": True}


@pytest.mark.parametrize("lang", ["und", "zxx", "qme", "qht", None])
def test_a_language_that_x_could_not_tell_is_none(lang: str | None) -> None:
    assert one({"lang": lang}).lang is None


def test_without_its_user_a_post_has_the_number_of_its_author() -> None:
    assert one({"author_id": "7"}).author == "7"


def test_a_long_post_comes_whole() -> None:
    assert one({"text": "cut…", "note_tweet": {"text": "the whole of it"}}).text == "the whole of it"


def test_an_edited_post_goes_on_under_its_first_id() -> None:
    first = id_of(NOW)
    item = one(
        {"id": "99", "edit_history_tweet_ids": [f"{first}", "99"], "created_at": "2026-11-22T09:20:00Z"}
    )
    assert (item.external_id, item.published_at) == (f"{first}", NOW)
    assert item.edited_at == NOW + timedelta(minutes=20)


def far(**settings: float) -> AbstractContextManager[Play]:
    """X with these settings."""
    return play(replace(FAR_END, settings={"query": "velinor"} | settings))


def burst(play: Play, n: int, at: datetime, every: int = 1) -> list[Post]:
    posts = [Post(1_000 + k, at - timedelta(seconds=every * k)) for k in range(n)]
    play.server.posts += posts
    return posts


def test_each_new_post_and_author_is_paid_for_once() -> None:
    with far(usd_a_day=10) as x:
        x.server.posts = [Post(1, later(-30)), Post(2, later(-20)), Post(8, later(-5))]
        assert x.run(later(0)).cost == pytest.approx(3 * 0.005 + 2 * 0.010)
        x.server.posts += [Post(3, later(3))]
        assert x.run(later(5)).cost == pytest.approx(0.015)
        assert KIND.budget
        budget = KIND.budget(XSettings(query="velinor", usd_a_day=10), x.cursor, later(6))
        assert budget
        assert (round(budget.used, 6), budget.of) == (0.05, 10)
        assert budget.resets_at == datetime(2026, 11, 23, tzinfo=UTC)
        tomorrow = KIND.budget(XSettings(query="velinor"), x.cursor, later(24 * 60))
        assert tomorrow
        assert tomorrow.used == 0


def test_the_limit_holds_and_what_it_left_out_comes_after_midnight_once() -> None:
    with far(usd_a_day=2, authors=False) as x:
        x.server.posts = [Post(1, later(-30))]
        x.run(later(0))
        posts = burst(x, 450, later(4))
        day = [x.run(later(5 * n)) for n in range(1, 5)]
        assert sum(batch.cost for batch in day) <= 2
        assert len(x.server.asked) == 1 + 4
        assert (day[0].status, day[0].window_to) == ("partial", later(0))
        assert day[0].next_in == timedelta(hours=14, minutes=55)
        assert "2 USD of today are spent, until midnight UTC" in day[0].note
        assert all(batch.items == [] and batch.coverage == 0.0 for batch in day[1:])
        late = burst(x, 20, later(30))
        after = x.run(datetime(2026, 11, 23, 0, 1, tzinfo=UTC))
        found = [one for batch in (*day, after) for one in shown(batch)]
        assert sorted(found) == sorted(FAR_END.external_id(post) for post in posts + late)
        assert (after.status, after.coverage, after.window_from) == ("ok", 1.0, later(0))


def test_the_first_look_back_takes_half_of_the_money_of_the_day() -> None:
    with far(usd_a_day=2, authors=False) as x:
        burst(x, 900, later(-1), every=60)
        first = x.run(later(0))
        assert len(first.items) == 200
        assert "to leave money for the day" in first.note
        assert x.run(later(5)).items == []


def test_an_error_between_pages_costs_nothing_twice() -> None:
    with far(usd_a_day=50) as x:
        x.server.posts = [Post(1, later(-30))]
        x.run(later(0))
        posts = burst(x, 250, later(4))
        x.server.spoil = lambda number, reply: Reply("", 503, {"Retry-After": "90"}) if number == 3 else reply
        first, second = x.run(later(5)), x.run(later(8))
        assert (first.status, first.next_in, len(first.items)) == ("partial", timedelta(seconds=90), 100)
        assert sorted(shown(first) + shown(second)) == sorted(FAR_END.external_id(post) for post in posts)
        assert (second.status, second.window_from, second.window_to) == ("ok", later(0), later(8))


def test_after_more_than_a_week_of_silence_the_gap_is_told() -> None:
    with far() as x:
        x.server.posts = [Post(1, later(-30))]
        x.run(later(0))
        after = later(14 * 24 * 60)
        x.server.posts += [Post(2, after - timedelta(days=1))]
        batch = x.run(after)
        assert len(batch.items) == 1
        assert batch.status == "partial"
        assert batch.coverage == pytest.approx(0.5, abs=0.01)
        assert "seven days" in batch.note


def run(reply: Any) -> tuple[Batch, list[ReceivedRequest]]:  # noqa: ANN401 - a Reply of the street
    assert KIND.build
    with street(lambda _asked: reply) as (server, client):
        settings = XSettings(query="brand", authors=False)
        return KIND.build(settings, client, "my-bearer").fetch({}, now=NOW), server.asked


def test_nothing_found_and_partial_errors_are_no_failure() -> None:
    errors = [{"resource_type": "user", "title": "Not Found Error", "value": "1"}]
    assert run(says({"meta": {"result_count": 0}, "errors": errors}))[0].status == "empty"


@pytest.mark.parametrize(
    ("told", "status", "why"),
    [
        pytest.param({"title": "Payment Required"}, 402, "paid", id="no credit"),
        pytest.param({"title": "Forbidden", "detail": "Enroll your app"}, 403, "Enroll", id="not enrolled"),
        pytest.param(
            {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429, "Rate", id="old throttle"
        ),
        pytest.param(
            {"type": "https://api.x.com/2/problems/usage-capped"}, 429, "plan at X is used", id="cap"
        ),
        pytest.param({"title": "Invalid Request", "detail": "bad query"}, 400, "bad query", id="bad query"),
    ],
)
def test_each_refusal_has_its_advice(told: dict[str, Any], status: int, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        run(says(told, status))
    assert caught.value.permanent == (status != 429)
    assert "my-bearer" not in str(caught.value)


def test_authors_that_are_not_wanted_are_not_asked_for() -> None:
    _, requests = run(says({"meta": {"result_count": 0}}))
    assert "expansions" not in requests[0].query
    assert requests[0].query["start_time"] == "2026-11-21T09:00:00Z"


def test_the_query_of_a_saved_address_is_known() -> None:
    assert KIND.from_url
    url = "https://api.twitter.com/2/tweets/search/recent?query=%22brand%22%20lang%3Afr&max_results=10"
    assert KIND.from_url(url) == {"query": '"brand" lang:fr', "counts": False}
    assert KIND.from_url(url.replace("search", "counts")) == {"query": '"brand" lang:fr', "counts": True}
    assert KIND.from_url(url.replace("search/recent", "20")) is None
