"""What is listened for, and how it rings."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.models.base import Base, BigId, Text
from app.models.channels import Channel
from app.models.listening import Source

DRILL, DRILL_NAME = "drill", "drill: "  # kind of a watch that listens to nothing; how its name begins


class Policy(Base):
    """How a watch rings: its alarm budget, and the thresholds that an expert may set instead."""

    __tablename__ = "policy"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(80), unique=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)  # empty: of the house
    alarms_per_month: Mapped[float] = mapped_column(default=1.0)
    threshold: Mapped[float | None]
    floor: Mapped[int] = mapped_column(default=5)  # an excess of fewer posts never rings by its volume
    calm_minutes: Mapped[int] = mapped_column(default=60)  # below the calm threshold so long: contained
    out_minutes: Mapped[int] = mapped_column(default=360)  # contained so long: out
    rekindle_hours: Mapped[int] = mapped_column(default=72)  # a fire within this is the same story
    cooldown_minutes: Mapped[int] = mapped_column(default=360)  # so long a story speaks only of what is new
    remind_minutes: Mapped[int] = mapped_column(default=30)  # an alert that nobody takes; 0: never
    rota: Mapped[str] = mapped_column(Text(120), default="")  # name of the one that calls people; empty: none
    advice: Mapped[dict[str, Any]] = mapped_column(default=dict)  # thresholds that are not the usual ones
    digest: Mapped[bool] = mapped_column(default=False)  # what only smoulders is told once a day
    rings: Mapped[list[str]] = mapped_column(default=lambda: ["fire"])  # kinds of incident; others keep quiet
    decides_since: Mapped[
        datetime | None
    ]  # as it does: budget, threshold, floor and kinds; empty: `updated_at`
    scores_since: Mapped[datetime | None]  # its scores are what they are: the floor; empty: `updated_at`
    # Of one watch alone, which goes by `base` but for what it overrides; such a policy is in no list.
    base_id: Mapped[int | None] = mapped_column(ForeignKey("policy.id"), index=True)
    overrides: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Watch(Base):
    """What is listened for."""

    __tablename__ = "watch"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(120), unique=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)  # empty: of the house
    kind: Mapped[str] = mapped_column(Text(20), default="brand")
    objective: Mapped[str] = mapped_column(default="")
    query: Mapped[dict[str, Any]]  # text; or any_of, all_of, none_of
    languages: Mapped[list[str]]  # empty: all
    time_zone: Mapped[str] = mapped_column(Text(64), default="UTC")
    country: Mapped[str] = mapped_column(Text(12), default="")  # whose public holidays count: FR, DE-BY
    language: Mapped[str] = mapped_column(Text(8), default="")  # of the alerts; empty: the service's
    enabled: Mapped[bool] = mapped_column(default=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    scored_until: Mapped[datetime | None]  # end of the last bucket that was judged
    judged_since: Mapped[datetime | None]  # when it had learnt enough to have a score
    rematch_until: Mapped[int | None] = mapped_column(
        BigId
    )  # posts up to this id were stored under another query
    # how it rings while nothing is learnt: what an hour must hold; empty: not before it has learnt
    emergency: Mapped[dict[str, Any] | None]
    learning: Mapped[dict[str, Any] | None]  # how it is judged while it has not learnt; empty: it has
    taught: Mapped[dict[str, Any] | None]  # what its team taught of the tone, and whether it is used
    relevance: Mapped[dict[str, Any] | None]  # what its team taught of what it is about, and whether it is on
    counts_again_since: Mapped[datetime | None]  # with what is set aside it would ring; empty: it does not
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    policy: Mapped[Policy] = relationship(lazy="joined", innerjoin=True)
    # Who needs one of these asks for it with the watch: no query hides behind an attribute.
    sources: Mapped[list["Source"]] = relationship(secondary="watch_source", lazy="raise")
    channels: Mapped[list["Channel"]] = relationship(secondary="watch_channel", lazy="raise")
    source_links: Mapped[list["WatchSource"]] = relationship(lazy="raise", viewonly=True)

    @property
    def source_ids(self) -> frozenset[int]:
        """The sources that it listens to; empty: all."""
        return frozenset(link.source_id for link in self.source_links)


class Label(Base):
    """The tone of a post about a watch, as one of its team says."""

    __tablename__ = "label"
    __table_args__ = (Index("ix_label_post_id", "post_id"),)  # retention
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    tone: Mapped[str] = mapped_column(Text(8))  # negative, neutral, positive
    by: Mapped[str]
    at: Mapped[datetime]


class Relation(Base):
    """Whether a post is about a watch, as one of its team says; one with a `Label` is, too."""

    __tablename__ = "relation"
    __table_args__ = (Index("ix_relation_post_id", "post_id"),)  # retention
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    about: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]


class MentionTag(Base):
    """A word by which a team sorts the mentions of its watch."""

    __tablename__ = "mention_tag"
    __table_args__ = (
        Index("ix_mention_tag_post_id", "post_id"),  # retention
        Index("ix_mention_tag_tag", "tag", "watch_id"),
    )
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(Text(60), primary_key=True)
    by: Mapped[str]
    at: Mapped[datetime]


class MentionNote(Base):
    """What one of its team notes of a mention of a watch."""

    __tablename__ = "mention_note"
    __table_args__ = (Index("ix_mention_note_post_id", "post_id"),)  # retention
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class WatchSource(Base):
    """Which sources a watch listens to; a watch without any listens to all."""

    __tablename__ = "watch_source"
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)


class WatchChannel(Base):
    """Who is alerted; a watch without any alerts all channels."""

    __tablename__ = "watch_channel"
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"), primary_key=True)


# What a query of watches may ask for beside their rows: the ids of their sources, or what they are made of.
WITH_SOURCES = selectinload(Watch.source_links)
WHOLE = (selectinload(Watch.sources), selectinload(Watch.channels))


def hears(watch: Watch, source: Source) -> bool:
    """Whether the watch listens to the source: one that it names, or else any of its team or of the house."""
    named = watch.source_ids
    return source.team_id in (None, watch.team_id) and (not named or source.id in named)
