"""What a stream says, gathered into batches: the newest word on each post, and how far it was heard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from app.sources.base import Batch, Item, Stream

GAP = timedelta(minutes=1)  # a stream that brings everything is never silent for so long


class Gathering:
    """Takes frames one by one; `batch` is what came since the last one.

    `resumes`: the stream goes on where it ended, so a first frame that is much later shows a gap.
    """

    def __init__(
        self, stream: Stream, cursor: dict[str, Any], heard_until: datetime | None, *, resumes: bool
    ) -> None:
        self._stream = stream
        self._cursor = dict(cursor)
        self._until = heard_until
        self._resumes = resumes
        self._begins_anew = True
        self._items: dict[str, Item] = {}
        self._deleted: dict[str, None] = {}
        self._notes: list[str] = []
        self._position: tuple[int, str] | None = None
        self._latest: datetime | None = None
        self._since: datetime | None = None  # where the window begins, if not where the last one ended
        self._gap = False

    def __len__(self) -> int:
        return len(self._items) + len(self._deleted)

    def tells(self, *, alive: bool) -> bool:
        """Whether there is anything new to tell, if only that all was silent."""
        return self._latest is not None or (alive and not self._resumes)

    def take(self, frame: str, *, now: datetime, wanted: Callable[[Item], bool] | None = None) -> None:
        """Take in one frame, of its posts only the wanted ones; a SourceError if the stream ends with it."""
        heard = self._stream.read(frame)
        at = heard.at or now
        if self._begins_anew:
            self._begin(at, told=bool(heard.note))
        self._gap = self._gap or heard.note.startswith("gap")
        self._latest = max(self._latest or at, at)
        for item in heard.items:
            if wanted is not None and not wanted(item):
                continue
            self._deleted.pop(item.external_id, None)
            self._items[item.external_id] = item
        for external_id in heard.deleted:
            self._items.pop(external_id, None)
            self._deleted[external_id] = None
        if heard.position is not None:
            self._position = max(self._position or heard.position, heard.position)
        if heard.note and len(self._notes) < 5 and heard.note not in self._notes:
            self._notes.append(heard.note)

    def batch(self, *, now: datetime, alive: bool = False) -> Batch:
        """What came, and the window in which it came; `alive`: the line is open, if only silent."""
        until = max(filter(None, (self._latest, self._until)), default=now)
        if alive and not self._resumes:
            until = now  # it tells what happens when it happens: silence was heard, too
        until = min(until, now)
        cursor = self._cursor
        if self._position is not None:
            cursor = self._stream.cursor(cursor, self._position)
        made = Batch(
            items=list(self._items.values()),
            cursor=cursor,
            window_from=self._since if self._since is not None else self._until,
            window_to=until,
            status="partial" if self._gap else "ok" if self._items or self._deleted else "empty",
            note="; ".join(self._notes),
            deleted=list(self._deleted),
        )
        self._cursor, self._until = cursor, until
        self._clear()
        return made

    def _clear(self) -> None:
        self._items, self._deleted, self._notes = {}, {}, []
        self._position = self._latest = self._since = None
        self._gap = False

    def _begin(self, at: datetime, *, told: bool) -> None:
        self._begins_anew = False
        if self._until is None:
            self._since = at
        elif self._resumes and at - self._until > GAP:
            self._since, self._gap = at, True
            if told:
                return  # in the words of the stream itself
            self._notes.append(f"gap: nothing from {self._until:%Y-%m-%d %H:%M:%S} to {at:%H:%M:%S} UTC")
