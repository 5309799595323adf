"""A Discourse forum: the newest posts, `before` an id for older ones, numbered as they come in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import NOW, FarEnd, Post, ReceivedRequest, Reply

_BEGAN = NOW - timedelta(days=120)


def number(post: Post) -> int:
    """The id in the forum: it rises with the arrival."""
    return int(((post.shown_from or post.at) - _BEGAN).total_seconds()) * 200 + post.n % 200


def listed(post: Post) -> dict[str, Any]:
    """The post as the list of newest posts shows it."""
    return {
        "id": number(post),
        "name": "Léa",
        "username": "lea",
        "created_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "updated_at": f"{post.edited_at or post.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "cooked": f"<p>{post.edit or post.text} <b>{post.n}</b></p>",
        "raw": post.edit or post.text,
        "post_number": 2,
        "post_type": 1,
        "version": 2 if post.edit else 1,
        "reply_count": 1,
        "reads": 12,
        "score": 3.4,
        "topic_id": 77,
        "topic_slug": "velinor-again",
        "topic_title": "Velinor, again",
        "category_id": 5,
        "user_deleted": False,
        "hidden": False,
        "actions_summary": [{"id": 2, "count": 4}],
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "forum.example"
    if request.path.startswith("/talk/posts/"):
        wanted = int(request.path.rpartition("/")[2].removesuffix(".json"))
        found = [listed(post) for post in posts if number(post) == wanted]
        return Reply(found[0]) if found else Reply({"errors": ["Not found"], "error_type": "not_found"}, 404)
    assert request.path == "/talk/posts.json"
    newest = sorted(posts, key=number, reverse=True)
    if before := request.param("before"):
        newest = [post for post in newest if number(post) <= int(before)]
    return Reply({"latest_posts": [listed(post) for post in newest[:50]]})


FAR_END = FarEnd(
    kind="discourse",
    settings={"forum": "https://forum.example/talk/"},
    answer=_answer,
    external_id=lambda post: str(number(post)),
    throttled=Reply(
        {
            "errors": ["You have performed this action too many times."],
            "error_type": "rate_limit",
            "extras": {"wait_seconds": 13, "time_left": "13 secondes"},
        },
        429,
    ),
    wait=timedelta(seconds=13),
    secret="a-key-of-the-forum",
    refused=Reply({"errors": ["You are not permitted"], "error_type": "invalid_access"}, 403),
    mistaken=Reply({"errors": ["the query is too short"], "error_type": "invalid_parameters"}),
    burst=130,
)
