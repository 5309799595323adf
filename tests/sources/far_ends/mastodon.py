"""A Mastodon instance: ids that rise with arrival, `min_id` giving the page just above it, newest first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import NOW, FarEnd, Post, ReceivedRequest, Reply

WAIT = timedelta(minutes=3, microseconds=70144)


def local_id(post: Post) -> int:
    """The id on the instance: milliseconds of the arrival, and a number."""
    return (int((post.shown_from or post.at).timestamp() * 1000) << 16) + post.n


def uri(post: Post) -> str:
    """The id everywhere."""
    return f"https://elsewhere.example/users/lea/statuses/{post.n}"


def status(post: Post) -> dict[str, Any]:
    """The post as the instance shows it."""
    return {
        "id": str(local_id(post)),
        "uri": uri(post),
        "url": f"https://elsewhere.example/@lea/{post.n}",
        "created_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "edited_at": f"{post.edited_at:%Y-%m-%dT%H:%M:%S.000Z}" if post.edited_at else None,
        "content": f"<p>{post.edit or post.text} <a href='https://i.example/tags/v'>#<span>velinor</span></a></p>",
        "spoiler_text": "",
        "language": "fr",
        "visibility": "public",
        "sensitive": False,
        "in_reply_to_id": None,
        "reblog": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "account": {"id": "9", "acct": "lea@elsewhere.example", "followers_count": 120, "bot": False},
        "tags": [{"name": "velinor", "url": "https://i.example/tags/velinor"}],
        "mentions": [],
        "media_attachments": [],
        "card": None,
        "poll": None,
    }


def page(request: ReceivedRequest, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """The statuses that the bounds of the request ask for."""
    rising = sorted(posts, key=local_id)
    size = min(int(request.param("limit", "20")), 40)
    if (below := request.param("max_id")).isdigit():
        rising = [post for post in rising if local_id(post) < int(below)]
    if (above := request.param("min_id")).isdigit():
        rising = [post for post in rising if local_id(post) > int(above)]
        chosen = rising[:size]
    else:
        chosen = rising[-size:]
    return [status(post) for post in reversed(chosen)]


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "instance.example"
    if request.path.startswith("/api/v1/statuses/"):
        wanted = request.path.rpartition("/")[2]
        found = [status(post) for post in posts if str(local_id(post)) == wanted]
        return Reply(found[0]) if found else Reply({"error": "Record not found"}, 404)
    assert request.path == "/api/v1/timelines/tag/velinor"
    return Reply(page(request, posts))


FAR_END = FarEnd(
    kind="mastodon",
    settings={"instance": "instance.example", "hashtag": "velinor"},
    answer=_answer,
    external_id=uri,
    throttled=Reply(
        {"error": "Too many requests"},
        429,
        {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": f"{NOW + WAIT:%Y-%m-%dT%H:%M:%S.%fZ}",
        },
    ),
    wait=WAIT,
    secret="token-of-an-account",
    refused=Reply({"error": "Le jeton d'accès n'est pas valide"}, 401, {"WWW-Authenticate": "Bearer"}),
    mistaken=Reply({"error": "too short"}),
    burst=130,
)
