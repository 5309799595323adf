"""Meta's interfaces (Facebook, Instagram, Threads): what kind of error each of their codes is, in words."""

import json
from datetime import datetime, timedelta
from typing import Any

from app import http_client
from app.errors import SourceError
from app.sources.toolkit import loose

_TOKEN = (102, 190, 463, 467)
_RIGHTS = (3, 10, *range(200, 300), 803)
_THROTTLED = (4, 17, 32, 341, 613, *range(80_000, 80_015))
_PASSING = (1, 2)
_GONE = 100, 33  # code and subcode of an id that is not there, or not for us
_HOUR = timedelta(hours=1)


def good(
    response: http_client.HttpResponse, *, now: datetime, rights: str, doing: str = "read"
) -> http_client.HttpResponse:
    """The answer if it holds no error; Meta says in a code what kind of error it is, with any status.

    `rights` says what to ask Meta for where they are missing; `doing` is what the interface cannot do now.
    """
    error: Any = None
    if response.content.lstrip().startswith(b"{"):
        error = loose.document(response).get("error")
    if not isinstance(error, dict):
        return http_client.good(response, now=now, secret="the access token")  # noqa: S106 - words for people
    code, where = loose.whole(error.get("code")), http_client.shown(response.url)
    text = http_client.message(response)
    text = f" It says: “{text}”." if text else ""
    if code in _TOKEN or response.status == 401:
        raise SourceError(
            f"{where} refuses the access token. Check the secret: a token ends after 60 days, "
            f"so make a new one and set it.{text}",
            permanent=True,
        )
    if code in _RIGHTS:
        raise SourceError(f"{where} refuses to {doing}. {rights}{text}", permanent=True)
    if code in _THROTTLED or response.status == 429:
        wait = http_client.retry_after(response.headers.get("retry-after", ""), now=now)
        raise SourceError(
            f"{where} asks us to come less often.{text}",
            retry_after=wait or _regained(response) or _HOUR,
            asked=response.asked,
        )
    passing = code in _PASSING or response.status >= 500
    advice = "" if passing else " Check the settings."
    raise SourceError(f"{where} cannot {doing}.{advice}{text}", permanent=not passing)


def is_gone(response: http_client.HttpResponse) -> bool:
    """Whether the answer says that what was asked for by its id is not there any more."""
    if response.status in (404, 410):
        return True
    try:
        error = loose.inner(json.loads(response.content), "error")
    except (ValueError, RecursionError):
        return False
    return (loose.inner(error, "code"), loose.inner(error, "error_subcode")) == _GONE


def _regained(response: http_client.HttpResponse) -> timedelta | None:
    """How long the account is shut out: the longest of the minutes that a header tells for each use of it."""
    try:
        told = json.loads(response.headers.get("x-business-use-case-usage", ""))
    except (ValueError, RecursionError):
        return None
    uses = [use for listed in told.values() for use in loose.rows(listed)] if isinstance(told, dict) else []
    minutes = [loose.whole(use.get("estimated_time_to_regain_access")) or 0 for use in uses]
    return timedelta(minutes=min(max(minutes, default=0), 24 * 60)) or None
