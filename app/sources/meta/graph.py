"""The Graph API as both kinds ask it: an access token, the proof of its app, pages by a cursor."""

import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from app import http_client
from app.errors import SourceError
from app.sources.toolkit import loose, meta

VERSION = "v25.0"
SECRET = (
    "the secret is the access token, or ACCESS_TOKEN:APP_SECRET where the app asks for a proof of its secret"  # noqa: S105 - words for people
)


class Graph:
    """Who asks, and how."""

    def __init__(self, client: httpx.Client, secret: str | None, version: str, rights: str) -> None:
        self._client, self._secret, self._rights = client, (secret or "").strip(), rights
        self._base = f"https://graph.facebook.com/{version}"

    def pages(
        self, path: str, params: Mapping[str, str | int], now: datetime, *, after: str = ""
    ) -> Iterator[list[dict[str, Any]]]:
        """The rows of a list, page after page, from its beginning or from behind that mark on."""
        while True:
            asked = {**params, "after": after} if after else params
            response = meta.good(self._ask(path, asked, now), now=now, rights=self._rights, doing="show it")
            yield loose.listed(response, "data")
            mark = following(loose.document(response))
            if mark in ("", after):
                return
            after = mark

    def is_gone(self, one: str, now: datetime) -> bool:
        """Whether the comment or post of that id is not there any more; a SourceError if that is not told."""
        response = self._ask(quote(one, safe=""), {"fields": "id"}, now)
        return meta.is_gone(response) or not meta.good(response, now=now, rights=self._rights)

    def _ask(self, path: str, params: Mapping[str, str | int], now: datetime) -> http_client.HttpResponse:
        token, _, app_secret = self._secret.partition(":")
        if not token:
            raise SourceError(f"This source has no access token: {SECRET}.", permanent=True)
        proof = {}
        if app_secret:
            proof["appsecret_proof"] = hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()
        return http_client.ask(
            self._client,
            f"{self._base}/{path}",
            params={**params, **proof},
            headers={"Authorization": f"Bearer {token}"},
            now=now,
        )


def account_in(url: str, *lists: str) -> tuple[str, str] | None:
    """(version, account) of an address at which one of these lists of an account was asked for.

    >>> account_in("https://graph.facebook.com/v25.0/10158/feed?limit=25", "feed", "tagged")
    ('v25.0', '10158')
    """
    match = re.search(r"://graph\.facebook\.com/(v[0-9.]+)/([0-9]+)/([a-z]+)(?:\?|$)", url)
    return (match[1], match[2]) if match and match[3] in lists else None


def following(listed: object) -> str:
    """The mark of the page after this list; empty if it is the last."""
    if not loose.inner(listed, "paging", "next"):
        return ""
    return loose.word(loose.inner(listed, "paging", "cursors", "after"))
