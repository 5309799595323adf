"""What Tocsin proposes to change of itself, and what people said to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import NEVER_TWICE, Base, Word
from app.models.watching import Watch


class ProposalState(StrEnum):
    """What people said to a proposal."""

    open = "open"
    accepted = "accepted"
    declined = "declined"


class Proposal(Base):
    """Another budget or threshold for a watch, as its verdicts suggest; nothing changes before a yes."""

    __tablename__ = "proposal"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    changes: Mapped[dict[str, Any]]  # fields of the policy
    facts: Mapped[dict[str, Any]]  # why, and what the preview showed
    state: Mapped[ProposalState] = mapped_column(Word(ProposalState, 10), default=ProposalState.open)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    watch: Mapped[Watch] = relationship(lazy="raise")
