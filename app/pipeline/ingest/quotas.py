"""Daily quotas in the database: what was used of them outlives the process, and is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.db import upsert
from app.http_client import QUOTAS, Paces, day_of, digest_of, next_day
from app.models import QuotaUse, Run, Source
from app.sources.base import Budget, Kind

_KEPT = timedelta(days=3)  # a day is over everywhere


def keep_quotas(session: Session, paces: Paces) -> None:
    """Add what was used since the last time; if the caller's transaction fails, the count is a little low."""
    used = paces.used()
    if not used:
        return
    insertion = upsert(session.get_bind().dialect, QuotaUse)
    added = QuotaUse.calls + insertion.excluded.calls
    session.connection().execute(
        insertion.on_conflict_do_update(index_elements=["name", "credential", "day"], set_={"calls": added}),
        [{"name": n, "credential": c, "day": d, "calls": calls} for (n, c, d), calls in used],
    )


def recall_quotas(session: Session, paces: Paces, *, now: datetime) -> None:
    """Tell a new process what was used of the quotas that are still running."""
    session.execute(delete(QuotaUse).where(QuotaUse.day < (now - _KEPT).date().isoformat()))
    rows = session.scalars(select(QuotaUse))
    paces.remember([((row.name, row.credential, row.day), row.calls) for row in rows])


@dataclass(frozen=True, slots=True)
class Spent:
    """What a source cost today, and what is left of each thing that is counted."""

    cost: float
    budgets: list[Budget]


def spent(
    session: Session,
    kind: Kind,
    settings: Any,  # noqa: ANN401 - each kind has its own
    source: Source,
    secret: str | None,
    *,
    now: datetime,
) -> Spent:
    """What the source has used today; a quota is shared by all sources with the same secret."""
    budgets = []
    for quota in QUOTAS:
        if quota.kind == kind.name and not (secret if quota.unless else quota.only_with and not secret):
            by = digest_of(secret or "")
            row = session.get(QuotaUse, (quota.name, by, day_of(quota, now)))
            used = row.calls if row else 0
            budgets.append(Budget(quota.name, used, quota.calls, next_day(quota, now)))
    cursor: Mapping[str, Any] = source.cursor
    own = kind.budget(settings, cursor, now) if kind.budget else None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    paid = select(func.sum(Run.cost)).where(Run.source_id == source.id, Run.started_at >= midnight)
    return Spent(float(session.scalar(paid) or 0.0), [*budgets, *([own] if own else [])])
