"""Posts into the database, each once, with their mentions, in the caller's transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Dialect, Row, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clock import step_start
from app.db import upsert
from app.forgotten import Forgotten, of_address, of_author, of_post
from app.logs import log
from app.models import Aside, Mention, Post, PostPrecision
from app.models.base import storable
from app.pipeline.forgetting import forget_posts
from app.pipeline.ingest.count import count_intake, recount
from app.pipeline.ingest.match import Compiled
from app.pipeline.ingest.mentions import mention_rows
from app.pipeline.ingest.repeats import mark_repeats
from app.sources.base import Item

_T = TypeVar("_T")
_OURS: BindParameter[int] = bindparam("ours")
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_CHUNK = 500  # rows asked for at once, well below SQLite's limit on variables
_NO_DATE = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: 1970 stands where a date is missing
_SKEW = timedelta(minutes=10)  # a clock that runs ahead so little is not worth a remark
_LATEST = ("likes", "shares", "replies", "reach", "followers")
_WRITTEN = ("title", "text")

# Written once: every run of every source executes them.
_KNOWN = select(
    Post.id,
    Post.external_id,
    Post.bucket_at,
    Post.edited_at,
    *(getattr(Post, name) for name in (*_WRITTEN, *_LATEST)),
).where(Post.source_id == _OURS, Post.external_id.in_(_IDS))
_NUMBERS = select(Post.external_id, Post.id).where(Post.source_id == _OURS, Post.external_id.in_(_IDS))


@cache
def _adding(dialect: Dialect, table: type[Post | Mention | Aside]) -> Any:  # noqa: ANN401 - as upsert
    # Somebody else may be storing the same posts; the unique constraint decides.
    return upsert(dialect, table).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the posts of one batch."""

    received: int
    stored: int  # new ones
    edited: int
    too_old: int = 0
    # (watch, bucket) of the new ones
    mentions: list[tuple[int, datetime]] = field(default_factory=list, compare=False)
    refused: list[tuple[str, str]] = field(default_factory=list)  # external ids, and why

    def and_also(self, other: "Stored") -> "Stored":
        """What became of both."""
        return Stored(
            self.received + other.received,
            self.stored + other.stored,
            self.edited + other.edited,
            self.too_old + other.too_old,
            self.mentions + other.mentions,
            self.refused + other.refused,
        )


def store(
    session: Session,
    compiled: Compiled,
    source_id: int,
    items: Sequence[Item],
    *,
    now: datetime,
    keep_from: datetime | None = None,
    heard_at_once: bool = False,
    careful: bool = False,
    forgotten: Forgotten | None = None,
) -> Stored:
    """Store what is new, update what was edited, match both and count again what they touch.

    A post without a date, or with one from before the web, counts when it was first seen; a date in the
    future is taken back to that instant. Posts from before `keep_from`, and those that were forgotten, are
    not stored. `careful`: a post that the database refuses is left out and named, and keeps none of the
    others out; else its error is raised.
    """
    if forgotten is not None:
        items = [item for item in items if not _is_forgotten(forgotten, source_id, item)]
    whole = partial(
        _store, session, compiled, source_id, now=now, keep_from=keep_from, heard_at_once=heard_at_once
    )
    return _without_the_bad(session, whole, items) if careful else whole(items)


def _is_forgotten(forgotten: Forgotten, source_id: int, item: Item) -> bool:
    words = [of_post(source_id, item.external_id)]
    words += [of_author(item.author)] if item.author else []
    words += [of_address(one) for one in (item.url, item.external_id) if one and "://" in one]
    return forgotten.keeps_out(*words, written_at=item.published_at)


def _without_the_bad(
    session: Session, whole: Callable[[Sequence[Item]], Stored], items: Sequence[Item]
) -> Stored:
    """Store all, or the halves of what fails apart, and so on down to the posts that cannot be stored."""
    try:
        with session.begin_nested():
            return whole(items)
    except OperationalError:
        raise  # the disk or the database fails, and no post does
    except Exception as error:
        if not items:
            raise
        if len(items) == 1:
            log().error("post refused", external_id=items[0].external_id, exc_info=error)
            return Stored(1, 0, 0, refused=[(items[0].external_id, f"{type(error).__name__}: {error}")])
    middle = len(items) // 2
    first = _without_the_bad(session, whole, items[:middle])
    return first.and_also(_without_the_bad(session, whole, items[middle:]))


def _store(
    session: Session,
    compiled: Compiled,
    source_id: int,
    items: Sequence[Item],
    *,
    now: datetime,
    keep_from: datetime | None,
    heard_at_once: bool,
) -> Stored:
    rows = {}
    too_old = 0
    for item in items:
        row = _row(source_id, item, now)
        if heard_at_once:
            row["first_seen_at"] = min(row["published_at"], now)
        if keep_from is not None and row["bucket_at"] < keep_from:
            too_old += 1
        else:
            rows[row["external_id"]] = row  # the last word on a post that is there twice
    fresh, touched, edited, refreshed = _write(
        session, source_id, rows, now, by_counts=compiled.matcher.asks_counts
    )
    found = mention_rows(compiled, fresh)
    mentions = found.mentions
    new = fresh[: len(fresh) - edited - refreshed]
    count_intake(session, source_id, new, asked={row["post_id"] for row in (*mentions, *found.aside)})
    if found.aside:
        session.connection().execute(_adding(session.get_bind().dialect, Aside), found.aside)
    if mentions:
        mark_repeats(session, mentions)
        session.connection().execute(_adding(session.get_bind().dialect, Mention), mentions)
    counted = {row["at"] for row in (*mentions, *found.aside)} | touched
    recount(session, source_id, counted, now=now, sets_aside=bool(compiled.relevance))
    again = {row["id"] for row in fresh[len(fresh) - refreshed :]}
    told = [(m["watch_id"], m["at"]) for m in mentions if m["post_id"] not in again]
    return Stored(len(items), len(new), edited, too_old, told)


def forget(
    session: Session,
    source_id: int,
    external_ids: Iterable[str],
    *,
    now: datetime,
    forgotten: Forgotten | None = None,
) -> int:
    """Delete posts that their source took back, and what was written down of them; how many there were."""
    gone: list[Post] = []
    for part in _chunks(list(external_ids)):
        gone += session.scalars(select(Post).where(Post.source_id == source_id, Post.external_id.in_(part)))
    if forgotten is not None:  # before they are gone: a list that says too much does no harm
        forgotten.note((of_post(source_id, post.external_id) for post in gone), now=now)
    times = {post.bucket_at for post in gone}
    forget_posts(session, gone, "author", now=now)
    recount(session, source_id, times, now=now)
    return len(gone)


def _row(source_id: int, item: Item, now: datetime) -> dict[str, Any]:
    published, precision = item.published_at, PostPrecision(item.precision)
    if published is None or published < _NO_DATE:
        published, precision = now, PostPrecision.first_seen
    elif published > now + _SKEW:
        published, precision = now, PostPrecision.clamped
    row = {
        "source_id": source_id,
        "external_id": item.external_id,
        "published_at": published,
        "precision": precision,
        "first_seen_at": now,
        "edited_at": item.edited_at,
        "bucket_at": step_start(min(published, now)),
        "author": item.author,
        "title": item.title,
        "text": item.text,
        "url": item.url,
        "lang": item.lang,
        "likes": item.likes,
        "shares": item.shares,
        "replies": item.replies,
        "reach": item.reach,
        "followers": item.followers,
        "extra": item.extra,
    }
    # As it will be found again: what no database can hold is replaced before anything is looked up by it.
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


def _write(
    session: Session, source_id: int, rows: dict[str, dict[str, Any]], now: datetime, *, by_counts: bool
) -> tuple[list[dict[str, Any]], set[datetime], int, int]:
    """(posts to match, each with its id; buckets of mentions taken away; how many were edited; refreshed).

    Refreshed are those of which only the counts are new: matched again where a query asks for counts.
    """
    known: dict[str, Row[Any]] = {}
    for ids in _chunks(list(rows)):
        result = session.connection().execute(_KNOWN, {"ours": source_id, "ids": ids})
        known |= {post.external_id: post for post in result}
    fresh = [row for external_id, row in rows.items() if external_id not in known]
    touched: set[datetime] = set()
    edited, refreshed = [], []
    for external_id, post in known.items():
        row = rows[external_id]
        latest = {n: row[n] for n in _LATEST if row[n] is not None and row[n] != getattr(post, n)}
        if any(row[n] != getattr(post, n) for n in _WRITTEN):
            latest |= {n: row[n] for n in _WRITTEN} | {"edited_at": row["edited_at"] or now}
            edited.append(row | {"id": post.id, "bucket_at": post.bucket_at})
            touched.add(post.bucket_at)
        elif latest and by_counts:
            known_counts = {n: getattr(post, n) for n in _LATEST if row[n] is None}
            refreshed.append(row | known_counts | {"id": post.id, "bucket_at": post.bucket_at})
            touched.add(post.bucket_at)
        if latest:
            session.execute(update(Post).where(Post.id == post.id).values(latest))
    for ids in _chunks([row["id"] for row in edited + refreshed]):
        for table in (Mention, Aside):
            session.execute(delete(table).where(table.post_id.in_(ids)))
    if fresh:
        _insert(session, source_id, fresh)
    return fresh + edited + refreshed, touched, len(edited), len(refreshed)


def _insert(session: Session, source_id: int, fresh: list[dict[str, Any]]) -> None:
    connection = session.connection()
    connection.execute(_adding(session.get_bind().dialect, Post), fresh)
    ids: dict[str, int] = {}
    for wanted in _chunks([row["external_id"] for row in fresh]):  # some may be those of somebody else
        rows = connection.execute(_NUMBERS, {"ours": source_id, "ids": wanted})
        ids |= {row.external_id: row.id for row in rows}
    for row in fresh:
        row["id"] = ids[row["external_id"]]


def _chunks(values: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
