"""Claims on rows: of what is due, who moves `due_at` ahead first has the row, until the lease ends.

See `docs/decisions/0003-queues-are-rows.md`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Delivery, LookBack, Source, Subscription


def claim(
    session: Session,
    table: type[Delivery | LookBack | Source | Subscription],
    row_id: int,
    *,
    was: datetime,
    until: datetime,
    **more: Any,  # noqa: ANN401 - columns of any type
) -> bool:
    """Set the row's `due_at` to `until`, and `more` with it, if it still `was` what was read."""
    (key,) = table.__mapper__.primary_key
    mine = update(table).where(key == row_id, table.due_at == was).values(due_at=until, **more)
    return session.connection().execute(mine).rowcount == 1


def hold_sources(session: Session, ids: Collection[int]) -> None:
    """Wait until nobody else stores or takes posts of these sources, and keep others waiting.

    In the order of their ids, as all do who need several: two transactions never wait for each other. The
    keys stay, so that rows that refer to the sources are written meanwhile.
    """
    mine = select(Source.id).where(Source.id.in_(ids)).order_by(Source.id)
    session.execute(mine.with_for_update(key_share=True))
