"""Wikipedia as its API gives the history of a page: newest first, 50 at once, errors with status 200."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply


def _revision(post: Post, before: int) -> dict[str, Any]:
    return {
        "revid": 1_000 + post.n,
        "parentid": 1_000 + before,
        "minor": False,
        "user": "FixBot" if post.n == 90 else "Ana",
        "timestamp": f"{post.at:%Y-%m-%dT%H:%M:%SZ}",
        "size": 4_000 + post.n,
        "comment": f"/* Histoire */ {post.edit or post.text}",
        "tags": ["visualeditor"],
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("fr.wikipedia.org", "/w/api.php")
    assert (request.param("action"), request.param("formatversion")) == ("query", "2")
    if request.param("list") == "users":
        assert request.param("ususers") == "FixBot"
        return Reply({"query": {"users": [{"userid": 1, "name": "FixBot", "groups": ["bot", "user"]}]}})
    assert (request.param("prop"), request.param("titles")) == ("revisions", "Velinor")
    newest = list(reversed(posts))
    mark, size = request.param("rvcontinue"), int(request.param("rvlimit"))
    start = int(mark.partition("|")[2]) if "|" in mark else len(newest) if mark else 0
    here = newest[start : start + size]
    older = [post.n for post in newest[1:]] + [0]
    rows = [_revision(post, older[start + place]) for place, post in enumerate(here)]
    page: dict[str, Any] = {"pageid": 7, "ns": 0, "title": "Velinor"} | ({"revisions": rows} if rows else {})
    more = (
        {"rvcontinue": f"20261122|{start + size}", "continue": "||"} if start + size < len(newest) else None
    )
    return Reply({"query": {"pages": [page]}} | ({"continue": more} if more else {"batchcomplete": True}))


def _error(code: str, info: str, **headers: str) -> Reply:
    return Reply({"error": {"code": code, "info": info, "docref": "See the API"}}, headers=headers)


FAR_END = FarEnd(
    kind="wikipedia",
    settings={"pages": ["fr:Velinor"], "bots": True},
    answer=_answer,
    external_id=lambda post: f"fr:{1_000 + post.n}",
    throttled=_error("maxlag", "Waiting for a database server: 9 seconds lagged", **{"Retry-After": "5"}),
    wait=timedelta(seconds=5),
    mistaken=_error("badvalue", "The title is too short"),
)
