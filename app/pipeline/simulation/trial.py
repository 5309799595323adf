"""What a query would have matched of what is stored, before it is saved: how many, which, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Post, Source, Watch
from app.pipeline.ingest.match import heard_item, heard_row
from app.reading.matching import Heard, Matcher
from app.reading.novelty import new_words
from app.reading.query import Query, parse
from app.reading.query.tree import And, Node, Not, Without, terms
from app.sources.base import Item

DAYS, MOST_DAYS = 7, 90
SHOWN = 20  # posts
_SHOWN_APART = 5  # posts that an exclusion takes away, or that a change gains or loses
MOST_POSTS = 100_000  # read at once; more take too long for somebody who waits
_MOST_EXCLUSIONS = 20
_MOST_TEXTS = 2_000  # compared for words that mark noise
_TEXT = 280  # characters that are shown of a post

_COLUMNS = (
    Post.id, Post.source_id, Post.published_at, Post.author, Post.title, Post.text, Post.url, Post.lang,
    Post.likes, Post.shares, Post.replies, Post.reach, Post.followers,
)  # fmt: skip


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Place(_Shown):
    """A term of the query as it stands in a post."""

    term: str = Field(examples=["Orange"])
    text: str = Field(description="the words around it, as they are compared", examples=["panne chez Orange"])


class TriedPost(_Shown):
    """A post that a query would have matched, and why."""

    post_id: int | None = Field(description="empty: it was only just looked at, and is not stored")
    source: str = Field(examples=["Le Fil RSS"])
    published_at: datetime | None
    author: str | None
    text: str = Field(description="title and text, cut")
    url: str | None
    why: tuple[Place, ...] = Field(description="the terms that are in it")


class Exclusion(_Shown):
    """What one part of the query leaves out."""

    part: str = Field(examples=['-"rue Orange"'])
    posts: int = Field(description="that would be mentions without it")
    samples: tuple[TriedPost, ...]


class Suggestion(_Shown):
    """Words that are in one kind of post far more often than in the other."""

    noise: tuple[str, ...] = Field(description="of posts not about the brand: perhaps leave them out")
    brand: tuple[str, ...] = Field(description="of the others: perhaps ask for one of them near the name")


class Change(_Shown):
    """What the query would change for a watch."""

    gained: int
    lost: int
    gained_samples: tuple[TriedPost, ...]
    lost_samples: tuple[TriedPost, ...]


class Look(_Shown):
    """What a source brought just now."""

    source: str
    posts: int
    matched: int
    samples: tuple[TriedPost, ...]
    error: str = Field("", description="why it could not be looked at; empty: it was")


class Trial(_Shown):
    """What a query would have matched."""

    query: str
    since: datetime
    until: datetime
    posts: int = Field(description="stored posts that were looked at")
    whole: bool = Field(description="false: there are more posts in that time; the newest were looked at")
    matched: int
    by_day: dict[str, int]
    by_source: dict[str, int]
    samples: tuple[TriedPost, ...] = Field(description="spread over the whole time, newest first")
    exclusions: tuple[Exclusion, ...]
    change: Change | None = Field(description="against the query of the watch that was named")
    looks: tuple[Look, ...] = Field(description="at sources that were asked just now")
    suggestion: Suggestion | None = Field(description="empty: too few posts are known not to be about it")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which posts a query is tried on."""

    since: datetime
    until: datetime
    source_ids: frozenset[int] = frozenset()  # empty: all
    languages: frozenset[str] = frozenset()
    watch: Watch | None = None  # whose query it would replace
    noise: frozenset[int] = frozenset()  # posts that somebody says are not about the brand
    brand: frozenset[int] = frozenset()  # those that somebody says are; empty: all others


@dataclass(slots=True)
class _Kept:
    """Posts of which some are shown, spread over all that came."""

    most: int
    count: int = 0
    every: int = 1
    posts: list[tuple[Mapping[str, Any], Heard]] = field(default_factory=list)

    def add(self, post: Mapping[str, Any], heard: Heard) -> None:
        if self.count % self.every == 0:
            self.posts.append((post, heard))
            if len(self.posts) >= 2 * self.most:
                self.posts = self.posts[::2]
                self.every *= 2
        self.count += 1

    def some(self) -> list[tuple[Mapping[str, Any], Heard]]:
        step = max(1, len(self.posts) // self.most)
        return self.posts[::step][: self.most]


class Trying:
    """A query, ready to be tried: as it is, and without each of its exclusions."""

    def __init__(self, query: Query, before: Query | None = None) -> None:
        self.query = query
        self.parts = tuple(islice(_exclusions(query.tree), _MOST_EXCLUSIONS))
        trees = [query.tree, *(without for _, without in self.parts)]
        self._matcher = Matcher([*trees, before] if before is not None else trees)
        self._compares = before is not None
        self._reasons = Matcher([query])
        tree = query.tree
        self._wanted = {str(term) for term in terms(tree, wanted=True)} if tree is not None else set()

    def asked(self, heard: Heard) -> tuple[bool, list[int], bool]:
        """(it matches, numbers of the exclusions that alone take it away, the watch's query matches)."""
        found = set(self._matcher.matches(heard))
        last = len(self.parts) + 1
        matched = 0 in found
        alone = [] if matched else [i for i in range(len(self.parts)) if i + 1 in found]
        return matched, alone, self._compares and last in found

    def shown(self, post: Mapping[str, Any], heard: Heard, source: str) -> TriedPost:
        """The post with the terms that are in it."""
        why = [Place(term=t, text=text) for t, text in self._reasons.places(heard) if t in self._wanted]
        text = " ".join(f"{heard.title} {heard.text}".split())
        return TriedPost(
            post_id=post.get("id"),
            source=source,
            published_at=post.get("published_at"),
            author=heard.author,
            text=text if len(text) <= _TEXT else f"{text[:_TEXT]}…",
            url=heard.url,
            why=tuple(why),
        )


def try_query(session: Session, query: Query, scope: Scope, *, looks: Sequence[Look] = ()) -> Trial:
    """What the query would have matched; nothing is changed."""
    trying = Trying(query, parse(scope.watch.query) if scope.watch is not None else None)
    rows = session.execute(select(Source.id, Source.name, Source.kind))
    names = {id_: (name, kind) for id_, name, kind in rows}
    by_day, by_source = Counter[str](), Counter[str]()
    matched, gained, lost = _Kept(SHOWN), _Kept(_SHOWN_APART), _Kept(_SHOWN_APART)
    taken = [_Kept(_SHOWN_APART) for _ in trying.parts]
    texts: dict[bool, list[str]] = {True: [], False: []}
    seen = 0
    for post in _posts(session, scope):
        seen += 1
        heard = replace(heard_row(post), source=names.get(post["source_id"], ()))
        is_noise = post["id"] in scope.noise
        does, alone, did = trying.asked(heard)
        if does:
            matched.add(post, heard)
            by_day[f"{post['published_at']:%Y-%m-%d}"] += 1
            by_source[names.get(post["source_id"], ("", ""))[0]] += 1
        is_brand = does and (not scope.brand or post["id"] in scope.brand)
        if (is_brand or is_noise) and len(texts[is_noise]) < _MOST_TEXTS:
            texts[is_noise].append(f"{heard.title} {heard.text}")
        for number in alone:
            taken[number].add(post, heard)
        if scope.watch is not None and does != did:
            (gained if does else lost).add(post, heard)

    def drawn(kept: _Kept) -> tuple[TriedPost, ...]:
        return tuple(trying.shown(p, h, names.get(p["source_id"], ("", ""))[0]) for p, h in kept.some())

    return Trial(
        query=str(query),
        since=scope.since,
        until=scope.until,
        posts=seen,
        whole=seen < MOST_POSTS,
        matched=matched.count,
        by_day=dict(sorted(by_day.items())),
        by_source=dict(by_source.most_common()),
        samples=drawn(matched),
        exclusions=tuple(
            Exclusion(part=part, posts=kept.count, samples=drawn(kept))
            for (part, _), kept in zip(trying.parts, taken, strict=True)
        ),
        change=None
        if scope.watch is None
        else Change(
            gained=gained.count, lost=lost.count, gained_samples=drawn(gained), lost_samples=drawn(lost)
        ),
        looks=tuple(looks),
        suggestion=suggested(texts[True], texts[False], query),
    )


def looked(query: Query, source: str, kind: str, items: Iterable[Item]) -> Look:
    """What of a source's newest posts the query matches."""
    trying = Trying(query)
    kept, posts = _Kept(_SHOWN_APART), 0
    for item in items:
        posts += 1
        heard = replace(heard_item(item), source=(source, kind))
        if trying.asked(heard)[0]:
            kept.add({"published_at": item.published_at}, heard)
    samples = tuple(trying.shown(post, heard, source) for post, heard in kept.some())
    return Look(source=source, posts=posts, matched=kept.count, samples=samples)


def suggested(noise: Sequence[str], brand: Sequence[str], query: Query) -> Suggestion | None:
    """Words that set the two kinds of posts apart; nothing where too few are known of either."""
    of_noise = new_words(noise, brand, leave_out=query.asked)
    of_brand = new_words(brand, noise, leave_out=query.asked)
    return Suggestion(noise=of_noise, brand=of_brand) if of_noise or of_brand else None


def _posts(session: Session, scope: Scope) -> Iterator[Mapping[str, Any]]:
    wanted = select(*_COLUMNS).where(Post.bucket_at >= scope.since, Post.bucket_at < scope.until)
    if scope.source_ids:
        wanted = wanted.where(Post.source_id.in_(scope.source_ids))
    newest = wanted.order_by(Post.bucket_at.desc(), Post.id.desc()).limit(MOST_POSTS)
    for post in session.execute(newest.execution_options(yield_per=1_000)).mappings():
        # As live: what does not say its language is kept.
        here = heard_row(post).spoken if scope.languages else None
        if here is None or here in scope.languages:
            yield dict(post)


def _exclusions(tree: Node | None) -> Iterator[tuple[str, Node | None]]:
    """Each part that leaves something out, and the query without it."""
    if isinstance(tree, Not | Without):
        yield str(tree), None
    if not isinstance(tree, And):
        return
    for part in tree.parts:
        if isinstance(part, Not | Without):
            rest = tuple(other for other in tree.parts if other is not part)
            yield str(part), rest[0] if len(rest) == 1 else And(rest)
