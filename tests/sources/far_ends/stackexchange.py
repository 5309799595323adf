"""Stack Exchange: oldest first, a wrapper that says whether there is more, and errors with status 400."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply


def row(post: Post) -> dict[str, Any]:
    """The post as a search shows it: an answer or a question."""
    question = post.n % 2 == 0
    return {
        "tags": ["velinor"],
        "question_score": 1,
        "is_accepted": False,
        "is_answered": False,
        "question_id": post.n if question else 100_000 + post.n,
        "item_type": "question" if question else "answer",
        "score": -1,
        "last_activity_date": int((post.edited_at or post.at).timestamp()),
        "creation_date": int(post.at.timestamp()),
        "body": f"{post.edit or post.text} isn&#39;t it",
        "excerpt": f'&hellip; <span class="highlight">{post.edit or post.text}</span> isn&#39;t it',
        "title": "Velinor &amp; sons",
    } | ({"answer_count": 2} if question else {"answer_id": post.n})


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("api.stackexchange.com", "/2.3/search/excerpts")
    assert (request.param("site"), request.param("sort")) == ("superuser", "creation")
    assert "gzip" in request.headers["accept-encoding"]
    first, last = int(request.param("fromdate")), int(request.param("todate", "99999999999"))
    found = [post for post in posts if first <= int(post.at.timestamp()) <= last]
    if request.param("order") == "desc":
        found.reverse()
    size, page = int(request.param("pagesize")), int(request.param("page"))
    rows = [row(post) for post in found[(page - 1) * size : page * size]]
    wrapper = {"has_more": len(found) > page * size, "quota_max": 300, "quota_remaining": 250}
    return Reply({"items": rows} | wrapper)


FAR_END = FarEnd(
    kind="stackexchange",
    settings={"site": "superuser", "query": "velinor"},
    answer=_answer,
    external_id=lambda post: str(post.n),
    throttled=Reply(
        {
            "error_id": 502,
            "error_name": "throttle_violation",
            "error_message": "too many requests from this IP, more requests available in 8321 seconds",
        },
        400,
    ),
    wait=timedelta(seconds=8321),
    secret="aKeyOfAnApplication",
    refused=Reply(
        {
            "error_id": 400,
            "error_name": "bad_parameter",
            "error_message": "`key` doesn't match a known application",
        },
        400,
    ),
    mistaken=Reply({"error_id": 400, "error_name": "bad_parameter", "error_message": "q is too short"}),
    burst=230,
)
