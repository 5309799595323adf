"""Addresses of services and of what they show: as people write them, and in one form for each page."""

import re
from urllib.parse import parse_qsl, urlsplit

_NAMED = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.)+[a-z0-9-]{2,}|localhost|[0-9.]{7,15}")


def site(written: str) -> str:
    """The address of a site from its name or any way of writing it; a ValueError says what is wrong with it.

    >>> site("Mastodon.social"), site("https://forum.example.org/community/")
    ('https://mastodon.social', 'https://forum.example.org/community')
    """
    written = written.strip()
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise ValueError("this is not an address: write it as https://forum.example.org") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError("the address must begin with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("the address holds a password, which would be stored in the open: take it out")
    if not _NAMED.fullmatch(host) or parts.query or parts.fragment:
        raise ValueError("this is not the address of a site: write it as https://forum.example.org")
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def path_and_query(url: str) -> tuple[str, str, dict[str, str]] | None:
    """(site, path, query) of an address that a service was asked at; None if it is not one.

    >>> path_and_query("https://a.example/api/v2/search?q=x")
    ('https://a.example', '/api/v2/search', {'q': 'x'})
    """
    try:
        parts = urlsplit(url)
        base = site(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return None
    return base, parts.path, dict(parse_qsl(parts.query))
