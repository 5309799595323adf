"""Mastodon: what a status becomes, how far a hashtag is walked, and what its stream says."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources import kind
from app.sources.base import Batch, Stream
from app.sources.mastodon.source import MastodonSettings
from tests.sources.far_ends.base import NOW, Play, Post, ReceivedRequest, Reply, later, play
from tests.sources.far_ends.mastodon import FAR_END, local_id, page, status, uri

SHORTENED = (
    '<p>Lisez <a href="https://www.velinor.example/rappel?a=1&amp;b=2"><span class="invisible">https://www.</span>'
    '<span class="ellipsis">velinor.example/rap</span><span class="invisible">pel?a=1&amp;b=2</span></a></p>'
    "<p>@<span>lea</span> #<span>Velinor</span><br />fin</p>"
)


@pytest.fixture
def far() -> Iterator[Play]:
    with play(FAR_END) as playing:
        yield playing


def made_of(**fields: Any) -> Batch:  # noqa: ANN401 - whatever JSON holds
    """What a first run makes of a status with these fields."""
    answer = Reply([status(Post(1, later(-30))) | fields])
    with play(replace(FAR_END, answer=lambda *_: answer)) as far:
        return far.run(NOW)


def test_a_status_keeps_what_is_known_of_it() -> None:
    (item,) = made_of(
        content=SHORTENED, edited_at="2026-11-22T08:40:00.000Z", spoiler_text="Rappel", quotes_count=4
    ).items
    assert item.text == "Lisez https://www.velinor.example/rappel?a=1&b=2\n\n@lea #Velinor\nfin"
    assert (item.external_id, item.url) == (uri(Post(1, NOW)), "https://elsewhere.example/@lea/1")
    assert (item.author, item.lang, item.title) == ("lea@elsewhere.example", "fr", "Rappel")
    assert (item.replies, item.shares, item.likes, item.followers) == (1, 2, 3, 120)
    assert (item.published_at, item.edited_at) == (later(-30), later(-20))
    assert item.extra == {"tags": ["velinor"], "quotes": 4}


def test_what_is_shown_with_a_status_is_read_with_it() -> None:
    (item,) = made_of(
        content="<p>Look at this</p>",
        media_attachments=[{"description": "A kettle on fire"}, {"description": None}, "odd"],
        card={"title": "Kettles recalled", "description": "Look at this"},
        poll={"options": [{"title": "Take it back"}, {"title": "Keep it"}]},
    ).items
    assert item.text == "Look at this\n\nA kettle on fire\n\nKettles recalled\n\nTake it back\nKeep it"


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "unlisted"},
        {"visibility": "private"},
        {"reblog": {"id": "1"}},
        {"uri": None, "url": None},
    ],
)
def test_what_is_not_public_or_a_mere_boost_is_left_out(fields: dict[str, Any]) -> None:
    assert made_of(**fields).items == []


def test_new_posts_are_walked_from_the_oldest_on(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    far.server.posts += [Post(n, later(1 + n / 100)) for n in range(100, 190)]
    batch = far.run(later(5))
    bounds = [above for request in far.server.asked if (above := request.param("min_id"))]
    assert bounds == [str(local_id(far.server.posts[n])) for n in (0, 40, 80, 90)]
    assert len(batch.items) == 90
    assert not any(received.param("max_id") for received in far.server.asked[2:])


@pytest.mark.parametrize("size", [3, 20])
def test_an_instance_that_gives_few_at_once_is_walked_all_the_same(far: Play, size: int) -> None:
    def few(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
        return Reply(page(replace(request, params={**request.params, "limit": [str(size)]}), posts))

    far.server.far_end = replace(FAR_END, answer=few)
    far.server.posts = [Post(n, later(-n)) for n in range(1, 31)]
    first = far.run(NOW)
    far.server.posts += [Post(n, later(n / 100)) for n in range(100, 130)]
    second = far.run(later(5))
    assert [(batch.status, len(batch.items)) for batch in (first, second)] == [("ok", 30), ("ok", 30)]


def test_a_first_run_stops_after_a_day(far: Play) -> None:
    far.server.posts = [Post(n, later(-60 * n)) for n in range(1, 200)]
    assert len(far.run(NOW).items) == 40
    assert len(far.server.asked) == 1


def test_a_post_that_was_deleted_is_taken_back(far: Play) -> None:
    far.server.posts = [Post(n, later(-6 + n)) for n in range(1, 5)]
    far.run(NOW)
    del far.server.posts[1]
    second = far.run(later(2))
    assert second.deleted == [uri(Post(2, NOW))]
    assert far.run(later(3)).deleted == []


def test_a_post_that_is_merely_not_shown_is_kept(far: Play) -> None:
    far.server.posts = [Post(n, later(-6 + n)) for n in range(1, 5)]
    far.run(NOW)
    far.server.spoil = lambda _n, reply: (
        replace(reply, body=[s for s in reply.body if s["uri"] != uri(Post(2, NOW))])
        if isinstance(reply.body, list)
        else reply
    )
    assert far.run(later(2)).deleted == []


def test_an_empty_answer_takes_nothing_back(far: Play) -> None:
    far.server.posts = [Post(n, later(-6 + n)) for n in range(1, 5)]
    far.run(NOW)
    far.server.posts = []
    assert far.run(later(2)).deleted == []


def test_a_search_is_walked_back_to_what_is_known() -> None:
    searched = replace(
        FAR_END,
        settings={"instance": "instance.example", "search": "velinor"},
        answer=lambda asked, posts: Reply({"statuses": page(asked, posts), "accounts": [], "hashtags": []}),
    )
    with play(searched) as far:
        far.server.posts = [Post(1, later(-30))]
        far.run(NOW)
        far.server.posts += [Post(2, later(2)), Post(3, later(3))]
        assert len(far.run(later(5)).items) == 2
        request = far.server.asked[-1]
        assert (request.path, request.param("q"), request.param("type")) == (
            "/api/v2/search",
            "velinor",
            "statuses",
        )
        assert request.headers["authorization"] == "Bearer token-of-an-account"


@pytest.mark.parametrize("code", [401, 422])
def test_what_only_members_see_is_told_with_how_to_become_one(code: int) -> None:
    closed = Reply({"error": "This method requires an authenticated user"}, code)
    with play(replace(FAR_END, secret=None, answer=lambda *_: closed)) as far:
        with pytest.raises(SourceError, match="Make an access token there") as caught:
            far.run(NOW)
        assert caught.value.permanent


@pytest.mark.parametrize(
    "given",
    [
        {"instance": "m.example"},
        {"instance": "m.example", "hashtag": "a", "search": "b"},
        {"instance": "https://me:pw@m.example", "hashtag": "a"},
        {"instance": "not an address", "hashtag": "a"},
        {"instance": "m.example", "hashtag": "a", "also": ["b"], "stream": True},
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MastodonSettings.model_validate(given)


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (
            "https://m.example/api/v1/timelines/tag/V%C3%A9linor?limit=20",
            {"instance": "https://m.example", "hashtag": "Vélinor"},
        ),
        ("https://m.example/api/v2/search?q=velinor", {"instance": "https://m.example", "search": "velinor"}),
        ("https://m.example/api/v1/accounts/1", None),
    ],
)
def test_settings_are_found_from_an_address(url: str, settings: dict[str, str] | None) -> None:
    from_url = kind("mastodon").from_url
    assert from_url
    assert from_url(url) == settings


def stream() -> Stream:
    """The stream of a hashtag."""
    listen = kind("mastodon").listen
    assert listen
    found = listen(MastodonSettings(instance="m.example", hashtag="velinor", stream=True), "token")
    assert found
    return found


def event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {data if isinstance(data, str) else json.dumps(data)}"


def test_a_stream_is_called_with_the_token_on_either_host() -> None:
    first, second = (stream().call({}, now=NOW, tries=tries) for tries in (0, 1))
    assert first.url == "https://m.example/api/v1/streaming/hashtag?tag=velinor"
    assert second.url == "https://streaming.m.example/api/v1/streaming/hashtag?tag=velinor"
    assert first.headers["Authorization"] == "Bearer token"
    assert (first.silence, first.resumes) == (timedelta(seconds=60), False)


def test_a_stream_tells_of_posts_edits_and_deletions() -> None:
    listening, post = stream(), Post(1, later(-1))
    heard = listening.read(event("update", status(post)))
    assert [item.external_id for item in heard.items] == [uri(post)]
    assert heard.position == (len(str(local_id(post))), str(local_id(post)))
    edited = listening.read(event("status.update", status(replace(post, edited_at=NOW, edit="Corrected"))))
    assert (edited.items[0].edited_at, edited.at) == (NOW, None)
    assert listening.read(event("delete", str(local_id(post)))).deleted == [uri(post)]
    assert listening.read(event("delete", "12")).deleted == []


def test_a_deletion_is_understood_after_a_restart() -> None:
    before, post = stream(), Post(1, later(-1))
    position = before.read(event("update", status(post))).position
    assert position
    cursor = json.loads(json.dumps(before.cursor({}, position)))
    after = stream()
    after.call(cursor, now=NOW, tries=0)
    assert after.read(event("delete", str(local_id(post)))).deleted == [uri(post)]


@pytest.mark.parametrize(
    "frame",
    [":)", ":thump", "", "event: update\ndata: {", "event: update\ndata: []", "{", "event: filters_changed"],
)
def test_what_says_nothing_does_no_harm(frame: str) -> None:
    heard = stream().read(frame)
    assert (list(heard.items), list(heard.deleted), heard.position) == ([], [], None)


def test_an_event_of_a_websocket_says_the_same() -> None:
    frame = {"stream": ["hashtag"], "event": "update", "payload": json.dumps(status(Post(1, NOW)))}
    assert len(stream().read(json.dumps(frame)).items) == 1


def test_the_polled_kind_goes_on_where_the_stream_ended(far: Play) -> None:
    far.server.posts = [Post(1, later(-30))]
    far.run(NOW)
    heard = Post(2, later(1))
    listen = kind("mastodon").listen
    assert listen
    settings = MastodonSettings.model_validate({**FAR_END.settings, "stream": True})
    listening = listen(settings, "token")
    assert listening
    position = listening.read(event("update", status(heard))).position
    assert position
    far.cursor = listening.cursor(far.cursor, position)
    far.server.posts += [heard, Post(3, later(3))]
    assert [item.external_id for item in far.run(later(5)).items] == [uri(Post(3, NOW))]
