"""The world around a service: its clock, and a feed that shows what was posted so far."""

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from app.sources.base import Item

STEP = timedelta(minutes=5)
SHOWN = 60  # posts in the feed: a few hours of them


class World:
    """Time stands still until the service has done a whole pass; then five minutes go by."""

    def __init__(self, begin: datetime, end: datetime, posts: Sequence[Item]) -> None:
        self.at, self.end, self.posts = begin, end, posts
        self.over = threading.Event()
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = world.answer(self.path)
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/feed+json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the one who asked was killed

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> bytes:
        if path == "/now":
            return self.at.isoformat().encode()
        if path == "/done":
            self.at += STEP
            if self.at >= self.end:
                self.over.set()
            return b""
        shown = [p for p in self.posts if p.published_at and p.published_at <= self.at][-SHOWN:]
        items = [
            {
                "id": p.external_id,
                "content_text": p.text,
                "date_published": p.published_at.isoformat() if p.published_at else None,
                "authors": [{"name": p.author}],
            }
            for p in reversed(shown)
        ]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": items}
        return json.dumps(feed).encode()
