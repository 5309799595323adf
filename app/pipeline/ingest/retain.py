"""Deletes what is older than the retention: posts hold personal data, and are kept no longer than needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.db import Sessions
from app.models import Coverage, Intake, Post, ReportLink, Run, RunStatus, Volume
from app.pipeline.forgetting import delete_posts, forget_old
from app.pipeline.guard import forget_gone

RETAIN = "retain"  # the step
_EVERY = timedelta(minutes=10)
_DOUBT = timedelta(hours=1)
_AT_ONCE, _MOST = 2_000, 50  # posts in a transaction, and transactions in a sweep
_QUIET, _SWEPT = timedelta(days=7), timedelta(hours=6)


@dataclass(slots=True)
class Sweeping:
    """Remembers when this process swept last: once in ten minutes is enough."""

    every: timedelta = _EVERY
    last: datetime | None = None
    not_before: datetime | None = None

    def wait(self, now: datetime) -> None:
        """Delete nothing for a while: the clock was moved, and people may have to mend it."""
        self.not_before = now + _DOUBT

    def is_due(self, now: datetime) -> bool:
        """Whether it is time; then it counts as done."""
        if self.not_before is not None and timedelta(0) < self.not_before - now <= _DOUBT:
            return False
        due = self.last is None or not timedelta(0) <= now - self.last < self.every
        self.last = now if due else self.last
        return due


def retain(sessions: Sessions, retention: timedelta, *, now: datetime) -> None:
    """Delete some of the posts, mentions, coverage, volume and runs from before the retention, and old links.

    What was told of fires keeps its figures, and loses the posts and the names of people.
    """
    before = now - retention
    for _ in range(_MOST):
        with sessions.begin() as session:
            old = list(session.scalars(select(Post.id).where(Post.bucket_at < before).limit(_AT_ONCE)))
            if old:
                delete_posts(session, old)
        if len(old) < _AT_ONCE:
            break
    for _ in range(_MOST):
        with sessions.begin() as session:
            if not forget_old(session, before, now=now):
                break
    with sessions.begin() as session:
        session.execute(delete(Coverage).where(Coverage.at < before))
        session.execute(delete(Volume).where(Volume.at < before))
        session.execute(delete(Intake).where(Intake.at < before))
        session.execute(delete(Run).where(Run.started_at < before))
        session.execute(delete(ReportLink).where(ReportLink.expires_at <= now))
        # Runs that brought nothing are most of them, and of no use after a week.
        quiet = Run.started_at.between(now - _QUIET - _SWEPT, now - _QUIET)
        session.execute(delete(Run).where(quiet, Run.status == RunStatus.empty, Run.note == ""))
        forget_gone(session)
