"""Teams of one house: what belongs to one is seen by nobody of another."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class Team(Base):
    """Some people with what is theirs: a client of an agency, a brand of a group."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Membership(Base):
    """What a person may do in one team; who is in none is of the house, and has one role everywhere."""

    __tablename__ = "membership"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text(12))  # viewer, responder, admin
