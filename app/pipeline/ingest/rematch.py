"""Posts that were stored before a watch was made or changed, matched again: a new watch has a past."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.orm import Session

from app.db import Sessions, upsert
from app.models import WITH_SOURCES, Aside, Mention, Post, Watch, require_readable
from app.pipeline.claim import hold_sources
from app.pipeline.guard import Guard, Row
from app.pipeline.ingest.count import recount
from app.pipeline.ingest.match import compile_watches
from app.pipeline.ingest.mentions import mention_rows
from app.pipeline.ingest.repeats import mark_repeats
from app.pipeline.roster import Roster

REMATCH = "rematch"  # the step
_AT_ONCE = 5_000  # posts in one transaction
_CHUNK = 500
_PER_CYCLE = 20  # transactions, so that live posts do not wait long
_POSTS = select(
    Post.id, Post.source_id, Post.bucket_at, Post.author, Post.title, Post.text, Post.url, Post.lang,
    Post.likes, Post.shares, Post.replies, Post.reach, Post.followers,
)  # fmt: skip


def rematch(sessions: Sessions, roster: Roster, guard: Guard, *, now: datetime) -> None:
    """Work through the watches that ask for it, newest posts first, some at a time."""
    left = _PER_CYCLE
    for row in (Row.of(watch) for watch in roster.watches if watch.rematch_until is not None):
        if not guard.is_due(REMATCH, row):
            continue
        with guard.row(REMATCH, row):
            while left > 0:
                left -= 1
                with sessions.begin() as session:
                    watch = session.get_one(Watch, row.id, options=[WITH_SOURCES])
                    if watch.rematch_until is None:
                        break
                    _some(session, require_readable(watch), now)


def count_again(session: Session, watch: Watch, *, now: datetime) -> None:
    """Make mentions of what was set aside from the watch since `counts_again_since`."""
    mine = select(Aside.post_id).where(Aside.watch_id == watch.id, Aside.at >= watch.counts_again_since)
    ids = session.scalars(mine.order_by(Aside.post_id)).all()
    for start in range(0, len(ids), _CHUNK):
        posts = session.execute(_POSTS.where(Post.id.in_(ids[start : start + _CHUNK])))
        _match_again(session, watch, posts.mappings().all(), now)


def _some(session: Session, watch: Watch, now: datetime) -> None:
    upto = watch.rematch_until or 0
    newest_first = _POSTS.where(Post.id <= upto).order_by(Post.id.desc()).limit(_AT_ONCE)
    posts = session.execute(newest_first).mappings().all()
    if not posts:
        watch.rematch_until = None
        return
    _match_again(session, watch, posts, now)
    watch.rematch_until = posts[-1]["id"] - 1 if len(posts) == _AT_ONCE else None
    if watch.rematch_until is None:
        # The past has changed: what is kept in memory of it must be read again.
        watch.updated_at = now


def _match_again(session: Session, watch: Watch, posts: Sequence[RowMapping], now: datetime) -> None:
    """Forget what these posts were to the watch, match them by its query of today, and count them."""
    hold_sources(session, {post["source_id"] for post in posts})
    touched: set[tuple[int, datetime]] = set()
    ids = sorted(post["id"] for post in posts)
    for table in (Mention, Aside):
        for start in range(0, len(ids), _CHUNK):
            mine = (table.watch_id == watch.id, table.post_id.in_(ids[start : start + _CHUNK]))
            touched |= {(s, at) for s, at in session.execute(select(table.source_id, table.at).where(*mine))}
            session.execute(delete(table).where(*mine))
    compiled = compile_watches([watch]).placed(session)
    if compiled.broken:
        raise compiled.broken[watch.id]
    found = mention_rows(compiled, posts)
    mark_repeats(session, found.mentions)
    for table, rows in ((Mention, found.mentions), (Aside, found.aside)):
        if rows:
            session.connection().execute(
                upsert(session.get_bind().dialect, table).on_conflict_do_nothing(), rows
            )
        touched |= {(row["source_id"], row["at"]) for row in rows}
    for source_id in {source for source, _ in touched}:
        recount(session, source_id, {at for source, at in touched if source == source_id}, now=now)
