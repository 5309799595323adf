"""Hacker News as its search answers: newest first, 1,000 results of a query, all else by another."""

import re
from collections.abc import Sequence
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

_REACHABLE = 1_000


def _hit(post: Post) -> dict[str, Any]:
    story = post.n % 2 == 0
    return {
        "objectID": str(post.n),
        "created_at": f"{post.at:%Y-%m-%dT%H:%M:%SZ}",
        "created_at_i": int(post.at.timestamp()),
        "author": f"user{post.n % 7}",
        "title": "Velinor &amp; sons" if story else None,
        "url": "https://velinor.example/" if story else None,
        "story_text": None,
        "comment_text": None if story else f"{post.edit or post.text} it&#x27;s <i>{post.n}</i>",
        "points": 5 if story else None,
        "num_comments": 2 if story else None,
        "story_id": post.n,
        "story_title": "Ask",
        "_tags": ["story" if story else "comment", f"author_user{post.n % 7}"],
        "_highlightResult": {"author": {"value": "x", "matchLevel": "none", "matchedWords": []}},
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("hn.algolia.com", "/api/v1/search_by_date")
    bounds = re.findall(r"created_at_i(>|<=)(\d+)", request.param("numericFilters"))
    found = [
        post
        for post in reversed(posts)
        if all(
            post.at.timestamp() > int(at) if sign == ">" else int(post.at.timestamp()) <= int(at)
            for sign, at in bounds
        )
    ]
    size, page = int(request.param("hitsPerPage", "20")), int(request.param("page", "0"))
    reachable = found[:_REACHABLE]
    return Reply(
        {
            "hits": [_hit(post) for post in reachable[page * size : (page + 1) * size]],
            "nbHits": len(found),
            "page": page,
            "nbPages": -(-len(reachable) // size),
            "hitsPerPage": size,
            "exhaustive": {"nbHits": True, "typo": True},
            "query": request.param("query"),
        }
    )


FAR_END = FarEnd(
    kind="hackernews",
    settings={"query": "velinor"},
    answer=_answer,
    external_id=lambda post: str(post.n),
    throttled=Reply({"message": "Too many requests", "status": 429}, 429),
    wait=None,
    mistaken=Reply({"message": "the query is too short", "status": 400}),
    burst=2_300,
)
