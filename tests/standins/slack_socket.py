"""Slack's socket on loopback: sends envelopes to whoever is connected, and keeps what comes back."""

import json
import threading
from queue import Queue
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.standins.patience import HANG


class SocketStandin:
    """A WebSocket server on 127.0.0.1 that speaks Socket Mode; a context manager."""

    def __init__(self) -> None:
        self._answers: Queue[dict[str, Any]] = Queue()
        self._connected = threading.Event()
        self._line: ServerConnection | None = None
        self._server: Server | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self._server = serve(self._talk, "127.0.0.1", 0)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link?ticket=1"

    def send(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the client answers to an envelope."""
        assert self._connected.wait(HANG)
        assert self._line is not None
        self._count += 1
        envelope = {
            "envelope_id": f"e{self._count}",
            "type": kind,
            "payload": payload,
            "accepts_response_payload": True,
        }
        self._line.send(json.dumps(envelope))
        answer = self._answers.get(timeout=HANG)
        assert answer["envelope_id"] == envelope["envelope_id"]
        return answer

    def cut(self) -> None:
        """Ask the client to connect again, and hang up."""
        assert self._line is not None
        self._connected.clear()
        self._line.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def _talk(self, line: ServerConnection) -> None:
        self._line = line
        line.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}}))
        self._connected.set()
        try:
            for frame in line:
                self._answers.put(json.loads(frame))
        except ConnectionClosed:
            pass
