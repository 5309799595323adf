"""Google's Business Profile: a token for a consent, then reviews of a place, the last changed first."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

SECRET = json.dumps(
    {"client_id": "c1", "client_secret": "a-client-secret", "refresh_token": "a-refresh-token"}
)
_PLACE = "/v4/accounts/111/locations/222/reviews"


def _review(post: Post) -> dict[str, Any]:
    return {
        "name": f"accounts/111/locations/222/reviews/r{post.n}",
        "reviewId": f"r{post.n}",
        "reviewer": {"displayName": "Ana", "profilePhotoUrl": "https://photos.example/a"},
        "starRating": "ONE",
        "comment": post.edit or post.text,
        "createTime": f"{post.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "updateTime": f"{post.edited_at or post.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "reviewReply": {"comment": "Sorry", "updateTime": "2026-11-22T08:00:00Z"},
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    if request.host == "oauth2.googleapis.com":
        form = parse_qs(request.body.decode())
        assert form["grant_type"] == ["refresh_token"]
        assert form["refresh_token"] == ["a-refresh-token"]
        return Reply({"access_token": "t", "expires_in": 3599, "token_type": "Bearer"})
    assert request.host == "mybusiness.googleapis.com"
    assert request.headers["authorization"] == "Bearer t"
    if request.path != _PLACE:
        one = request.path.removeprefix(f"{_PLACE}/")
        found = [_review(post) for post in posts if f"r{post.n}" == one]
        return Reply(found[0]) if found else _error(404, "NOT_FOUND", "Requested entity was not found.")
    assert request.param("orderBy") == "updateTime desc"
    newest = sorted(posts, key=lambda post: post.edited_at or post.at, reverse=True)
    token, size = request.param("pageToken"), int(request.param("pageSize"))
    start = int(token) if token.isdigit() and len(token) < 9 else len(newest) if token else 0
    here = newest[start : start + size]
    page: dict[str, Any] = {
        "reviews": [_review(post) for post in here],
        "averageRating": 2.1,
        "totalReviewCount": len(newest),
    }
    if start + size < len(newest):
        page["nextPageToken"] = f"{start + size}"
    return Reply(page if here else {})


def _error(code: int, status: str, message: str) -> Reply:
    return Reply({"error": {"code": code, "message": message, "status": status}}, code)


FAR_END = FarEnd(
    kind="google_reviews",
    settings={"account": "111", "locations": ["222"], "about": "brand"},
    answer=_answer,
    external_id=lambda post: f"r{post.n}",
    throttled=Reply(_error(429, "RESOURCE_EXHAUSTED", "Quota exceeded").body, 429, {"Retry-After": "60"}),
    wait=timedelta(seconds=60),
    secret=SECRET,
    refused=_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials"),
    mistaken=Reply({"error": {"code": 400, "message": "The id of the place is too short"}}),
)
