"""Who is on duty when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class Rota(Base):
    """Who is on duty when, and how those are called who are."""

    __tablename__ = "rota"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)  # empty: of the house
    time_zone: Mapped[str] = mapped_column(Text(64))  # of hand-overs and of the night
    layers: Mapped[list[Any]]  # of `pipeline.oncall.rota.Layer`: who is called first, then next
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who is called when nobody answers
    call_minutes: Mapped[int] = mapped_column(default=3)  # from one call to the next while nobody has it
    lapse_minutes: Mapped[int] = mapped_column(default=60)  # what nobody acted on for so long is in no hands
    night: Mapped[
        dict[str, Any] | None
    ]  # from, until, and the level from which people are woken; empty: none
    handed_over: Mapped[dict[str, Any] | None]  # who is on duty as people were told last; empty: never
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Substitution(Base):
    """A time in which one person is on duty in the place of another, or of whoever is."""

    __tablename__ = "substitution"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # empty: of the first layer's
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
