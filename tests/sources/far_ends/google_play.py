"""Google Play: a token for a signed request, then reviews of the last week, the newest first."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from app.sources.google.account import stand_in
from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

key = cache(stand_in)  # making one takes a while


def _review(post: Post) -> dict[str, Any]:
    at = post.edited_at or post.at
    comment = {
        "text": f"Bad\t{post.edit or post.text}",
        "lastModified": {"seconds": f"{int(at.timestamp())}", "nanos": at.microsecond * 1_000},
        "starRating": 1,
        "reviewerLanguage": "fr",
        "device": "oriole",
        "appVersionName": "5.2",
        "thumbsUpCount": 2,
    }
    return {
        "reviewId": f"review-{post.n}",
        "authorName": "Ana",
        "comments": [{"userComment": comment}, {"developerComment": {"text": "Sorry"}}],
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    if request.host == "oauth2.googleapis.com":
        form = parse_qs(request.body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        assert form["assertion"][0].count(".") == 2
        return Reply({"access_token": "t", "expires_in": 3599, "token_type": "Bearer"})
    assert request.host == "androidpublisher.googleapis.com"
    assert request.path == "/androidpublisher/v3/applications/com.velinor.app/reviews"
    assert request.headers["authorization"] == "Bearer t"
    newest = sorted(posts, key=lambda post: post.edited_at or post.at, reverse=True)
    token, size = request.param("token"), int(request.param("maxResults"))
    start = int(token) if token.isdigit() and len(token) < 9 else len(newest) if token else 0
    found: dict[str, Any] = {"reviews": [_review(post) for post in newest[start : start + size]]}
    if start + size < len(newest):
        found["tokenPagination"] = {"nextPageToken": f"{start + size}"}
    return Reply(found if found["reviews"] else {})


def _error(code: int, status: str, message: str) -> Reply:
    return Reply({"error": {"code": code, "message": message, "status": status}}, code)


FAR_END = FarEnd(
    kind="google_play",
    settings={"package": "com.velinor.app"},
    answer=_answer,
    external_id=lambda post: f"review-{post.n}",
    throttled=Reply(
        json.dumps({"error": {"code": 429, "message": "Quota exceeded"}}), 429, {"Retry-After": "60"}
    ),
    wait=timedelta(seconds=60),
    secret=key(),
    refused=_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials"),
    mistaken=Reply({"error": {"code": 400, "message": "The package name is too short"}}),
    burst=250,
)
