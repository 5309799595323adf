"""Jetstream: every public post of Bluesky as it is written, told by a stream that needs no account."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from app.clock import EPOCH
from app.errors import SourceError
from app.sources.base import Call, Heard, Kind
from app.sources.bluesky.post import COLLECTION, item_of
from app.sources.toolkit import loose

_HOSTS = {
    "v1": tuple(f"jetstream{n}.us-{coast}.bsky.network" for coast in ("east", "west") for n in (1, 2)),
    "v2": tuple(f"jetstream.us-{coast}.bsky.network" for coast in ("east", "west")),
}
_PATHS = {"v1": "/subscribe", "v2": "/xrpc/network.bsky.jetstream.subscribeEvents"}
_REWIND = timedelta(seconds=5)  # lines come a little out of order, and hosts differ by seconds
_GAP = timedelta(
    seconds=60
)  # tens of posts come in a second, so a first one so much later means that some are lost
_US = timedelta(microseconds=1)
_SHORT = {"c": "create", "u": "update", "d": "delete"}  # as its first months had it, in a field "type"


class JetstreamSettings(BaseModel):
    """Which posts of all."""

    model_config = ConfigDict(extra="forbid")

    langs: list[str] = Field(
        default=[],
        description="only posts in these languages, and those that name none: fr, en",
        max_length=20,
    )
    version: Literal["v1", "v2"] = Field(default="v1", description="v1, which is kept stable, or v2")


class Jetstream:
    """The stream of all posts; what it says is matched where it is heard."""

    def __init__(self, settings: JetstreamSettings) -> None:
        self._version = settings.version
        self._langs = {lang.lower() for lang in settings.langs}
        self._expected: datetime | None = None  # what the first frame is held against

    def call(self, cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:  # noqa: ARG002 - the cursor says when
        """From a little before the cursor on; each failure leads to another host, whose time is the same."""
        hosts = _HOSTS[self._version]
        params = (
            {"wantedCollections": COLLECTION}
            if self._version == "v1"
            else {"kinds": "commit", "collections": COLLECTION}
        )
        at = loose.whole_us(cursor.get("time_us"))
        self._expected = EPOCH + at * _US if at else None
        if at:
            params["cursor"] = str(at - _REWIND // _US)
        return Call(url=f"wss://{hosts[tries % len(hosts)]}{_PATHS[self._version]}?{urlencode(params)}")

    def read(self, frame: str) -> Heard:
        """What a frame of either version says: a post, an edit, a deletion, or nothing of interest."""
        try:
            said = json.loads(frame)
        except (ValueError, RecursionError):
            return Heard(note="a frame of the stream could not be read")
        if not isinstance(said, dict):
            return Heard(note="a frame of the stream could not be read")
        kind = loose.word(said.get("$type"))
        if kind == "error" or (not kind and "error" in said):
            why = loose.word(said.get("message")) or loose.word(said.get("error"))
            raise SourceError(f"Jetstream ends the stream: {why[:200]}. It is called again.")
        payload = said.get("payload")
        if isinstance(payload, dict):
            return self._second(payload)
        return self._first(said)

    def cursor(self, before: dict[str, Any], position: tuple[int, str]) -> dict[str, Any]:
        """The latest instant of what was stored, in microseconds."""
        return {**before, "time_us": max(position[0], loose.whole_us(before.get("time_us")) or 0)}

    def _first(self, said: Mapping[str, Any]) -> Heard:
        time_us = loose.whole_us(said.get("time_us"))
        commit = said.get("commit")
        if time_us is None:
            return Heard(note="a frame of the stream has no time")
        return self._commit(loose.word(said.get("did")), commit if isinstance(commit, dict) else {}, time_us)

    def _second(self, payload: Mapping[str, Any]) -> Heard:
        _, _, kind = loose.word(payload.get("$type")).partition("#")
        at = loose.instant(payload.get("time"))
        if kind == "info" or at is None:
            why = loose.word(payload.get("name")) or loose.word(payload.get("message"))
            gap = "gap: the stream begins later than what was heard last" if "Outdated" in why else ""
            return Heard(note=gap)
        commit = payload if kind == "commit" else {}
        return self._commit(loose.word(payload.get("did")), commit, (at - EPOCH) // _US)

    def _commit(self, did: str, commit: Mapping[str, Any], time_us: int) -> Heard:
        at = EPOCH + time_us * _US
        quiet = Heard(position=(time_us, ""), at=at, note=self._gap(at))
        rkey = loose.word(commit.get("rkey"))
        operation = loose.word(commit.get("operation")) or _SHORT.get(loose.word(commit.get("type")))
        if commit.get("collection") != COLLECTION or not did or not rkey:
            return quiet
        uri = f"at://{did}/{COLLECTION}/{rkey}"
        if operation == "delete":
            return Heard(deleted=[uri], position=quiet.position, at=at, note=quiet.note)
        record = commit.get("record")
        if not isinstance(record, dict) or operation not in ("create", "update") or not self._wanted(record):
            return quiet
        item = item_of(uri, record, author=did, seen_at=at, edited_at=at if operation == "update" else None)
        return Heard(items=[item], position=quiet.position, at=at, note=quiet.note)

    def _gap(self, at: datetime) -> str:
        expected, self._expected = self._expected, None
        if expected is None or at - expected <= _GAP:
            return ""
        heard = f"{expected:%d %b %H:%M:%S}"
        return f"gap: the stream goes on at {at:%d %b %H:%M:%S} UTC, and was heard until {heard}"

    def _wanted(self, record: Mapping[str, Any]) -> bool:
        langs = record.get("langs")
        if not self._langs or not isinstance(langs, list) or not langs:
            return True
        return any(loose.word(lang).lower().partition("-")[0] in self._langs for lang in langs)


def _listen(settings: JetstreamSettings, _secret: str | None) -> Jetstream:
    return Jetstream(settings)


def _from_url(url: str) -> Mapping[str, Any] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme in ("ws", "wss", "http", "https"):
        for version, path in _PATHS.items():
            if parts.path == path:
                return {"version": version}
    return None


KIND = Kind(
    name="jetstream",
    summary="Every public post of Bluesky as it is written, of which watches keep what they ask for.",
    settings=JetstreamSettings,
    build=None,
    cadence=timedelta(minutes=1),
    gives="posts within seconds, language, edits and deletions; neither engagement nor followers",
    listen=_listen,
    floods=True,
    from_url=_from_url,
)
