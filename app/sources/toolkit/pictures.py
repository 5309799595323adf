"""Addresses of the pictures that a post shows, for whoever looks at them."""

from collections.abc import Iterable

from app.sources.toolkit.text import web_url

MOST = 4  # of a post


def pictures(addresses: Iterable[object]) -> list[str]:
    """Those that are addresses of the web, each once.

    >>> pictures(["https://a.example/1.jpg", None, "https://a.example/1.jpg", "data:image/png;base64,x"])
    ['https://a.example/1.jpg']
    """
    return list(dict.fromkeys(found for one in addresses if (found := web_url(one))))[:MOST]
