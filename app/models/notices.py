"""What is told beside the alerts: news of a source, bulletins, and what is kept quiet."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import NEVER_TWICE, Base, Text

_PERIOD = text("period != ''")


class Notice(Base):
    """A change of a source's health that people are told, a bulletin, or incidents that are kept quiet."""

    __tablename__ = "notice"
    __table_args__ = (
        # Each bulletin is made once, whoever comes first.
        Index("uq_notice_period", "period", unique=True, sqlite_where=_PERIOD, postgresql_where=_PERIOD),
        NEVER_TWICE,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    health: Mapped[str] = mapped_column(Text(10), default="")  # degraded, down; ok: mended; untold: incidents
    since: Mapped[datetime]  # of the trouble
    why: Mapped[str] = mapped_column(default="")
    period: Mapped[str] = mapped_column(Text(10), default="")  # 2026-11 or 2026-11-25; empty: of a source
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by the id of its watch, of all but health
