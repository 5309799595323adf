"""What belongs to no incident, and its way to the channels: news of a source, and bulletins."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text, Word
from app.models.channels import DeliveryState

_DUE = text("due_at IS NOT NULL")
_PERIOD = text("period != ''")


class Notice(Base):
    """A change of a source's health that people are told, or the bulletin of a month or a day."""

    __tablename__ = "notice"
    __table_args__ = (
        # Each bulletin is made once, whoever comes first.
        Index("uq_notice_period", "period", unique=True, sqlite_where=_PERIOD, postgresql_where=_PERIOD),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    health: Mapped[str] = mapped_column(Text(10), default="")  # degraded, down; ok: mended
    since: Mapped[datetime]  # of the trouble
    why: Mapped[str] = mapped_column(default="")
    period: Mapped[str] = mapped_column(Text(10), default="")  # 2026-11 or 2026-11-25; empty: of a source
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of a bulletin, by the id of its watch


class NoticeDelivery(Base):
    """A notice on its way to a channel: the queue, the retry and the record."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel_id"),
        # `pipeline.reports.notices` asks for what is due.
        Index("ix_notice_delivery_due_at", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), index=True)
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.pending)
    due_at: Mapped[datetime | None]  # retry, back-off and lease in one; empty when done
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
