"""Hacker News: what a story and a comment become, and an index that stands still."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.sources import kind
from app.sources.base import Batch
from tests.sources.far_ends.base import NOW, FarEnd, Play, Post, ReceivedRequest, Reply, later, play
from tests.sources.far_ends.hackernews import FAR_END


def found(hit: dict[str, Any]) -> Batch:
    """What a first run makes of an answer with this hit."""
    answer = Reply({"hits": [hit], "nbHits": 1, "nbPages": 1})
    with play(FarEnd(FAR_END.kind, FAR_END.settings, lambda *_: answer, str, Reply(), None)) as far:
        return far.run(NOW)


def test_a_story_is_its_title_and_where_it_leads() -> None:
    (item,) = found(
        {
            "objectID": "45800001",
            "created_at_i": 1762336800,
            "created_at": "2025-11-05T10:00:00Z",
            "author": "pg",
            "title": "Velinor &amp; the recall",
            "url": "https://velinor.example/recall",
            "points": 41,
            "num_comments": 7,
        }
    ).items
    assert (item.external_id, item.url) == ("45800001", "https://news.ycombinator.com/item?id=45800001")
    assert item.published_at
    assert item.published_at.isoformat() == "2025-11-05T10:00:00+00:00"
    assert (item.title, item.text) == ("Velinor & the recall", "https://velinor.example/recall")
    assert (item.author, item.likes, item.replies, item.shares) == ("pg", 41, 7, None)


def test_a_comment_is_its_words_and_remembers_its_story() -> None:
    (item,) = found(
        {
            "objectID": "45800002",
            "created_at": "2025-11-05T10:00:00.000Z",
            "comment_text": 'It&#x27;s broken.<p>See <a href="https:&#x2F;&#x2F;a.example">this</a>',
            "story_id": 45800001,
            "story_title": "Ask HN: Velinor?",
            "story_url": "https://velinor.example/",
        }
    ).items
    assert item.text == "It's broken.\n\nSee this"
    assert item.title == ""
    assert item.extra == {
        "story_id": "45800001",
        "story": "Ask HN: Velinor?",
        "link": "https://velinor.example/",
    }
    assert item.published_at
    assert item.published_at.isoformat() == "2025-11-05T10:00:00+00:00"


@pytest.fixture
def quiet() -> Iterator[Play]:
    with play(FAR_END) as far:
        far.server.posts = [Post(1, later(-30))]
        far.run(NOW)
        yield far


def test_an_hour_of_silence_has_the_index_looked_at(quiet: Play) -> None:
    quiet.server.posts += [Post(2, later(110))]
    requests: list[ReceivedRequest] = quiet.server.asked
    hidden = Reply({"hits": [], "nbHits": 0, "nbPages": 0})
    quiet.server.spoil = lambda _n, reply: reply if "query" not in requests[-1].params else hidden
    assert quiet.run(later(120)).status == "empty"
    assert (requests[-1].param("hitsPerPage"), requests[-1].param("tags")) == ("1", "(story,comment)")


def test_an_index_that_stands_still_is_told_and_does_not_count_as_heard(quiet: Play) -> None:
    stalled = quiet.run(later(120))
    assert (stalled.status, stalled.window_from, stalled.window_to) == ("partial", NOW, NOW)
    assert stalled.note == "the search of Hacker News stands still since 22 Nov 08:30 UTC"
    quiet.server.posts += [Post(2, later(20)), Post(3, later(124))]
    mended = quiet.run(later(125))
    assert [item.external_id for item in mended.items] == ["3", "2"]
    assert (mended.status, mended.window_from, mended.window_to) == ("ok", NOW, later(125))


def test_what_was_known_is_asked_for_with_an_overlap(quiet: Play) -> None:
    quiet.run(later(5))
    since = int((later(-30) - timedelta(minutes=10)).timestamp())
    assert quiet.server.asked[-1].param("numericFilters") == f"created_at_i>{since}"


def test_what_the_search_does_not_take_is_left_out(quiet: Play) -> None:
    quiet.server.posts += [Post(2, later(1))]
    requests = quiet.server.asked
    refusal = Reply({"message": "Unknown parameter: typoTolerance", "status": 400}, 400)
    quiet.server.spoil = lambda _n, reply: refusal if "typoTolerance" in requests[-1].params else reply
    assert [item.external_id for item in quiet.run(later(5)).items] == ["2"]


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (
            "https://hn.algolia.com/api/v1/search_by_date?query=velinor&tags=(story,comment)",
            {"query": "velinor", "comments": True},
        ),
        ("https://hn.algolia.com/api/v1/search_by_date?tags=story", {"query": "", "comments": False}),
        ("https://hn.algolia.com/api/v1/items/1", None),
    ],
)
def test_settings_are_found_from_an_address(url: str, settings: dict[str, object] | None) -> None:
    from_url = kind("hackernews").from_url
    assert from_url
    assert from_url(url) == settings
