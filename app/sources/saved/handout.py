"""A stand-in for the network that hands out saved answers, in order, to the code that asks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from app.http_client import Refused, shown
from app.sources.saved.files import Exchange

_LEADS_ON = ("cursor", "after", "next", "more", "max_id", "nextpagetoken", "next_token", "page_cursor")
# What a server that gives out tokens would say: nobody saves that, and no secret is needed for a replay.
_TOKENS = {
    "access_token": "replay", "token_type": "bearer", "expires_in": 86_400, "scope": "*",
    "did": "did:plc:replay", "handle": "replay.invalid", "accessJwt": "replay", "refreshJwt": "replay",
}  # fmt: skip


@dataclass
class Handout(httpx.BaseTransport):
    """Answers by method and path, the same host and query first, each saved answer once."""

    about: Callable[[str], Mapping[str, Any] | None] | None = None  # the settings that an address shows
    left: list[Exchange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # where the code and the file did not agree
    given: list[Exchange] = field(default_factory=list)
    doors: dict[str, str] = field(default_factory=dict)  # paths that others answered for, and these

    def load(self, exchanges: list[Exchange]) -> None:
        """Begin a run."""
        self.left, self.notes, self.given = list(exchanges), [], []

    def unused(self) -> list[str]:
        """Those that the code did not ask for, so far."""
        return [f"{one.method} {shown(one.url)}" for one in self.left]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The saved answer that fits best; Refused says what was asked and what is there instead."""
        wanted = Exchange(request.method, str(request.url))
        fitting = [one for one in self.left if _same(one, wanted)]
        if fitting:
            best = max(fitting, key=lambda one: self._likeness(one, wanted))  # of equals, the first
            self.left.remove(best)
            self.given.append(best)
            if urlsplit(best.url).hostname != request.url.host:
                self.notes.append(f"{shown(wanted.url)} was answered by what {shown(best.url)} had said")
            return _answer(best.status, best.headers, best.content(), request)
        if kin := next((one for one in self.left if self._kin(one, wanted)), self._beside(wanted)):
            self.left.remove(kin)
            self.given.append(kin)
            self.notes.append(f"{shown(wanted.url)} was answered by what {shown(kin.url)} had said")
            return _answer(kin.status, kin.headers, kin.content(), request)
        if request.method == "POST":
            return _answer(
                200, (("content-type", "application/json"),), json.dumps(_TOKENS).encode(), request
            )
        door = Exchange(wanted.method, self.doors.get(_path(wanted.url), wanted.url))
        before = next((one for one in reversed(self.given) if _same(one, door)), None)
        if before is not None and (nothing := _emptied(before.body)) is not None:
            self.notes.append(f"{shown(wanted.url)} was asked once more than was saved: taken for the end")
            return _answer(200, before.headers, nothing, request)
        there = self.unused()[0] if self.left else "nothing more"
        raise Refused(
            f"{request.method} {shown(wanted.url)} is not among the saved answers: next is {there}."
        )

    def _likeness(self, one: Exchange, wanted: Exchange) -> tuple[bool, bool, bool]:
        here, there = urlsplit(one.url), urlsplit(wanted.url)
        same_query = sorted(parse_qsl(here.query)) == sorted(parse_qsl(there.query))
        alike = self.about is not None and self.about(one.url) == self.about(wanted.url)
        return here.hostname == there.hostname, same_query, alike

    def _kin(self, one: Exchange, wanted: Exchange) -> bool:
        """Whether both addresses ask for the same, at different doors of the same service."""
        if self.about is None or one.method != wanted.method:
            return False
        here = self.about(one.url)
        return here is not None and here == self.about(wanted.url)

    def _beside(self, wanted: Exchange) -> Exchange | None:
        """What a door of the same service said that the code never asks: for the first question of all.

        People save what they have, and a list of posts looks the same wherever it is asked for.
        """
        path = _path(wanted.url)
        known = self.doors.get(path)
        if wanted.method != "GET" or (known is None and self._began()):
            return None
        gets = [one for one in self.left if one.method == "GET" and not (self.about and self.about(one.url))]
        found = (one for one in gets if _service(one.url) == _service(wanted.url))
        best = next((one for one in found if known in (None, _path(one.url))), None)
        if best is not None:
            self.doors[path] = _path(best.url)
        return best

    def _began(self) -> bool:
        return bool(self.doors) or any(one.method == "GET" for one in self.given)


def _same(one: Exchange, wanted: Exchange) -> bool:
    return one.method == wanted.method and _path(one.url) == _path(wanted.url)


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _service(url: str) -> str:
    """The end of the host's name: api.brand.example and www.brand.example are of one service."""
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _answer(
    status: int, headers: tuple[tuple[str, str], ...], content: bytes, request: httpx.Request
) -> httpx.Response:
    return httpx.Response(status, headers=list(headers), content=content, request=request)


def _emptied(body: str) -> bytes | None:
    """The same JSON with nothing in its lists and no way on from it; None if it is not JSON."""
    try:
        return json.dumps(_empty(json.loads(body))).encode()
    except (ValueError, RecursionError):
        return None


def _empty(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return []
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if not any(w in name.lower() for w in _LEADS_ON)}
        return {name: _empty(one) for name, one in kept.items()}
    return value
