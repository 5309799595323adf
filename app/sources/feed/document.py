"""One document of a feed, whichever its format."""

from collections.abc import Mapping

from app import http_client
from app.http_client.body import read_body
from app.sources.feed import jsonfeed, xmlfeed
from app.sources.feed.page import Page

_GZIP = b"\x1f\x8b\x08"


def read(content: bytes, headers: Mapping[str, str], *, url: str) -> Page:
    """The items as they stand in the document; a SourceError if it is no feed, is broken, or is a trap."""
    where = http_client.shown(url)
    if content.startswith(_GZIP):  # a packed file, and no header says so
        content = read_body([content], "gzip", max_bytes=http_client.MAX_BYTES, where=where)
    if jsonfeed.looks_like_json(content):
        return jsonfeed.parse(content, where=where)
    return xmlfeed.parse(content, headers, url=url, where=where)
