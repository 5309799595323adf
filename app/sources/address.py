"""Addresses of services and of what they show: as people write them, and in one form for each page."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_NAMED = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.)+[a-z0-9-]{2,}|localhost|[0-9.]{7,15}")
_TRACKING = re.compile(r"(?:utm_|at_).*|xtor|fbclid|gclid", re.IGNORECASE)


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


def canonical(url: str) -> str:
    """The address by which the same page is known, whoever links to it.

    >>> canonical("https://www.Example.fr/a?id=3&utm_source=x#top"), canonical("https://m.example.fr/a")
    ('https://example.fr/a?id=3', 'https://example.fr/a')
    """
    try:
        parts = urlsplit(url)
        host = re.sub(r"^(?:www|m)\.(?=[^.]+\.)", "", parts.netloc.lower())
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    # Only a query that something was taken out of is written anew: encoding is a matter of taste.
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, ""))


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
