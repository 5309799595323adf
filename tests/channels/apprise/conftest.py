"""A service on loopback that takes what apprise's own plugins say, and a channel to it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from app.channels.act_links import ActLinks
from app.channels.apprise.transport import AppriseChannel, AppriseSettings, build
from app.channels.base import Dependencies
from app.http_client import open_client
from app.settings import Settings

TOKEN = "tk-never-to-be-seen"


@dataclass
class Request:
    """What a service was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Service:
    """A far end; `answers` by path, else `answer`."""

    port: int
    asked: list[Request] = field(default_factory=list)
    answer: tuple[int, Any] = (200, {})
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            sent = json.loads(body) if body.startswith("{") else body
            there.asked.append(Request(self.command, self.path, dict(self.headers), sent))
            found = [answer for path, answer in there.answers.items() if self.path.startswith(path)]
            status, said = found[0] if found else there.answer
            page = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**there.headers, "Content-Length": str(len(page))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST = do_PUT = _take  # noqa: N815 - the base class's words

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's words
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Service(server.server_address[1])
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture
def connect() -> Iterator[Callable[..., AppriseChannel]]:
    """A channel by the service's own guarded client, which is allowed to reach this machine."""
    clients = []

    def opened(
        url: str, *, allowed: str = "127.0.0.1", news: bool | None = None, acts: ActLinks | None = None
    ) -> AppriseChannel:
        settings = Settings(allow_private_hosts=[allowed] if allowed else [])
        client = open_client(settings)
        clients.append(client)
        dependencies = Dependencies(
            http=client,
            private_hosts=tuple(settings.allow_private_hosts),
            act_links=acts,
            channel="on call",
        )
        return build(AppriseSettings(news=news), dependencies, url)

    yield opened
    for client in clients:
        client.close()
