"""A websocket that says what a test wants it to, and a made-up stream that reads it."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from app.sources.base import Call, Heard, Item
from tests.standins.patience import HANG


class Microphone:
    """A server that keeps all it ever said, and says it again to who calls with a cursor."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.calls: list[int] = []  # the cursor of each
        self.lines: list[ServerConnection] = []
        self._more = threading.Condition()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = serve(self._talk, "127.0.0.1", 0, compression=None)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        if self._server is not None:
            self._server.shutdown()

    def say(self, *frames: dict[str, Any]) -> None:
        """Each with its second `s` since 1970 and its id, or with `end`."""
        with self._more:
            self.said += frames
            self._more.notify_all()

    def hang_up(self) -> None:
        """Break all lines."""
        for line in self.lines:
            line.close()
        self.lines.clear()

    def _talk(self, line: ServerConnection) -> None:
        query = parse_qs(urlsplit(line.request.path if line.request else "").query)
        cursor = int(query.get("cursor", ["0"])[0])
        self.calls.append(cursor)
        self.lines.append(line)
        told = 0
        try:
            while True:
                with self._more:
                    if len(self.said) == told:
                        self._more.wait(0.2)
                    news = self.said[told:]
                    told = len(self.said)
                for frame in news:
                    if frame.get("s", cursor) >= cursor:
                        line.send(json.dumps(frame))
                if not news:
                    line.ping()
        except ConnectionClosed:
            pass


class Murmur:
    """Reads it: one post a frame, or one that is gone."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(self, cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:  # noqa: ARG002
        """Two seconds before the cursor."""
        since = int(cursor["s"]) - 2 if cursor else 0
        return Call(f"{self._url}?cursor={since}", silence=timedelta(seconds=HANG))

    def read(self, frame: str) -> Heard:
        """One post, published at its second."""
        said = json.loads(frame)
        at = datetime.fromtimestamp(said["s"], UTC)
        if said.get("gone"):
            return Heard(deleted=[said["id"]], position=(said["s"], ""), at=at)
        item = Item(said["id"], said.get("text", "Velinor"), at, author=said["id"])
        return Heard([item], position=(said["s"], ""), at=at)

    def cursor(self, before: dict[str, Any], position: tuple[int, str]) -> dict[str, Any]:  # noqa: ARG002
        """The second."""
        return {"s": position[0]}


def frames(first: int, count: int, *, start: int, text: str = "Velinor") -> Sequence[dict[str, Any]]:
    """So many frames, one a second."""
    return [{"s": start + n, "id": f"p{first + n}", "text": text} for n in range(count)]
