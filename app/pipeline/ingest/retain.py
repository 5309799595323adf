"""Deletes what is older than the retention: posts hold personal data, and are kept no longer than needed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.db import Sessions
from app.models import Coverage, Mention, Post, Run, Volume
from app.pipeline.guard import forget_gone

RETAIN = "retain"  # the step
_AT_ONCE = 2_000
_QUIET, _SWEPT = timedelta(days=7), timedelta(hours=6)


def retain(sessions: Sessions, retention: timedelta, *, now: datetime) -> None:
    """Delete some of the posts, mentions, coverage, volume and runs from before the retention."""
    before = now - retention
    with sessions.begin() as session:
        old = list(session.scalars(select(Post.id).where(Post.bucket_at < before).limit(_AT_ONCE)))
        if old:
            session.execute(delete(Mention).where(Mention.post_id.in_(old)))
            session.execute(delete(Post).where(Post.id.in_(old)))
        session.execute(delete(Coverage).where(Coverage.at < before))
        session.execute(delete(Volume).where(Volume.at < before))
        session.execute(delete(Run).where(Run.started_at < before))
        # Runs that brought nothing are most of them, and of no use after a week.
        quiet = Run.started_at.between(now - _QUIET - _SWEPT, now - _QUIET)
        session.execute(delete(Run).where(quiet, Run.status == "empty", Run.note == ""))
        forget_gone(session)
