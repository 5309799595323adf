"""What a team writes into the report of a fire, and the links that open a report."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class ReportNote(Base):
    """The team's own words in the report of a story, kept with the first of its watch's incidents in it."""

    __tablename__ = "report_note"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True)
    summary: Mapped[str] = mapped_column(default="")
    to_change: Mapped[str] = mapped_column(default="")
    remarks: Mapped[str] = mapped_column(default="")
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class ReportLink(Base):
    """A link that opens one report without signing in. Only its hash is kept, as of a key."""

    __tablename__ = "report_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(Text(64), unique=True)
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), index=True)
    # of a fire; empty: of a period of the watch
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    period: Mapped[str] = mapped_column(Text(20), default="")  # 2026-W48, 2026-11
    # whose the watch was: if it goes to another team, the link opens nothing there
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(Text(10))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # last, to the minute
