"""Statuses that are not good, put into words: what is wrong, what to do, and how long to wait."""

import json
import re
from datetime import datetime
from typing import Any

from app.errors import SourceError
from app.http_client.addresses import shown
from app.http_client.asking import HttpResponse
from app.http_client.pauses import pause, retry_after
from app.http_client.walls import wall
from app.logs import VEIL, mask

_SHUT_OUT = (
    "It is asked again; if that stays so, ask its owner to let in this machine, or take another way to it."
)
_PASSING = (408, 425)  # of the 4xx, those that mend themselves
_WORDS = ("message", "detail", "error_description", "error_message", "title", "reason", "error", "errors")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\s]+")
# Some servers repeat the key that they refuse.
_KEY = re.compile(r"(?=[^\s/]*\d)(?=[^\s/]*[A-Za-z])[\w.~+=-]{24,}", re.ASCII)


def good(response: HttpResponse, *, now: datetime, secret: str = "") -> HttpResponse:
    """The same answer if its status is one of success; else a SourceError for people.

    `secret` says what the server calls that which it may have refused: "the API key of YouTube"; empty where
    nothing was shown to it.
    """
    status = response.status
    if 200 <= status < 300:
        return response
    where = shown(response.url)
    if status in (429, 503):
        wait = pause(response.headers, response.content, now=now)
    else:  # the reset of a limit says nothing of an answer that is not about the limit
        wait = retry_after(response.headers.get("retry-after", ""), now=now)
    if status == 429:
        rest = "It is left alone for a while."
        text = _told(f"{where} asks us to come less often (429). {rest}", response)
        raise SourceError(text, retry_after=wait, asked=response.asked)
    if status >= 500 or status in _PASSING:
        again = "It is asked again at the next run."
        text = _told(f"{where} is out of order ({status}). {again}", response)
        raise SourceError(text, retry_after=wait, asked=response.asked)
    if found := wall(response.headers, response.content):
        # No key would open it, and it often stands there for hours only.
        text = f"{where} answers with {found} ({status}), which only a browser gets past. {_SHUT_OUT}"
        raise SourceError(text, retry_after=wait, asked=response.asked)
    advice = {
        401: f"wants a login (401). Check {secret}."
        if secret
        else "wants a login (401), and this source takes none. Check the address.",
        402: "wants to be paid (402). See that there is credit left, or switch the source off.",
        403: f"refuses us (403). Check {secret} with its rights, and that it may be read, or ask its owner."
        if secret
        else "refuses us (403). See in a browser whether it may be read; it may shut out this machine.",
        404: "does not exist (404). Check the address.",
        410: "is gone for good (410). Remove the source, or give its new address.",
    }.get(status, f"cannot be read: it answers {status}. Check the address and the settings.")
    text = _told(f"{where} {advice}", response)
    raise SourceError(text, permanent=status >= 400, retry_after=wait, asked=response.asked)


def message(response: HttpResponse) -> str:
    """What the server itself says of the error, in its JSON; empty if it says nothing that can be read.

    >>> message(HttpResponse(403, {}, b'{"error": {"code": 403, "message": "Quota exceeded"}}', ""))
    'Quota exceeded'
    """
    try:
        text = _text(json.loads(response.content), 4)
    except (ValueError, RecursionError):
        return ""
    return _KEY.sub(VEIL, mask(_UNSAFE.sub(" ", text))).strip()[:200]


def _text(found: Any, depth: int) -> str:  # noqa: ANN401 - whatever JSON holds
    if isinstance(found, str):
        return found
    if isinstance(found, list) and found and depth:
        return _text(found[0], depth - 1)
    if isinstance(found, dict) and depth:
        return next(filter(None, (_text(found.get(name), depth - 1) for name in _WORDS)), "")
    return ""


def _told(sentence: str, response: HttpResponse) -> str:
    theirs = message(response)
    return f"{sentence} It says: “{theirs}”." if theirs else sentence
