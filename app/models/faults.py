"""What the chain could not work off, row by row."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Text


class Fault(Base):
    """A row that a step of the chain cannot work off: put off with a growing wait, then set aside.

    It goes when the row is worked off, or is gone. The row is named and not referred to, as it may be one of
    any table.
    """

    __tablename__ = "fault"
    __table_args__ = (UniqueConstraint("step", "subject", "subject_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(Text(20))  # of the chain
    subject: Mapped[str] = mapped_column(Text(40))  # table of the row; "step": the step as a whole
    subject_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(Text(200))  # of the row, for people
    error: Mapped[str]  # why, without secrets
    attempts: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # next try; empty: set aside, until somebody asks for it
