"""Trustpilot's reviews of a business: pages by number, the newest first, a link to the next one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

BUSINESS = "4bdbee2800006400050a8b12"


def _review(post: Post) -> dict[str, Any]:
    return {
        "id": f"r{post.n}",
        "consumer": {"id": "c1", "displayName": "Ana", "numberOfReviews": 2},
        "stars": 1,
        "title": "Bad",
        "text": post.edit or post.text,
        "language": "fr",
        "createdAt": f"{post.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "updatedAt": f"{post.edited_at:%Y-%m-%dT%H:%M:%SZ}" if post.edited_at else None,
        "numberOfLikes": 3,
        "isVerified": True,
        "companyReply": {"text": "Sorry", "createdAt": "2026-11-22T08:00:00Z"},
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "api.trustpilot.com"
    assert request.headers["apikey"] == "a-key-of-trustpilot"
    newest = list(reversed(posts))
    if request.path.startswith("/v1/reviews/"):
        one = request.path.rpartition("/")[2]
        found = [_review(post) for post in newest if f"r{post.n}" == one]
        return Reply(found[0]) if found else Reply({"message": "Review not found"}, 404)
    assert request.path == f"/v1/business-units/{BUSINESS}/reviews"
    assert request.param("orderBy") == "createdat.desc"
    number, size = int(request.param("page")), int(request.param("perPage"))
    start = (number - 1) * size
    links = [{"href": "https://api.trustpilot.com/next", "method": "GET", "rel": "next-page"}]
    more = links if start + size < len(newest) else []
    return Reply({"links": more, "reviews": [_review(post) for post in newest[start : start + size]]})


FAR_END = FarEnd(
    kind="trustpilot",
    settings={"business": BUSINESS, "about": "brand"},
    answer=_answer,
    external_id=lambda post: f"r{post.n}",
    throttled=Reply({"message": "Rate limit exceeded"}, 429, {"Retry-After": "30"}),
    wait=timedelta(seconds=30),
    secret="a-key-of-trustpilot",
    refused=Reply({"fault": {"faultstring": "Invalid ApiKey"}}, 401),
    mistaken=Reply({"message": "The id of the business unit is too short"}),
    burst=250,
)
