"""That the database was restored from a backup, and what was told meanwhile that it knows nothing of."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class Restoration(Base):
    """A restore: from when to when nothing is known, and how far the numbers went in the backup."""

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]  # the backup
    restored_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(Text(40))  # that made the backup
    known: Mapped[dict[str, Any]]  # by table, the highest id that the backup holds
    read_channels: Mapped[list[Any]] = mapped_column(default=list)  # ids: what they hold of it was read
    settled_at: Mapped[datetime | None]  # when nothing was left of what was lost


class LostMessage(Base):
    """A message of ours that stands in a channel, and that the restored database knows nothing of."""

    __tablename__ = "lost_message"
    __table_args__ = (UniqueConstraint("channel_id", "handle"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    handle: Mapped[str] = mapped_column(Text(40))  # the channel's, as in `Delivery.external_id`
    thread: Mapped[str | None] = mapped_column(Text(40))  # the handle of the message that it is below
    at: Mapped[datetime]
    identity: Mapped[dict[str, Any]]  # what it carries of what it tells
    settled_at: Mapped[datetime | None]  # it was found again, or said to be lost
