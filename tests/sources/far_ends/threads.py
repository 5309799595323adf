"""Threads as Meta's keyword search answers: newest first, a cursor to older posts, errors with a code."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": f"180{post.n:012}",
        "text": post.text,
        "media_type": "TEXT_POST",
        "permalink": f"https://www.threads.net/@ana/post/{post.n}",
        "timestamp": f"{post.at:%Y-%m-%dT%H:%M:%S}+0000",
        "username": "ana",
        "has_replies": False,
        "is_quote_post": False,
        "is_reply": post.n % 2 == 0,
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("graph.threads.net", "/v1.0/keyword_search")
    assert request.param("q") == "velinor"
    assert request.headers["authorization"] == "Bearer a-token-of-threads"
    since = datetime.fromtimestamp(int(request.param("since")), UTC)
    newest = [post for post in reversed(posts) if post.at >= since]
    start, size = int(request.param("after") or 0), int(request.param("limit"))
    here = newest[start : start + size]
    paging: dict[str, Any] = {"cursors": {"before": f"{start}", "after": f"{start + len(here)}"}}
    if start + size < len(newest):
        paging["next"] = "https://graph.threads.net/v1.0/keyword_search?access_token=x"
    return Reply({"data": [_post(post) for post in here], "paging": paging if here else {}})


def _error(code: int, message: str, status: int) -> Reply:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return Reply({"error": error}, status)


FAR_END = FarEnd(
    kind="threads",
    settings={"query": "velinor"},
    answer=_answer,
    external_id=lambda post: f"180{post.n:012}",
    throttled=_error(4, "Application request limit reached", 403),
    wait=timedelta(hours=1),
    secret="a-token-of-threads",
    refused=_error(190, "Error validating access token", 400),
    mistaken=_error(100, "The query is too short", 200),
    burst=250,
    edits=False,
)
