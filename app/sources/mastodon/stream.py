"""What a Mastodon instance says while one listens to a hashtag: server-sent events, read one by one."""

import json
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from app.sources.base import Call, Heard
from app.sources.mastodon.status import item_of, order, status_id
from app.sources.toolkit.progress import Progress
from app.sources.toolkit.text import clean

_SILENCE = timedelta(seconds=60)  # it says ":thump" every fifteen
RECENT = 80  # ids that the cursor keeps
_REMEMBERED = 20_000  # posts of which a deletion, which names them by another id, is understood


class HashtagStream:
    """One hashtag; a hole in what was heard is filled by asking for what came after the last id."""

    def __init__(self, instance: str, hashtag: str, secret: str, about: tuple[str, ...]) -> None:
        self._instance, self._hashtag, self._secret, self._about = instance, hashtag, secret, about
        self._names: OrderedDict[str, str] = OrderedDict()  # id on the instance -> id everywhere

    def call(self, cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:  # noqa: ARG002 - resumes nothing
        """Some instances stream on a host of their own, by custom named streaming.<theirs>."""
        for one, (_, uri) in self._progress(cursor).position.get("recent", {}).items():
            self._names.setdefault(one, uri)
        parts = urlsplit(self._instance)
        host = f"streaming.{parts.netloc}" if tries % 2 else parts.netloc
        return Call(
            url=f"{parts.scheme}://{host}/api/v1/streaming/hashtag?tag={quote(self._hashtag, safe='')}",
            headers={"Authorization": f"Bearer {self._secret}", "Accept": "text/event-stream"},
            silence=_SILENCE,
            resumes=False,
        )

    def read(self, frame: str) -> Heard:
        """A post, an edit or a deletion; anything else says nothing."""
        event, data = _event(frame)
        if event in ("update", "status.update"):
            return self._status(data)
        if event == "delete":
            one = clean(data, 64)
            uri = self._names.pop(one, None)
            return Heard(deleted=[uri] if uri else [])
        return Heard()

    def cursor(self, before: dict[str, Any], position: tuple[int, str]) -> dict[str, Any]:
        """The cursor of the polled kind, moved on to this id."""
        progress = self._progress(before)
        newest = max(position[1], progress.position.get("id", ""), key=order)
        # So that a deletion is understood after a restart, too.
        named = dict(list(self._names.items())[-RECENT:])
        recent = progress.position.get("recent", {}) | {one: ["", uri] for one, uri in named.items()}
        kept = {one: recent[one] for one in sorted(recent, key=order)[-RECENT:]}
        return progress.cursor() | {"position": {**progress.position, "id": newest, "recent": kept}}

    def _progress(self, cursor: dict[str, Any]) -> Progress:
        return Progress.of(cursor, *self._about)

    def _status(self, data: str) -> Heard:
        try:
            status = json.loads(data)
        except (ValueError, RecursionError):
            return Heard(note="an event of the stream could not be read")
        if not isinstance(status, dict):
            return Heard(note="an event of the stream holds no post")
        item, one = item_of(status), status_id(status)
        if item is None or not one:
            return Heard()
        self._names[one] = item.external_id
        if len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)
        # Not dated by the post: one from another instance may have been on its way for hours.
        return Heard(items=[item], position=order(one))


def _event(frame: str) -> tuple[str, str]:
    """(name, data) of an event; a websocket has the same in one JSON object."""
    if frame.lstrip().startswith("{"):
        try:
            found = json.loads(frame)
        except (ValueError, RecursionError):
            return "", ""
        payload = found.get("payload", "")
        return str(found.get("event", "")), payload if isinstance(payload, str) else json.dumps(payload)
    event, data = "", list[str]()
    for line in frame.splitlines():
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value.strip()
        elif name == "data":
            data.append(value)
    return event, "\n".join(data)
