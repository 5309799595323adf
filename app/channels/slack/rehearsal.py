"""Slack without Slack: the exact calls that it would have got, for replays and demonstrations."""

from datetime import datetime
from itertools import count
from typing import Any

from app.channels.base import Alert, Earlier, Sent
from app.channels.document import Document
from app.channels.notices import Announcement
from app.channels.pace import Pace
from app.channels.slack.transport import SlackChannel
from app.channels.wording import documents
from app.clock import EPOCH


class RecordingWeb:
    """Answers as Slack would and keeps each call; a message's `ts` is of the instant that `at` was set to."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.at: datetime = EPOCH
        self._count = count(1)

    def api_call(
        self, api_method: str, *, json: dict[str, Any] | None = None, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The answer of a Slack where all goes well and no message is lost."""
        if json is None:
            return {"ok": True, "messages": [], "user": "tocsin", "team": "rehearsal", **(params or {})}
        self.calls.append({"method": api_method, "payload": json})
        ts = json.get("ts") or f"{int(self.at.timestamp())}.{next(self._count):06d}"
        return {"ok": True, "channel": json["channel"], "ts": ts}


class Rehearsal:
    """A Slack channel that keeps its calls and what it posted, on the clock of the alerts."""

    def __init__(self, channel: str = "C0REHEARSAL") -> None:
        self.web = RecordingWeb()
        self.posted: list[tuple[Document, bool]] = []  # (the message, whether it stands in a thread)
        self._slack = SlackChannel(self.web, channel, Pace(sleep=lambda _seconds: None), acts=True)

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """What the Slack channel does, with nothing sent."""
        self.web.at = alert.at
        sent = self._slack.tell(alert, earlier, now=now)
        if sent.external_id is not None:
            threaded = earlier.root is not None
            document = documents.reply(alert) if threaded else documents.root(alert, acts=True)
            self.posted.append((document, threaded))
        return sent

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:
        """What the Slack channel does, with nothing sent."""
        return self._slack.say(news, earlier, now=now)

    def check(self, *, now: datetime) -> str:  # noqa: ARG002 - every channel is asked so
        """It always works."""
        return "nothing is sent: the calls are kept"
