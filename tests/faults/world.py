"""The world around a service: its clock, and a feed that shows what was posted so far."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.sources.base import Item
from tests.faults.answering import Answering
from tests.faults.dial import Dial

STEP = timedelta(minutes=5)
SHOWN = 400  # posts in the feed: more than a service that dies again and again can miss


class World(Answering):
    """Time stands still until the service has done a whole pass; then a step of it goes by, if it may.

    A service in another process sees its time on a dial, in the file `clock`, and says that a pass is done by
    its heartbeat. Where it sleeps, it says so, and the time goes by that it would have slept.
    """

    def __init__(
        self,
        begin: datetime,
        end: datetime,
        posts: Sequence[Item],
        may_go_on: Callable[[datetime], bool] = lambda _at: True,
        *,
        clock: Path | None = None,
        step: timedelta = STEP,
    ) -> None:
        super().__init__()
        self._step = step
        self.at, self.end, self.posts, self.passes = begin, end, posts, 0
        self._dial = Dial.hang(clock, begin) if clock else None
        self.over = threading.Event()
        self._may_go_on = may_go_on
        self._going_on = threading.Lock()

    def answer(self, path: str) -> bytes:
        if path == "/beat":
            self.passes += 1
            if self._may_go_on(self.at):
                self._go_on(self._step)
            if self.at >= self.end:
                self.over.set()
            return b""
        if path.startswith("/sleep/"):
            self._go_on(timedelta(seconds=float(path.rpartition("/")[2])))
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

    def _go_on(self, by: timedelta) -> None:
        with self._going_on:
            self.at += by
            if self._dial is not None:
                self._dial.show(self.at)
