"""What people write below the posts of an account, and of it elsewhere: the walk that both kinds make."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from app.sources.base import Batch, Item
from app.sources.meta.graph import Graph, following
from app.sources.toolkit import loose
from app.sources.toolkit.progress import Progress, gather
from app.sources.toolkit.text import clean
from app.sources.toolkit.vanished import Listed

_OVERLAP = timedelta(hours=1)  # a comment may be held back for a while
_MOST_PAGES = 80
_AT_ONCE = 50

Read = Callable[[dict[str, Any], dict[str, Any]], list[Item]]
"""From a comment and the post that it stands below (empty: none) to what it says and what was answered."""


@dataclass(frozen=True, slots=True)
class Place:
    """One account, and how its lists are called."""

    account: str  # its id
    own: str  # the list of its own posts
    post_fields: str
    comments: str  # the list below a post, with its modifiers but for those that are added here
    comment_fields: str
    dated: bool  # whether that list can be asked for what came since an instant
    tagged: str  # the list of others' posts that name the account
    tagged_fields: str
    posts: int  # how many of its own posts are looked below


def fetch(place: Place, graph: Graph, read: Read, cursor: Mapping[str, Any], *, now: datetime) -> Batch:
    """What was written below the newest posts of the account, and elsewhere of it, since the cursor."""
    progress = Progress.of(cursor, place.account)
    listed = Listed(progress.position.get("recent", {}))
    walk = _Walk(place, graph, read, progress.since(now, overlap=_OVERLAP), listed, now)
    gathered = gather(walk.pages(), most=_MOST_PAGES)
    gone = listed.gone(lambda _, one: graph.is_gone(one, now)) if gathered.whole else []
    position = {"recent": listed.recent(now)}
    return replace(progress.batch(gathered, now=now, position=position), deleted=gone)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One run."""

    place: Place
    graph: Graph
    read: Read
    since: datetime
    listed: Listed
    now: datetime

    def pages(self) -> Iterator[list[Item]]:
        """The new comments below each of the posts, then the posts that name the account."""
        place, found = self.place, 0
        fields: dict[str, str | int] = {
            "fields": f"{place.post_fields},{self._comments()}",
            "limit": min(place.posts, 25),
        }
        for rows in self.graph.pages(f"{place.account}/{place.own}", fields, self.now):
            first = [self._first(row) for row in rows[: place.posts - found]]
            yield [item for items, _ in first for item in items]
            for row, (items, mark) in zip(rows, first, strict=False):
                yield from self._below(row, items, mark)
            found += len(rows)
            if found >= place.posts:
                break
        yield from self._tagged()

    def _comments(self) -> str:
        name, bound = (
            self.place.comments,
            f".since({int(self.since.timestamp())})" if self.place.dated else "",
        )
        return f"{name}{bound}.limit({_AT_ONCE}){{{self.place.comment_fields}}}"

    def _first(self, post: dict[str, Any]) -> tuple[list[Item], str]:
        """The comments that come with a post, and the mark of those behind them."""
        listed = post.get("comments")
        items = [item for row in loose.rows(loose.inner(listed, "data")) for item in self.read(row, post)]
        return items, following(listed)

    def _below(self, post: dict[str, Any], items: list[Item], mark: str) -> Iterator[list[Item]]:
        """The further comments below a post, until they are older than what is asked for."""
        name = clean(loose.word(post.get("id")), 200)
        self.listed.add(name, items)
        if mark and name and not self._past(items):
            params: dict[str, str | int] = {"fields": self.place.comment_fields, "limit": _AT_ONCE}
            if self.place.dated:
                params |= {
                    "filter": "stream",
                    "order": "reverse_chronological",
                    "since": int(self.since.timestamp()),
                }
            path = f"{quote(name, safe='')}/comments"
            for rows in self.graph.pages(path, params, self.now, after=mark):
                items = [item for row in rows for item in self.read(row, post)]
                self.listed.add(name, items)
                yield items
                if self._past(items):
                    break
        self.listed.shown(name, self.since)

    def _tagged(self) -> Iterator[list[Item]]:
        place = self.place
        params: dict[str, str | int] = {"fields": place.tagged_fields, "limit": _AT_ONCE}
        for rows in self.graph.pages(f"{place.account}/{place.tagged}", params, self.now):
            items = [item for row in rows for item in self.read(row, {})]
            self.listed.add(place.tagged, items)
            yield items
            if self._past(items):
                break
        self.listed.shown(place.tagged, self.since)

    def _past(self, items: list[Item]) -> bool:
        """Whether all of the page is older than what is asked for."""
        dates = [item.published_at for item in items if item.published_at]
        return bool(dates) and max(dates) < self.since
