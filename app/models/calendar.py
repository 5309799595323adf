"""Times that a watch knows beforehand."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


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
    """A known reason for volume: the expectation is multiplied by `factor` while it lasts."""

    __tablename__ = "planned_event"
    __table_args__ = (CheckConstraint("factor >= 1", name="factor"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int | None] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    factor: Mapped[float]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
