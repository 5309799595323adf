"""What is remembered of a feed from one run to the next, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from app.sources.base import Item
from app.sources.feed import rhythm
from app.sources.feed.identity import Identities
from app.sources.toolkit.known import Known, covered, words_and_date

_KEPT = 500  # ids that are remembered beside those that the feed holds now


@dataclass(frozen=True, slots=True)
class Memory:
    """A feed as the last successful run left it; `at` is None before the first one."""

    feed: str
    at: datetime | None = None
    moved: str | None = None  # where the feed said that it lives now
    etag: str | None = None
    modified: str | None = None
    size: int = 0  # posts in the feed then
    turnover: timedelta | None = None  # in which half of it is replaced
    known: Known = field(default_factory=lambda: Known(words_and_date))
    identities: Identities = field(default_factory=Identities)
    emptied: bool = False  # it holds nothing now, and held posts before
    may_be_empty: bool = False  # it was before, and came back with other posts

    @classmethod
    def of(cls, cursor: Mapping[str, Any], feed: str) -> "Memory":
        """The memory that the cursor holds; an empty one if it is that of another address."""
        if cursor.get("feed") != feed or not cursor.get("at"):
            return cls(feed)
        return cls(
            feed=feed,
            at=datetime.fromisoformat(cursor["at"]),
            moved=cursor.get("moved"),
            etag=cursor.get("etag"),
            modified=cursor.get("modified"),
            size=cursor.get("size", 0),
            turnover=timedelta(seconds=cursor["turnover"]) if cursor.get("turnover") else None,
            known=Known.of(cursor.get("known", []), words_and_date),
            identities=Identities(
                cursor.get("shared", ()), cursor.get("posts", {}), cursor.get("moving", False)
            ),
            emptied=cursor.get("emptied", False),
            may_be_empty=cursor.get("may_be_empty", False),
        )

    def cursor(self) -> dict[str, Any]:
        """As the database keeps it; what is not so with most feeds is left out."""
        seldom = {
            "shared": list(self.identities.shared),
            "posts": {key: list(known) for key, known in self.identities.posts.items()},
            "moving": self.identities.moving,
            "emptied": self.emptied,
            "may_be_empty": self.may_be_empty,
        }
        return {name: value for name, value in seldom.items() if value} | {
            "feed": self.feed,
            "at": self.at.isoformat() if self.at else None,
            "moved": self.moved,
            "etag": self.etag,
            "modified": self.modified,
            "size": self.size,
            "turnover": self.turnover.total_seconds() if self.turnover else None,
            "known": self.known.listed(),
        }

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the feed only if it changed."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in pairs.items() if value}

    def seen(self, now: datetime, moved: str | None) -> "Memory":
        """The same, looked at again and found unchanged."""
        return replace(self, at=now, moved=moved, turnover=rhythm.calmer(self.turnover))

    def after(
        self,
        items: list[Item],
        page: list[Item],
        *,
        identities: Identities | None = None,
        now: datetime,
        moved: str | None,
        headers: Mapping[str, str],
    ) -> "Memory":
        """The memory once the items are stored; until then their validators must not be sent.

        `identities`: what is remembered of these posts beside their ids.
        """
        return Memory(
            feed=self.feed,
            at=now,
            moved=moved,
            # What is empty is asked for whole: that it is unchanged would sound as if all were well.
            etag=_validator(headers.get("etag")) if page else None,
            modified=_validator(headers.get("last-modified")) if page else None,
            size=len(page) or (0 if self.may_be_empty else self.size),
            turnover=rhythm.turnover(page, len(self.fresh(page)), since=self.at, now=now),
            known=self.known.after(items, kept=_KEPT),
            identities=identities or self.identities,
            emptied=not page and bool(self.size),
            may_be_empty=self.may_be_empty or (self.emptied and bool(page) and not self.knows_any(page)),
        )

    def fresh(self, items: list[Item]) -> list[Item]:
        """Those that are new or edited. Feeds that invent ids at each request are seen through."""
        return self.known.fresh(items, invented_ids=True)

    def knows_any(self, items: list[Item]) -> bool:
        """Whether one of the items was there before, so that nothing between can be missing."""
        return self.known.any_of(items)

    def judge(
        self, items: list[Item], *, size: int, now: datetime
    ) -> tuple[Literal["ok", "empty", "unchanged", "partial"], float, str]:
        """Status, coverage and note of a run that found the items, `size` of them on the first page."""
        if not items:
            if not self.size or self.may_be_empty:
                return "empty", 1.0, ""
            return "partial", 0.0, f"the feed is empty; it held {self.size} posts before: that is not calm"
        if self.at is None:
            return "ok", 1.0, f"first run: the {len(items)} posts that the feed held already"
        if self.known.prints and size >= self.size and not self.knows_any(items):
            coverage = covered(items, self.at, now)
            return (
                "partial",
                coverage,
                f"gap: none of the posts known at {self.at:%H:%M} UTC is left in the feed",
            )
        return ("ok" if self.fresh(items) else "unchanged"), 1.0, ""


def _validator(value: str | None) -> str | None:
    return value if value and value.isascii() and value.isprintable() and len(value) <= 500 else None
