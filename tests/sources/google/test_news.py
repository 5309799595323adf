"""Google News: what an article becomes, the time that is asked for, and what is left alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources import kind
from app.sources.google.news import GoogleNewsSettings
from tests.sources.far_ends.base import NOW, Play, Post, Reply, later, play
from tests.sources.far_ends.google_news import FAR_END, REST, ROBOT, feed, item


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def test_an_article_is_its_headline_and_who_printed_it(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    (post,) = far.run(NOW).items
    assert (post.external_id, post.url) == ("CBMi1", "https://news.google.com/rss/articles/CBMi1?oc=5")
    assert (post.title, post.text) == ("Velinor again 1", "")
    assert (post.author, post.lang, post.published_at) == ("Le Journal", "fr", later(-30))


def test_the_time_that_passed_is_asked_for(far: Play) -> None:
    far.run(NOW)
    for minutes in (5, 60, 60 + 300, 60 + 300 + 3_000):
        far.run(later(minutes))
    assert [request.param("q").split()[-1] for request in far.server.asked] == [
        "when:1d", "when:1h", "when:2h", "when:6h", "when:3d",
    ]  # fmt: skip


def test_an_article_that_comes_again_under_another_id_is_one(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    far.server.spoil = lambda *_: feed(item(Post(1, later(-30)), guid="other"), item(Post(2, later(1))))
    assert [post.external_id for post in far.run(later(5)).items] == ["CBMi2"]


def test_after_an_outage_a_full_answer_is_joined_by_the_last_hour(far: Play) -> None:
    far.run(NOW)
    far.server.posts = [Post(n, later(n)) for n in range(1, 300)]
    batch = far.run(later(300))
    assert [request.param("q").split()[-1] for request in far.server.asked[1:]] == ["when:6h", "when:1h"]
    assert (batch.status, batch.next_in) == ("partial", timedelta(minutes=1))
    assert batch.coverage < 1
    assert "narrow the query" in batch.note
    assert {f"CBMi{n}" for n in range(241, 300)} <= {post.external_id for post in batch.items}


@pytest.mark.parametrize("reply", [Reply(ROBOT), *(Reply(ROBOT, n) for n in (403, 429, 503))])
def test_who_is_taken_for_a_robot_leaves_it_alone(far: Play, reply: Reply) -> None:
    far.server.spoil = lambda *_: reply
    with pytest.raises(SourceError) as caught:
        far.run(NOW)
    assert (caught.value.permanent, caught.value.retry_after) == (False, REST)


def test_editions_are_named_as_it_wants_them() -> None:
    settings = {"query": "velinor", "language": "en", "country": "GB"}
    with play(replace(FAR_END, settings=settings, answer=lambda *_: feed())) as far:
        far.run(NOW)
        request = far.server.asked[0]
    assert (request.param("hl"), request.param("gl"), request.param("ceid")) == ("en-GB", "GB", "GB:en")


def test_a_query_sets_no_time_of_its_own() -> None:
    with pytest.raises(ValidationError, match="take out when:"):
        GoogleNewsSettings(query="velinor when:7d")


def test_settings_are_found_from_an_address() -> None:
    from_url = kind("google_news").from_url
    assert from_url
    url = "https://news.google.com/rss/search?q=velinor+when:1h&hl=de&gl=DE&ceid=DE:de"
    assert from_url(url) == {"query": "velinor", "language": "de", "country": "DE"}
