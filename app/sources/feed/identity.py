"""Which post an item of a feed is: by its guid, its link or its words, whichever really identifies it here.

Feeds give one guid to all items, a new one at each request, or one that holds the headline; a redesign gives
all of them new ones. The dates of some are those of the request: they move from one to the next.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.sources.base import Item
from app.sources.toolkit.text import digest, fit_id

_SHARED, _KEPT = 50, 100  # that are remembered, if no more stand in the feed
_DIGITS = 12
_NEAR = timedelta(minutes=2)

Remembered = Sequence[str]
"""Of a post: its id, its date (ISO 8601, or nothing), and the digests of its title and its text."""


@dataclass(frozen=True, slots=True)
class Identities:
    """What is remembered of a feed's posts; cursors hold it, so the digests stay as they are."""

    shared: Sequence[str] = ()  # digests of guids that several posts had
    posts: Mapping[str, Remembered] = field(default_factory=dict)  # by the digest of a link, or of words
    moving: bool = False  # its dates are those of the request

    def settle(self, items: Sequence[Item], now: datetime) -> tuple[list[Item], "Identities", list[str]]:
        """(the items, each under the id of the post that it is, what is remembered of them, what is odd)."""
        shared = {item.external_id for item in items if digest(item.external_id)[:_DIGITS] in self.shared}
        shared |= _shared(items)
        links = Counter(item.url for item in items)
        items = [_apart(item, links) if item.external_id in shared else item for item in items]
        keys = [_key(item, links) for item in items]
        moving = self.moving or self._move(items, keys, now)
        if moving:
            items = [self._unmoved(item, key) for item, key in zip(items, keys, strict=True)]
        here = {item.external_id for item in items}
        settled = [self._known(item, key, here) for item, key in zip(items, keys, strict=True)]
        notes = [f"{len(shared)} guids stand for several posts: their links are taken"] if shared else []
        if moving:
            notes.append("its dates are those of the request: they say nothing")
        return settled, self._and_also(settled, keys, shared, moving=moving), notes

    def _and_also(
        self, items: Sequence[Item], keys: Sequence[str], shared: set[str], *, moving: bool
    ) -> "Identities":
        posts: dict[str, Remembered] = {
            key: [item.external_id, item.published_at.isoformat() if item.published_at else "", *_words(item)]
            for item, key in zip(items, keys, strict=True)
        }
        older = {key: known for key, known in self.posts.items() if key not in posts}
        guids = [digest(guid)[:_DIGITS] for guid in sorted(shared)]
        return Identities(
            [*guids, *(guid for guid in self.shared if guid not in guids)][:_SHARED],
            dict([*posts.items(), *older.items()][: max(_KEPT, len(posts))]),
            moving,
        )

    def _move(self, items: Sequence[Item], keys: Sequence[str], now: datetime) -> bool:
        """Whether the dates of all posts that are known have come to the present since the last time."""
        known = [
            (item.published_at, self.posts[key][1])
            for item, key in zip(items, keys, strict=True)
            if key in self.posts and item.published_at and _words(item) == list(self.posts[key][2:])
        ]
        return len(known) > 1 and all(abs(now - at) <= _NEAR and at.isoformat() != was for at, was in known)

    def _unmoved(self, item: Item, key: str) -> Item:
        """The item with the date that it had when it was new; none, if it is new."""
        was = self.posts[key][1] if key in self.posts else ""
        return replace(item, published_at=datetime.fromisoformat(was) if was else None, edited_at=None)

    def _known(self, item: Item, key: str, here: set[str]) -> Item:
        """The item under the id that it had before, if its link and something else of it is known."""
        known = self.posts.get(key)
        if known is None or known[0] == item.external_id or known[0] in here:
            return item
        return replace(item, external_id=known[0]) if _same(item, known) else item


def _shared(items: Sequence[Item]) -> set[str]:
    """Guids that stand at several items which are not the same post."""
    having: dict[str, list[Item]] = {}
    for item in items:
        having.setdefault(item.external_id, []).append(item)
    return {guid for guid, those in having.items() if len(those) > 1 and _differ(those)}


def _differ(items: Sequence[Item]) -> bool:
    # What has one link may be there twice, before and after an edit; no post is there three times.
    links, words = {item.url for item in items}, {item.title or item.text for item in items}
    return len(links) > 1 or (len(words) > 1 and (None in links or len(items) > 2))


def _apart(item: Item, links: Mapping[str | None, int]) -> Item:
    if item.url and links[item.url] == 1:
        return replace(item, external_id=fit_id(item.url))
    day = f"{item.published_at:%Y-%m-%d}" if item.published_at else ""
    return replace(item, external_id=digest(item.title or item.text, day))


def _key(item: Item, links: Mapping[str | None, int]) -> str:
    """By what it is remembered: its link, where no other item has that, or its words."""
    if item.url and links[item.url] == 1:
        return digest(item.url)[:_DIGITS]
    return digest(item.title, item.text)[:_DIGITS]


def _same(item: Item, known: Remembered) -> bool:
    """Whether what has the same link is the same post: so has a page that is filled anew each day."""
    date, mine = (item.published_at.isoformat() if item.published_at else ""), _words(item)
    if date and date == known[1]:
        return True
    title, text = (bool(a) and a == b for a, b in zip(mine, known[2:], strict=True))
    return (title or text) if not (date and known[1]) else (title and text)


def _words(item: Item) -> list[str]:
    return [digest(part)[:_DIGITS] if part else "" for part in (item.title, item.text)]
