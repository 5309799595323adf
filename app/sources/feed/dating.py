"""When the posts of a feed were published: each date read as all of them together show that it is meant."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.sources.base import Item
from app.sources.toolkit.dates import Order, Written, order_of, read_date
from app.sources.toolkit.text import clean

_TOGETHER, _NEAR, _FEWEST = timedelta(seconds=5), timedelta(seconds=10), 3
_AHEAD, _OLD = timedelta(days=1), timedelta(days=14)
_BEFORE = timedelta(days=1)  # what was there before the first look, and does not say since when


class Dates:
    """How one document writes its dates, and those that could not be read."""

    def __init__(self, texts: Sequence[str], language: str | None) -> None:
        self._language = language
        # Who counts the hours of half a day often writes the month first, even beside others who do not.
        halves = [text for text in texts if _by_halves(text)]
        self._order: Order | None = order_of((text for text in texts if not _by_halves(text)), language)
        self._order_by_halves: Order | None = order_of(halves, "en-US")
        self._unread: dict[str, None] = {}

    @classmethod
    def of(cls, entries: Sequence[Any], language: str | None) -> "Dates":
        """Those of the entries, as feedparser gives them."""
        texts = [str(dict.get(entry, name, "")) for entry in entries for name in ("published", "updated")]
        return cls([text for text in texts if text], language)

    @property
    def unread(self) -> tuple[str, ...]:
        """The dates that could not be read, as they are written."""
        return tuple(self._unread)

    def of_entry(self, entry: Any, name: str) -> Written | None:  # noqa: ANN401 - feedparser has no types
        """The date of this name; None if the entry has none, or one that cannot be read."""
        # dict.get, for feedparser's own would give the date of publication for a missing update.
        return self.read(str(dict.get(entry, name, "")))

    def read(self, text: str) -> Written | None:
        """What was written; None if there is nothing, or nothing that can be read."""
        if not text.strip():
            return None
        order = self._order_by_halves if _by_halves(text) else self._order
        found = read_date(text, order=order, language=self._language)
        if found is None:
            self._unread[clean(text, 60)] = None
        return found


def _by_halves(text: str) -> bool:
    return text.rstrip().lower().rstrip(".").endswith(("am", "pm", "a.m", "p.m", "p. m", "a. m"))


def placed(items: Sequence[Item], now: datetime) -> list[Item]:
    """The items of a feed that nothing is known of: what has no date, or an absurd one, was there before.

    It is as old as the dated post that stands next to it, and not of the present.
    """
    given = [
        None if item.published_at and item.published_at > now + _AHEAD else item.published_at
        for item in items
    ]
    if _are_of_the_request(given, now):
        given = [None] * len(given)
    dated = [(place, at) for place, at in enumerate(given) if at]
    there = []
    for place, (item, at) in enumerate(zip(items, given, strict=True)):
        near = min(((abs(other - place), when) for other, when in dated), default=(0, now - _BEFORE))[1]
        there.append(item if at else replace(item, published_at=min(near, now), precision="first_seen"))
    return there


def doubt_of_age(fresh: Sequence[Item], now: datetime) -> str:
    """What is odd about new posts that say that they are old; empty if nothing is."""
    old = sum(item.published_at is not None and item.published_at < now - _OLD for item in fresh)
    return (
        f"{old} new posts say that they are older than {_OLD.days} days: are its dates right?" if old else ""
    )


def _are_of_the_request(times: Sequence[datetime | None], now: datetime) -> bool:
    """Whether all of them are of one and the present moment: they tell when the feed was made."""
    known = [at for at in times if at]
    if len(known) < _FEWEST or len(known) < len(times):
        return False
    return max(known) - min(known) <= _TOGETHER and abs(now - max(known)) <= _NEAR
