"""The App Store's feed of reviews: 50 on a page, 10 pages, everything in labels, one review not in a list."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

_PATH = r"/fr/rss/customerreviews/(?:page=(\d+)/id=284|id=284(?:/page=(\d+))?)/sortBy=mostRecent/json"


def _review(post: Post) -> dict[str, Any]:
    labels = {
        "id": f"{post.n}",
        "title": "One star",
        "content": post.edit or post.text,
        "im:rating": "1",
        "im:version": "5.2",
        "im:voteSum": "3",
        "im:voteCount": "4",
        "updated": (post.edited_at or post.at).isoformat(),
    }
    return {
        "author": {"uri": {"label": "https://itunes.apple.com/fr/x"}, "name": {"label": "Ana"}, "label": ""},
        "link": {"attributes": {"rel": "related", "href": f"https://itunes.apple.com/fr/review?id={post.n}"}},
    } | {name: {"label": label} for name, label in labels.items()}


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    path = re.fullmatch(_PATH, request.path)
    assert path
    assert request.host == "itunes.apple.com"
    number = int(path[1] or path[2] or 1)
    newest = sorted(posts, key=lambda post: post.edited_at or post.at, reverse=True)
    reviews: Any = [_review(post) for post in newest[:500][50 * (number - 1) : 50 * number]]
    if len(reviews) == 1:
        reviews = reviews[0]
    feed = {"author": {"name": {"label": "iTunes Store"}}, "updated": {"label": "2026-11-22"}}
    return Reply({"feed": feed | ({"entry": reviews} if reviews else {})})


FAR_END = FarEnd(
    kind="app_store",
    settings={"app": "284"},
    answer=_answer,
    external_id=lambda post: f"{post.n}",
    throttled=Reply("<html>Too many</html>", 429, {"Retry-After": "120"}),
    wait=timedelta(seconds=120),
    empties=False,
)
