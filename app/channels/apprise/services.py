"""The services that may be told through apprise: a closed list, and a service URL read as one of them.

apprise knows some 180, files, programs and message buses of this machine among them. Taken are those that are
told by HTTP and by nothing else; `tests/channels/apprise/test_services.py` reads their plugins for that.
"""

import logging
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.channels.apprise.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and the plugin of apprise that knows it."""

    name: str  # as people know it
    schemes: tuple[str, ...]  # the one to use last
    module: str  # in `apprise.plugins`
    plugin: str  # the class in it
    hosts: tuple[str, ...] = ()  # whose https:// addresses, as the service hands them out, are taken as well
    phones: bool = False  # it costs money and rings in a pocket


SERVICES = (
    Service("46elks", ("elks", "46elks"), "fortysixelks", "Notify46Elks", phones=True),
    Service("BulkSMS", ("bulksms",), "bulksms", "NotifyBulkSMS", phones=True),
    Service("ClickSend", ("clicksend",), "clicksend", "NotifyClickSend", phones=True),
    Service("Discord", ("discord",), "discord", "NotifyDiscord", hosts=("discord.com", "discordapp.com")),
    Service("Free Mobile", ("freemobile",), "freemobile", "NotifyFreeMobile", phones=True),
    Service("Google Chat", ("gchat",), "google_chat", "NotifyGoogleChat", hosts=("chat.googleapis.com",)),
    Service("Gotify", ("gotify", "gotifys"), "gotify", "NotifyGotify"),
    Service("JSON", ("json", "jsons"), "custom_json", "NotifyJSON"),
    Service("Matrix", ("matrix", "matrixs"), "matrix", "NotifyMatrix"),
    Service("Mattermost", ("mmost", "mmosts"), "mattermost", "NotifyMattermost"),
    Service("MessageBird", ("msgbird",), "messagebird", "NotifyMessageBird", phones=True),
    Service("Microsoft Teams", ("workflow", "workflows"), "workflows", "NotifyWorkflows",
            hosts=("logic.azure.com", "api.powerplatform.com")),
    Service("Nextcloud Talk", ("nctalk", "nctalks"), "nextcloudtalk", "NotifyNextcloudTalk"),
    Service("ntfy", ("ntfy", "ntfys"), "ntfy", "NotifyNtfy", hosts=("ntfy.sh",)),
    Service("Octopush", ("octopush",), "octopush", "NotifyOctopush", phones=True),
    Service("Opsgenie", ("opsgenie",), "opsgenie", "NotifyOpsgenie"),
    Service("PagerDuty", ("pagerduty",), "pagerduty", "NotifyPagerDuty"),
    Service("Pushover", ("pover",), "pushover", "NotifyPushover"),
    Service("Rocket.Chat", ("rocket", "rockets"), "rocketchat", "NotifyRocketChat"),
    Service("Signal", ("signal", "signals"), "signal_api", "NotifySignalAPI"),
    Service("SMSEagle", ("smseagle", "smseagles"), "smseagle", "NotifySMSEagle", phones=True),
    Service("Telegram", ("tgram",), "telegram", "NotifyTelegram"),
    Service("Twilio", ("twilio",), "twilio", "NotifyTwilio", phones=True),
    Service("Vonage", ("nexmo", "vonage"), "vonage", "NotifyVonage", phones=True),
    Service("Webex", ("webex", "wxteams"), "webexteams", "NotifyWebexTeams", hosts=("webexapis.com",)),
    Service("Zulip", ("zulip",), "zulip", "NotifyZulip"),
)  # fmt: skip
# What an operator may not choose: how the connection is guarded, and files of this machine.
_OURS = frozenset({
    "attach", "cto", "e2ee", "emojis", "format", "optional", "overflow", "redirect", "retry", "rto", "store",
    "template", "verify", "wait",
})  # fmt: skip


class Unusable(Exception):  # noqa: N818 - read in sentences
    """The service URL cannot be used; the sentence says why, and holds nothing of the URL's secrets."""


def service_of(url: str) -> Service:
    """The service that the URL names, or whose own address it is; Unusable if there is none."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        raise Unusable(
            "is no address: begin it with the name of a service, as in ntfys://host/topic"
        ) from None
    scheme = parts.scheme.lower()
    for service in SERVICES:
        if scheme in service.schemes:
            return service
        if scheme == "https" and any(host == one or host.endswith(f".{one}") for one in service.hosts):
            return service
    known = ", ".join(f"{service.schemes[-1]}://" for service in SERVICES)
    raise Unusable(f"begins with the name of none of the services that are taken: {known}")


def open_plugin(url: str, service: Service) -> Any:  # noqa: ANN401 - a class of apprise, of no common type
    """Apprise's own object for the URL, whose way out is the gateway; Unusable says why there is none."""
    url = url.strip()
    chosen = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    if refused := sorted(chosen & _OURS):
        raise Unusable(f"may not set {', '.join(refused)}: Tocsin sees to that; leave it out")
    kind, asset = _loaded(service)
    form = f"is not understood as one of {service.name}; its forms: {'  '.join(kind.templates)}"
    try:
        given = kind.parse_native_url(url) if url.lower().startswith("https:") else kind.parse_url(url)
        plugin = kind(**given, asset=asset) if given else None
    except Exception:  # noqa: BLE001 - whatever a plugin raises may quote the URL
        plugin = None
    if plugin is None:
        # Not `from` what was raised: its text may hold the secret.
        raise Unusable(form)
    if (count := len(plugin)) != 1:
        # One of several could fail alone, and the others would be told again with it.
        raise Unusable(f"names {count} recipients: give one to a channel, and make a channel for each")
    # The queue keeps the pace and tries again; a worker that sleeps tells nobody else.
    plugin.throttle = _no_wait
    return plugin


def _no_wait(*_args: object, **_kwargs: object) -> None:
    """Go on at once."""


@cache
def _loaded(service: Service) -> tuple[Any, Any]:
    """The class of the plugin, and what apprise is to know of us; one plugin is loaded, not all."""
    # What apprise logs holds addresses with their tokens. What failed is known from the gateway.
    logging.getLogger("apprise").disabled = True
    asset = import_module("apprise").AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        async_mode=False,
        http_redirects=False,
        allow_templates=False,
        interpret_emojis=False,
        storage_mode="memory",
    )
    module = import_module(f"apprise.plugins.{service.module}")
    kind = getattr(module, service.plugin)
    # Where the class was written: a plugin may be a package. Its `requests` is ours from now on.
    vars(import_module(kind.__module__))["requests"] = Gateway()
    return kind, asset
