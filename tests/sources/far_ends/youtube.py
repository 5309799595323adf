"""YouTube's search: 50 on a page, the newest first, titles escaped; counts come from another list."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply


def _result(post: Post) -> dict[str, Any]:
    return {
        "kind": "youtube#searchResult",
        "etag": "x",
        "id": {"kind": "youtube#video", "videoId": f"video-{post.n}"},
        "snippet": {
            "publishedAt": f"{post.at:%Y-%m-%dT%H:%M:%SZ}",
            "channelId": "UC-velinor",
            "channelTitle": "Ana &amp; co",
            "title": f"{post.edit or post.text} isn&#39;t it",
            "description": f"A long description of {post.edit or post.text} is cut ...",
            "liveBroadcastContent": "none",
            "thumbnails": {"default": {"url": "https://i.ytimg.example/1.jpg"}},
        },
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "www.googleapis.com"
    assert request.param("key") == "a-key-of-youtube"
    if request.path == "/youtube/v3/videos":
        ids = request.param("id").split(",")
        assert len(ids) <= 50
        counts = {"viewCount": "1200", "likeCount": "12"}
        return Reply({"items": [{"id": name, "snippet": {}, "statistics": counts} for name in ids]})
    assert request.path == "/youtube/v3/search"
    assert (request.param("order"), request.param("type"), request.param("q")) == ("date", "video", "velinor")
    after = datetime.fromisoformat(request.param("publishedAfter"))
    newest = [post for post in reversed(posts) if post.at >= after]
    token, size = request.param("pageToken"), int(request.param("maxResults"))
    start = int(token[1:]) if token.startswith("P") else len(newest) if token else 0
    found: dict[str, Any] = {"items": [_result(post) for post in newest[start : start + size]]}
    if start + size < len(newest):
        found["nextPageToken"] = f"P{start + size}"
    return Reply({"kind": "youtube#searchListResponse", "pageInfo": {"totalResults": 1_000_000}} | found)


def _error(code: int, reason: str, message: str, status: int | None = None) -> Reply:
    errors = [{"message": message, "domain": "youtube.quota", "reason": reason}]
    return Reply({"error": {"code": code, "message": message, "errors": errors}}, status or code)


FAR_END = FarEnd(
    kind="youtube",
    settings={"query": "velinor"},
    answer=_answer,
    external_id=lambda post: f"video-{post.n}",
    throttled=_error(403, "quotaExceeded", "The request cannot be completed: quota exceeded"),
    wait=timedelta(hours=23),  # at 9:00 UTC it is 1:00 in California
    secret="a-key-of-youtube",
    refused=_error(400, "keyInvalid", "Bad Request"),
    mistaken=_error(400, "badRequest", "The query is too short", 200),
)
