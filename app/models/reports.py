"""What a team writes into the report of a fire."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class ReportNote(Base):
    """The team's own words in the report of a story, kept with the first of its watch's incidents in it."""

    __tablename__ = "report_note"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True)
    summary: Mapped[str] = mapped_column(default="")
    to_change: Mapped[str] = mapped_column(default="")
    remarks: Mapped[str] = mapped_column(default="")
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]
