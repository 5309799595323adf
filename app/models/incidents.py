"""Fires, their history, and what people say of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.kinds import IncidentKind
from app.models.base import NEVER_TWICE, Base, Word
from app.models.watching import Watch

_OPEN = text("state != 'out'")


class State(StrEnum):
    """How an incident stands."""

    smouldering = "smouldering"
    burning = "burning"
    contained = "contained"
    out = "out"


class Reason(StrEnum):
    """Why a transition was written; the closed list of what can happen to an incident."""

    smoke = "smoke"  # evidence below the threshold: recorded, not told
    ignited = "ignited"  # evidence over the threshold: the alert
    grew = "grew"  # burning at a new level: told again
    went_on = "went_on"  # burning all the same: what was told is brought up to date
    flared = "flared"  # contained, and over the threshold again
    spread = "spread"  # burning in a source that was quiet so far
    turned = "turned"  # burning about something else
    press = "press"  # burning, and the press picks it up
    joined = "joined"  # burning, and somebody with a wide audience joins in
    soured = "soured"  # burning, and the tone turns
    slowed = "slowed"  # burning, at half of its peak
    revealed = "revealed"  # burning, and now of a kind that rings: the alert
    relit = "relit"  # over the threshold again within the cool-down, with nothing new: not told aloud
    contained = "contained"  # below the calm threshold for a while
    went_out = "went_out"  # back to the usual
    fizzled = "fizzled"  # smoke that never became a fire
    reminded = "reminded"  # it burns, was told, and nobody has taken it
    acknowledged = "acknowledged"
    lapsed = "lapsed"  # it burns on, and whoever took it did nothing since: nobody has it any more
    snoozed = "snoozed"
    closed = "closed"  # by a person
    judged = "judged"  # a verdict was given


# What a burning fire comes to on its way, the weightiest first.
MILESTONES = (
    Reason.press, Reason.spread, Reason.turned, Reason.joined, Reason.soured, Reason.slowed,
)  # fmt: skip


class VerdictWord(StrEnum):
    """What an incident was, as its team says."""

    fire = "fire"
    false_alarm = "false_alarm"
    planned = "planned"


class Incident(Base):
    """One fire from first sign to end."""

    __tablename__ = "incident"
    __table_args__ = (
        # One open incident for each watch: of two cycles that open one at once, the database lets one.
        Index("uq_incident_open", "watch_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_incident_watch_id_opened_at", "watch_id", "opened_at"),
        NEVER_TWICE,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"))
    story_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))  # first fire of a rekindled story
    state: Mapped[State] = mapped_column(Word(State))
    level: Mapped[int] = mapped_column(default=0)  # how often the alerted volume has doubled
    onset_at: Mapped[datetime]  # first bucket of the excess
    opened_at: Mapped[datetime]
    burning_at: Mapped[datetime | None]  # the alert
    calm_since: Mapped[datetime | None]  # below the calm threshold without a break
    out_at: Mapped[datetime | None]
    peak_at: Mapped[datetime]
    peak: Mapped[float]  # most mentions in an hour
    mentions: Mapped[int] = mapped_column(default=0)  # since the onset
    alerted_rate: Mapped[float] = mapped_column(default=0.0)  # mentions an hour when its level was last told
    last_transition_at: Mapped[datetime | None]  # the newest transition of the chain itself
    last_alert_at: Mapped[datetime | None]  # when the story was last told aloud
    alert_context: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what people know of it by then
    suppressed_by_cooldown: Mapped[bool] = mapped_column(
        default=False
    )  # it burns, and the cool-down kept it quiet
    # what the posts make of it
    kind: Mapped[IncidentKind] = mapped_column(Word(IncidentKind, 12), default=IncidentKind.fire)
    suppressed_by_kind: Mapped[bool] = mapped_column(default=False)  # it burns, of a kind that does not ring
    noted_at: Mapped[datetime | None]  # when it was told, once and quietly, that it is kept quiet
    top_score: Mapped[float] = mapped_column(default=0.0)  # the strongest evidence
    threshold: Mapped[float]  # the score that it was opened at
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    snoozed_until: Mapped[datetime | None]
    verdict: Mapped[VerdictWord | None] = mapped_column(Word(VerdictWord, 12))  # the newest one
    watch: Mapped[Watch] = relationship(lazy="raise")


WITH_WATCH = joinedload(Incident.watch, innerjoin=True)  # what a query of incidents may ask for as well


class Transition(Base):
    """A change of an incident, as a row: its history, and what deliveries tell."""

    __tablename__ = "transition"
    __table_args__ = NEVER_TWICE
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    reason: Mapped[Reason] = mapped_column(Word(Reason))
    state: Mapped[State] = mapped_column(Word(State))  # after it
    level: Mapped[int]
    score: Mapped[float | None]
    observed: Mapped[float | None]  # mentions in the hour before, and what was usual
    expected: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    by: Mapped[str] = mapped_column(default="tocsin")
    note: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]]  # the explanation as it was then
    standing: Mapped[dict[str, Any]]  # the incident as it stood after it
    forgotten_at: Mapped[datetime | None]  # when its age took the posts and names out of its facts


class Verdict(Base):
    """What the team says of an incident; the newest counts."""

    __tablename__ = "verdict"
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[VerdictWord] = mapped_column(Word(VerdictWord, 12))
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime]
