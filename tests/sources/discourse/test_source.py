"""Discourse: what a post becomes, how a forum is walked, its search, and what was taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources import kind
from app.sources.base import Batch
from app.sources.discourse.source import DiscourseSettings
from tests.sources.far_ends.base import NOW, FarEnd, Play, Post, ReceivedRequest, Reply, later, play
from tests.sources.far_ends.discourse import FAR_END, listed, number


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def made_of(**fields: Any) -> Batch:  # noqa: ANN401 - whatever JSON holds
    """What a first run makes of a post with these fields."""
    answer = Reply({"latest_posts": [listed(Post(1, later(-30))) | fields]})
    with play(replace(FAR_END, answer=lambda *_: answer)) as far:
        return far.run(NOW)


def test_a_post_keeps_what_is_known_of_it() -> None:
    (item,) = made_of(post_number=1, version=2, updated_at="2026-11-22T08:40:00.000Z").items
    assert item.external_id == str(number(Post(1, later(-30))))
    assert item.url == "https://forum.example/talk/t/velinor-again/77/1"
    assert (item.text, item.title, item.author) == ("Velinor again 1", "Velinor, again", "lea")
    assert (item.published_at, item.edited_at) == (later(-30), later(-20))
    assert (item.likes, item.replies, item.reach) == (4, 1, 12)


def test_a_reply_does_not_repeat_the_title_of_its_topic() -> None:
    (item,) = made_of().items
    assert (item.title, item.extra) == ("", {"topic": "Velinor, again", "category": 5})
    assert item.edited_at is None


@pytest.mark.parametrize(
    "fields", [{"post_type": 3}, {"post_type": 4}, {"hidden": True}, {"user_deleted": True}]
)
def test_what_is_no_post_of_a_person_is_left_out(fields: dict[str, Any]) -> None:
    assert made_of(**fields).items == []


def test_a_forum_whose_last_numbers_are_hidden_is_walked_on(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    low, high = number(far.server.posts[0]) + 10, number(far.server.posts[0]) + 200
    shown = {high: 0.2, low: 0.1}

    def windows(request: ReceivedRequest, _posts: Sequence[Post]) -> Reply:
        below = int(request.param("before", str(high)))
        rows = [listed(Post(n, later(at))) | {"id": n} for n, at in shown.items() if below - 50 < n <= below]
        return Reply({"latest_posts": rows})

    far.server.far_end = replace(FAR_END, answer=windows)
    assert sorted(item.external_id for item in far.run(later(5)).items) == [str(low), str(high)]


def test_a_post_that_was_deleted_is_taken_back(far: Play) -> None:
    far.server.posts = [Post(n, later(-6 + n)) for n in range(1, 5)]
    far.run(NOW)
    gone = far.server.posts.pop(1)
    far.server.posts[0] = replace(far.server.posts[0])
    assert far.run(later(5)).deleted == [str(number(gone))]
    assert far.run(later(10)).deleted == []


def test_a_post_that_says_it_was_deleted_is_taken_back(far: Play) -> None:
    far.server.posts = [Post(n, later(-6 + n)) for n in range(1, 3)]
    far.run(NOW)
    far.server.spoil = lambda _n, reply: replace(
        reply, body={"latest_posts": [row | {"user_deleted": True} for row in reply.body["latest_posts"]]}
    )
    assert far.run(later(5)).deleted == [str(number(post)) for post in reversed(far.server.posts)]
    assert far.run(later(10)).deleted == []


def search(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    """The search of a forum, three posts on a page."""
    assert request.path == "/search.json"
    page = int(request.param("page"))
    found = list(reversed(posts))
    rows = [
        {
            "id": number(post), "username": "lea", "created_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "like_count": 4, "blurb": f"... {post.text} &amp; more", "post_number": 1, "topic_id": 77,
        }
        for post in found[(page - 1) * 3 : page * 3]
    ]  # fmt: skip
    result = {"term": "velinor", "post_ids": [], "more_full_page_results": len(found) > page * 3}
    topics = [{"id": 77, "title": "Velinor, again", "slug": "velinor-again", "category_id": 5}]
    return Reply({"posts": rows, "topics": topics, "users": [], "grouped_search_result": result})


SEARCH: FarEnd = replace(
    FAR_END, settings={"forum": "forum.example", "query": "velinor", "lang": "fr"}, answer=search, secret=None
)


def test_a_search_is_walked_back_to_what_is_known() -> None:
    with play(SEARCH) as far:
        far.server.posts = [Post(1, later(-30))]
        (item,) = far.run(NOW).items
        assert (item.title, item.text, item.lang) == ("Velinor, again", "... Velinor again & more", "fr")
        assert item.url == "https://forum.example/t/velinor-again/77/1"
        far.server.posts += [Post(n, later(n / 10)) for n in range(2, 10)]
        assert len(far.run(later(5)).items) == 8
        assert far.server.asked[-1].param("q") == "velinor order:latest after:2026-11-21"
        assert [request.param("page") for request in far.server.asked] == ["1", "1", "2", "3"]


def test_an_older_forum_names_its_next_page_otherwise() -> None:
    def older(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
        reply = search(request, posts)
        result = reply.body["grouped_search_result"]
        result["more_posts"] = result.pop("more_full_page_results")
        return reply

    with play(replace(SEARCH, answer=older)) as far:
        far.server.posts = [Post(n, later(-n)) for n in range(1, 6)]
        assert len(far.run(NOW).items) == 5


@pytest.mark.parametrize("body", [{"grouped_search_result": {"term": "x"}}, {"posts": [], "topics": []}])
def test_a_search_without_results_is_empty(body: dict[str, Any]) -> None:
    with play(replace(SEARCH, answer=lambda *_: Reply(body))) as far:
        assert far.run(NOW).status == "empty"


def test_a_search_that_is_refused_with_status_200_is_told() -> None:
    refusal = Reply({"posts": [], "grouped_search_result": {"error": "Search is overloaded"}})
    with (
        play(replace(SEARCH, answer=lambda *_: refusal)) as far,
        pytest.raises(SourceError, match="overloaded"),
    ):
        far.run(NOW)


def test_a_closed_forum_is_told_as_such() -> None:
    closed = Reply({"errors": ["You need to be logged in to do that."], "error_type": "not_logged_in"}, 403)
    with play(replace(SEARCH, answer=lambda *_: closed)) as far:
        with pytest.raises(SourceError, match="You need to be logged in") as caught:
            far.run(NOW)
        assert "Check the API key" in str(caught.value)


def test_the_key_goes_with_its_user() -> None:
    settings = {"forum": "forum.example", "username": "system"}
    with play(replace(FAR_END, settings=settings, answer=lambda *_: Reply({"latest_posts": []}))) as far:
        far.run(NOW)
        headers = far.server.asked[0].headers
        assert (headers["api-key"], headers["api-username"]) == ("a-key-of-the-forum", "system")


def test_a_query_of_two_letters_is_refused() -> None:
    with pytest.raises(ValidationError, match="three letters"):
        DiscourseSettings(forum="forum.example", query="ve")


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("https://forum.example/talk/posts.json?before=7", {"forum": "https://forum.example/talk"}),
        (
            "https://forum.example/search.json?q=velinor%20rappel%20order%3Alatest",
            {"forum": "https://forum.example", "query": "velinor rappel"},
        ),
        ("https://forum.example/t/7/posts.json", None),
    ],
)
def test_settings_are_found_from_an_address(url: str, settings: dict[str, str] | None) -> None:
    from_url = kind("discourse").from_url
    assert from_url
    assert from_url(url) == settings
