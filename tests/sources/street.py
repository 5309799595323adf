"""A real server on loopback that stands for every host a source asks, and what is asked of it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx

from app.http_client import open_client
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as it came over the wire."""

    method: str
    host: str  # the one that was meant
    path: str
    query: dict[str, str]  # of a parameter that is there twice, the last
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form that was sent."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def says(value: object, status: int = 200, **headers: str) -> Reply:
    """The value as JSON; a text or bytes as they are."""
    body = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""
    if not isinstance(value, bytes | str):
        body = json.dumps(value).encode()
        headers.setdefault("Content_Type", "application/json")
    return Reply(body, status, {name.replace("_", "-"): text for name, text in headers.items()})


class Street(ThreadingHTTPServer):
    """Answers with `answer`, whoever is asked; `asked` holds the requests in order."""

    daemon_threads = True

    def __init__(self, answer: Callable[[ReceivedRequest], Reply]) -> None:
        self.answer = answer
        self.asked: list[ReceivedRequest] = []
        street = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                request = ReceivedRequest(
                    self.command,
                    self.headers.get("X-Meant-For", ""),
                    parts.path,
                    {n: v[-1] for n, v in parse_qs(parts.query, keep_blank_values=True).items()},
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
                street.asked.append(request)
                reply = street.answer(request)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = _serve  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


class _Detour(httpx.BaseTransport):
    """Sends every request to the one server, over a real connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._wire = httpx.HTTPTransport(verify=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        meant = request.url.host
        request.headers["X-Meant-For"] = meant
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._wire.handle_request(request)

    def close(self) -> None:
        self._wire.close()


@contextmanager
def street(answer: Callable[[ReceivedRequest], Reply]) -> Iterator[tuple[Street, httpx.Client]]:
    """A server that answers so, and a client whose requests all arrive there."""
    with Street(answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with open_client(Settings(), transport=_Detour(server.server_port)) as client:
                yield server, client
        finally:
            server.shutdown()
            thread.join()
