"""A server on loopback that plays any service: what it holds, how it fails, and who asks it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from app.http_client import open_client
from app.settings import Settings
from app.sources import kind
from app.sources.base import Batch, LooksBack, Past, Source, StepBack
from app.sources.bluesky import source as bluesky
from app.sources.google import account as google_account
from app.sources.google import login as google_login
from app.sources.reddit import source as reddit

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    """An instant after NOW."""
    return NOW + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Post:
    """Number n of a service, which shows it from `shown_from` on: its index may be late."""

    n: int
    at: datetime
    text: str = "Velinor again"
    shown_from: datetime | None = None
    edited_at: datetime | None = None
    edit: str = ""  # what it says from then on


@dataclass(frozen=True)
class ReceivedRequest:
    """One request, as the service sees it."""

    method: str
    host: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    now: datetime

    def param(self, name: str, default: str = "") -> str:
        """The last value of that name in the query."""
        return self.params.get(name, [default])[-1]


@dataclass(frozen=True)
class Reply:
    """What is answered: text as it stands, anything else as JSON."""

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FarEnd:
    """How one service answers, and what is special to it."""

    kind: str
    settings: Mapping[str, Any]
    answer: Callable[
        [ReceivedRequest, Sequence[Post]], Reply
    ]  # the posts are those that it shows now, oldest first
    external_id: Callable[[Post], str]
    throttled: Reply  # in its own dialect
    wait: timedelta | None  # what that asks for, at NOW
    secret: str | None = None
    refused: Reply | None = None  # of a wrong secret; None: there is no secret
    mistaken: Reply | None = None  # an error with status 200, whose words are "too short"
    burst: int = 120  # posts in a few minutes that fill several pages
    pages: bool = True  # whether it can be asked for more than one page in a run
    dated: bool = True  # whether posts come with their exact instant
    edits: bool = True  # whether an edited post is seen again
    blank: bool = False  # whether an empty body means that nothing was found
    empties: bool = True  # whether nothing found means that nothing is there


class Server(ThreadingHTTPServer):
    """The far end on a real port: `posts` is what it holds, `spoil` what goes wrong."""

    daemon_threads = True

    def __init__(self, far_end: FarEnd) -> None:
        self.far_end, self.now = far_end, NOW
        self.posts: list[Post] = []
        self.asked: list[ReceivedRequest] = []
        self.mistakes: list[Exception] = []  # of those who ask, and of the far end itself
        self.spoil: Callable[[int, Reply], Reply] = lambda _number, reply: reply
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = parse_qs(parts.query, keep_blank_values=True)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = ReceivedRequest(
                    self.command, headers["host"], parts.path, params, headers, body, server.now
                )
                server.answer(self, request)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def answer(self, handler: BaseHTTPRequestHandler, request: ReceivedRequest) -> None:
        self.asked.append(request)
        try:
            self._reply(handler, request)
        except Exception as error:
            self.mistakes.append(error)
            raise

    def handle_error(self, *_: object) -> None:
        """It is among the mistakes, with which the test fails."""

    def _reply(self, handler: BaseHTTPRequestHandler, request: ReceivedRequest) -> None:
        shown = [post for post in self.posts if (post.shown_from or post.at) <= self.now]
        reply = self.spoil(
            len(self.asked), self.far_end.answer(request, sorted(shown, key=lambda p: (p.at, p.n)))
        )
        body = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())


class Led(httpx.BaseTransport):
    """The network, but every host is the server on loopback."""

    def __init__(self, port: int) -> None:
        self._port, self._network = port, httpx.HTTPTransport(verify=False)  # no certificate is read

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


@dataclass
class Play:
    """A source and the service that it asks; the cursor goes through the database's JSON from run to run."""

    server: Server
    client: httpx.Client
    cursor: dict[str, Any] = field(default_factory=dict)

    def run(self, at: datetime) -> Batch:
        """One run at that instant, from the cursor of the one before."""
        batch = self._source(at).fetch(self.cursor, now=at)
        self.cursor = json.loads(json.dumps(batch.cursor))
        return batch

    def back(self, step: StepBack) -> Past:
        """One step of a look back; its mark goes through JSON, too."""
        source = self._source(step.now)
        assert isinstance(source, LooksBack)
        past = source.look_back(replace(step, cursor=self.cursor))
        return replace(past, mark=json.loads(json.dumps(past.mark)))

    def _source(self, at: datetime) -> Source:
        self.server.now = at
        far_end = self.server.far_end
        one = kind(far_end.kind)
        assert one.build
        return one.build(one.settings.model_validate(far_end.settings), self.client, far_end.secret)

    def ids(self, *numbers: int) -> list[str]:
        """The ids of these posts, in order."""
        by_number = {post.n: post for post in self.server.posts}
        return sorted(self.server.far_end.external_id(by_number[n]) for n in numbers)


@contextmanager
def play(far_end: FarEnd) -> Iterator[Play]:
    """The far end on a port of its own, and a client for which it is every host; nobody has a token yet."""
    for memory in (bluesky._sessions, google_account._tokens, google_login._tokens, reddit._tokens):
        memory.clear()
    with Server(far_end) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with open_client(Settings(), transport=Led(server.server_port)) as client:
                yield Play(server, client)
        finally:
            server.shutdown()
            thread.join()
        # A far end that breaks looks like a broken line to who asks, and a source may well live with that.
        assert server.mistakes == []


def shown(batch: Batch) -> list[str]:
    """The ids of the posts of the batch, in order."""
    return sorted(item.external_id for item in batch.items)
