"""Deletes what is older than the retention: posts hold personal data, and are kept no longer than needed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.db import Sessions
from app.models import Coverage, Mention, Post, Run

_AT_ONCE = 2_000


def retain(sessions: Sessions, retention: timedelta, *, now: datetime) -> None:
    """Delete some of the posts, mentions, coverage and runs from before the retention; counts stay."""
    before = now - retention
    with sessions.begin() as session:
        old = list(session.scalars(select(Post.id).where(Post.bucket_at < before).limit(_AT_ONCE)))
        if old:
            session.execute(delete(Mention).where(Mention.post_id.in_(old)))
            session.execute(delete(Post).where(Post.id.in_(old)))
        session.execute(delete(Coverage).where(Coverage.at < before))
        session.execute(delete(Run).where(Run.started_at < before))
