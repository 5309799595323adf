"""Reddit: a token first, then listings of 100, `after` leads to older posts and 1,000 back at most."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

_BASIC = b64encode(b"client:opensesame").decode()


def _thing(post: Post) -> dict[str, Any]:
    return {
        "kind": "t3",
        "data": {
            "name": f"t3_{post.n}",
            "id": f"{post.n}",
            "created_utc": post.at.timestamp(),
            "author": "ana",
            "title": "Is it me?",
            "selftext": post.edit or post.text,
            "is_self": True,
            "permalink": f"/r/velinor/comments/{post.n}/is_it_me/",
            "url": f"https://www.reddit.com/r/velinor/comments/{post.n}/is_it_me/",
            "subreddit": "velinor",
            "subreddit_subscribers": 1200,
            "score": 7,
            "num_comments": 3,
            "num_crossposts": 0,
            "edited": post.edited_at.timestamp() if post.edited_at else False,
            "removed_by_category": None,
        },
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    if request.host == "www.reddit.com":
        assert (request.method, request.path) == ("POST", "/api/v1/access_token")
        assert request.headers["authorization"] == f"Basic {_BASIC}"
        assert request.body == b"grant_type=client_credentials"
        return Reply({"access_token": "t", "token_type": "bearer", "expires_in": 86400, "scope": "*"})
    if request.path == "/api/info":
        wanted = request.param("id").split(",")
        found = [_thing(post) for post in posts if f"t3_{post.n}" in wanted]
        return Reply({"kind": "Listing", "data": {"after": None, "children": found}})
    assert (request.host, request.path) == ("oauth.reddit.com", "/r/velinor/new")
    assert request.headers["authorization"] == "Bearer t"
    assert request.param("raw_json") == "1"
    newest = list(reversed(posts))[:1_000]
    names = [f"t3_{post.n}" for post in newest]
    after = request.param("after")
    start = names.index(after) + 1 if after in names else len(names) if after else 0
    here = newest[start : start + int(request.param("limit"))]
    more = f"t3_{here[-1].n}" if start + len(here) < len(newest) else None
    data = {"after": more, "before": None, "dist": len(here), "children": [_thing(post) for post in here]}
    limits = {"X-Ratelimit-Used": "1", "X-Ratelimit-Remaining": "599.0", "X-Ratelimit-Reset": "525"}
    return Reply({"kind": "Listing", "data": data}, headers=limits)


FAR_END = FarEnd(
    kind="reddit",
    settings={"subreddits": ["velinor"]},
    answer=_answer,
    external_id=lambda post: f"t3_{post.n}",
    throttled=Reply({"message": "Too Many Requests", "error": 429}, 429, {"X-Ratelimit-Reset": "342"}),
    wait=timedelta(seconds=342),
    secret="client:opensesame",
    refused=Reply({"message": "Unauthorized", "error": 401}, 401),
    mistaken=Reply({"reason": "private", "message": "The name is too short", "error": 403}),
    burst=250,
)
