"""Alerts by a service that apprise knows: a chat, a push, a pager, a text message.

apprise writes what the service wants to hear, and Tocsin sends it. Nothing that was sent can be changed
there, and there are no threads: each message stands for itself.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.channels.acts import Act
from app.channels.apprise.gateway import sending
from app.channels.apprise.services import Service, Unusable, open_plugin, service_of
from app.channels.apprise.text import ends_of, message
from app.channels.base import Alert, Dependencies, Earlier, Sent, idempotency_key
from app.channels.document import Document, Heading
from app.channels.notices import Announcement, Bulletin, HandOver, SetAside
from app.channels.text import link
from app.channels.wording import bulletins, documents
from app.errors import ChannelError
from app.http_client import Refused as Private
from app.http_client.guard import at_most, guarded_socket
from app.logs import mask
from app.models import State

_DEADLINE = timedelta(seconds=30)  # for all requests of a message
_TIMEOUT = timedelta(seconds=10)
_SAMPLES, _QUOTE = 3, 240
_PHONES = 300  # characters: each 153 of them are a text message to pay for


class AppriseSettings(BaseModel):
    """What is told by such a service; its service URL is the secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    news: bool | None = Field(
        None,
        description="whether it is told how a fire goes on and ends, or only what calls people; "
        "empty: all, but not by text message",
    )
    acts: bool = Field(
        True, description="whether its readers can act by links in it, without a login, in the channel's name"
    )


class AppriseChannel:
    """Tells alerts by one service to one recipient."""

    def __init__(
        self, url: str, service: Service, dependencies: Dependencies, *, news: bool, acts: bool
    ) -> None:
        self._url = url
        self._service = service
        self._http = dependencies.http
        self._allowed = dependencies.private_hosts
        self._news = news
        self._name = dependencies.channel
        self._act_links = dependencies.act_links if acts else None

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Send the alert, or what is new of it if people are to hear of that."""
        act = alert.act(has_root=earlier.root is not None, repaints=False)
        if act is Act.nothing or (act is Act.reply and not self._news):
            return Sent(None)
        follows = act is not Act.root
        links = documents.NO_LINKS
        if self._act_links is not None:
            by = alert.reader or self._name
            links = self._act_links.urls(alert.incident_id, by, alert.language, now=now)
        # Where it leads stands at the end, whole, whatever else there is room for.
        bare = alert.model_copy(update={"link": None})
        if follows:
            document = documents.reply(bare, links=links)
        else:
            document = documents.root(bare, links=links, chart=False, samples=_SAMPLES, quote=_QUOTE)
        there = link(alert.link)
        ends = [*ends_of(document), *([there[0]] if there else [])]
        level = "failure" if act is not Act.reply else "warning"
        if alert.state is not State.burning:
            level = "success"
        title = documents.subject(alert, follows=follows)
        return self._send(title, document, ends, level, idempotency_key(alert), now)

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - no thread
        """Send it; what can wait for another way is not sent to a phone."""
        if isinstance(news, Bulletin | SetAside | HandOver) and not self._news:
            return Sent(None)
        document = bulletins.notice(news)
        # What is one sentence has no title of its own.
        title = next((part.text for part in document.parts if isinstance(part, Heading)), "Tocsin")
        return self._send(title, document, [], "warning", idempotency_key(news), now)

    def check(self, *, now: datetime) -> str:
        """Knock where a message would go, and send none: whether it would be taken, only one would show."""
        with sending(None, now=now) as call:
            self._notify("Tocsin", "Tocsin", "info")
        if not call.places:
            raise call.error(self._service.name)
        place = call.places[0]
        port = place.port or (443 if place.scheme == "https" else 80)
        try:
            guarded_socket(place.host, port, allowed=self._allowed, timeout=_TIMEOUT).close()
        except Private as error:
            raise ChannelError(str(error), permanent=True) from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ChannelError(f"{place.host} cannot be reached: {why}") from None
        return f"{self._service.name}: {place.host} answers; whether it takes a message, only one would show"

    def _send(
        self, title: str, document: Document, links: list[str], level: str, key: str, now: datetime
    ) -> Sent:
        plugin = self._plugin()
        head, body = message(
            title,
            document,
            links,
            title_room=plugin.title_maxlen,
            room=min(plugin.body_maxlen, _PHONES) if self._service.phones else plugin.body_maxlen,
            marked=_format(plugin) == "markdown",
        )
        with at_most(_DEADLINE), sending(self._http, now=now) as call:
            taken = self._notify(head, body, level)
        if not taken:
            raise call.error(self._service.name)
        # Who may read what was sent may not act by its links.
        shown = {"service": self._service.name, "title": head, "text": mask(body)}
        return Sent(key, [{"method": "apprise", "payload": shown}])

    def _notify(self, title: str, body: str, level: str) -> bool:
        plugin = self._plugin()
        try:
            return bool(plugin.notify(title=title, body=body, notify_type=level, body_format=_format(plugin)))
        except Exception:  # noqa: BLE001 - of another's code; what it raises may quote the URL, so it is not shown
            return False

    def _plugin(self) -> Any:  # noqa: ANN401 - a class of apprise, of no common type
        try:
            return open_plugin(self._url, self._service)
        except Unusable as error:
            raise ChannelError(f"its service URL {error}", permanent=True) from None


def _format(plugin: Any) -> str:  # noqa: ANN401 - as above
    """In what the text is given: Markdown as it is, since what it would obey is out of it; else as text."""
    return "markdown" if plugin.resolve_format("text") == "markdown" else "text"


def flaw(secret: str) -> str | None:
    """What is wrong with a service URL, to go on behind its name; None if nothing is seen."""
    try:
        open_plugin(secret, service_of(secret))
    except Unusable as error:
        return str(error)
    return None


def build(settings: AppriseSettings, dependencies: Dependencies, secret: str | None) -> AppriseChannel:
    """A channel by the service that its service URL names."""
    if not secret:
        raise ChannelError("it has no service URL: set its secret, as ntfys://host/topic", permanent=True)
    try:
        service = service_of(secret)
    except Unusable as error:
        raise ChannelError(f"its service URL {error}", permanent=True) from None
    news = settings.news if settings.news is not None else not service.phones
    return AppriseChannel(secret, service, dependencies, news=news, acts=settings.acts)
