"""The socket that a Slack stand-in listens on: requests in, its answers out, or none."""

import json
import select
import socket
import threading
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.standins.patience import HANG, until
from tests.standins.slack_failures import Failure, says

if TYPE_CHECKING:
    from tests.standins.slack import SlackStandin


class SlackServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1, a thread for each request; knows how many are under way."""

    daemon_threads = True

    def __init__(self, slack: "SlackStandin", port: int) -> None:
        super().__init__(("127.0.0.1", port), type("Handler", (_Handler,), {"slack": slack}))
        self._busy = 0
        self._counting = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        with self._counting:
            self._busy += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the base class
        super().shutdown_request(request)
        with self._counting:
            self._busy -= 1

    def settle(self) -> None:
        """Wait until all that was asked before this call has been worked off."""
        # Connections are taken in the order of their coming: when this one was, all earlier ones were.
        with closing(socket.create_connection(self.server_address[:2])) as probe:  # type: ignore[arg-type]
            probe.shutdown(socket.SHUT_WR)
            probe.settimeout(HANG)
            probe.recv(1)
        self.finish()

    def finish(self) -> None:
        """Wait until what has been taken up is worked off."""
        until(lambda: not self._busy, every=0.001)


class _Handler(BaseHTTPRequestHandler):
    slack: "SlackStandin"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:  # the sender died before all of it was sent
            return None
        method = self.path.removeprefix("/api/")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.headers.get("Content-Type", "").startswith("application/json"):
            body = json.loads(raw or b"{}")
            written = method.endswith((".create", ".invite"))
            if method.startswith("conversations.") and not written:  # those that read take a form only
                return self._send(says("invalid_arguments"))
        else:
            body = {"raw": raw} if method.startswith("upload/") else dict(parse_qsl(raw.decode()))
        answer = self.slack.answer(method, body, token)
        if answer.silent:
            self._until_hung_up()
        if answer.body is None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return None
        return self._send(answer)

    def _until_hung_up(self) -> None:
        while not self.slack.closing.wait(0.01):
            if select.select([self.connection], [], [], 0)[0]:
                return

    def _send(self, answer: Failure) -> None:
        page = isinstance(answer.body, str)
        raw = answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
        with suppress(OSError):
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/html" if page else "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("X-OAuth-Scopes", ",".join(self.slack.scopes))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class's words
        """Say nothing."""
