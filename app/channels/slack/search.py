"""Looks in Slack for a message that an earlier try may have left there."""

from datetime import datetime
from typing import Any

from app.channels.pace import Pace
from app.channels.slack.web import Web, call

_PAGE = 100
_PAGES = 20  # of a conversation that went on during an outage
_AGAIN = 2.0  # seconds until a message that was just taken must be seen


class Search:
    """A search in one conversation."""

    def __init__(self, web: Web, channel: str, pace: Pace, now: datetime) -> None:
        self._web = web
        self._channel = channel
        self._pace = pace
        self._now = now

    def find(self, event: str, delivery_id: int, *, thread: str | None, since: datetime) -> str | None:
        """The `ts` of the message with the delivery's metadata, or None if a second look finds none."""
        found = self._look(event, delivery_id, thread, since)
        if found is None:
            self._pace.sleep(_AGAIN)
            found = self._look(event, delivery_id, thread, since)
        return found

    def _look(self, event: str, delivery_id: int, thread: str | None, since: datetime) -> str | None:
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
            for message in answer.get("messages") or []:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == event and payload.get("delivery_id") == delivery_id:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            params["cursor"] = cursor
        return None
