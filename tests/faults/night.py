"""A night that is lived in a few seconds: the service as a process, and all that it reaches on loopback."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from app.sources.base import Item
from tests.faults.world import World
from tests.standins.mail import MailStandin
from tests.standins.patience import HANG

STEP = timedelta(minutes=3)
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
_LINK = re.compile(r"https?://\S+/act/\S+")


class Gateway:
    """Rings telephones: an HTTP service of another maker, which is told whom to call."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.rung: list[tuple[datetime, str, Any]] = []  # when, whose phone, what was said
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.rung.append((now(), self.path.strip("/"), json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Night(World):
    """A world that goes on by three minutes after each pass, and in which people do things meanwhile."""

    def __init__(self, begin: datetime, end: datetime, posts: Sequence[Item], *, clock: Path) -> None:
        super().__init__(begin, end, posts, lambda _at: True, clock=clock, step=STEP)
        self.people: list[Callable[[], bool]] = []  # each is asked after a pass, until it has done its part
        self.failure: BaseException | None = None

    def answer(self, path: str) -> bytes:
        if path == "/beat":
            try:
                self.people = [person for person in self.people if not person()]
            except BaseException as error:  # noqa: BLE001 - the test raises it
                self.failure = error
                self.over.set()
        return super().answer(path)


class House:
    """What people at their desks, phones and mailboxes do with the running service."""

    def __init__(self, night: Night, port: int, key: str) -> None:
        self.night, self._typed = night, 0
        headers = {"Authorization": f"Bearer {key}"}
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=HANG)

    def ask(self, method: str, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """What the API says; an error of it ends the night."""
        answer = self.api.request(method, f"/api/v1/{path}", json=body or None)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    def press(self, user: str, act: str, value: str, channel: str) -> None:
        """A button that somebody presses in Slack, signed as Slack signs it."""
        pressed = {
            "type": "block_actions", "api_app_id": "A1", "team": {"id": "T1"}, "user": {"id": user},
            "container": {"type": "message", "message_ts": "1.1", "channel_id": channel},
            "channel": {"id": channel}, "trigger_id": "1.2.3", "response_url": "https://hooks.slack.com/x",
            "actions": [{"action_id": f"tocsin_{act}", "type": "button", "value": value, "action_ts": "9.9"}],
        }  # fmt: skip
        self._post({"payload": json.dumps(pressed)})

    def type(self, user: str, text: str, channel: str) -> str:
        """The command `/tocsin` and what follows it, as somebody types it; what they are answered."""
        self._typed += 1
        fields = {
            "token": "x", "team_id": "T1", "channel_id": channel, "user_id": user, "command": "/tocsin",
            "text": text, "response_url": "https://hooks.slack.com/y", "trigger_id": f"{self._typed}.2.3",
        }  # fmt: skip
        answer = self._post(fields)
        return str(answer.json()["text"]) if answer.content else ""

    def _post(self, fields: dict[str, str]) -> httpx.Response:
        body = urlencode(fields)
        stamp = str(int(self.night.at.timestamp()))
        signed = hmac.new(SIGNING.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed}",
        }
        answer = self.api.post("/api/v1/slack", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer

    def follow(self, mails: MailStandin, to: str) -> str | None:
        """Open the first link of the newest mail to somebody, and press the button there; what it says."""
        mine = [mail for mail in mails.mails if mail["To"] == to]
        if not mine:
            return None
        plain = mine[-1].get_body(("plain",))
        assert plain is not None
        found = _LINK.search(plain.get_content())
        assert found is not None, plain.get_content()
        path = "/act/" + found[0].rsplit("/act/", 1)[1].rstrip(".,)")
        asked = self.api.get(path)
        assert "<form" in asked.text, asked.text
        done = self.api.post(path)
        assert done.status_code == 200, done.text
        return done.text
