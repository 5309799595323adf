"""The world around a service: two forums whose feeds show what was posted, and an address for webhooks."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from app.sources.base import Item
from tests.pipeline.brand import START, fire, ordinary

BEGIN = START + timedelta(days=7, hours=10)  # so long all was heard
FORUMS = {"forum": "Vélinor", "press": "Solvane"}  # the first is the one that something is done to
TOLD_IN = 8  # passes, from the first post of a fire to the pass that tells it, where nothing is wrong
DOOR = "Marée"  # its posts are pushed

Answer = Callable[[BaseHTTPRequestHandler], None]


def posts_of(brand: str, seed: int) -> list[Item]:
    """Seven and a half ordinary days of a brand."""
    return [named(item, brand) for item in ordinary(7.6, seed=seed, prefix=f"p{seed}-")]


def fire_of(
    brand: str, at: datetime, *, hours: float = 2.0, per_hour: float = 900.0, seed: int = 8
) -> list[Item]:
    """A fire that no detector may miss, at its height from its first minute."""
    begun = at - timedelta(hours=1)  # the made-up fire takes an hour to its height
    items = fire(begun, hours=hours + 1, per_hour=per_hour, seed=seed, prefix=f"f-{brand}-{at:%H%M}-")
    return [named(item, brand) for item in items if item.published_at and item.published_at > at]


def named(item: Item, brand: str) -> Item:
    return replace(item, text=item.text.replace("#velinor", "").replace("Vélinor", brand))


class World:
    """Answers on loopback; `answers` are what a row has some address answer instead. A context manager."""

    def __init__(self) -> None:
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                world.answer(self)

            def do_POST(self) -> None:
                world.answer(self)

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the one who asked was killed
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._history = {brand: posts_of(brand, seed) for seed, brand in enumerate(self.brands, start=7)}
        self.clear(BEGIN)

    brands = (*FORUMS.values(), DOOR)

    def clear(self, at: datetime, posted: Mapping[str, Sequence[Item]] | None = None) -> None:
        """Forget what a row did to it; `posted` is what was written beside the ordinary, by brand."""
        self.at = at
        self.answers: dict[str, Answer] = {}
        self.hooked: list[dict[str, Any]] = []  # what webhooks brought
        self.asked: list[str] = []  # paths
        self.more: dict[str, list[Item]] = {b: list((posted or {}).get(b, ())) for b in self.brands}
        self.shown = timedelta(minutes=30)  # of what was posted, in a feed
        self.released = threading.Event()  # what hangs goes on

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str) -> str:
        host = "localhost" if name == "press" else "127.0.0.1"  # hosts are kept apart: one rests alone
        return f"http://{host}:{self.port}/{name}"

    def burn(
        self, brand: str, *, after: timedelta = timedelta(0), hours: float = 2.0, per_hour: float = 900.0
    ) -> None:
        """From then on people write of nothing else."""
        self.more[brand] += fire_of(brand, self.at + after, hours=hours, per_hour=per_hour)

    def posts(self, brand: str, since: datetime | None = None) -> list[Item]:
        """What was posted of a brand until now, oldest first."""
        items = [*self._history[brand], *self.more[brand]]
        shown = [p for p in items if p.published_at and (since or START) <= p.published_at <= self.at]
        return sorted(shown, key=lambda post: (post.published_at or START, post.external_id))

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        name = to.path.strip("/")
        body = to.rfile.read(int(to.headers.get("Content-Length") or 0))
        self.asked.append(name)
        if name in self.answers:
            self.answers[name](to)
        elif name in FORUMS:
            send(to, feed(self.posts(FORUMS[name], self.at - self.shown)))
        elif name == "hook":
            self.hooked.append(json.loads(body))
            send(to, b"")
        else:
            send(to, b"", status=200 if name == "beat" else 404)


def send(
    to: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, kind: str = "application/feed+json",
    **headers: str,
) -> None:  # fmt: skip
    """An answer that is whole."""
    to.send_response(status)
    to.send_header("Content-Type", kind)
    to.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    to.wfile.write(body)


def answering(
    body: bytes, *, status: int = 200, kind: str = "application/feed+json", **headers: str
) -> Answer:
    """An answer that is always the same."""
    return lambda to: send(to, body, status=status, kind=kind, **headers)


def feed(posts: Sequence[Item]) -> bytes:
    """Posts as a JSON feed, newest first."""
    items = [entry(post) for post in reversed(posts)]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Forum", "items": items}
    return json.dumps(document).encode()


def entry(post: Item) -> dict[str, Any]:
    """One post in a JSON feed."""
    return {
        "id": post.external_id,
        "content_text": post.text,
        "date_published": post.published_at.isoformat() if post.published_at else None,
        "authors": [{"name": post.author}],
    }
