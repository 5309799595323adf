"""A signed webhook: each transition as one JSON document, POSTed to an address of the team's choice.

The body is an `Envelope`, unless another form is chosen; its JSON Schema is
`Envelope.model_json_schema()`. The headers:

- `X-Tocsin-Signature: t=<unix seconds>,v1=<hex>`, the HMAC-SHA256 with the channel's secret of the same
  seconds, a full stop, and the raw body. Refuse what does not match, or is older than five minutes.
- `Idempotency-Key`: the same for each try of the same delivery. A delivery may come twice; act on it once.
- `X-Tocsin-Delivery`: the id of the delivery, as in the record of deliveries.

Any 2xx answer is a receipt. 408, 425, 429 (with Retry-After), 5xx and silence are tried again; every other
answer, redirects included, stops the channel until somebody mends it; but who answers 400, 406, 415 or 422
to what is no alert only does not get that one.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field

from app.channels.base import Alert, Dependencies, Earlier, Refused, Sent, idempotency_key
from app.channels.crisis import StakeholderUpdate
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    HandOver,
    News,
    Outage,
    Restore,
    SetAside,
    Standstill,
    Trial,
)
from app.channels.webhook_formats import Format, alert_group, cloud_event
from app.errors import ChannelError
from app.http_client import Refused as Private
from app.http_client import retry_after
from app.http_client.guard import at_most

_AGAIN = frozenset({408, 425, 429})
_NOT_THIS = frozenset({400, 406, 415, 422})  # of a body that the receiver does not know
_DEADLINE = timedelta(seconds=30)
_TYPES: Mapping[Format, str] = {
    "tocsin": "application/json",
    "cloudevents": "application/cloudevents+json",
    "alertmanager": "application/json",
}


class WebhookSettings(BaseModel):
    """What a webhook is told by its operator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^\s/]+", max_length=2000, description="address that takes the POST")
    format: Format = Field(
        "tocsin", description="form of the body: Tocsin's own, a CloudEvent, or what Alertmanager would send"
    )


class Envelope(BaseModel):
    """The body of the POST: an `alert`, a ping, or what its type says that is told beside alerts."""

    version: Literal[1] = 1
    type: Literal[
        "alert", "source", "bulletin", "clock", "standstill", "channel", "restore", "set_aside", "hand_over",
        "stakeholder_update", "trial", "ping",
    ]  # fmt: skip
    alert: Alert | None = None
    source: News | None = None
    bulletin: Bulletin | None = None
    clock: ClockJump | None = None
    standstill: Standstill | None = None
    channel: Outage | None = None
    restore: Restore | None = None
    set_aside: SetAside | None = None
    hand_over: HandOver | None = None
    stakeholder_update: StakeholderUpdate | None = None
    trial: Trial | None = None


class WebhookChannel:
    """Tells alerts to one address."""

    def __init__(
        self,
        url: str,
        secret: str,
        http: httpx.Client,
        *,
        shape: Format = "tocsin",
        house: str = "",
        name: str = "",
    ) -> None:
        """`shape`: of the body; `house`, `name`: by which a body says what service and channel it is of."""
        self._url = url
        self._shape, self._house, self._name = shape, house, name
        self._secret = secret.encode()
        self._http = http

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - it keeps no thread
        """POST the transition; its receiver tells a second try from a second alert by the Idempotency-Key."""
        return self._deliver(Envelope(type="alert", alert=alert), alert, now)

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:  # noqa: ARG002 - as above
        """POST it. Who takes alerts alone may refuse it, and gets the alerts all the same."""
        return self._deliver(_envelope(news), news, now)

    def check(self, *, now: datetime) -> str:
        """Send a ping: that it was taken."""
        envelope = Envelope(type="ping")
        self._post(envelope, self._body(envelope, None, now) or {}, {}, now)
        return f"{self._host()} took a ping"

    def _deliver(self, envelope: Envelope, alert: Alert | Announcement, now: datetime) -> Sent:
        key = idempotency_key(alert)
        body = self._body(envelope, alert, now)
        if body is None:
            return Sent(None)
        headers = {"Idempotency-Key": key, "X-Tocsin-Delivery": str(alert.delivery_id)}
        self._post(envelope, body, headers, now)
        return Sent(key, [{"method": "POST", "payload": body}])

    def _body(
        self, envelope: Envelope, message: Alert | Announcement | None, now: datetime
    ) -> dict[str, Any] | None:
        """What is sent, in the form that was chosen; None: that form has no words for it."""
        plain = envelope.model_dump(mode="json")
        match self._shape:
            case "cloudevents":
                key = idempotency_key(message) if message is not None else ""
                return cloud_event(plain, message, house=self._house, key=key, now=now)
            case "alertmanager":
                return alert_group(message, receiver=self._name)
            case _:
                return plain

    def _host(self) -> str:
        return httpx.URL(self._url).host  # never the path: in many services it is the secret

    def _post(
        self, envelope: Envelope, payload: Mapping[str, Any], headers: dict[str, str], now: datetime
    ) -> None:
        body = envelope.model_dump_json().encode()
        if self._shape != "tocsin":
            body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            **headers,
            "Content-Type": _TYPES[self._shape],
            "X-Tocsin-Signature": sign(self._secret, body, now=now),
        }
        try:
            # The answer's body is left unread: it could be endless, and the status says it all.
            with (
                at_most(_DEADLINE),
                self._http.stream(
                    "POST", self._url, content=body, headers=headers, follow_redirects=False
                ) as answer,
            ):
                status, asked = answer.status_code, answer.headers.get("Retry-After", "")
        except Private as error:
            raise ChannelError(str(error), permanent=True) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ChannelError(f"{self._host()} cannot be reached: {type(error).__name__}") from None
        except httpx.RequestError as error:
            raise ChannelError(
                f"{self._host()} did not answer in time or in full: {type(error).__name__}", ambiguous=True
            ) from None
        except httpx.InvalidURL:
            raise ChannelError("the webhook's address is none: set another", permanent=True) from None
        if 200 <= status < 300:
            return
        if status == 413:
            raise Refused(f"{self._host()} answered HTTP 413: the alert is too large for it")
        if status in _NOT_THIS and envelope.alert is None and envelope.type != "ping":
            raise Refused(f"{self._host()} answered HTTP {status} to what is no alert")
        raise ChannelError(
            f"{self._host()} answered HTTP {status}",
            permanent=300 <= status < 500 and status not in _AGAIN,
            ambiguous=status >= 500 or status == 408,
            retry_after=retry_after(asked, now=now),
        )


def _envelope(news: Announcement) -> Envelope:
    match news:
        case News():
            return Envelope(type="source", source=news)
        case Bulletin():
            return Envelope(type="bulletin", bulletin=news)
        case ClockJump():
            return Envelope(type="clock", clock=news)
        case Standstill():
            return Envelope(type="standstill", standstill=news)
        case Outage():
            return Envelope(type="channel", channel=news)
        case Restore():
            return Envelope(type="restore", restore=news)
        case SetAside():
            return Envelope(type="set_aside", set_aside=news)
        case HandOver():
            return Envelope(type="hand_over", hand_over=news)
        case StakeholderUpdate():
            return Envelope(type="stakeholder_update", stakeholder_update=news)
        case Trial():
            return Envelope(type="trial", trial=news)


def sign(secret: bytes, body: bytes, *, now: datetime) -> str:
    """The value of X-Tocsin-Signature for a body sent now."""
    seconds = str(int(now.timestamp()))
    digest = hmac.new(secret, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def build(settings: WebhookSettings, dependencies: Dependencies, secret: str | None) -> WebhookChannel:
    """A webhook with the secret that Tocsin made for it."""
    if not secret:
        raise ChannelError("the webhook has no secret: let Tocsin make one", permanent=True)
    return WebhookChannel(
        settings.url,
        secret,
        dependencies.http,
        shape=settings.format,
        house=dependencies.house,
        name=dependencies.channel,
    )
