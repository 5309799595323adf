"""Feeds as sites write them, and a site that serves one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from app.http_client import open_client
from app.settings import Settings
from app.sources import kind
from app.sources.base import Batch, Source

URL = "https://news.example/feed"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def entry(n: int, at: datetime | None = None, **more: str) -> str:
    """An item of RSS 2.0 with the tags given, by default number n of the day."""
    tags = {
        "title": f"Post {n}",
        "link": f"https://news.example/{n}",
        "guid": f"id-{n}",
        "pubDate": format_datetime(at or NOW - timedelta(minutes=60 - n)),
        "description": f"Words of post {n}",
    } | more
    return (
        "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in tags.items() if value) + "</item>"
    )


def rss(*entries: str, head: str = "") -> bytes:
    """A feed in RSS 2.0."""
    body = f"<channel><title>News</title>{head}{''.join(entries)}</channel>"
    return f"<?xml version='1.0'?><rss version='2.0'>{body}</rss>".encode()


class FarEnd:
    """What the site answers: set `body`, `status` and `headers`; `asked` holds the requests."""

    def __init__(self, body: bytes = b"", content_type: str = "application/rss+xml; charset=utf-8") -> None:
        self.body, self.status = body, 200
        self.headers = {"Content-Type": content_type}
        self.asked: list[httpx.Request] = []
        self.pages: dict[str, bytes | Callable[[], httpx.Response]] = {}  # other addresses

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        page = self.pages.get(str(request.url))
        if callable(page):
            return page()
        if page is not None:
            return httpx.Response(200, content=page, headers=self.headers)
        return httpx.Response(self.status, content=self.body, headers=self.headers)

    def source(self) -> Source:
        """An rss source that reads this site."""
        rss_kind = kind("rss")
        assert rss_kind.build
        client = open_client(Settings(), transport=httpx.MockTransport(self))
        return rss_kind.build(rss_kind.settings.model_validate({"url": URL}), client, None)

    def first(self) -> Batch:
        """What the first run brings."""
        return self.source().fetch({}, now=NOW)


def read(body: bytes, content_type: str = "application/rss+xml; charset=utf-8") -> Batch:
    """What the first run brings of this body."""
    return FarEnd(body, content_type).first()


def told(*items: str, head: str = "", namespaces: str = "") -> bytes:
    """An RSS document of items as they are written here."""
    body = "".join(f"<item>{item}</item>" for item in items)
    channel = f"<channel>{body}</channel>"
    return f"<?xml version='1.0'?>{head}<rss version='2.0' {namespaces}>{channel}</rss>".encode()


def later(minutes: float) -> datetime:
    """An instant after NOW."""
    return NOW + timedelta(minutes=minutes)


def run(far_end: FarEnd, *bodies: bytes, every: int = 5) -> list[Batch]:
    """A run for each body, each from the cursor of the one before."""
    source, cursor, batches = far_end.source(), dict[str, Any](), list[Batch]()
    for n, body in enumerate(bodies):
        far_end.body = body
        batches.append(source.fetch(cursor, now=later(n * every)))
        cursor = batches[-1].cursor
    return batches
