"""How a team carries a crisis: what was decided and said, statements, updates, and its room."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import NEVER_TWICE, Base, Text, Word


class LogKind(StrEnum):
    """What an entry of the log is."""

    decision = "decision"
    said = "said"  # who told what to whom
    fact = "fact"  # to be checked
    task = "task"


class LogState(StrEnum):
    """How a fact or a task stands; a decision, and what was said, are as they were written."""

    noted = "noted"
    open = "open"
    true = "true"
    false = "false"
    done = "done"


class StatementAct(StrEnum):
    """What happened to a statement."""

    drafted = "drafted"
    edited = "edited"
    approved = "approved"
    said = "said"  # a person published it


class LogEntry(Base):
    """One line of the log of an incident; what was written stays as it was written."""

    __tablename__ = "log_entry"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[LogKind] = mapped_column(Word(LogKind, 12))
    text: Mapped[str]
    owner: Mapped[str] = mapped_column(Text(120), default="")  # of a task: who does it
    due_at: Mapped[datetime | None]  # of a task
    state: Mapped[LogState] = mapped_column(Word(LogState, 12))
    settled_at: Mapped[datetime | None]  # when a fact was checked, or a task done
    settled_by: Mapped[str | None]


class StatementTemplate(Base):
    """A text of the team that becomes a statement, and who may approve one."""

    __tablename__ = "statement_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("team.id"), index=True
    )  # whose; empty: the house's
    texts: Mapped[dict[str, Any]]  # by language
    approvers: Mapped[list[Any]]  # ids of people
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Statement(Base):
    """A text for the public about an incident, in its newest wording. Tocsin publishes none."""

    __tablename__ = "statement"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    # Without its template nobody is named who could approve it.
    template_id: Mapped[int | None] = mapped_column(ForeignKey("statement_template.id", ondelete="SET NULL"))
    template: Mapped[str] = mapped_column(Text(120))  # its name when it was drafted
    language: Mapped[str] = mapped_column(Text(8))
    version: Mapped[int]  # of the newest wording
    created_at: Mapped[datetime]


class StatementStep(Base):
    """Who did what to which wording of a statement: its trace."""

    __tablename__ = "statement_step"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    act: Mapped[StatementAct] = mapped_column(Word(StatementAct, 12))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(default="")  # the wording; of one that was said: where


class StakeholderUpdates(Base):
    """The updates of an incident that are told at an interval while it burns, and once more at its end."""

    __tablename__ = "stakeholder_updates"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    channels: Mapped[list[Any]]  # ids
    every_minutes: Mapped[int]
    due_at: Mapped[datetime | None]  # when the next is told; empty: it has ended
    told: Mapped[int] = mapped_column(default=0)  # how many were
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CrisisRoom(Base):
    """Who does what in a crisis, and the conversation in Slack where it is carried, if there is one."""

    __tablename__ = "crisis_room"
    __table_args__ = (UniqueConstraint("incident_id"), NEVER_TWICE)
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    slack_channel: Mapped[str | None] = mapped_column(Text(24), index=True)  # id of the conversation
    name: Mapped[str] = mapped_column(Text(80), default="")  # of the conversation, where Tocsin made it
    lead: Mapped[str] = mapped_column(Text(120), default="")  # names
    spokesperson: Mapped[str] = mapped_column(Text(120), default="")
    scribe: Mapped[str] = mapped_column(Text(120), default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
