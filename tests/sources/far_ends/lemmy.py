"""A Lemmy instance: posts and comments in one answer, each list newest first, pages by number."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply


def ap_id(post: Post) -> str:
    """The id everywhere."""
    return f"https://elsewhere.example/{'comment' if post.n % 2 else 'post'}/{post.n}"


def view(post: Post) -> dict[str, Any]:
    """The post or comment as the instance shows it."""
    words = post.edit or post.text
    own: dict[str, Any] = {
        "id": post.n,
        "ap_id": ap_id(post),
        "published": f"{post.at:%Y-%m-%dT%H:%M:%S}.000000Z" if post.n % 3 else f"{post.at:%Y-%m-%dT%H:%M:%S}",
        "updated": f"{post.edited_at:%Y-%m-%dT%H:%M:%SZ}" if post.edited_at else None,
        "language_id": 47,
        "deleted": False,
        "removed": False,
    }
    creator = {"id": 4, "name": "lea", "actor_id": "https://elsewhere.example/u/lea", "bot_account": False}
    counts = {"score": 3, "upvotes": 4, "downvotes": 1, "comments": 2, "child_count": 2}
    community = {"name": "technology", "actor_id": "https://elsewhere.example/c/technology"}
    if post.n % 2:
        comment = own | {"content": words, "path": "0.1"}
        return {"comment": comment, "post": {"id": 1, "name": "x"}, "creator": creator, "counts": counts}
    named = own | {"name": "Velinor", "body": words, "url": None, "nsfw": False}
    return {"post": named, "creator": creator, "counts": counts, "community": community}


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert request.host == "instance.example"
    if request.path == "/api/v3/site":
        languages = [{"id": 0, "code": "und", "name": "Undetermined"}, {"id": 47, "code": "fr", "name": "F"}]
        return Reply({"all_languages": languages, "version": "0.19.5"})
    assert request.path == "/api/v3/search"
    assert request.param("sort") == "New"
    kind = request.param("type_")
    page, size = int(request.param("page")), int(request.param("limit"))
    newest = list(reversed(posts))

    def listed(odd: int) -> list[dict[str, Any]]:
        return [view(post) for post in newest if post.n % 2 == odd][(page - 1) * size : page * size]

    found = {
        "posts": listed(0) if kind in ("All", "Posts") else [],
        "comments": listed(1) if kind in ("All", "Comments") else [],
    }
    return Reply({"type_": kind, **found, "communities": [], "users": []})


FAR_END = FarEnd(
    kind="lemmy",
    settings={"instance": "instance.example", "query": "velinor"},
    answer=_answer,
    external_id=ap_id,
    throttled=Reply({"error": "rate_limit_error"}, 429),
    wait=timedelta(minutes=10),
    mistaken=Reply({"error": "query too short"}),
    burst=230,
)
