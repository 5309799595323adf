"""WebSub: a feed whose hub tells of what is new, so that nobody has to ask."""

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urljoin

import httpx

from app import http_client
from app.sources.feed.page import Page
from app.sources.toolkit.text import web_url

LEASE = timedelta(days=10)  # asked for; the hub decides
_LINK = re.compile(r"<([^<>]{1,2000})>((?:\s*;[^,<>\"]*(?:\"[^\"]*\")?)*)")
_REL = re.compile(r"\brel\s*=\s*\"?([^\";]+)", re.IGNORECASE)
_METHODS = ("sha1", "sha256", "sha384", "sha512")


def hub_of(page: Page, headers: Mapping[str, str], *, url: str) -> tuple[str, str] | None:
    """The hub of a feed and the topic to ask it for, from its headers or its own links; None without one."""
    linked = list(_links(headers.get("link", ""), url))
    hub = next((target for rel, target in linked if rel == "hub"), None) or next(iter(page.hubs), None)
    topic = next((target for rel, target in linked if rel == "self"), None) or page.topic or url
    return (hub, topic) if hub and web_url(topic) and len(hub) <= 2_000 else None


def ask(
    client: httpx.Client,
    hub: str,
    *,
    topic: str,
    callback: str,
    secret: str,
    now: datetime,
) -> None:
    """Ask the hub to subscribe us: it comes back to the callback. A SourceError if it refuses at once."""
    form = {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
        "hub.secret": secret,
    }
    deadline = timedelta(seconds=15)
    response = http_client.ask(client, hub, method="POST", form=form, now=now, deadline=deadline)
    http_client.good(response, now=now)


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether X-Hub-Signature is that of the body under our secret.

    >>> is_signed(b"", "sha1=fbdb1d1b18aa6c08324b7d64b71fb76370690e1d", "")
    True
    """
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    ours = hmac.digest(secret.encode(), body, method.lower()).hex()
    return hmac.compare_digest(ours.encode(), given.strip().lower().encode(errors="replace"))


def _links(header: str, base: str) -> Iterable[tuple[str, str]]:
    for target, parameters in _LINK.findall(header[:20_000]):
        rel = _REL.search(parameters)
        try:
            address = web_url(urljoin(base, target))
        except ValueError:
            continue
        if rel and address:
            for name in rel[1].lower().split():
                yield name, address
