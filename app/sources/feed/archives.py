"""Older pages of a feed that does not name them, where the software behind it is known to have them."""

import re

import httpx

from app.http_client import Answer

_WORDPRESS = re.compile(rb"<generator[^>]*>\s*https?://wordpress\.(?:org|com)/", re.IGNORECASE)
_HEAD = 20_000  # bytes: the generator stands before the first post


def older_page(answer: Answer) -> str | None:
    """The address of the page with older posts; None where nobody knows one.

    >>> feed = b"<rss><channel><generator>https://wordpress.org/?v=6.8</generator>"
    >>> older_page(Answer(200, {}, feed, "https://blog.example/feed/", None))
    'https://blog.example/feed/?paged=2'
    """
    if not _WORDPRESS.search(answer.content[:_HEAD]):
        return None
    here = httpx.URL(answer.url)
    number = here.params.get("paged", "1")
    if not (number.isascii() and number.isdecimal() and len(number) < 5):
        return None
    return str(here.copy_set_param("paged", str(int(number) + 1)))
