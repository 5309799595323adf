"""Slack: one message for each fire, updated in place; its news go into the thread."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from app.channels.acts import Act
from app.channels.base import Alert, Dependencies, Earlier, Refused, Sent, SentReport, ToldMessage
from app.channels.notices import Announcement, LostAlert, subject_of
from app.channels.pace import Pace
from app.channels.slack.blocks import Message, called, called_by, lost_alert, notice, reply, root
from app.channels.slack.errors import Fault, mend
from app.channels.slack.reports import share
from app.channels.slack.search import Search
from app.channels.slack.sending import NO_LOOK, Conversation, Sending
from app.channels.slack.web import SlackFault, Web, call, open_web, scopes
from app.errors import ChannelError
from app.logs import log
from app.models import State

EVENT, NOTICE = "tocsin_alert", "tocsin_notice"
_TIMEOUT = 15  # seconds
_READ = {"C": "channels:read", "G": "groups:read", "D": "im:read"}
_HISTORY = {"C": "channels:history", "G": "groups:history", "D": "im:history"}


_MAY_NOT_LOOK = frozenset({"missing_scope", "no_permission"})
OnCall = Annotated[str, Field(pattern=r"^(?:[UWS][A-Z0-9]{2,20}|here|channel)$")]


class SlackSettings(BaseModel):
    """What a Slack channel is told by its operator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = Field(
        pattern=r"^[CGD][A-Z0-9]{2,20}$",
        description="id of the conversation (C…, G… or D…), at the bottom of its details in Slack",
    )
    on_call: tuple[OnCall, ...] = Field(
        (),
        max_length=10,
        description="whom alerts call, in this order as long as nobody takes the fire in hand: ids of people "
        "(U…), of user groups (S…), or `here` and `channel` for all who are there; empty: nobody is called",
    )


class SlackChannel:
    """Tells alerts in one Slack conversation."""

    def __init__(
        self,
        web: Web,
        channel: str,
        pace: Pace,
        *,
        on_call: Sequence[str] = (),
        acts: bool = False,
        house: str = "",
    ) -> None:
        self._web = web
        self._on_call = on_call
        self._channel = channel
        self._to = Conversation(web, channel, pace, house)
        self._acts = acts  # below the alert stands what people can do about it

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Post, reply or repaint; after a try that may have arrived, look for the message before sending."""
        sending = Sending(self._to, EVENT, _identity(alert), alert.at, earlier, now)
        return _Telling(sending, alert, on_call=self._on_call, acts=self._acts).tell()

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:
        """Post it, apart from all threads; look for it first as for an alert."""
        if earlier.found:
            return Sent(earlier.found, recognised=True)
        identity: dict[str, int | str] = {
            "delivery_id": news.delivery_id,
            "notice_id": news.notice_id,
            "subject": subject_of(news),
        }
        sending = Sending(self._to, NOTICE, identity, news.at, earlier, now)
        said = notice(news, acts=self._acts)
        try:
            made = sending.once(lambda: sending.post(said), thread=None, rather_twice=True)
        except SlackFault as fault:
            _give_up(fault)
        return Sent(made, sending.calls, sending.recognised)

    def send_report(self, report: SentReport, *, now: datetime) -> str:
        """Say it in short, and put the PDF into the thread of that."""
        try:
            return share(self._to, report, now=now)
        except SlackFault as fault:
            _give_up(fault)

    def edit(self, handle: str, alert: Alert, *, first: bool, now: datetime) -> None:
        """Write the message anew from what is left of it; nobody is called by that."""
        sending = Sending(self._to, EVENT, _identity(alert), alert.at, Earlier(), now)
        try:
            sending.write("chat.update", root(alert, acts=self._acts) if first else reply(alert), ts=handle)
        except SlackFault as fault:
            _give_up(fault)

    def told_since(self, since: datetime, threads: Sequence[str], *, now: datetime) -> list[ToldMessage]:
        """What this conversation was told, by the identity that each message carries."""
        search = Search(self._web, self._channel, self._to.pace, now, house=self._to.house)
        try:
            told = list(search.told_since((EVENT, NOTICE), since, threads))
        except SlackFault as fault:
            if fault.code not in NO_LOOK:
                _give_up(fault)
            log().warning("slack_search_refused", channel=self._channel, code=fault.code)
            return []
        return sorted(told, key=lambda message: message.at)

    def give_up(self, handle: str, lost: LostAlert, *, now: datetime) -> None:
        """Say it in the thread, and in the place of what the message said; nobody is called."""
        sending = Sending(self._to, EVENT, {"delivery_id": 0}, lost.at, Earlier(), now)
        said = lost_alert(lost)
        try:
            sending.write("chat.postMessage", said, thread_ts=handle)
            sending.write("chat.update", said, ts=handle)
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
        if has and "chat:write" not in has:
            raise ChannelError(
                "the Slack app lacks the scope chat:write: add it, install again", permanent=True
            )
        seen = self._is_there(now=now)
        text = f"Slack takes us for {answer.get('user')} in {answer.get('team')}, for channel {self._channel}"
        text += f"; calls {', '.join(self._on_call)}" if self._on_call else "; calls nobody: set on_call"
        if not seen:
            text += f"; without the scope {_READ[self._channel[0]]} nobody sees that the channel is archived"
        if has and wanted not in has:
            return f"{text}; without the scope {wanted} a message may come twice after a lost connection"
        return text

    def _is_there(self, *, now: datetime) -> bool:
        """Whether the conversation's state could be seen; a ChannelError if nothing can be posted there."""
        where, asked = f"channel {self._channel}", {"channel": self._channel}
        try:
            try:
                state = call(self._web, "conversations.info", destination=where, params=asked, now=now)
            except SlackFault as fault:
                if fault.code not in _MAY_NOT_LOOK:
                    raise
                # What it would let us read, if that is allowed, shows at least that it is there.
                call(
                    self._web,
                    "conversations.history",
                    destination=where,
                    params=asked | {"limit": 1},
                    now=now,
                )
                return False
        except SlackFault as fault:
            if fault.code in _MAY_NOT_LOOK:
                return False
            _give_up(fault)
        conversation = state.get("channel") or {}
        if conversation.get("is_archived"):
            raise ChannelError(mend(200, "is_archived", where), permanent=True)
        return True


class _Telling:
    """The telling of one alert."""

    def __init__(self, sending: Sending, alert: Alert, *, on_call: Sequence[str], acts: bool) -> None:
        self._sending = sending
        self._on_call = on_call
        self._alert = alert
        self._acts = acts

    def tell(self) -> Sent:
        sending, there = self._sending, self._sending.earlier.root
        act = self._alert.act(has_root=there is not None)
        made: str | None = None
        try:
            # To repaint twice does no harm, so it comes first: what fails after it can be tried again whole.
            if act in {Act.update, Act.reply, Act.broadcast} and there is not None:
                self._repaint(there)
            found = sending.earlier.found
            if found is not None and act is Act.root and not self._adopt(found):
                found = None
            if found is not None and act in {Act.root, Act.reply, Act.broadcast}:
                return Sent(found, sending.calls, recognised=True)
            if act is Act.root:
                first = self._called(self._root())
                made = sending.once(lambda: sending.post(first), thread=None, rather_twice=True)
            elif act in {Act.reply, Act.broadcast}:
                loud = act is Act.broadcast
                made = sending.once(lambda: self._reply(loud=loud), thread=there, rather_twice=loud)
        except SlackFault as fault:
            _give_up(fault)
        return Sent(made, sending.calls, sending.recognised)

    def _adopt(self, ts: str) -> bool:
        """Let a message that was lost in a restore show this story; False if it is there no more."""
        sending = self._sending
        try:
            sending.write("chat.update", self._root(), ts=ts, metadata=sending.metadata())
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            return False
        return True

    def _root(self) -> Message:
        return root(self._alert, acts=self._acts)

    def _reply(self, *, loud: bool) -> str:
        more: dict[str, Any] = {"reply_broadcast": True} if loud else {}
        thread = self._sending.earlier.root
        try:
            said = reply(self._alert)
            return self._sending.post(self._called(said) if loud else said, thread_ts=thread, **more)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            log().warning("slack_thread_gone", channel=self._sending.to.channel, root=thread)
            return self._sending.post(self._called(self._root()) if loud else self._root())

    def _called(self, message: Message) -> Message:
        """The message, and before it who is called: by the rota, else by the settings of the channel.

        A repaint calls nobody; nor does a fire that is over, or one that is told late and is in hand already.
        """
        in_hand = self._alert.catches_up and self._alert.acknowledged_by is not None
        if in_hand or self._alert.state is not State.burning:
            return message
        whom = called_by(self._alert, self._on_call)
        return called(message, self._alert, whom) if whom else message

    def _repaint(self, ts: str) -> None:
        """Bring the story's message up to date; it shows the watch that leads, whoever has news."""
        earlier = self._sending.earlier
        shown = self._alert if earlier.leads else earlier.shown
        if shown is None:
            return
        try:
            self._sending.write("chat.update", root(shown, acts=self._acts), ts=ts)
        except SlackFault as fault:
            if fault.fault is not Fault.gone:
                raise
            log().warning("slack_message_gone", channel=self._sending.to.channel, root=ts, code=fault.code)


def _identity(alert: Alert) -> dict[str, int | str]:
    """What a message carries of what it tells, by which it is known again."""
    return {
        "delivery_id": alert.delivery_id,
        "incident_id": alert.incident_id,
        "transition_id": alert.transition_id,
        "watch_id": alert.watch_id,
        "reason": alert.reason.value,
        "level": alert.level,
    }


def _give_up(fault: SlackFault) -> NoReturn:
    if fault.fault in {Fault.payload, Fault.gone}:
        raise Refused(str(fault)) from None
    raise ChannelError(
        str(fault),
        permanent=fault.fault in {Fault.destination, Fault.credentials},
        ambiguous=fault.fault is Fault.doubtful,
        retry_after=fault.retry_after,
    ) from None


def build(settings: SlackSettings, dependencies: Dependencies, secret: str | None) -> SlackChannel:
    """A Slack channel with its own token if it has one, else with the service's."""
    token = secret or (dependencies.slack_token.get_secret_value() if dependencies.slack_token else "")
    if not token:
        raise ChannelError("Slack has no token: set TOCSIN_SLACK_BOT_TOKEN", permanent=True)
    return SlackChannel(
        open_web(token, dependencies.slack_api_url, _TIMEOUT),
        settings.channel,
        dependencies.pace,
        on_call=settings.on_call,
        acts=dependencies.slack_acts,
        house=dependencies.house,
    )
