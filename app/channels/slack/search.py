"""Looks in Slack for messages of ours: one that an earlier try may have left there, or all since a backup."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from app.channels.base import ToldMessage
from app.channels.pace import Pace
from app.channels.slack.errors import Fault
from app.channels.slack.web import SlackFault, Web, call

_PAGE = 100
_PAGES = 20  # of a conversation that went on during an outage
_AGAIN = 2.0  # seconds until a message that was just taken must be seen


class Search:
    """A search in one conversation."""

    def __init__(self, web: Web, channel: str, pace: Pace, now: datetime, *, house: str = "") -> None:
        self._web = web
        self._channel = channel
        self._pace = pace
        self._now = now
        self._house = house

    def find(self, event: str, delivery_id: int, *, thread: str | None, since: datetime) -> str | None:
        """The `ts` of the message with the delivery's metadata, or None if a second look finds none."""
        found = self._look(event, delivery_id, thread, since)
        if found is None:
            self._pace.sleep(_AGAIN)
            found = self._look(event, delivery_id, thread, since)
        return found

    def told_since(
        self, events: Sequence[str], since: datetime, threads: Sequence[str]
    ) -> Iterator[ToldMessage]:
        """Our messages since then: in the channel, then below those threads and below what was found."""
        below = list(threads)
        seen: set[str] = set()
        for message in self._read(None, since):
            told = self._told(message, events)
            if told is not None:
                seen.add(told.handle)
                yield told
                if told.thread is None and told.handle not in below:
                    below.append(told.handle)
        for thread in below:
            try:
                for message in self._read(thread, since):
                    told = self._told(message, events)
                    if told is not None and told.thread is not None and told.handle not in seen:
                        yield told
            except SlackFault as fault:
                if fault.fault is not Fault.gone:
                    raise

    def _look(self, event: str, delivery_id: int, thread: str | None, since: datetime) -> str | None:
        for message in self._read(thread, since):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            ours = payload.get("house", self._house) == self._house  # those of before name none
            if ours and metadata.get("event_type") == event and payload.get("delivery_id") == delivery_id:
                return str(message["ts"])
        return None

    def _read(self, thread: str | None, since: datetime) -> Iterator[dict[str, Any]]:
        method = "conversations.replies" if thread else "conversations.history"
        params: dict[str, Any] = {
            "channel": self._channel,
            "oldest": f"{since.timestamp():.6f}",
            "inclusive": "true",
            "include_all_metadata": "true",
            "limit": str(_PAGE),
        }
        if thread:
            params["ts"] = thread
        for _ in range(_PAGES):
            answer = call(self._web, method, destination=self._channel, params=dict(params), now=self._now)
            yield from answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            params["cursor"] = cursor

    def _told(self, message: dict[str, Any], events: Sequence[str]) -> ToldMessage | None:
        """The message, if it is one of ours that says what it tells."""
        metadata = message.get("metadata") or {}
        identity = metadata.get("event_payload")
        if metadata.get("event_type") not in events or not isinstance(identity, dict):
            return None
        if identity.get("house", "") != self._house:
            return None
        ts, thread = str(message["ts"]), message.get("thread_ts")
        at = datetime.fromtimestamp(float(ts), UTC)
        return ToldMessage(ts, str(thread) if thread and thread != ts else None, at, identity)
