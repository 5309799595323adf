"""How far a source that is asked again and again was heard, and what follows for what it brings next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.errors import NotYet, SourceError
from app.sources.base import Batch, Item
from app.sources.toolkit.known import Known, covered, words
from app.sources.toolkit.text import digest

BACKFILL = timedelta(hours=24)  # what a first run looks back on
LATE = timedelta(hours=24)  # an index that stalls is looked back on for so long
OVERLAP = timedelta(minutes=10)  # indexes are late, and posts are edited
_SOON = timedelta(seconds=30)
_KEPT = 1_000  # ids that are remembered beside those of the last answer
_ABOUT = 16  # hex digits


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a walk over pages found, each id once, and whether it came to its end."""

    items: list[Item]
    stopped: SourceError | None = None  # what ended the walk before its end
    capped: bool = False  # there is more, but so many pages are enough for one run

    @property
    def whole(self) -> bool:
        """Whether nothing is left behind."""
        return self.stopped is None and not self.capped


def gather(pages: Iterable[Sequence[Item]], *, most: int) -> Gathered:
    """The items of the pages, at most so many; an error on a later page does not lose the earlier ones."""
    found: dict[str, Item] = {}
    count = 0
    try:
        for page in pages:
            if count == most:
                return Gathered(list(found.values()), capped=True)
            count += 1
            for item in page:
                found.setdefault(item.external_id, item)
    except SourceError as error:
        if not count:
            raise
        return Gathered(list(found.values()), stopped=error)
    return Gathered(list(found.values()))


@dataclass(frozen=True, slots=True)
class Progress:
    """A source as its last runs left it; `at` is None until a run saw all that it asked for."""

    about: str  # what is asked for: a cursor of other settings is not believed
    at: datetime | None = None  # all until then was heard
    newest: datetime | None = None  # publication of the newest post
    known: Known = field(default_factory=lambda: Known(words))
    position: Mapping[str, Any] = field(default_factory=dict)  # in the source's own terms

    @classmethod
    def of(cls, cursor: Mapping[str, Any], *about: str) -> "Progress":
        """The progress that the cursor holds; none if it is that of other settings."""
        asked = digest(*about)[:_ABOUT]
        if cursor.get("about") != asked:
            return cls(asked)
        return cls(
            about=asked,
            at=_instant(cursor.get("at")),
            newest=_instant(cursor.get("newest")),
            known=Known.of(cursor.get("known", []), words),
            position=cursor.get("position", {}),
        )

    def cursor(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {
            "about": self.about,
            "at": self.at.isoformat() if self.at else None,
            "newest": self.newest.isoformat() if self.newest else None,
            "position": dict(self.position),
            "known": self.known.listed(),
        }

    def since(self, now: datetime, *, overlap: timedelta = OVERLAP) -> datetime:
        """From when on to ask: from the newest post, and further back, for an index may be late or stall."""
        if self.at is None:
            return now - BACKFILL
        return max(self.newest or self.at - LATE, self.at - LATE) - overlap

    def fresh(self, items: Iterable[Item]) -> list[Item]:
        """Those that are new or edited."""
        return self.known.fresh(items)

    def batch(
        self,
        gathered: Gathered,
        *,
        now: datetime,
        position: Mapping[str, Any] | None = None,
        oldest_first: bool = False,
        heard: datetime | None = None,
        next_in: timedelta | None = None,
        note: str = "",
    ) -> Batch:
        """What the run brings. What it could not see is not counted as heard.

        A walk from the oldest post on goes on later where it stopped. One from the newest post back has left
        a hole: after an error it is walked again, and told and left behind if it was too much for one run.
        `heard` is how far a walk from the oldest on came, where the last post does not tell.
        """
        after = self._after(gathered.items, now, position)
        fresh, recounted = self.fresh(gathered.items), self.known.recounted(gathered.items)
        notes = [note] if note else []
        if gathered.whole:
            status = "ok" if fresh else "unchanged" if gathered.items else "empty"
            if self.at is None:
                notes.insert(0, f"first run: {len(fresh)} posts")
            return self._told(fresh + recounted, after, now, status=status, next_in=next_in, notes=notes)
        pause = gathered.stopped.retry_after if gathered.stopped else _SOON
        notes.insert(0, str(gathered.stopped) if gathered.stopped else "there is more than one run takes")
        next_in = max(filter(None, (pause, next_in)), default=None)
        if oldest_first:
            end = max(filter(None, (self.at, heard or _last(gathered.items, now))), default=None)
            after = replace(after, at=end)
            # Only to keep the pace of its host: the rest comes in a moment, and nothing is wrong.
            status = "ok" if isinstance(gathered.stopped, NotYet) else "partial"
            brought = fresh + recounted
            return self._told(brought, after, end or now, status=status, next_in=next_in, notes=notes)
        if gathered.stopped:
            after = replace(after, at=self.at, newest=self.newest, position=self.position)
        coverage = covered(gathered.items, self.at or now - BACKFILL, now)
        end = now if gathered.capped or self.at is None else self.at
        return self._told(
            fresh + recounted, after, end, status="partial", coverage=coverage, next_in=next_in, notes=notes
        )

    def _told(
        self,
        items: list[Item],
        after: "Progress",
        until: datetime,
        *,
        notes: list[str],
        **told: Any,  # noqa: ANN401 - the other fields of a batch
    ) -> Batch:
        return Batch(items, after.cursor(), self.at, until, note="; ".join(notes), **told)

    def _after(self, items: list[Item], now: datetime, position: Mapping[str, Any] | None) -> "Progress":
        return Progress(
            about=self.about,
            at=now,
            newest=max(filter(None, (self.newest, _last(items, now))), default=None),
            known=self.known.after(items, kept=_KEPT),
            position=self.position if position is None else position,
        )


def _last(items: list[Item], now: datetime) -> datetime | None:
    # A date in the future is a mistake of its sender, and would have us skip what comes until then.
    times = (item.published_at for item in items)
    return max((at for at in times if at and at <= now), default=None)


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
