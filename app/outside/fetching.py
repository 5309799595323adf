"""One GET of somebody else's address, with all that may go wrong put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version

import httpx
import stamina

from app.errors import SourceError
from app.outside.body import read_body
from app.outside.guard import GuardedTransport, Refused, at_most
from app.settings import Settings

MAX_BYTES = 10_000_000
DEADLINE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(days=1)  # a Retry-After of years is a mistake, and would silence a source for good
_PERMANENT_MOVES = (301, 308)
_MOVES = (*_PERMANENT_MOVES, 302, 303, 307)
_PASSING = (408, 425)  # of the 4xx, those that mend themselves
_CARRIED = ("accept", "accept-language", "if-none-match", "if-modified-since")  # to another host: no secret


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: a 2xx, or a 304 where the request was conditional."""

    status: int
    headers: Mapping[str, str]  # names in any case when asked for, in lower case when listed
    content: bytes
    url: str  # where it was found in the end
    moved_to: str | None  # the address to ask from now on, if the server said so (301, 308)


class _OnceMoreError(SourceError):
    """A failure that a second try, at once, may not meet again."""


def open_client(settings: Settings, *, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client that names itself, keeps no cookies, and reaches private addresses only where allowed.

    One is enough for all threads. `transport` stands in for the network, guard included.
    """
    contact = f" (+{settings.contact})" if settings.contact else ""
    client = httpx.Client(
        transport=transport or GuardedTransport(settings.allow_private_hosts),
        headers={"User-Agent": f"Tocsin/{version('tocsin')}{contact}", "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(20, connect=5),
        trust_env=False,  # a proxy would connect on our behalf, past the guard
    )
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
    asked = dict(headers or {})
    again = stamina.retry_context(on=_OnceMoreError, attempts=2, wait_initial=0.2, wait_max=0.5, timeout=5)
    with at_most(deadline):
        for attempt in again:
            with attempt:
                return _follow(client, url, asked, max_bytes, max_redirects, now)
    raise AssertionError("the last attempt returns or raises")


def shown(url: str) -> str:
    """The address as logs and errors may hold it: without user, password and query.

    >>> shown("https://me:secret@example.org/feed?key=secret")
    'https://example.org/feed'
    """
    try:
        return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))[:200]
    except httpx.InvalidURL:
        return "the address"


def retry_after(value: str, *, now: datetime) -> timedelta | None:
    """The pause that a Retry-After header asks for, in seconds or until a date; at most a day.

    >>> retry_after("120", now=datetime(2026, 11, 22, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), _LONGEST_PAUSE)


def _follow(
    client: httpx.Client, url: str, headers: dict[str, str], max_bytes: int, max_redirects: int, now: datetime
) -> Answer:
    here, moved_to, for_good = _checked(url), None, True
    for _ in range(max_redirects + 1):
        step = _ask(client, here, headers, max_bytes, now)
        if isinstance(step, Answer):
            return replace(step, moved_to=moved_to)
        status, target = step
        there = _checked(target)
        if here.scheme == "https" and there.scheme == "http":
            # Anyone on the way could then write the posts. Who wants it all the same can set that address.
            raise SourceError(
                f"{shown(str(here))} redirects from https to plain http. "
                f"If you trust the way there, set the address to {shown(target)}.",
                permanent=True,
            )
        if (here.scheme, here.host, here.port) != (there.scheme, there.host, there.port):
            headers = {name: value for name, value in headers.items() if name.lower() in _CARRIED}
        for_good = for_good and status in _PERMANENT_MOVES
        moved_to = target if for_good else moved_to
        here = there
    raise SourceError(
        f"{shown(url)} redirects more than {max_redirects} times, perhaps in a circle. Check the address.",
        permanent=True,
    )


def _checked(url: str) -> httpx.URL:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SourceError("the address cannot be read. Check how it is written.", permanent=True) from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise SourceError(f"{shown(url)} is not an http or https address.", permanent=True)
    if parts.userinfo:
        raise SourceError(f"the address of {parts.host} holds a password. Take it out.", permanent=True)
    return parts


def _ask(
    client: httpx.Client, url: httpx.URL, headers: dict[str, str], max_bytes: int, now: datetime
) -> Answer | tuple[int, str]:
    """One request: an answer, or the status and the target of a redirect."""
    where = shown(str(url))
    try:
        with client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            status, target = response.status_code, response.headers.get("location")
            if status in _MOVES and target:
                return status, str(url.join(target))
            conditional = any(name.lower().startswith("if-") for name in headers)
            if not (response.is_success or (status == 304 and conditional)):
                raise _refusal(response, where, now)
            if response.is_stream_consumed:  # a stand-in for the network gives its body whole and unpacked
                content = read_body([response.content], "", max_bytes=max_bytes, where=where)
            else:
                packing = response.headers.get("content-encoding", "")
                content = read_body(response.iter_raw(65_536), packing, max_bytes=max_bytes, where=where)
            return Answer(status, response.headers, content, str(url), None)
    except Refused as error:
        raise SourceError(str(error), permanent=True) from error
    except httpx.InvalidURL as error:
        raise SourceError(f"{where} redirects to an address that cannot be read.") from error
    except httpx.TimeoutException as error:
        raise SourceError(f"{where} did not answer in time. It is asked again at the next run.") from error
    except httpx.TransportError as error:
        raise _OnceMoreError(f"{where} cannot be reached: {str(error) or type(error).__name__}.") from error


def _refusal(response: httpx.Response, where: str, now: datetime) -> SourceError:
    status = response.status_code
    pause = retry_after(response.headers.get("retry-after", ""), now=now)
    if status == 429:
        return SourceError(f"{where} asks us to come less often (429).", retry_after=pause)
    if status in (502, 503, 504) and pause is None:
        return _OnceMoreError(f"{where} is out of order ({status}).")
    if status >= 500 or status in _PASSING:
        return SourceError(f"{where} is out of order ({status}).", retry_after=pause)
    advice = {
        401: "wants a login (401). Check the secret of the source.",
        403: "refuses us (403). Check that it may be read without a login, or ask its owner.",
        404: "does not exist (404). Check the address.",
        410: "is gone for good (410). Remove the source, or give its new address.",
    }.get(status, f"cannot be read: it answers {status}. Check the address.")
    return SourceError(f"{where} {advice}", permanent=status >= 400, retry_after=pause)
