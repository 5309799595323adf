"""Bluesky: what a post becomes, and how the search is let in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.errors import SourceError
from app.sources import kind
from app.sources.bluesky import source as bluesky
from app.sources.bluesky.post import text_of
from app.sources.toolkit.tokens import Tokens
from tests.sources.far_ends.base import NOW, Play, Post, ReceivedRequest, Reply, later, play
from tests.sources.far_ends.bluesky import FAR_END, uri, view


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "_sessions", Tokens())


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def logins(far: Play) -> int:
    return sum(request.method == "POST" for request in far.server.asked)


def test_a_post_keeps_what_is_known_of_it(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    (item,) = far.run(NOW).items
    assert item.external_id == uri(Post(1, NOW))
    assert item.url == "https://bsky.app/profile/did:plc:lea1/post/3k1"
    assert (item.author, item.lang, item.text) == ("lea.bsky.social", "fr", "Velinor again")
    assert (item.likes, item.shares, item.replies, item.followers) == (3, 2, 1, 120)


def test_what_a_post_links_to_and_shows_is_part_of_it() -> None:
    record: dict[str, Any] = {
        "text": "Lisez velinor.example/rap… vite",
        "facets": [
            {
                "index": {"byteStart": 6, "byteEnd": 27},
                "features": [{"$type": "x#link", "uri": "https://velinor.example/rappel"}, {"tag": "v"}],
            }
        ],
        "embed": {
            "$type": "app.bsky.embed.recordWithMedia",
            "record": {"record": {"uri": "at://quoted"}},
            "media": {"images": [{"alt": "Une usine Velinor"}, {"alt": ""}, {}]},
        },
        "tags": ["rappel"],
    }
    assert text_of(record) == (
        "Lisez velinor.example/rap… vite\n\nUne usine Velinor\nhttps://velinor.example/rappel\n#rappel"
    )


def test_a_date_that_cannot_be_read_is_that_of_the_index() -> None:
    shown = view(Post(1, later(-30)))
    shown["record"]["createdAt"] = "yesterday"
    answer = Reply({"posts": [shown]})
    with play(replace(FAR_END, answer=_logged_in(answer))) as far:
        (item,) = far.run(NOW).items
    assert item.published_at
    assert item.published_at.isoformat() == "2026-11-22T08:30:00.120000+00:00"


def test_posts_come_also_when_nobody_says_how_many_follow_their_authors(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.server.spoil = lambda number, reply: Reply("", 500) if number == 3 else reply
    (item,) = far.run(NOW).items
    assert item.followers is None


def test_one_login_is_enough_for_many_runs(far: Play) -> None:
    for minute in range(0, 60, 5):
        far.run(later(minute))
    assert logins(far) == 1
    far.run(later(120))
    assert logins(far) == 2


def test_a_session_that_ended_early_is_opened_again(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    expired = Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
    far.server.spoil = lambda number, reply: expired if number == 4 else reply
    far.server.posts += [Post(2, later(1))]
    assert len(far.run(later(5)).items) == 1
    assert logins(far) == 2


def test_without_a_password_one_is_told_how_to_make_one() -> None:
    with play(replace(FAR_END, secret=None)) as far, pytest.raises(SourceError, match="Make an app password"):
        far.run(NOW)


@pytest.mark.parametrize(
    "reply",
    [Reply("<html>403 Forbidden</html>", 403), Reply({"error": "AuthMissing", "message": "Required"}, 403)],
)
def test_a_refusal_of_strangers_is_told_as_such(far: Play, reply: Reply) -> None:
    far.server.spoil = lambda number, answer: reply if number > 1 else answer
    with pytest.raises(SourceError, match="only to who is logged in") as caught:
        far.run(NOW)
    assert caught.value.permanent


def test_the_search_is_asked_from_the_newest_post_with_an_overlap(far: Play) -> None:
    far.server.posts = [Post(1, later(-1))]
    far.run(NOW)
    far.run(later(5))
    request = [one for one in far.server.asked if "since" in one.params][-1]
    assert (request.param("since"), request.param("sort")) == ("2026-11-22T08:49:00Z", "latest")


def test_settings_are_found_from_an_address() -> None:
    from_url = kind("bluesky").from_url
    assert from_url
    found = from_url("https://bsky.social/xrpc/app.bsky.feed.searchPosts?q=velinor&lang=fr&limit=25")
    assert found
    assert found["query"] == "velinor"
    assert kind("bluesky").settings.model_validate(found)


def _logged_in(answer: Reply) -> Any:  # noqa: ANN401 - a function as far ends have it
    def answered(request: ReceivedRequest, posts: Any) -> Reply:  # noqa: ANN401
        return FAR_END.answer(request, posts) if request.method == "POST" else answer

    return answered
