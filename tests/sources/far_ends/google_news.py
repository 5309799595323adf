"""The search feed of Google News: a hundred items at most, ordered by relevance and not by date."""

import re
from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime

from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

REST = timedelta(minutes=15)
ROBOT = "<!DOCTYPE html><html><body>Our systems have detected unusual traffic</body></html>"


def item(post: Post, guid: str = "") -> str:
    """The article as the feed shows it."""
    headline = f"{post.edit or post.text} {post.n}"
    return (
        f"<item><title>{headline} - Le Journal</title>"
        f"<link>https://news.google.com/rss/articles/CBMi{post.n}?oc=5</link>"
        f'<guid isPermaLink="false">{guid or f"CBMi{post.n}"}</guid>'
        f"<pubDate>{format_datetime(post.at, usegmt=True)}</pubDate>"
        f'<description>&lt;a href="https://news.google.com/x"&gt;{headline}&lt;/a&gt;&amp;nbsp;&amp;nbsp;'
        "&lt;font&gt;Le Journal&lt;/font&gt;</description>"
        '<source url="https://www.journal.example">Le Journal</source></item>'
    )


def feed(*items: str) -> Reply:
    """A feed with these items."""
    head = "<title>velinor - Google News</title><language>fr</language>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'
    return Reply(body, headers={"Content-Type": "application/xml; charset=utf-8"})


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("news.google.com", "/rss/search")
    assert (request.param("hl"), request.param("gl"), request.param("ceid")) == ("fr", "FR", "FR:fr")
    days = re.search(r"^velinor after:(\S+) before:(\S+)$", request.param("q"))
    if days:
        here = [post for post in posts if days[1] <= f"{post.at:%Y-%m-%d}" < days[2]]
        return feed(*(item(post) for post in here[:100]))
    when = re.search(r"^velinor when:(\d+)([hd])$", request.param("q"))
    assert when
    span = timedelta(hours=int(when[1]) * (24 if when[2] == "d" else 1))
    found = [post for post in posts if post.at >= request.now - span]
    return feed(*(item(post) for post in sorted(found, key=lambda post: post.n * 7919 % 1_000)[:100]))


FAR_END = FarEnd(
    kind="google_news",
    settings={"query": "velinor"},
    answer=_answer,
    external_id=lambda post: f"CBMi{post.n}",
    throttled=Reply(ROBOT, 429),
    wait=REST,
    burst=180,
    pages=False,
)
