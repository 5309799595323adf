"""Posts that were stored before a watch was made or changed, matched again: a new watch has a past."""

from datetime import datetime

from sqlalchemy import delete, select
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
_PER_CYCLE = 20  # transactions, so that live posts do not wait long


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


def _some(session: Session, watch: Watch, now: datetime) -> None:
    upto = watch.rematch_until or 0
    query = select(
        Post.id, Post.source_id, Post.bucket_at, Post.author, Post.title, Post.text, Post.url, Post.lang,
        Post.likes, Post.shares, Post.replies, Post.reach, Post.followers,
    )  # fmt: skip
    newest_first = query.where(Post.id <= upto).order_by(Post.id.desc()).limit(_AT_ONCE)
    posts = session.execute(newest_first).mappings().all()
    if not posts:
        watch.rematch_until = None
        return
    ids = [post["id"] for post in posts]
    hold_sources(session, {post["source_id"] for post in posts})
    mine = (Mention.watch_id == watch.id, Mention.post_id >= ids[-1], Mention.post_id <= ids[0])
    touched = {(s, at) for s, at in session.execute(select(Mention.source_id, Mention.at).where(*mine))}
    session.execute(delete(Mention).where(*mine))
    session.execute(
        delete(Aside).where(Aside.watch_id == watch.id, Aside.post_id >= ids[-1], Aside.post_id <= ids[0])
    )
    compiled = compile_watches([watch]).placed(session)
    if compiled.broken:
        raise compiled.broken[watch.id]
    found = mention_rows(compiled, posts)
    rows = found.mentions
    if found.aside:
        session.connection().execute(
            upsert(session.get_bind().dialect, Aside).on_conflict_do_nothing(), found.aside
        )
    if rows:
        mark_repeats(session, rows)
        session.connection().execute(
            upsert(session.get_bind().dialect, Mention).on_conflict_do_nothing(), rows
        )
    touched |= {(row["source_id"], row["at"]) for row in rows}
    for source_id in {source for source, _ in touched}:
        recount(session, source_id, {at for source, at in touched if source == source_id}, now=now)
    watch.rematch_until = ids[-1] - 1 if len(posts) == _AT_ONCE else None
    if watch.rematch_until is None:
        # The past has changed: what is kept in memory of it must be read again.
        watch.updated_at = now
