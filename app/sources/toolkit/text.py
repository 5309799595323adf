"""Strangers' values made safe to store: text without control characters and of bounded length, links, ids."""

import re
from hashlib import sha256

MAX_ID = 512
MAX_TEXT = 50_000
MAX_TITLE = 1_000
MAX_AUTHOR = 200
# PostgreSQL refuses NUL, UTF-8 has no lone surrogates, and a terminal obeys the rest.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BROKEN = re.compile(r"[ \t\r\n]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """The text without what databases and terminals choke on, its ends trimmed, cut at `limit` characters.

    >>> clean(" caf\\x00é\\x1b[31m ")
    'café[31m'
    """
    return _UNSAFE.sub("", text).strip()[:limit].rstrip()


def one_line(text: str) -> str:
    """The text on one line, as titles are: they are often broken where their file was.

    >>> one_line("Rappel\\n   de yaourts")
    'Rappel de yaourts'
    """
    return _BROKEN.sub(" ", text).strip()


def web_url(url: object) -> str | None:
    """The address if it is one of the web that a link may lead to, else None."""
    if not isinstance(url, str):
        return None
    url = clean(url, MAX_TEXT)
    fits = len(url) <= 2_000 and not re.search(r"[\s<>\"|]", url)
    return url if fits and re.match(r"https?://[^/?#]", url, re.IGNORECASE) else None


def language(tag: object) -> str | None:
    """The language tag ("fr", "en-US") if it is one, else None."""
    if not isinstance(tag, str):
        return None
    tag = tag.strip().replace("_", "-")
    return tag if len(tag) <= 12 and _LANGUAGE.fullmatch(tag) else None


def fit_id(external_id: str) -> str:
    """The id itself, or its digest where the database has no room for it."""
    return external_id if len(external_id) <= MAX_ID else digest(external_id)


def digest(*parts: str) -> str:
    """SHA-256 of the parts, in hex."""
    return sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
