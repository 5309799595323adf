"""One question to somebody else's server, redirects followed, and what it said, whatever the status."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import stamina

from app.errors import NotYet, SourceError
from app.http_client.addresses import checked, shown
from app.http_client.body import read_body
from app.http_client.guard import Refused, at_most
from app.http_client.pace import Key, Paces
from app.http_client.pauses import pause, used_up

MAX_BYTES = 10_000_000
DEADLINE = timedelta(seconds=60)
PATIENCE = timedelta(seconds=20)
_MAX_REDIRECTS = 5
_ERROR_BYTES = 200_000  # what an error page may hold; no message is longer
_PERMANENT_MOVES = (301, 308)
_MOVES = (*_PERMANENT_MOVES, 302, 303, 307)
_KEEP_METHOD = (307, 308)
_CARRIED = ("accept", "accept-language", "if-none-match", "if-modified-since")  # to another host: no secret
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class PacedClient(httpx.Client):
    """A client that keeps the pace of each host for all who ask through it."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of httpx
        super().__init__(**options)
        self.paces: Paces | None = Paces()  # None: what is asked is not the network
        self.spare = False  # it asks for what is no part of listening, and leaves the pace to that


class OnceMoreError(SourceError):
    """A failure that a second try, at once, may not meet again."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server said, of any status."""

    status: int
    headers: Mapping[str, str]  # names in any case when asked for, in lower case when listed
    content: bytes
    url: str  # where it was found in the end
    asked: Key | None = None  # who said it, as the paces know it; None: nobody keeps a pace

    def json(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The body as JSON; a SourceError says what it is instead, and what to do."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise SourceError(f"{shown(self.url)} gives JSON that is nested too deeply.") from error
        except ValueError as error:
            raise SourceError(f"{shown(self.url)} {self._instead()}") from error

    def _instead(self) -> str:
        start = _UNSAFE.sub(" ", self.content[:2_000].decode("utf-8", "ignore")).strip()
        if not start:
            return "gives an empty answer where JSON was expected. It is asked again at the next run."
        if re.match(r"<!doctype|<html|<head|<!--", start, re.IGNORECASE) or "<html" in start.lower():
            return (
                "gives a web page where JSON was expected: a login, a check for robots, or another address. "
                "Check the settings, and open the address in a browser."
            )
        return f"gives something that is not JSON, or is cut short: “{start[:120]}”."


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    url: httpx.URL
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    max_bytes: int = MAX_BYTES
    max_redirects: int = _MAX_REDIRECTS
    patience: timedelta = PATIENCE


def ask(
    client: httpx.Client,
    url: str,
    *,
    now: datetime,
    method: str = "GET",
    params: Mapping[str, str | int | Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    body: Any | None = None,  # noqa: ANN401 - whatever JSON holds
    deadline: timedelta = DEADLINE,
    patience: timedelta = PATIENCE,
    max_bytes: int = MAX_BYTES,
) -> HttpResponse:
    """What the server says, of any status; a SourceError only if nothing came back.

    `form` or `body` (as JSON) is sent; `deadline` is for the whole call, `patience` for one silence in it.
    A GET whose connection fails is tried once more at once. `good` turns a refusal into an error.
    """
    address = checked(url)
    sent = dict(headers or {})
    content = None
    if body is not None:
        sent["Content-Type"], content = "application/json", json.dumps(body).encode()
    elif form is not None:
        sent["Content-Type"], content = "application/x-www-form-urlencoded", urlencode(form).encode()
    request = Request(
        address.copy_merge_params(_listed(params)) if params else address,
        method=method,
        headers=sent,
        content=content,
        max_bytes=max_bytes,
        patience=patience,
    )
    tries = 2 if method == "GET" else 1
    again = stamina.retry_context(on=OnceMoreError, attempts=tries, wait_initial=0.2, wait_max=0.5, timeout=5)
    failure: OnceMoreError | None = None
    with at_most(deadline):
        for attempt in again:
            with attempt:
                try:
                    return follow(client, request, now)[0]
                except OnceMoreError as error:
                    failure = error
                    raise
                except NotYet:
                    if failure is None:
                        raise
                    # The pace of the host allows no second try at once: the first one's failure is the news.
                    raise failure from None
    raise AssertionError("the last attempt returns or raises")


def follow(client: httpx.Client, request: Request, now: datetime) -> tuple[HttpResponse, str | None]:
    """What was said in the end, and the address to ask from now on if the server told one (301, 308)."""
    first, moved_to, for_good = request.url, None, True
    for _ in range(request.max_redirects + 1):
        response = _paced(client, request, now)
        target = response.headers.get("location")
        if response.status not in _MOVES or not target:
            return response, moved_to
        request = _next(request, response.status, target)
        for_good = for_good and response.status in _PERMANENT_MOVES
        moved_to = str(request.url) if for_good else moved_to
    raise SourceError(
        f"{shown(str(first))} redirects more than {request.max_redirects} times, perhaps in a circle. "
        "Check the address.",
        permanent=True,
    )


def _next(request: Request, status: int, target: str) -> Request:
    here = request.url
    try:
        there = checked(str(here.join(target)))
    except httpx.InvalidURL as error:
        where = shown(str(here))
        raise SourceError(f"{where} redirects to an address that cannot be read.") from error
    if here.scheme == "https" and there.scheme == "http":
        # Anyone on the way could then write the posts. Who wants it all the same can set that address.
        raise SourceError(
            f"{shown(str(here))} redirects from https to plain http. "
            f"If you trust the way there, set the address to {shown(str(there))}.",
            permanent=True,
        )
    headers, method, content = request.headers, request.method, request.content
    if method != "GET" and status not in _KEEP_METHOD:
        method, content = "GET", None
    if (here.scheme, here.host, here.port) != (there.scheme, there.host, there.port):
        if content is not None:  # it may hold a secret
            raise SourceError(
                f"{shown(str(here))} sends what we give it on to {there.host}. Check the address.",
                permanent=True,
            )
        headers = {name: value for name, value in headers.items() if name.lower() in _CARRIED}
    return replace(request, url=there, method=method, headers=headers, content=content)


def _paced(client: httpx.Client, request: Request, now: datetime) -> HttpResponse:
    host = request.url.host
    if not isinstance(client, PacedClient) or client.paces is None:
        return _exchange(client, request)
    paces = client.paces
    key = paces.go(request.url, request.headers, now=now, spare=client.spare)
    try:
        response = _exchange(client, request)
    except SourceError as error:
        if not error.permanent:
            paces.answered(host, good=False, now=now)
        raise
    paces.answered(host, good=response.status < 500, now=now)
    throttled = response.status in (429, 503)
    wait = (
        pause(response.headers, response.content, now=now)
        if throttled
        else used_up(response.headers, now=now)
    )
    if wait:
        paces.rest(key, wait, now=now)
    return replace(response, asked=key)


def _exchange(client: httpx.Client, request: Request) -> HttpResponse:
    where = shown(str(request.url))
    timeout = httpx.Timeout(request.patience.total_seconds(), connect=5)
    try:
        with client.stream(
            request.method, request.url, headers=request.headers, content=request.content, timeout=timeout,
            follow_redirects=False,
        ) as response:  # fmt: skip
            content = _content(response, request.max_bytes, where)
            return HttpResponse(response.status_code, response.headers, content, str(request.url))
    except Refused as error:
        raise SourceError(str(error), permanent=True) from error
    except (UnicodeEncodeError, httpx.LocalProtocolError):
        # Its own sentence would show the value, which may be the secret.
        raise SourceError(
            f"{where} cannot be asked: a setting or the secret holds a line break or another character "
            "that no request may hold. Set it again.",
            permanent=True,
        ) from None
    except httpx.TimeoutException as error:
        raise SourceError(f"{where} did not answer in time. It is asked again at the next run.") from error
    except httpx.TransportError as error:
        why = str(error) or type(error).__name__
        raise OnceMoreError(
            f"{where} cannot be reached: {why}. It is asked again at the next run."
        ) from error


def _content(response: httpx.Response, max_bytes: int, where: str) -> bytes:
    status = response.status_code
    if status in _MOVES or status in (204, 304):
        return b""
    if not response.is_success:
        max_bytes = min(max_bytes, _ERROR_BYTES)
    try:
        if response.is_stream_consumed:  # a stand-in for the network gives its body whole and unpacked
            return read_body([response.content], "", max_bytes=max_bytes, where=where)
        packing = response.headers.get("content-encoding", "")
        return read_body(response.iter_raw(65_536), packing, max_bytes=max_bytes, where=where)
    except (SourceError, httpx.TransportError):
        if response.is_success:
            raise
        return b""  # the status says enough


def _listed(params: Mapping[str, str | int | Sequence[str]]) -> dict[str, Any]:
    return {n: v if isinstance(v, str | int) else list(v) for n, v in params.items()}
