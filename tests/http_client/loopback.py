"""A real server on loopback whose paths answer as a test says, and what a test asks of it."""

import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from app.errors import SourceError
from app.http_client import DEADLINE, Answer, fetch

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Reply = Callable[[BaseHTTPRequestHandler], None]


class Site(ThreadingHTTPServer):
    """A real server whose paths answer as a test says."""

    daemon_threads = True

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: list[tuple[str, str, bytes]] = []  # method, path and body of all that is no GET
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                site.replies[self.path](self)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.sent.append((self.command, self.path, body))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up on us is what several tests want."""

    def says(self, path: str, status: int = 200, body: bytes = b"", /, **headers: str) -> str:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.replies[path] = reply
        return self.url + path


def get(
    client: httpx.Client, url: str, headers: Mapping[str, str] | None = None, deadline: timedelta = DEADLINE
) -> Answer:
    return fetch(client, url, now=NOW, headers=headers, deadline=deadline)


def refusal(client: httpx.Client, url: str, deadline: timedelta = DEADLINE) -> SourceError:
    with pytest.raises(SourceError) as caught:
        get(client, url, deadline=deadline)
    return caught.value


def names(monkeypatch: pytest.MonkeyPatch, table: dict[str, list[str]]) -> list[str]:
    """Give names to addresses, as DNS would; returns the list of names that get asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *arguments: int, **options: int) -> list[object]:
        asked.append(host)
        addresses = table.get(host, [host])
        return [found for address in addresses for found in real(address, port, *arguments, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked
