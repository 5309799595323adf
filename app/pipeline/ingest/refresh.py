"""Likes, shares and replies of the posts of an incident, asked for again for as long as it burns.

What is relayed most is not known when a post comes in. Of each source that can be asked for known posts, the
most relayed ones are asked for every quarter of an hour, at the pace that listening leaves. A post that has
crossed the number of likes that a query asks for becomes a mention by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions, only_read
from app.errors import NotYet, SourceError
from app.logs import log, mask
from app.models import Incident, Mention, Post, Source, State
from app.pipeline.guard import Guard
from app.pipeline.ingest.collect import note_ended, store_with_care
from app.pipeline.ingest.record_run import IngestContext
from app.pipeline.ingest.store import store
from app.pipeline.ingest.worker_pool import WorkerPool
from app.sources import KINDS
from app.sources.base import Recounts

REFRESH = "refresh"  # the step
EVERY = timedelta(minutes=15)
_PATIENCE = timedelta(seconds=1)  # a pass waits no longer
_WITHIN = timedelta(days=3)  # what is older moves little
_MOST = {kind.name: kind.recounts for kind in KINDS if kind.recounts}


@dataclass(slots=True)
class Refreshing:
    """When each source was asked last, and who asks: one at a time."""

    asked: dict[int, datetime] = field(default_factory=dict)
    pool: WorkerPool = field(default_factory=lambda: WorkerPool(1))

    def is_due(self, source_id: int, now: datetime) -> bool:
        """Whether it is time for the source; then it counts as done."""
        last = self.asked.get(source_id)
        due = last is None or not timedelta(0) <= now - last < EVERY
        if due:
            self.asked[source_id] = now
        return due


def refresh(
    sessions: Sessions,
    context: IngestContext,
    refreshing: Refreshing,
    guard: Guard,
    *,
    now: datetime,
    patience: timedelta = _PATIENCE,
) -> None:
    """Ask for the most relayed posts of the incidents that burn or just did; nothing where none does."""
    with sessions() as session:
        only_read(session)
        open_ones = select(Incident.watch_id, func.min(Incident.onset_at)).where(
            Incident.state.in_((State.burning, State.contained))
        )
        began = dict(iter(session.execute(open_ones.group_by(Incident.watch_id))))
        known = select(Source).where(Source.enabled, Source.kind.in_(_MOST), Source.failures == 0)
        sources = list(session.scalars(known)) if began else []
        asks_counts = bool(sources) and context.matchers.current(session).matcher.asks_counts
        work = {}
        for source in sources:
            if not refreshing.is_due(source.id, now):
                continue
            ids = _most_relayed(session, source, list(began), min(began.values()), now, others=asks_counts)
            if ids:
                work[source.id] = partial(_ask, sessions, context, source, ids, now)
    note_ended(sessions, guard, REFRESH, refreshing.pool.run(work, patience=patience))


def _most_relayed(
    session: Session,
    source: Source,
    watches: Sequence[int],
    began: datetime,
    now: datetime,
    *,
    others: bool,
) -> list[str]:
    """External ids of posts of the source, the most relayed first: mentions of the watches since they began.

    `others`: where a query asks for counts, a half of them is posts that are no mentions, perhaps not yet.
    """
    most = _MOST[source.kind]
    relayed = func.coalesce(Post.shares, 0) + func.coalesce(Post.likes, 0) + func.coalesce(Post.replies, 0)
    recent = select(Post.external_id).where(
        Post.source_id == source.id, Post.bucket_at >= max(began, now - _WITHIN)
    )
    first = recent.order_by(relayed.desc(), Post.id.desc()).limit(most)
    mentioned = Post.id.in_(
        select(Mention.post_id).where(Mention.watch_id.in_(watches), Mention.at >= max(began, now - _WITHIN))
    )
    mine = list(session.scalars(first.where(mentioned)))
    beside = list(session.scalars(first.where(~mentioned))) if others else []
    half = most - min(len(beside), most // 2)
    return [*mine[:half], *beside][:most]


def _ask(
    sessions: Sessions, context: IngestContext, source: Source, ids: Sequence[str], now: datetime
) -> None:
    listening = context.open_beside(source)
    if not isinstance(listening, Recounts):
        return
    try:
        items = [item for item in listening.recount(ids, now=now) if item.external_id in set(ids)]
    except NotYet:
        return  # it has its turn in a quarter of an hour
    except SourceError as error:
        if error.retry_after and error.asked:
            context.paces.rest(error.asked, error.retry_after, now=now)
        log().info("posts were not counted again", source=source.name, why=mask(str(error)))
        return

    def write(session: Session, *, careful: bool = False) -> None:
        session.get_one(Source, source.id, with_for_update={"key_share": True})
        store(
            session, context.matchers.current(session), source.id, items, now=now,
            keep_from=now - context.retention, careful=careful, forgotten=context.forgotten,
        )  # fmt: skip

    if items:
        store_with_care(context, sessions, source.id, write)
