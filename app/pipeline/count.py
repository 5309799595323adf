"""Mentions to buckets: five minutes of each watch in each source, and how much of them was observed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from app.clock import STEP, floor
from app.db import upsert
from app.models import Bucket, Coverage, Mention

_CHUNK = 500


def recount(session: Session, source_id: int, buckets: Collection[datetime], *, now: datetime) -> None:
    """Count these buckets of the source again, from its mentions: right however often it is done."""
    wanted = sorted(buckets)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        session.execute(delete(Bucket).where(Bucket.source_id == source_id, Bucket.at.in_(part)))
        session.execute(
            insert(Bucket).from_select(
                [
                    "watch_id",
                    "at",
                    "source_id",
                    "mentions",
                    "negative",
                    "amplified",
                    "authors",
                    "reach",
                    "counted_at",
                ],
                select(
                    Mention.watch_id,
                    Mention.at,
                    Mention.source_id,
                    func.count(),
                    func.sum(case((Mention.negative, 1), else_=0)),
                    func.sum(case((Mention.amplified, 1), else_=0)),
                    func.count(Mention.author.distinct()),
                    func.sum(Mention.reach),
                    literal(now, Bucket.counted_at.type),
                )
                .where(Mention.source_id == source_id, Mention.at.in_(part))
                .group_by(Mention.watch_id, Mention.at, Mention.source_id),
            )
        )


def observed(
    session: Session, source_id: int, since: datetime, until: datetime, *, coverage: float = 1.0
) -> None:
    """Note that the source was observed from `since` to `until`: what is missing is not zero."""
    rows = []
    at = floor(since)
    while at < until:
        part = (min(until, at + STEP) - max(since, at)) / STEP * coverage
        if part > 0:
            rows.append({"source_id": source_id, "at": at, "coverage": part})
        at += STEP
    if not rows:
        return
    insertion = upsert(session.get_bind().dialect, Coverage)
    total = Coverage.coverage + insertion.excluded.coverage
    session.connection().execute(
        insertion.on_conflict_do_update(
            index_elements=["source_id", "at"], set_={"coverage": case((total > 1, 1.0), else_=total)}
        ),
        rows,
    )
