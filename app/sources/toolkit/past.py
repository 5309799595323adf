"""Looking back over lists that are read newest first, page by page, one page in a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.sources.base import Item, Past, StepBack
from app.sources.toolkit import loose
from app.sources.toolkit.walk import Read

_CUT = 0.9  # of what a list holds at most: one that ends there was cut, and not over


@dataclass(frozen=True, slots=True)
class _Place:
    """How far one list was read."""

    at: Any  # the mark of its next page; None: the newest
    reached: datetime
    posts: int = 0
    over: bool = False

    @classmethod
    def of(cls, kept: object, until: datetime) -> "_Place":
        reached = loose.instant(loose.inner(kept, "reached")) or until
        posts = loose.whole(loose.inner(kept, "posts")) or 0
        return cls(loose.inner(kept, "at"), reached, posts, bool(loose.inner(kept, "over")))

    def kept(self) -> dict[str, Any]:
        return {
            "at": self.at, "reached": self.reached.isoformat(), "posts": self.posts, "over": self.over,
        }  # fmt: skip


def page_back(
    lists: Mapping[str, Read],
    step: StepBack,
    *,
    most: int | None = None,
    cut: bool = False,
    pinned: bool = False,
) -> Past:
    """The next page of the list that was read the least far back.

    A list that ends was read to its beginning, unless it ends near `most`, the posts that it holds at best,
    or is `cut`: it shows the newest only, however many there were.
    `pinned`: old posts may stand among the newest, so that the oldest of a page does not say how far it goes.
    """
    places = {name: _Place.of(loose.inner(step.mark, name), step.until) for name in lists}
    name = max(places, key=lambda one: places[one].reached)
    place = places[name]
    items, following = lists[name](place.at)
    posts = place.posts + len(items)
    reached = min(place.reached, oldest_of(items, place.reached, pinned=pinned))
    over = following is None or reached <= step.since
    if following is None and not cut and not (most and posts >= _CUT * most):
        reached = step.since
    places[name] = replace(place, at=following, reached=reached, posts=posts, over=over)
    farthest = max(places.values(), key=lambda one: one.reached)
    return Past(
        items,
        max(farthest.reached, step.since),
        None if farthest.over else {one: kept.kept() for one, kept in places.items()},
    )


def oldest_of(items: Sequence[Item], otherwise: datetime, *, pinned: bool = False) -> datetime:
    """The time of the oldest item; `pinned`: of the oldest but for one in ten, and one at least."""
    times = sorted(item.published_at for item in items if item.published_at)
    if not times:
        return otherwise
    spared = max(1, len(times) // 10) if pinned else 0
    return times[min(spared, len(times) - 1)]
