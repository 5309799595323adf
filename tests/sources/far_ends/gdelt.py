"""GDELT: 250 articles of a window, dated by the quarter of an hour, and errors that are sentences."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clock import step_start
from tests.sources.far_ends.base import FarEnd, Post, ReceivedRequest, Reply

SLOT = timedelta(minutes=15)


def article(post: Post) -> dict[str, Any]:
    """The article as a list shows it."""
    return {
        "url": f"https://www.journal.example/{post.n}?utm_source=x",
        "url_mobile": "",
        "title": f"{post.text} : l ' usine {post.n}",
        "seendate": f"{step_start(post.shown_from or post.at, SLOT):%Y%m%dT%H%M%SZ}",
        "socialimage": "https://www.journal.example/x.jpg",
        "domain": "journal.example",
        "language": "French",
        "sourcecountry": "France",
    }


def timeline(posts: Sequence[Post], start: datetime, end: datetime) -> dict[str, Any]:
    """How many articles each quarter of an hour has, of a thousand and some."""
    counts = Counter(step_start(post.shown_from or post.at, SLOT) for post in posts)
    slots = [step_start(start, SLOT) + n * SLOT for n in range((end - step_start(start, SLOT)) // SLOT + 1)]
    data = [{"date": f"{at:%Y%m%dT%H%M%SZ}", "value": counts[at], "norm": 1_000 + at.hour} for at in slots]
    return {
        "query_details": {"title": "velinor", "date_resolution": "15m"},
        "timeline": [{"series": "Article Count", "data": data}],
    }


def _answer(request: ReceivedRequest, posts: Sequence[Post]) -> Reply:
    assert (request.host, request.path) == ("api.gdeltproject.org", "/api/v2/doc/doc")
    assert request.param("format") == "json"
    start, end = (
        datetime.strptime(request.param(name), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        for name in ("startdatetime", "enddatetime")
    )
    if request.param("mode") == "timelinevolraw":
        assert end - start <= timedelta(hours=72), "beyond three days it answers by the hour"
        return Reply(timeline(posts, start, end))
    assert (request.param("mode"), request.param("sort")) == ("artlist", "dateasc")
    found = [post for post in posts if start <= step_start(post.shown_from or post.at, SLOT) <= end]
    rows = [article(post) for post in found[: int(request.param("maxrecords"))]]
    return Reply({"articles": rows} if rows else {})


FAR_END = FarEnd(
    kind="gdelt",
    settings={"query": "velinor"},
    answer=_answer,
    external_id=lambda post: f"https://journal.example/{post.n}",
    throttled=Reply("Please limit requests to one every 5 seconds or contact us for larger queries.\n"),
    wait=timedelta(seconds=8),
    mistaken=Reply("The specified phrase is too short.\n", headers={"Content-Type": "text/html"}),
    burst=300,
    pages=False,
    dated=False,
    edits=False,
    blank=True,
)
