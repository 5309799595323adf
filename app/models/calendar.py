"""Times that a watch knows beforehand."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class Silence(Base):
    """A time in which a watch (or, without one, every watch) does not notify."""

    __tablename__ = "silence"
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int | None] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class PlannedEvent(Base):
    """A known reason for volume: while it lasts, the expectation is multiplied.

    By `factor`; or, without one, by what earlier events of the same kind did, hour by hour.
    """

    __tablename__ = "planned_event"
    __table_args__ = (CheckConstraint("factor >= 1", name="factor"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int | None] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Text(80), default="")  # events of one kind teach each other
    factor: Mapped[float | None]
    learnt: Mapped[dict[str, Any] | None]  # by watch, factors of each hour; written when the event begins
    created_by: Mapped[str]
    created_at: Mapped[datetime]
