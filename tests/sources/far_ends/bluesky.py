"""Bluesky's search: logs in first, newest first, a cursor for older posts."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.sources.far_ends.base import NOW, FarEnd, Post, ReceivedRequest, Reply

WAIT = timedelta(seconds=150)


def uri(post: Post) -> str:
    """The id of the post."""
    return f"at://did:plc:lea{post.n % 5}/app.bsky.feed.post/3k{post.n}"


def view(post: Post) -> dict[str, Any]:
    """The post as a search shows it."""
    return {
        "uri": uri(post),
        "cid": f"bafy{post.n}{'e' if post.edit else ''}",
        "author": {"did": f"did:plc:lea{post.n % 5}", "handle": "lea.bsky.social", "displayName": "Léa"},
        "record": {
            "$type": "app.bsky.feed.post",
            "createdAt": f"{post.at:%Y-%m-%dT%H:%M:%S}.000Z",
            "langs": ["fr"],
            "text": post.edit or post.text,
        },
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": 3,
        "quoteCount": 4,
        "indexedAt": f"{post.shown_from or post.at:%Y-%m-%dT%H:%M:%S}.120Z",
        "labels": [],
        "viewer": {},
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "bsky.social"
    if request.path == "/xrpc/com.atproto.server.createSession":
        assert request.method == "POST"
        assert json.loads(request.body) == {
            "identifier": "brand.bsky.social",
            "password": "abcd-efgh-ijkl-mnop",
        }
        return Reply(
            {"did": "did:plc:b", "handle": "brand.bsky.social", "accessJwt": "jwt", "refreshJwt": "r"}
        )
    if request.path == "/xrpc/app.bsky.actor.getProfiles":
        assert len(request.params["actors"]) <= 25
        return Reply({"profiles": [{"did": did, "followersCount": 120} for did in request.params["actors"]]})
    assert request.path == "/xrpc/app.bsky.feed.searchPosts"
    assert request.headers["authorization"] == "Bearer jwt"
    since = datetime.fromisoformat(request.param("since"))
    until = datetime.fromisoformat(request.param("until", "9999-01-01T00:00:00Z"))
    found = [post for post in reversed(posts) if since <= post.at < until]
    start, size = int(request.param("cursor", "0")), int(request.param("limit", "25"))
    more = {"cursor": str(start + size)} if len(found) > start + size else {}
    return Reply(
        {"posts": [view(post) for post in found[start : start + size]], "hitsTotal": len(found)} | more
    )


FAR_END = FarEnd(
    kind="bluesky",
    settings={"query": "velinor", "handle": "@brand.bsky.social"},
    answer=_answer,
    external_id=uri,
    throttled=Reply(
        {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
        429,
        {
            "ratelimit-limit": "3000",
            "ratelimit-remaining": "0",
            "ratelimit-reset": str(int((NOW + WAIT).timestamp())),
            "ratelimit-policy": "3000;w=300",
        },
    ),
    wait=WAIT,
    secret="abcd-efgh-ijkl-mnop",
    refused=Reply({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401),
    mistaken=Reply({"error": "InvalidRequest", "message": "the query is too short"}),
    burst=250,
)
