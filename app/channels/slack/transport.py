"""Slack: one message for each fire, updated in place; its news go into the thread."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from app.channels.acts import Act, choose_message_action
from app.channels.base import Alert, Earlier, Means, Refused, Sent
from app.channels.notices import Bulletin, News
from app.channels.pace import Pace
from app.channels.slack.blocks import Message, reply, root, text_only, without_chart
from app.channels.slack.bulletins import message
from app.channels.slack.errors import Fault
from app.channels.slack.search import Search
from app.channels.slack.web import SlackFault, Web, call, open_web, scopes
from app.errors import ChannelError
from app.logs import log

EVENT = "tocsin_alert"
_TIMEOUT = 15  # seconds
# Who may not look may post all the same; what else is wrong with a token or a channel is mended first.
_NO_LOOK = {"missing_scope", "no_permission", "not_in_channel"}
_HISTORY = {"C": "channels:history", "G": "groups:history", "D": "im:history"}


class SlackSettings(BaseModel):
    """What a Slack channel is told by its operator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = Field(
        pattern=r"^[CGD][A-Z0-9]{2,20}$",
        description="id of the conversation (C…, G… or D…), at the bottom of its details in Slack",
    )


class SlackChannel:
    """Tells alerts in one Slack conversation."""

    def __init__(self, web: Web, channel: str, pace: Pace, *, acts: bool = False) -> None:
        self._web = web
        self._channel = channel
        self._pace = pace
        self._acts = acts  # below the alert stands what people can do about it

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Post, reply or repaint; after a try that may have arrived, look for the message before sending."""
        telling = _Telling(self._web, self._channel, self._pace, alert, earlier, now, acts=self._acts)
        return telling.tell()

    def say(self, news: News | Bulletin, *, now: datetime) -> None:
        """Post it, apart from all threads."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        body = {"channel": self._channel, **message(news, acts=self._acts), **quiet}
        self._pace.wait(self._channel)
        try:
            call(self._web, "chat.postMessage", destination=self._channel, body=body, now=now)
        except SlackFault as fault:
            _give_up(fault)

    def check(self, *, now: datetime) -> str:
        """Who Slack takes us for, and what the app may not do that it should."""
        try:
            answer = call(self._web, "auth.test", destination="the token", now=now)
        except SlackFault as fault:
            _give_up(fault)
        has = scopes(answer)
        wanted = _HISTORY[self._channel[0]]
        said = f"Slack takes us for {answer.get('user')} in {answer.get('team')}, for channel {self._channel}"
        if has and "chat:write" not in has:
            raise ChannelError(
                "the Slack app lacks the scope chat:write: add it, install again", permanent=True
            )
        if has and wanted not in has:
            return f"{said}; without the scope {wanted} a message may come twice after a lost connection"
        return said


class _Telling:
    """The telling of one alert, with what was sent so far."""

    def __init__(
        self, web: Web, channel: str, pace: Pace, alert: Alert, earlier: Earlier, now: datetime, *, acts: bool
    ) -> None:
        self._acts = acts
        self._web = web
        self._channel = channel
        self._pace = pace
        self._alert = alert
        self._earlier = earlier
        self._now = now
        self._calls: list[dict[str, Any]] = []
        self._recognised = False

    def tell(self) -> Sent:
        earlier = self._earlier
        act = choose_message_action(
            self._alert.reason, has_root=earlier.root is not None, suppressed=self._alert.hushed
        )
        made: str | None = None
        try:
            # To repaint twice does no harm, so it comes first: what fails after it can be tried again whole.
            if act in {Act.update, Act.reply, Act.broadcast} and earlier.root is not None:
                self._repaint(earlier.root)
            if act is Act.root:
                made = self._once(
                    lambda: self._post(root(self._alert, acts=self._acts)), thread=None, rather_twice=True
                )
            elif act in {Act.reply, Act.broadcast}:
                loud = act is Act.broadcast
                made = self._once(lambda: self._reply(loud=loud), thread=earlier.root, rather_twice=loud)
        except SlackFault as fault:
            _give_up(fault)
        return Sent(made, self._calls, self._recognised)

    def _once(self, send: Callable[[], str], *, thread: str | None, rather_twice: bool) -> str | None:
        """The handle of the message: of one found from an earlier try, or of one sent now.

        Where Slack does not let us look: the alert rather comes twice than never, the end of it the reverse,
        as the root message says it too.
        """
        earlier = self._earlier
        if not earlier.attempts or not earlier.ambiguous:
            return send()
        since = min(self._alert.at, earlier.attempted_at or self._alert.at) - timedelta(seconds=5)
        try:
            found = self._find(thread, since)
        except SlackFault as fault:
            if fault.code not in _NO_LOOK:
                if fault.fault not in {Fault.credentials, Fault.destination}:
                    fault.fault = Fault.doubtful  # nobody has looked yet
                raise
            log().warning("slack_search_refused", channel=self._channel, code=fault.code)
            return send() if rather_twice else None
        if found is None:
            return send()
        self._recognised = True
        return found

    def _find(self, thread: str | None, since: datetime) -> str | None:
        search = Search(self._web, self._channel, self._pace, self._now)
        try:
            return search.find(EVENT, self._alert.delivery_id, thread=thread, since=since)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            return search.find(EVENT, self._alert.delivery_id, thread=None, since=since)

    def _post(self, message: Message, **more: Any) -> str:  # noqa: ANN401 - JSON
        alert = self._alert
        identity = {
            "delivery_id": alert.delivery_id,
            "incident_id": alert.incident_id,
            "transition_id": alert.transition_id,
        }
        metadata = {"event_type": EVENT, "event_payload": identity}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        return self._write("chat.postMessage", message, **more, **quiet, metadata=metadata)

    def _reply(self, *, loud: bool) -> str:
        more: dict[str, Any] = {"reply_broadcast": True} if loud else {}
        try:
            return self._post(reply(self._alert), thread_ts=self._earlier.root, **more)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            log().warning("slack_thread_gone", channel=self._channel, root=self._earlier.root)
            return self._post(root(self._alert, acts=self._acts))

    def _repaint(self, ts: str) -> None:
        try:
            self._write("chat.update", root(self._alert, acts=self._acts), ts=ts)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            log().warning("slack_message_gone", channel=self._channel, root=ts, code=fault.code)

    def _write(self, method: str, message: Message, **more: Any) -> str:  # noqa: ANN401 - JSON
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

    def _send(self, method: str, message: Message, more: dict[str, Any]) -> str:
        body = {"channel": self._channel, **message, **more}
        self._pace.wait(self._channel)
        answer = call(self._web, method, destination=self._channel, body=body, now=self._now)
        self._calls.append({"method": method, "payload": body})
        return str(answer.get("ts"))

    def _log_refusal(self, fault: SlackFault, message: Message) -> None:
        digest = hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]
        log().error(
            "slack_refused_payload",
            channel=self._channel,
            code=fault.code,
            details=fault.details,
            payload_sha256=digest,
            delivery=self._alert.delivery_id,
        )


def _points_at_chart(fault: SlackFault, message: Message) -> bool:
    blamed = {int(index) for index in re.findall(r"/blocks/(\d+)", fault.details)}
    blocks = message.get("blocks", [])
    charts = {i for i, block in enumerate(blocks) if block["type"] == "data_visualization"}
    return bool(blamed) and blamed <= charts


def _give_up(fault: SlackFault) -> NoReturn:
    if fault.fault in {Fault.payload, Fault.gone}:
        raise Refused(str(fault)) from None
    raise ChannelError(
        str(fault),
        permanent=fault.fault in {Fault.destination, Fault.credentials},
        ambiguous=fault.fault is Fault.doubtful,
        retry_after=fault.retry_after,
    ) from None


def build(settings: SlackSettings, means: Means, secret: str | None) -> SlackChannel:
    """A Slack channel with its own token if it has one, else with the service's."""
    token = secret or (means.slack_token.get_secret_value() if means.slack_token else "")
    if not token:
        raise ChannelError("Slack has no token: set TOCSIN_SLACK_BOT_TOKEN", permanent=True)
    return SlackChannel(
        open_web(token, means.slack_api_url, _TIMEOUT), settings.channel, means.pace, acts=means.slack_acts
    )
