"""The messages of one delivery on their way to Slack: looked for first where one may be there already."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.channels.base import Earlier
from app.channels.pace import Pace
from app.channels.slack.blocks import Message, text_only, without_chart
from app.channels.slack.errors import Fault
from app.channels.slack.search import Search
from app.channels.slack.web import SlackFault, Web, call
from app.logs import log

# Who may not look may post all the same; what else is wrong with a token or a channel is mended first.
NO_LOOK = {"missing_scope", "no_permission", "not_in_channel"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where it goes, and over what."""

    web: Web
    channel: str
    pace: Pace
    house: str = ""  # whose messages are ours, of several services that tell the same conversation


@dataclass(slots=True)
class Sending:
    """The sending of one delivery, with what was sent so far."""

    to: Conversation
    event: str  # the type of the message's metadata
    identity: dict[str, int | str]  # its content, by which the message is found again
    at: datetime  # of what is told: no try was made before
    earlier: Earlier
    now: datetime
    calls: list[dict[str, Any]] = field(default_factory=list)
    recognised: bool = False

    def once(self, send: Callable[[], str], *, thread: str | None, rather_twice: bool) -> str | None:
        """The handle of the message: of one found from an earlier try, or of one sent now.

        Where Slack does not let us look: the alert rather comes twice than never, the end of it the reverse,
        as the root message says it too.
        """
        earlier = self.earlier
        if not earlier.attempts or not earlier.ambiguous:
            return send()
        since = min(self.at, earlier.attempted_at or self.at) - timedelta(seconds=5)
        try:
            found = self._find(thread, since)
        except SlackFault as fault:
            if fault.code not in NO_LOOK:
                if fault.fault not in {Fault.credentials, Fault.destination}:
                    fault.fault = Fault.doubtful  # nobody has looked yet
                raise
            log().warning("slack_search_refused", channel=self.to.channel, code=fault.code)
            return send() if rather_twice else None
        if found is None:
            return send()
        self.recognised = True
        return found

    def post(self, message: Message, **more: Any) -> str:  # noqa: ANN401 - JSON
        """Post it with its identity; the handle of the message."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        return self.write("chat.postMessage", message, **more, **quiet, metadata=self.metadata())

    def metadata(self) -> dict[str, Any]:
        """What the message carries, for machines alone."""
        house = {"house": self.to.house} if self.to.house else {}
        return {"event_type": self.event, "event_payload": self.identity | house}

    def write(self, method: str, message: Message, **more: Any) -> str:  # noqa: ANN401 - JSON
        """Send it; what Slack does not take goes once more, without its chart or as text only."""
        try:
            return self._send(method, message, more)
        except SlackFault as fault:
            if fault.fault is not Fault.payload:
                raise
            self._log_refusal(fault, message)
            charted = _points_at_chart(fault, message)
        if charted:
            try:
                return self._send(method, without_chart(message), more)
            except SlackFault as fault:
                if fault.fault is not Fault.payload:
                    raise
                self._log_refusal(fault, message)
        more.pop("metadata", None)
        # An update without blocks keeps the old ones unless they are cleared.
        bare = {**text_only(message), "blocks": []} if method == "chat.update" else text_only(message)
        return self._send(method, bare, more)

    def _find(self, thread: str | None, since: datetime) -> str | None:
        search = Search(self.to.web, self.to.channel, self.to.pace, self.now, house=self.to.house)
        delivery_id = int(self.identity["delivery_id"])
        try:
            return search.find(self.event, delivery_id, thread=thread, since=since)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            return search.find(self.event, delivery_id, thread=None, since=since)

    def _send(self, method: str, message: Message, more: dict[str, Any]) -> str:
        body = {"channel": self.to.channel, **message, **more}
        self.to.pace.wait(self.to.channel)
        answer = call(self.to.web, method, destination=self.to.channel, body=body, now=self.now)
        self.calls.append({"method": method, "payload": body})
        return str(answer.get("ts"))

    def _log_refusal(self, fault: SlackFault, message: Message) -> None:
        digest = hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]
        log().error(
            "slack_refused_payload",
            channel=self.to.channel,
            code=fault.code,
            details=fault.details,
            payload_sha256=digest,
            delivery=self.identity["delivery_id"],
        )


def _points_at_chart(fault: SlackFault, message: Message) -> bool:
    blamed = {int(index) for index in re.findall(r"/blocks/(\d+)", fault.details)}
    blocks = message.get("blocks", [])
    charts = {i for i, block in enumerate(blocks) if block["type"] == "data_visualization"}
    return bool(blamed) and blamed <= charts
