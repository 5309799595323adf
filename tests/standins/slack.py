"""A Slack on loopback: as strict as the real one, and able to fail in each of its ways."""

import json
import threading
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from app.clock import utc_now
from tests.standins.judges import CondemnedError, judge
from tests.standins.slack_failures import Failure, Json, limited, says
from tests.standins.slack_http import SlackServer
from tests.standins.slack_limits import refusals, size, view_refusals
from tests.standins.slack_rooms import Rooms

ALL_SCOPES = (
    "chat:write", "channels:history", "groups:history", "im:history",
    "channels:read", "groups:read", "im:read", "groups:write",
)  # fmt: skip
_POST = {
    "channel",
    "text",
    "blocks",
    "thread_ts",
    "reply_broadcast",
    "unfurl_links",
    "unfurl_media",
    "metadata",
}
_UPDATE = {"channel", "ts", "text", "blocks", "metadata"}


class SlackStandin:
    """A Slack workspace with one bot token; a context manager, listening on 127.0.0.1.

    `now` is its clock, for `ts` and for the pace of one message a second in each channel (`tolerance` seconds
    are forgiven). `fail` scripts what goes wrong next; `messages` is what people see. At the end it raises if
    anything that it took was condemned by a judge who is no part of this project.
    """

    def __init__(
        self,
        *,
        token: str = "xoxb-standin-1",  # noqa: S107 - a stand-in for one
        channels: tuple[str, ...] = ("C0ALERTS",),
        scopes: tuple[str, ...] = ALL_SCOPES,
        now: Callable[[], datetime] = utc_now,
        tolerance: float = 0.05,
    ) -> None:
        self.token = token
        self.scopes = scopes
        self.channels: dict[str, list[Json]] = {channel: [] for channel in channels}
        self.archived: set[str] = set()
        self.rooms = Rooms()
        self.requests: list[tuple[str, Json]] = []
        self.views: list[Json] = []  # dialogs that were opened
        self.files: list[bytes] = []  # what was brought
        self.answers: list[Json] = []  # what one person was told alone
        self.condemned: list[str] = []  # what the judges found in what was taken
        self.app_token = "xapp-standin-1"
        self.socket_url = ""  # what a Socket Mode client is sent to
        self._now = now
        self._tolerance = tolerance
        self._last: dict[str, datetime] = {}
        self._failures: deque[tuple[str, Failure]] = deque()
        self._count = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server: SlackServer | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.revive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if kind is None and self.condemned:
            raise CondemnedError("\n".join(self.condemned))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def revive(self) -> None:
        """Listen, again on the same port after `kill`; what was posted before is still there."""
        self.closing.clear()
        self._server = SlackServer(self, self.port)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def kill(self) -> None:
        """Stop listening: connections are refused."""
        if self._server is not None:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def history(self) -> tuple[dict[str, list[Json]], int]:
        """What people see in all channels, for another to `go_on` with."""
        with self._lock:
            return deepcopy(self.channels), self._count

    def go_on(self, history: tuple[dict[str, list[Json]], int]) -> None:
        """Show what another showed, and number what comes after it."""
        self.channels, self._count = deepcopy(history[0]), history[1]

    def settle(self, *, all_sent: bool = True) -> None:
        """Wait until no request is under way; with `all_sent`, not even one that was not taken up yet."""
        if self._server is not None and all_sent:
            self._server.settle()
        elif self._server is not None:
            self._server.finish()

    def fail(self, failure: Failure, *, times: int = 1, method: str = "chat.postMessage") -> None:
        """Let the next `times` calls of the method fail so."""
        self._failures.extend([(method, failure)] * times)

    def messages(self, channel: str = "C0ALERTS", *, thread: str | None = None) -> list[Json]:
        """The messages in the channel itself or, with `thread`, the replies to one, oldest first."""
        return [m for m in self.channels[channel] if m.get("thread_ts") == thread]

    def calls(self, method: str) -> list[Json]:
        """The bodies of the calls of a method, those that failed too."""
        return [body for called, body in self.requests if called == method]

    def answer(self, method: str, body: Json, token: str) -> Failure:
        """What to answer; the name says what answers can be."""
        with self._lock:
            self.requests.append((method, body))
            failure = self._next_failure(method)
            if failure is not None and not failure.taken:
                return failure
            if method.startswith("upload/"):  # nor does one for a file
                self.files.append(body["raw"])
                return Failure(body="OK")
            if method.startswith("response/"):  # an address for answers needs no token
                self.answers.append(body)
                return self._judged(body) or _ok()
            if method == "apps.connections.open":
                return _ok(url=self.socket_url) if token == self.app_token else says("invalid_auth")
            if token != self.token:
                return says("invalid_auth" if token else "not_authed")
            made = self._do(method, body)
            return failure or made

    def _next_failure(self, method: str) -> Failure | None:
        for index, (wanted, failure) in enumerate(self._failures):
            if wanted in {method, "*"}:
                del self._failures[index]
                return failure
        return None

    def _do(self, method: str, body: Json) -> Failure:
        match method:
            case "auth.test":
                return _ok(user="tocsin", team="Stand-in", user_id="U1", team_id="T1", bot_id="B1")
            case "chat.postMessage":
                return self._writable(body, _POST) or self._paced(body) or self._post(body)
            case "chat.update":
                return self._writable(body, _UPDATE) or self._update(body)
            case "views.open":
                return self._view(body)
            case "conversations.create":
                return self.rooms.create(body, self.scopes, self.channels)
            case "conversations.invite":
                return self.rooms.invite(body, self.scopes)
            case "conversations.info":
                return self._info(body)
            case "conversations.history" | "conversations.replies":
                return self._read(method, body)
            case "files.getUploadURLExternal":
                if "files:write" not in self.scopes:
                    return says("missing_scope", needed="files:write")
                return _ok(upload_url=f"{self.url}upload/F1", file_id="F1")
            case "files.completeUploadExternal":
                return _ok(files=[{"id": "F1", "title": "report"}])
            case _:
                return says("unknown_method")

    def _writable(self, body: Json, allowed: set[str]) -> Failure | None:
        if "chat:write" not in self.scopes:
            return says("missing_scope", needed="chat:write", provided=",".join(self.scopes))
        if body.keys() - allowed:
            return says("invalid_arguments", response_metadata={"messages": sorted(body.keys() - allowed)})
        channel = body.get("channel")
        if channel not in self.channels:
            return says("channel_not_found")
        if channel in self.archived:
            return says("is_archived")
        blocks, text = body.get("blocks"), body.get("text") or ""
        if not blocks and not text.strip():
            return says("no_text")
        if len(text) > 40_000:
            return says("msg_too_long")
        wrong = refusals(blocks) if blocks else []
        if wrong:
            return says("invalid_blocks", errors=wrong, response_metadata={"messages": wrong})
        if size(blocks or []) > 13_200:
            return says("msg_blocks_too_long")
        return _metadata(body.get("metadata")) or self._judged(body)

    def _judged(self, payload: Json) -> Failure | None:
        """What our own limits let pass goes before the judges; the test fails at its end if they do not."""
        try:
            judge(payload)
        except CondemnedError as error:
            self.condemned.append(str(error))
            return says("invalid_blocks")
        return None

    def _paced(self, body: Json) -> Failure | None:
        now, last = self._now(), self._last.get(body["channel"])
        if last is not None and (now - last).total_seconds() < 1 - self._tolerance:
            return limited(1)
        self._last[body["channel"]] = now
        return None

    def _post(self, body: Json) -> Failure:
        messages = self.channels[body["channel"]]
        parent = body.get("thread_ts")
        if parent is not None and not any(m["ts"] == parent and "thread_ts" not in m for m in messages):
            return says("thread_not_found")
        self._count += 1
        ts = f"{int(self._now().timestamp())}.{self._count:06d}"
        message = {key: value for key, value in body.items() if key != "channel"}
        messages.append({"type": "message", "ts": ts, "edits": 0, **message})
        return _ok(channel=body["channel"], ts=ts, message=message)

    def _update(self, body: Json) -> Failure:
        for message in self.channels[body["channel"]]:
            if message["ts"] == body.get("ts"):
                message.update(text=body["text"], blocks=body.get("blocks", []), edits=message["edits"] + 1)
                message.update({key: body[key] for key in ("metadata",) if key in body})  # else it stays
                return _ok(channel=body["channel"], ts=body["ts"], text=body["text"])
        return says("message_not_found")

    def _view(self, body: Json) -> Failure:
        wrong = view_refusals(body.get("view"))
        if not body.get("trigger_id"):
            return says("invalid_trigger_id")
        if wrong:
            return says("invalid_arguments", response_metadata={"messages": wrong})
        self.views.append(body["view"])
        return self._judged(body["view"]) or _ok(view=body["view"])

    def _info(self, body: Json) -> Failure:
        channel = body.get("channel", "")
        needed = {"C": "channels:read", "G": "groups:read", "D": "im:read"}[channel[0]]
        if needed not in self.scopes:
            return says("missing_scope", needed=needed, provided=",".join(self.scopes))
        if channel not in self.channels:
            return says("channel_not_found")
        return _ok(channel={"id": channel, "is_archived": channel in self.archived})

    def _read(self, method: str, body: Json) -> Failure:
        channel = body.get("channel", "")
        if channel not in self.channels:
            return says("channel_not_found")
        needed = {"C": "channels:history", "G": "groups:history", "D": "im:history"}[channel[0]]
        if needed not in self.scopes:
            return says("missing_scope", needed=needed, provided=",".join(self.scopes))
        messages = self.channels[channel]
        if method == "conversations.replies":
            thread = body.get("ts")
            seen = [m for m in messages if thread in {m["ts"], m.get("thread_ts")}]
            if not seen:
                return says("thread_not_found")
        else:
            seen = [m for m in reversed(messages) if "thread_ts" not in m or m.get("reply_broadcast")]
        oldest = Decimal(body.get("oldest", "0"))
        seen = [m for m in seen if Decimal(m["ts"]) >= oldest]
        start, limit = int(body.get("cursor") or 0), int(body.get("limit", 100))
        page = seen[start : start + limit]
        if body.get("include_all_metadata") not in {"true", "1"}:
            page = [{key: value for key, value in m.items() if key != "metadata"} for m in page]
        following = str(start + limit) if len(seen) > start + limit else ""
        return _ok(messages=page, has_more=bool(following), response_metadata={"next_cursor": following})


def _ok(**more: Any) -> Failure:  # noqa: ANN401 - JSON
    return Failure(body={"ok": True, **more})


def _metadata(metadata: object) -> Failure | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or metadata.keys() != {"event_type", "event_payload"}:
        return says("invalid_metadata_format")
    if not isinstance(metadata["event_payload"], dict) or not isinstance(metadata["event_type"], str):
        return says("invalid_metadata_format")
    return says("metadata_too_large") if len(json.dumps(metadata)) > 8000 else None
