"""Addresses of other people's servers: which may be asked, and how they are shown."""

import httpx

from app.errors import SourceError
from app.logs import veil


def shown(url: str) -> str:
    """The address as logs and errors may hold it: without user, password, query and keys in its path.

    >>> shown("https://me:secret@example.org/feed?key=secret")
    'https://example.org/feed'
    """
    try:
        return veil(str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None)))[:200]
    except httpx.InvalidURL:
        return "the address"


def checked(url: str) -> httpx.URL:
    """The address if it can be asked; a SourceError says what is wrong with it."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SourceError("the address cannot be read. Check how it is written.", permanent=True) from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise SourceError(f"{shown(url)} is not an http or https address.", permanent=True)
    if parts.userinfo:
        raise SourceError(f"the address of {parts.host} holds a password. Take it out.", permanent=True)
    return parts
