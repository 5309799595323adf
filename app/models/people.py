"""Who may do what, and who did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Text


class ApiKey(Base):
    """A key of the REST API. Only its hash is kept: 256 random bits need no slow hash."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120))
    role: Mapped[str] = mapped_column(Text(12))  # viewer, responder, admin
    # which is all that it opens; empty: it opens the whole house
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    prefix: Mapped[str] = mapped_column(Text(16))  # shown, so that people can tell keys apart
    digest: Mapped[str] = mapped_column(Text(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class Person(Base):
    """Somebody of the team. Ways to call them beside Slack are channels of their own."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)  # as alerts, rotas and the audit log show it
    role: Mapped[str] = mapped_column(Text(12))  # viewer, responder, admin; in teams, as `membership` says
    language: Mapped[str] = mapped_column(Text(8), default="")  # empty: the service's
    slack_user: Mapped[str | None] = mapped_column(Text(24), unique=True)  # id of the person in Slack
    time_zone: Mapped[str] = mapped_column(Text(64), default="")  # of their quiet hours; empty: the rota's
    # since, until, and the level from which they are called while not on duty; empty: at any hour
    quiet: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SlackUser(Base):
    """Whoever may act in Slack, for the version before people: written beside `person`, and read no more."""

    __tablename__ = "slack_user"
    user_id: Mapped[str] = mapped_column(Text(24), primary_key=True)
    name: Mapped[str] = mapped_column(Text(120))
    role: Mapped[str] = mapped_column(Text(12))
    created_at: Mapped[datetime]


class SlackPress(Base):
    """A button that was pressed, or a command that was typed: it is obeyed once, also if it comes again."""

    __tablename__ = "slack_press"
    digest: Mapped[str] = mapped_column(Text(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class SignInLink(Base):
    """A link that signs one person in, once. Only its hash is kept, as of a key."""

    __tablename__ = "sign_in_link"
    digest: Mapped[str] = mapped_column(Text(64), primary_key=True)
    # whom it signs in; empty: whoever opens it says who they are, and is the first admin
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed: Mapped[bool] = mapped_column(default=False)  # by whoever asked for it without being signed in


class ConsoleSession(Base):
    """A browser in which somebody is signed in. Only the hash of what its cookie holds is kept."""

    __tablename__ = "console_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(Text(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    browser: Mapped[str] = mapped_column(Text(200))  # as it names itself
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]


class AuditEntry(Base):
    """Who changed what, with before and after; never a secret."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(Text(40))
    subject: Mapped[str] = mapped_column(Text(40))
    subject_id: Mapped[int | None]
    team_id: Mapped[int | None] = mapped_column(index=True)  # whose it was, also when the team is gone
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
