"""What is remembered of a list of posts, so that each is brought once, edits are seen, and gaps are told.

Every kind of source remembers by this: a walk until a known post (`walk`), a window of time that is asked for
again (`progress`), a feed (`feed.memory`). They differ only in what of a post shows that it was edited.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.sources.base import Item
from app.sources.toolkit.text import digest

_KEY, _PRINT, _COUNTS = 16, 12, 6  # hex digits of an id, of its content, of how often it was liked

Content = Callable[[Item], tuple[str, ...]]
"""What of a post is compared; cursors hold its digest, so it stays as it is for each kind of source."""


def words(item: Item) -> tuple[str, ...]:
    """What was written, whatever its dates."""
    return item.title, item.text


def words_and_date(item: Item) -> tuple[str, ...]:
    """What was written and when."""
    return *words(item), str(item.published_at)


def words_and_dates(item: Item) -> tuple[str, ...]:
    """What was written, when, and when it was edited."""
    return *words_and_date(item), str(item.edited_at)


@dataclass(frozen=True, slots=True)
class Known:
    """Digests of ids, each with that of its content, newest first."""

    content: Content
    prints: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)  # by the same keys, where a post has any

    @classmethod
    def of(cls, listed: Iterable[str], content: Content) -> "Known":
        """What was listed of it."""
        listed, end = list(listed), _KEY + _PRINT
        return cls(
            content,
            {entry[:_KEY]: entry[_KEY:end] for entry in listed},
            {entry[:_KEY]: entry[end:] for entry in listed if entry[end:]},
        )

    def listed(self) -> list[str]:
        """As the cursor keeps it."""
        return [key + content + self.counts.get(key, "") for key, content in self.prints.items()]

    def and_also(self, listed: Iterable[str]) -> "Known":
        """The memory of these and of what was listed."""
        other = Known.of(listed, self.content)
        return replace(self, prints={**other.prints, **self.prints}, counts={**other.counts, **self.counts})

    def but(self, other: "Known") -> "Known":
        """The memory without what the other holds."""
        prints = {key: content for key, content in self.prints.items() if other.prints.get(key) != content}
        return replace(self, prints=prints)

    def has(self, item: Item) -> bool:
        """Whether the post was brought before."""
        return _key(item) in self.prints

    def fresh(
        self, items: Iterable[Item], *, one_date: bool = False, invented_ids: bool = False
    ) -> list[Item]:
        """Those that are new, and those that were edited since.

        `one_date`: the source has one date for both, which is that of the edit once a post was edited.
        `invented_ids`: a post under a new id is known, too, if one with its content was brought before, and
        is not there any more.
        """
        items, contents = list(items), set[str]()
        if invented_ids:
            here = {_key(item) for item in items}
            contents = {content for key, content in self.prints.items() if key not in here}
        collected = [item for item in items if not self._same(item, contents)]
        return [_edited(item) if one_date and self.has(item) else item for item in collected]

    def recounted(self, items: Iterable[Item]) -> list[Item]:
        """Those that are known as they are, but for their likes, shares and replies: these are news."""
        return [
            item
            for item in items
            if (counts := _counts(item))
            and self.prints.get(key := _key(item)) == self._print(item)
            and self.counts.get(key) != counts
        ]

    def any_of(self, items: Iterable[Item]) -> bool:
        """Whether one of them was there before, under whichever id: nothing between can be missing."""
        contents = set(self.prints.values())
        return any(self.has(item) or self._print(item) in contents for item in items)

    def after(self, items: Iterable[Item], *, kept: int) -> "Known":
        """The memory once the items are stored: these, and of the others as many as make `kept` of all."""
        items = list(items)
        current = {_key(item): self._print(item) for item in items}
        prints = current | {key: content for key, content in self.prints.items() if key not in current}
        prints = dict(list(prints.items())[: max(kept, len(current))])
        counts = {**self.counts, **{_key(item): _counts(item) for item in items}}
        return replace(self, prints=prints, counts={key: counts[key] for key in prints if counts.get(key)})

    def _same(self, item: Item, contents: set[str]) -> bool:
        key, content = _key(item), self._print(item)
        return self.prints.get(key) == content or (key not in self.prints and content in contents)

    def _print(self, item: Item) -> str:
        return digest(*self.content(item))[:_PRINT]


def covered(items: Iterable[Item], since: datetime, now: datetime) -> float:
    """The part of the time since the last run that the oldest of the items reaches back over."""
    times = [item.published_at for item in items if item.published_at and item.published_at <= now]
    if not times or now <= since:
        return 0.5
    return round(min(max((now - min(times)) / (now - since), 0.05), 0.95), 3)


def _edited(item: Item) -> Item:
    return item if item.edited_at else replace(item, edited_at=item.published_at)


def _key(item: Item) -> str:
    return digest(item.external_id)[:_KEY]


def _counts(item: Item) -> str:
    found = (item.likes, item.shares, item.replies)
    return digest(*map(str, found))[:_COUNTS] if any(one is not None for one in found) else ""
