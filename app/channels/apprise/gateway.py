"""The way out of apprise's plugins: what they would send by `requests` goes through the guarded client.

So the address that was checked is the one that is spoken to, a name that changes its mind gains nothing, no
redirect is followed, no proxy of the environment is asked, and the whole call ends in time.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import requests
from requests.structures import CaseInsensitiveDict

from app.channels.base import Refused
from app.errors import ChannelError
from app.http_client import Refused as Private
from app.http_client import retry_after

_AGAIN = frozenset({408, 425, 429})
_MOST = 12  # requests for one message: a login, a room, the message
_MOST_BYTES = 1_000_000
_MEANS = {
    401: "it does not accept the token or the password",
    403: "it does not accept the token or the password",
    404: "it knows no such address, room or token",
}


@dataclass(slots=True)
class Call:
    """What was asked for one message, and what came of it."""

    http: httpx.Client | None  # None: nothing is sent, it is only seen where it would go
    places: list[httpx.URL] = field(default_factory=list)
    failed: ChannelError | None = None  # the last failure
    status: int | None = None  # the last answer
    over: bool = False  # what failed will not get better within this message
    now: datetime | None = None

    def error(self, service: str) -> ChannelError:
        """Why the plugin gave up."""
        if self.failed is not None:
            return self.failed
        if self.status is None:
            return ChannelError(f"{service} was not asked: look at its service URL", permanent=True)
        where = self.places[-1].host
        return ChannelError(f"{where} answered HTTP {self.status}, and that it did not take the message")


_call: ContextVar[Call | None] = ContextVar("apprise_call", default=None)


@contextmanager
def sending(http: httpx.Client | None, *, now: datetime) -> Iterator[Call]:
    """Inside, plugins reach the world, by that client; outside, nowhere."""
    call = Call(http, now=now)
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)


class Gateway:
    """What a plugin finds as `requests`; no more of it than the plugins on the list use."""

    codes = requests.codes
    RequestException = requests.RequestException
    TooManyRedirects = requests.TooManyRedirects

    def get(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests has it
        """GET the address."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as above
        """POST to the address."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as above
        """PUT to the address."""
        return self.request("PUT", url, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as above
        """DELETE what is at the address."""
        return self.request("DELETE", url, **options)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # noqa: ANN401 - as above
        """Ask, and answer as `requests` would; how long to wait, and what to trust, is not its choice."""
        call = _call.get()
        if call is None:
            raise requests.ConnectionError("nothing is to be sent")
        asked = {name: options.get(name) for name in ("params", "data", "json", "headers")}
        user, password = options.get("auth") or (None, None)
        if user is not None:
            asked["auth"] = (user, password or "")
        request = requests.Request(method, url, **asked).prepare()
        where = httpx.URL(request.url or "")
        if call.over or len(call.places) >= _MOST:
            raise requests.ConnectionError("it failed before")
        call.places.append(where)
        if call.http is None:
            raise requests.ConnectionError("nothing is to be sent")
        return _exchange(call, call.http, request, where)


def _exchange(
    call: Call, http: httpx.Client, request: requests.PreparedRequest, where: httpx.URL
) -> requests.Response:
    body = bytearray()
    try:
        with http.stream(
            request.method or "POST",
            where,
            content=request.body if isinstance(request.body, str | bytes) else None,  # no files are sent
            headers=[(name, value) for name, value in request.headers.items() if isinstance(value, str)],
            follow_redirects=False,
        ) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    break
    except Private as error:
        call.failed = ChannelError(str(error), permanent=True)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        call.failed = ChannelError(f"{where.host} cannot be reached: {type(error).__name__}")
    except httpx.RequestError as error:
        call.failed = ChannelError(
            f"{where.host} did not answer in time or in full: {type(error).__name__}", ambiguous=True
        )
    else:
        call.status = answer.status_code
        call.failed = None if answer.is_success else _refusal(call, answer, where.host)
        # A plugin may ask on where it is not known: a room that has to be made. It may not make an account.
        call.over = call.failed is not None and call.status != 404
        return _as_requests(request, answer, bytes(body))
    call.over = True
    raise requests.ConnectionError("it failed")


def _refusal(call: Call, answer: httpx.Response, where: str) -> ChannelError:
    """What an answer means that is none of success; never its text, which may hold what was sent."""
    status = answer.status_code
    if status == 413:
        return Refused(f"{where} answered HTTP 413: the alert is too large for it")
    means = f": {_MEANS[status]}" if status in _MEANS else ""
    now = call.now
    return ChannelError(
        f"{where} answered HTTP {status}{means}",
        permanent=300 <= status < 500 and status not in _AGAIN,
        ambiguous=status >= 500 or status == 408,
        retry_after=retry_after(answer.headers.get("Retry-After", ""), now=now) if now else None,
    )


def _as_requests(request: requests.PreparedRequest, answer: httpx.Response, body: bytes) -> requests.Response:
    shown = requests.Response()
    shown.request, shown.url = request, request.url or ""
    shown.status_code, shown.reason = answer.status_code, answer.reason_phrase
    shown.headers = CaseInsensitiveDict(answer.headers)
    shown.encoding = answer.charset_encoding or "utf-8"
    shown.raw = io.BytesIO(body)
    return shown
