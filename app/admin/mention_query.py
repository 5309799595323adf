"""Which mentions are looked for, as queries that stay quick over millions of posts.

The newest mentions that hold a word are first looked for in windows: the newest 2,000, then the newest
16,000, each with the part of the index of words that its posts may stand in. Of a common word that is enough.
If it is not, the word is rare, and all posts that hold it are picked from the index and sorted. So are the
posts of one author, or with one tag. Without any of these the mentions are walked as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Literal, NamedTuple

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    cast,
    column,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from app.clock import step_start
from app.models import Label, Mention, MentionTag, Post, Watch
from app.models.post_words import COLUMN, POST_WORDS
from app.reading.search import Search

Heard = Literal["negative", "neutral", "positive", "other"]
_JUDGED = ("negative", "other")  # of the tones: those that a mention has without a person's word
_WINDOW, _GROWTH = 2_000, 8  # mentions of the first window, and times the one before it of each other
_ORDER = (Mention.at.desc(), Mention.post_id.desc(), Mention.watch_id.desc())


class Place(NamedTuple):
    """Where a mention stands in the list: by its five minutes, then by its post, then by its watch."""

    at: datetime
    post_id: int
    watch_id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mentions are looked for; a field that is empty leaves none out."""

    search: Search | None = None
    watches: tuple[int, ...] = ()
    source: int | None = None
    language: str | None = None  # ISO 639-1
    author: str | None = None
    tone: Heard | None = None
    since: datetime | None = None  # not before, in whole five minutes
    until: datetime | None = None  # before, in whole five minutes
    tag: str | None = None


def newest(session: Session, asked: Wanted, behind: Place | None, limit: int) -> Sequence[Mention]:
    """The mentions that are looked for, newest first, those behind a place in the list; `limit` at most."""
    if asked.tag is not None or asked.author is not None or asked.tone in ("neutral", "positive"):
        return _picked(session, asked, behind, limit)
    query = _behind(_of(session, asked, Mention.watch_id), behind)
    if asked.search is None:
        return session.scalars(query.order_by(*_ORDER).limit(limit)).all()
    windows = (_WINDOW * _GROWTH**n for n in count())
    for size in windows if asked.search.only_leaves_out else islice(windows, 2):
        ends = query.with_only_columns(Mention.at).order_by(Mention.at.desc()).offset(size).limit(1)
        since = session.scalar(ends)
        window = query if since is None else query.where(Mention.at >= since)
        held = _held_in(session, window, asked.search)
        found = window.where(~held if asked.search.only_leaves_out else held)
        rows = session.scalars(found.order_by(*_ORDER).limit(limit)).all()
        if since is None or len(rows) >= limit:
            return rows
    return _picked(session, asked, behind, limit)


def _picked(session: Session, asked: Wanted, behind: Place | None, limit: int) -> Sequence[Mention]:
    """The same, where few mentions are: all of them are looked at, and sorted then."""
    # A sum keeps planners from the index of all mentions of the watch.
    query = _behind(_of(session, asked, Mention.watch_id + 0), behind)
    if asked.search is not None:
        held = Mention.post_id.in_(_holding(session, asked.search))
        query = query.where(~held if asked.search.only_leaves_out else held)
    picked = query.with_only_columns(Mention.watch_id, Mention.post_id).cte("picked")
    both = and_(Mention.watch_id == picked.c.watch_id, Mention.post_id == picked.c.post_id)
    query = select(Mention).join(picked.prefix_with("MATERIALIZED"), both)
    return session.scalars(query.order_by(*_ORDER).limit(limit)).all()


def how_many(session: Session, asked: Wanted, most: int) -> int:
    """How many are looked for; one more than `most` if they are more than that."""
    query = _of(session, asked, Mention.watch_id)
    if asked.search is not None:
        held = Mention.post_id.in_(_holding(session, asked.search))
        query = query.where(~held if asked.search.only_leaves_out else held)
    some = query.with_only_columns(Mention.post_id).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _held_in(session: Session, window: Select[Mention], search: Search) -> ColumnElement[bool]:
    """Whether a mention of the window holds what the index of words finds."""
    if session.get_bind().dialect.name == "postgresql":
        # Each post by itself: joined to nothing it is no column of the index, which would give all posts.
        words = _words().op("||")(cast("", TSVECTOR))
        matches = words.op("@@")(func.to_tsquery("simple", search.tsquery()))
        return select(1).where(Post.__table__.c.id == Mention.post_id, matches).exists()
    ends = window.with_only_columns(func.min(Mention.post_id), func.max(Mention.post_id))
    first, last = session.execute(ends).one()
    index = _holding(session, search)
    return Mention.post_id.in_(index.where(index.selected_columns[0].between(first or 0, last or 0)))


def _behind(query: Select[Mention], place: Place | None) -> Select[Mention]:
    if place is None:
        return query
    later = or_(
        Mention.at < place.at,
        Mention.post_id < place.post_id,
        and_(Mention.post_id == place.post_id, Mention.watch_id < place.watch_id),
    )
    return query.where(Mention.at <= place.at, later)


def _of(session: Session, asked: Wanted, watch_id: SQLColumnExpression[int]) -> Select[Mention]:
    """All that is asked for but the search."""
    # Joined as a class: a session that is bound to teams narrows what it finds to their watches.
    query = select(Mention).join(Watch, Watch.id == Mention.watch_id).where(*_conditions(asked))
    if asked.watches:
        query = query.where(watch_id.in_(asked.watches))
    if asked.author is not None:
        query = query.where(_by(session, asked.author))
    if asked.tag is not None:
        mine = and_(MentionTag.watch_id == Mention.watch_id, MentionTag.post_id == Mention.post_id)
        query = query.join(MentionTag, mine).where(MentionTag.tag == asked.tag)
    if asked.tone is not None:
        mine = and_(Label.watch_id == Mention.watch_id, Label.post_id == Mention.post_id)
        query = query.join(Label, mine, isouter=asked.tone in _JUDGED).where(_of_tone(asked.tone))
    return query


def _conditions(asked: Wanted) -> Iterator[ColumnElement[bool]]:
    if asked.source is not None:
        yield Mention.source_id == asked.source
    if asked.since is not None:
        yield Mention.at >= step_start(asked.since)
    if asked.until is not None:
        yield Mention.at < step_start(asked.until)
    if asked.language is not None:
        code = func.lower(Post.lang)
        of_language = or_(code == asked.language, code.startswith(f"{asked.language}-"))
        yield select(1).where(Post.id == Mention.post_id, of_language).exists()


def _of_tone(tone: Heard) -> ColumnElement[bool]:
    match tone:
        case "negative":
            return func.coalesce(Label.tone == "negative", Mention.negative)
        case "other":
            return and_(Label.tone.is_(None), ~Mention.negative)
        case _:
            return Label.tone == tone


def _by(session: Session, author: str) -> ColumnElement[bool]:
    """Signed with that name, with or without an @; blind to case, on SQLite to that of plain letters."""
    name = author.strip().removeprefix("@")
    if session.get_bind().dialect.name == "postgresql":
        small = name.lower()
        return func.lower(Mention.author).in_((small, f"@{small}"))
    return Mention.author.collate("NOCASE").in_((name, f"@{name}"))


def _holding(session: Session, search: Search) -> Select[int]:
    """The ids of the posts that the index of words finds; of a search that only leaves out, those."""
    if session.get_bind().dialect.name == "postgresql":
        matches = _words().op("@@")(func.to_tsquery("simple", search.tsquery()))
        return select(Post.__table__.c.id).where(matches)
    index = table(POST_WORDS, column("rowid"), column(POST_WORDS))
    return select(index.c.rowid).where(index.c[POST_WORDS].op("MATCH")(search.matching()))


def _words() -> ColumnClause[str]:
    return column(COLUMN, _selectable=Post.__table__)
