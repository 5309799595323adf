"""Where alerts go, and their way there."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import NEVER_TWICE, Base, Text, Word

_DUE, _EDIT = text("due_at IS NOT NULL"), text("edit_due_at IS NOT NULL")


class DeliveryState(StrEnum):
    """How a delivery stands; `dead` is what nobody will try again."""

    pending = "pending"
    sending = "sending"
    sent = "sent"
    skipped = "skipped"
    dead = "dead"


class Channel(Base):
    """Where alerts go."""

    __tablename__ = "channel"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)
    # only of its watches it is told; empty: of all
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    kind: Mapped[str] = mapped_column(Text(20))
    # Whose it is: only calls to that person go there; empty: it is the team's.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    settings: Mapped[dict[str, Any]]
    secret: Mapped[str | None]  # sealed by the vault
    enabled: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(Text(8), default="")  # of what it is told; empty: the watch's
    from_level: Mapped[int] = mapped_column(default=0)  # a fire is told here once it reaches this level
    kinds: Mapped[list[str]] = mapped_column(default=list)  # of incident; empty: all that ring
    fallback: Mapped[list[str]] = mapped_column(default=list)  # names of those that stand in, in their order
    failing_since: Mapped[datetime | None]  # the last try failed, whyever
    broken_since: Mapped[datetime | None]
    broken_why: Mapped[str] = mapped_column(default="")
    worked_at: Mapped[datetime | None]  # the last time that it took something, or answered a probe
    probed_at: Mapped[datetime | None]
    told_since: Mapped[
        datetime | None
    ]  # people were told that it cannot be told; empty: or that it works again
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Base):
    """A transition of an incident, or a notice, on its way to a channel: the queue, the retry, the record."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("transition_id", "channel_id"),
        UniqueConstraint("notice_id", "channel_id"),
        CheckConstraint("(transition_id IS NULL) <> (notice_id IS NULL)", name="one_message"),
        CheckConstraint("(transition_id IS NULL) = (incident_id IS NULL)", name="incident_of_transition"),
        # `pipeline.delivery.due` asks for what is due; what is done has no due_at and is not in the index.
        Index("ix_delivery_due_at", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_delivery_edit_due_at", "edit_due_at", sqlite_where=_EDIT, postgresql_where=_EDIT),
        NEVER_TWICE,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    transition_id: Mapped[int | None] = mapped_column(ForeignKey("transition.id", ondelete="CASCADE"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), index=True)
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.pending)
    due_at: Mapped[datetime | None]  # retry, back-off and lease in one; empty when done
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]  # start of the last attempt, for the look-up before a resend
    ambiguous: Mapped[bool] = mapped_column(default=False)  # a failed attempt may have arrived all the same
    sent_at: Mapped[datetime | None]
    external_id: Mapped[str | None]  # the channel's handle of what was sent (Slack: ts)
    payload: Mapped[dict[str, Any] | None]  # what was sent
    instead_of: Mapped[str] = mapped_column(Text(120), default="")  # name of the channel that failed
    error: Mapped[str] = mapped_column(default="")
    edit_due_at: Mapped[datetime | None]  # what was sent shows what must be forgotten: next try to edit it
    created_at: Mapped[datetime]
