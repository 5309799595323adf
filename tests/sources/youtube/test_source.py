"""Videos and comments come once, and each of YouTube's reasons has its advice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import SourceError
from app.sources.base import Batch
from app.sources.youtube.source import KIND, YouTubeSettings
from tests.sources.street import ReceivedRequest, Reply, says, street

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = "AIzaSyA-1234567890abcdefghijklmnopqrstu"


def found(n: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    snippet = {
        "publishedAt": "2026-11-22T08:00:00Z", "channelId": "UC1", "channelTitle": "Ana",
        "title": f"Video {n}", "description": "cut ...",
    }  # fmt: skip
    return {"id": {"kind": "youtube#video", "videoId": f"video{n}"}, "snippet": snippet | more}


def thread(n: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    snippet = {
        "videoId": "video1", "textDisplay": f"Comment {n}", "textOriginal": f"Comment {n}", "likeCount": 2,
        "authorDisplayName": "@bob", "authorChannelId": {"value": "UC2"},
        "publishedAt": "2026-11-22T08:00:00Z", "updatedAt": "2026-11-22T08:00:00Z",
    }  # fmt: skip
    top = {"id": f"comment{n}", "snippet": snippet | more}
    return {
        "id": f"comment{n}",
        "snippet": {"videoId": "video1", "totalReplyCount": 4, "topLevelComment": top},
    }


def error(code: int, reason: str, message: str = "Their words", details: bool = False) -> Reply:
    why = {"details" if details else "errors": [{"reason": reason}]}
    return says({"error": {"code": code, "message": message} | why}, code)


Pages = dict[str, Reply | Callable[[ReceivedRequest], Reply]]


def run(
    pages: Pages,
    cursor: dict[str, Any] | None = None,
    at: datetime = NOW,
    **settings: Any,  # noqa: ANN401 - whatever settings hold
) -> tuple[Batch, list[ReceivedRequest]]:
    """What one run brings, and what it asked."""

    def answer(request: ReceivedRequest) -> Reply:
        page = pages[request.path.removeprefix("/youtube/v3/")]
        return page(request) if callable(page) else page

    assert KIND.build
    with street(answer) as (server, client):
        source = KIND.build(YouTubeSettings.model_validate(settings), client, KEY)
        return source.fetch(cursor or {}, now=at), server.asked


def test_a_video_has_its_words_unescaped_its_counts_and_its_language() -> None:
    told = {
        "id": "video1", "snippet": {"description": "The whole of it", "defaultAudioLanguage": "fr-FR"},
        "statistics": {"viewCount": "5000000000", "likeCount": "12"},
    }  # fmt: skip
    pages: Pages = {
        "search": says(
            {"items": [found(1, title="L&#39;affaire &quot;V&quot;"), {"id": {"kind": "youtube#channel"}}]}
        ),
        "videos": says({"items": [told]}),
    }
    batch, requests = run(pages, query="brand", language="fr", region="FR")
    (item,) = batch.items
    assert (item.external_id, item.title, item.text) == ("video1", 'L\'affaire "V"', "The whole of it")
    assert (item.likes, item.reach, item.replies, item.lang) == (12, 2**31 - 1, None, "fr-FR")
    assert (item.url, item.author) == ("https://www.youtube.com/watch?v=video1", "Ana")
    assert requests[0].query["publishedAfter"] == "2026-11-21T09:00:00Z"
    assert (requests[0].query["relevanceLanguage"], requests[0].query["regionCode"]) == ("fr", "FR")


def test_a_video_counts_although_its_counts_do_not_come() -> None:
    batch, _ = run({"search": says({"items": [found(1)]}), "videos": says("", 500)}, query="brand")
    assert [(item.external_id, item.text, item.likes) for item in batch.items] == [
        ("video1", "cut ...", None)
    ]


def test_a_search_asks_again_for_a_day_and_brings_what_was_found_late_once() -> None:
    pages: Pages = {"search": says({"items": [found(2), found(1)]}), "videos": says({"items": []})}
    first, _ = run(pages, query="brand")
    late = found(3, publishedAt="2026-11-21T20:00:00Z")
    pages["search"] = says({"items": [found(2), found(1), late]})
    second, requests = run(pages, first.cursor, NOW + timedelta(minutes=15), query="brand")
    assert [item.external_id for item in second.items] == ["video3"]
    assert requests[0].query["publishedAfter"] == "2026-11-21T09:00:00Z"
    assert [one.path.rpartition("/")[2] for one in requests] == ["search", "videos"]
    third, requests = run(pages, second.cursor, NOW + timedelta(minutes=30), query="brand")
    assert (third.status, len(requests)) == ("unchanged", 1)


def test_a_comment_has_its_id_its_author_and_the_instant_of_its_edit() -> None:
    edited = thread(2, updatedAt="2026-11-22T08:30:00Z", textOriginal=None)
    batch, requests = run({"commentThreads": says({"items": [thread(1), edited]})}, videos=["video1"])
    one, other = batch.items
    assert (one.external_id, one.text, one.author, one.edited_at) == ("comment1", "Comment 1", "@bob", None)
    assert (one.url, one.likes, one.replies) == ("https://www.youtube.com/watch?v=video1&lc=comment1", 2, 4)
    assert (other.text, other.edited_at) == ("Comment 2", datetime(2026, 11, 22, 8, 30, tzinfo=UTC))
    assert requests[0].query["order"] == "time"


def test_comments_are_read_page_after_page_until_a_known_one() -> None:
    def page(request: ReceivedRequest) -> Reply:
        start = int(request.query.get("pageToken", "9"))
        rows = [thread(n) for n in range(start, start - 3, -1)]
        return says({"items": rows, "nextPageToken": f"{start - 3}"})

    first, _ = run({"commentThreads": says({"items": [thread(4)]})}, channels=["UC-brand"])
    second, requests = run(
        {"commentThreads": page}, first.cursor, NOW + timedelta(minutes=15), channels=["UC-brand"]
    )
    assert [item.external_id for item in second.items] == [f"comment{n}" for n in (9, 8, 7, 6, 5)]
    assert len(requests) == 2
    assert requests[0].query["allThreadsRelatedToChannelId"] == "UC-brand"


@pytest.mark.parametrize("reply", [error(403, "commentsDisabled"), error(404, "videoNotFound")])
def test_a_video_whose_comments_are_closed_stops_no_other(reply: Reply) -> None:
    def page(request: ReceivedRequest) -> Reply:
        return reply if request.query["videoId"] == "closed" else says({"items": [thread(1)]})

    batch, _ = run({"commentThreads": page}, videos=["closed", "video1"])
    assert [item.external_id for item in batch.items] == ["comment1"]
    assert "closed: its comments cannot be read. It says: “Their words”." in batch.note


@pytest.mark.parametrize(
    ("reply", "permanent", "wait", "why"),
    [
        pytest.param(error(403, "quotaExceeded"), False, timedelta(hours=23), "used up", id="quota"),
        pytest.param(error(403, "rateLimitExceeded"), False, timedelta(minutes=1), "less often", id="fast"),
        pytest.param(error(400, "API_KEY_INVALID", details=True), True, None, "Check the secret", id="key"),
        pytest.param(error(403, "accessNotConfigured"), True, None, "is enabled", id="not enabled"),
        pytest.param(error(400, "invalidSearchFilter"), True, None, "Check", id="parameter"),
        pytest.param(error(400, "processingFailure"), False, None, "out of order", id="passing"),
        pytest.param(error(503, "backendError"), False, None, "out of order", id="503"),
    ],
)
def test_each_reason_has_its_advice(reply: Reply, permanent: bool, wait: timedelta | None, why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        run({"search": reply}, query="brand")
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, wait)
    assert "Their words" in str(caught.value)
    assert KEY not in str(caught.value)


def test_the_day_of_the_quota_ends_in_california_on_the_day_that_clocks_change() -> None:
    with pytest.raises(SourceError) as caught:
        run(
            {"search": error(403, "quotaExceeded")}, at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC), query="brand"
        )
    assert caught.value.retry_after == timedelta(days=1)  # 25 hours long, from 1:00 to midnight 24 are left


@pytest.mark.parametrize("settings", [{}, {"videos": ["a b c d e"]}, {"channels": ["x"]}])
def test_settings_that_ask_for_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        YouTubeSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (
            "https://www.googleapis.com/youtube/v3/search?q=a%7Cb&regionCode=FR&key=x",
            {"query": "a|b", "region": "FR"},
        ),
        ("https://youtube.googleapis.com/youtube/v3/commentThreads?videoId=abcdef", {"videos": ["abcdef"]}),
        ("https://www.googleapis.com/youtube/v3/videos?id=abcdef", None),
    ],
)
def test_the_settings_of_a_saved_address_are_known(url: str, settings: dict[str, Any] | None) -> None:
    assert KIND.from_url
    assert KIND.from_url(url) == settings
