"""Mentions to buckets: five minutes of each watch in each source, and how much of them was observed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Dialect, bindparam, case, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from app.clock import STEP, step_start
from app.db import upsert
from app.models import Aside, Bucket, Coverage, Intake, Mention

_CHUNK = 500
_OURS: BindParameter[int] = bindparam("ours")
_WHEN: BindParameter[datetime] = bindparam("whens", expanding=True)

# Written once: every run of every source executes them, and putting them together costs more than that.
_FORGET = delete(Bucket).where(Bucket.source_id == _OURS, Bucket.at.in_(_WHEN))
_COUNT = insert(Bucket).from_select(
    [
        "watch_id", "at", "source_id", "mentions", "negative", "amplified", "authors", "reach",
        "again", "aside", "counted_at",
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
        func.sum(case((Mention.again, 1), else_=0)),
        literal(0),
        bindparam("counted", type_=Bucket.counted_at.type),
    )
    .where(Mention.source_id == _OURS, Mention.at.in_(_WHEN))
    .group_by(Mention.watch_id, Mention.at, Mention.source_id),
)  # fmt: skip
_SET_ASIDE = (
    select(Aside.watch_id, Aside.at, Aside.source_id, func.count().label("aside"))
    .where(Aside.source_id == _OURS, Aside.at.in_(_WHEN))
    .group_by(Aside.watch_id, Aside.at, Aside.source_id)
)


def recount(
    session: Session,
    source_id: int,
    buckets: Collection[datetime],
    *,
    now: datetime,
    sets_aside: bool = True,
) -> None:
    """Count these buckets of the source again, from what matches: right however often it is done.

    `sets_aside`: whether any watch may have set posts of them aside.
    """
    wanted = sorted(buckets)
    connection = session.connection()
    for start in range(0, len(wanted), _CHUNK):
        part = {"ours": source_id, "whens": wanted[start : start + _CHUNK]}
        connection.execute(_FORGET, part)
        connection.execute(_COUNT, {**part, "counted": now})
        aside = connection.execute(_SET_ASIDE, part).mappings().all() if sets_aside else ()
        if aside:
            none = dict.fromkeys(("mentions", "negative", "amplified", "authors", "reach", "again"), 0)
            rows = [{**none, **row, "counted_at": now} for row in aside]
            connection.execute(_with_aside(session.get_bind().dialect), rows)


def observed(
    session: Session, source_id: int, since: datetime, until: datetime, *, coverage: float = 1.0
) -> None:
    """Note that the source was observed from `since` to `until`: what is missing is not zero."""
    rows = []
    at = step_start(since)
    while at < until:
        part = (min(until, at + STEP) - max(since, at)) / STEP * coverage
        if part > 0:
            rows.append({"source_id": source_id, "at": at, "coverage": part})
        at += STEP
    if rows:
        session.connection().execute(_adding(session.get_bind().dialect), rows)


def count_intake(
    session: Session, source_id: int, posts: Sequence[Mapping[str, Any]], *, asked: Collection[int]
) -> None:
    """Count these new posts of the source as a whole; `asked` are those that a watch asks for."""
    every = Counter(post["bucket_at"] for post in posts)
    unasked = Counter(post["bucket_at"] for post in posts if post["id"] not in asked)
    rows = [{"source_id": source_id, "at": at, "posts": n, "unasked": unasked[at]} for at, n in every.items()]
    if rows:
        session.connection().execute(
            _counting(session.get_bind().dialect), sorted(rows, key=itemgetter("at"))
        )


@cache
def _counting(dialect: Dialect) -> Any:  # noqa: ANN401 - as upsert
    insertion = upsert(dialect, Intake)
    more = {name: getattr(Intake, name) + insertion.excluded[name] for name in ("posts", "unasked")}
    return insertion.on_conflict_do_update(index_elements=["source_id", "at"], set_=more)


@cache
def _with_aside(dialect: Dialect) -> Any:  # noqa: ANN401 - as upsert
    insertion = upsert(dialect, Bucket)
    return insertion.on_conflict_do_update(
        index_elements=["watch_id", "at", "source_id"], set_={"aside": insertion.excluded.aside}
    )


@cache
def _adding(dialect: Dialect) -> Any:  # noqa: ANN401 - as upsert
    insertion = upsert(dialect, Coverage)
    total = Coverage.coverage + insertion.excluded.coverage
    return insertion.on_conflict_do_update(
        index_elements=["source_id", "at"], set_={"coverage": case((total > 1, 1.0), else_=total)}
    )
