"""X's recent search: newest first, a token to older posts, no `data` where nothing is found."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.clock import step_start
from app.sources.x.posts import id_of
from tests.sources.far_ends.base import NOW, FarEnd, Post, ReceivedRequest, Reply

MINUTE = timedelta(minutes=1)


def _id(post: Post) -> int:
    return id_of(post.at) + post.n


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": f"{_id(post)}",
        "edit_history_tweet_ids": [f"{_id(post)}"],
        "text": f"{post.text} &amp; more",
        "author_id": f"{post.n % 7}",
        "created_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "lang": "fr",
        "conversation_id": f"{_id(post)}",
        "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4},
    }


def counts(request: ReceivedRequest, posts: Sequence[Post]) -> dict[str, Any]:
    """How many posts each minute has, oldest first."""
    assert (request.param("granularity"), request.param("query")) == ("minute", "velinor")
    start, end = (datetime.fromisoformat(request.param(name)) for name in ("start_time", "end_time"))
    assert request.now - timedelta(days=7) < start < end <= request.now - timedelta(seconds=10)
    found = Counter(step_start(post.at, MINUTE) for post in posts)
    minutes = [start + n * MINUTE for n in range((end - start) // MINUTE)]
    data = [
        {"start": f"{at:%Y-%m-%dT%H:%M}:00.000Z", "end": f"{at + MINUTE:%Y-%m-%dT%H:%M}:00.000Z",
         "tweet_count": found[at]}
        for at in minutes
    ]  # fmt: skip
    return {"data": data, "meta": {"total_tweet_count": sum(found[at] for at in minutes)}}


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.headers["authorization"] == "Bearer a-token-of-x"
    if (request.host, request.path) == ("api.x.com", "/2/tweets/counts/recent"):
        return Reply(counts(request, posts))
    assert (request.host, request.path) == ("api.x.com", "/2/tweets/search/recent")
    size = int(request.param("max_results"))
    assert 10 <= size <= 100
    newest = sorted(posts, key=_id, reverse=True)
    if since := request.param("since_id"):
        newest = [post for post in newest if _id(post) > int(since)]
    if start := request.param("start_time"):
        newest = [post for post in newest if post.at >= datetime.fromisoformat(start)]
    if until := request.param("until_id"):
        newest = [post for post in newest if _id(post) < int(until)]
    token = request.param("next_token")
    first = int(token[1:]) if token.startswith("b") else len(newest) if token else 0
    here = newest[first : first + size]
    if not here:
        return Reply({"meta": {"result_count": 0}})
    meta: dict[str, Any] = {
        "newest_id": f"{_id(here[0])}",
        "oldest_id": f"{_id(here[-1])}",
        "result_count": len(here),
    }
    if first + size < len(newest):
        meta["next_token"] = f"b{first + size}"
    users = [
        {"id": f"{n}", "username": f"user{n}", "verified": False, "public_metrics": {"followers_count": 10}}
        for n in sorted({post.n % 7 for post in here})
    ]
    return Reply({"data": [_post(post) for post in here], "includes": {"users": users}, "meta": meta})


FAR_END = FarEnd(
    kind="x",
    settings={"query": "velinor", "usd_a_day": 100},
    answer=_answer,
    external_id=lambda post: f"{_id(post)}",
    throttled=Reply(
        {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429},
        429,
        {
            "x-rate-limit-reset": f"{int((NOW + timedelta(minutes=9)).timestamp())}",
            "x-rate-limit-remaining": "0",
        },
    ),
    wait=timedelta(minutes=9),
    secret="a-token-of-x",
    refused=Reply({"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, 401),
    mistaken=Reply({"errors": [{"message": "The query is too short"}]}),
    burst=250,
    edits=False,
)
