"""One GET of somebody else's address, with all that may go wrong put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version

import httpx
import stamina

from app.errors import SourceError
from app.http_client.addresses import checked
from app.http_client.asking import DEADLINE, MAX_BYTES, OnceMoreError, PacedClient, Request, follow
from app.http_client.guard import GuardedTransport, at_most
from app.http_client.pauses import pause
from app.http_client.refusals import good
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: a 2xx, or a 304 where the request was conditional."""

    status: int
    headers: Mapping[str, str]  # names in any case when asked for, in lower case when listed
    content: bytes
    url: str  # where it was found in the end
    moved_to: str | None  # the address to ask from now on, if the server said so (301, 308)


def open_client(
    settings: Settings,
    *,
    transport: httpx.BaseTransport | None = None,
    beside: PacedClient | None = None,
) -> PacedClient:
    """A client that names itself, keeps no cookies, and reaches private addresses only where allowed.

    One is enough for all threads. `transport` stands in for the network, guard included. `beside`: the
    client that listens, whose pace this one shares, and goes second.
    """
    contact = f" (+{settings.contact})" if settings.contact else ""
    client = PacedClient(
        transport=transport or GuardedTransport(settings.allow_private_hosts),
        headers={"User-Agent": f"Tocsin/{version('tocsin')}{contact}", "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(20, connect=5),
        trust_env=False,  # a proxy would connect on our behalf, past the guard
    )
    if beside is not None:
        client.paces, client.spare = beside.paces, True
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def fetch(
    client: httpx.Client,
    url: str,
    *,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    max_redirects: int = 5,
    deadline: timedelta = DEADLINE,
) -> Answer:
    """GET the address, redirects followed; a SourceError says what is wrong and what to do.

    `max_bytes` counts the body as unpacked, `deadline` the whole call. A connection that fails and a 502, 503
    or 504 are tried once more at once; everything else waits for the next run.
    """
    request = Request(
        checked(url), headers=dict(headers or {}), max_bytes=max_bytes, max_redirects=max_redirects
    )
    again = stamina.retry_context(on=OnceMoreError, attempts=2, wait_initial=0.2, wait_max=0.5, timeout=5)
    with at_most(deadline):
        for attempt in again:
            with attempt:
                return _once(client, request, now)
    raise AssertionError("the last attempt returns or raises")


def _once(client: httpx.Client, request: Request, now: datetime) -> Answer:
    response, moved_to = follow(client, request, now)
    conditional = any(name.lower().startswith("if-") for name in request.headers)
    if not (response.status == 304 and conditional):
        try:
            good(response, now=now)
        except SourceError as error:
            if (
                response.status in (502, 503, 504)
                and pause(response.headers, response.content, now=now) is None
            ):
                raise OnceMoreError(str(error)) from error
            raise
    return Answer(response.status, response.headers, response.content, response.url, moved_to)
