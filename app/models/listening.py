"""Where posts come from, and what is counted of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Text, Word


class SourceHealth(StrEnum):
    """How well a source is heard."""

    new = "new"
    ok = "ok"
    degraded = "degraded"
    down = "down"


class RunStatus(StrEnum):
    """What came of a run of a source."""

    ok = "ok"
    empty = "empty"
    unchanged = "unchanged"
    partial = "partial"
    failed = "failed"


class PostPrecision(StrEnum):
    """How well the time of a post is known."""

    exact = "exact"
    day = "day"
    first_seen = "first_seen"  # its source did not say
    clamped = "clamped"  # its source said a time that is yet to come


class Source(Base):
    """A place that posts come from."""

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text(200), unique=True)
    # only its watches hear it; empty: all do
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    kind: Mapped[str] = mapped_column(Text(30))
    settings: Mapped[dict[str, Any]]
    secret: Mapped[str | None]  # sealed by the vault
    cadence_seconds: Mapped[int] = mapped_column(default=300)
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # next run; claiming moves it forward
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    health: Mapped[SourceHealth] = mapped_column(Word(SourceHealth, 10), default=SourceHealth.new)
    health_since: Mapped[datetime]
    health_why: Mapped[str] = mapped_column(default="")
    doubt: Mapped[str] = mapped_column(default="")  # why it may not be heard as before, though it answers
    # what the channels know of it
    announced_health: Mapped[SourceHealth] = mapped_column(Word(SourceHealth, 10), default=SourceHealth.ok)
    heard_until: Mapped[datetime | None]  # everything published before this was heard
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Run(Base):
    """One run of a source: what it looked at, and what came of it."""

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_source_id_started_at", "source_id", "started_at"),
        Index("ix_run_started_at", "started_at"),  # retention
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    window_from: Mapped[datetime | None]
    window_to: Mapped[datetime | None]
    status: Mapped[RunStatus] = mapped_column(Word(RunStatus, 15))
    received: Mapped[int] = mapped_column(default=0)
    stored: Mapped[int] = mapped_column(default=0)  # of these, new
    edited: Mapped[int] = mapped_column(default=0)
    coverage: Mapped[float] = mapped_column(default=1.0)
    note: Mapped[str] = mapped_column(default="")
    cost: Mapped[float] = mapped_column(default=0.0)  # in USD


class LookBack(Base):
    """The look of a source at the time before it was made, newest first, and how far that has come.

    What lies before `until` in that source is history: it is counted where it belongs, and rings nothing.
    """

    __tablename__ = "look_back"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime]
    since: Mapped[datetime]  # the end of the way
    until: Mapped[datetime | None]  # what is later was heard live; empty: the source was not heard yet
    reached: Mapped[datetime | None]  # all from here to `until` was asked for
    mark: Mapped[dict[str, Any]] = mapped_column(default=dict)  # where the next step goes on, in its terms
    posts: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    note: Mapped[str] = mapped_column(default="")  # what a person should know
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # next step; claiming moves it forward
    ended_at: Mapped[datetime | None]


class Subscription(Base):
    """A feed's hub that was asked to tell us of what is new, and until when it does."""

    __tablename__ = "subscription"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    hub: Mapped[str]
    topic: Mapped[str]
    since: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)  # when to ask it, also to renew
    asked_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]  # it tells us until then; empty: not confirmed yet
    delivered_at: Mapped[datetime | None]
    missed: Mapped[int] = mapped_column(default=0)  # runs in a row that found what it had not told
    why: Mapped[str] = mapped_column(default="")  # it refused


class QuotaUse(Base):
    """Calls that were counted against a daily quota, kept so that a restart does not forget them."""

    __tablename__ = "quota_use"
    name: Mapped[str] = mapped_column(Text(80), primary_key=True)
    credential: Mapped[str] = mapped_column(Text(12), primary_key=True)  # a digest; empty: none
    day: Mapped[str] = mapped_column(Text(10), primary_key=True)  # in the time zone of the quota
    calls: Mapped[int]


class Coverage(Base):
    """How much of five minutes of a source was observed (0 to 1); no row means not observed."""

    __tablename__ = "coverage"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    coverage: Mapped[float]


class Volume(Base):
    """How much was said in a stretch of time, as the source counts it itself."""

    __tablename__ = "volume"
    __table_args__ = (Index("ix_volume_at", "at"),)  # retention
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)  # its start
    step_seconds: Mapped[int]
    count: Mapped[int]  # posts or articles that match
    total: Mapped[int | None]  # all that the source looked at meanwhile; empty: it does not say


class Intake(Base):
    """Five minutes of a source as a whole: all posts that it brought, whoever asks for them."""

    __tablename__ = "intake"
    __table_args__ = (Index("ix_intake_at", "at"),)  # retention
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    posts: Mapped[int]
    unasked: Mapped[int]  # of these, those that no watch asked for when they came


class Post(Base):
    """One public message."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index("ix_post_bucket_at", "bucket_at"),  # retention, and a new watch's look back
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(Text(512))
    published_at: Mapped[datetime]
    precision: Mapped[PostPrecision] = mapped_column(Word(PostPrecision, 12), default=PostPrecision.exact)
    first_seen_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    bucket_at: Mapped[datetime]  # five minutes of min(published_at, first_seen_at)
    author: Mapped[str | None] = mapped_column(Text(200))
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    url: Mapped[str | None]
    lang: Mapped[str | None] = mapped_column(Text(12))
    likes: Mapped[int | None]
    shares: Mapped[int | None]
    replies: Mapped[int | None]
    reach: Mapped[int | None]
    followers: Mapped[int | None]
    extra: Mapped[dict[str, Any] | None]


class Mention(Base):
    """A post that matches a watch; what is counted stands here again, so that counting reads one table."""

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_source_id_at", "source_id", "at"),
        Index("ix_mention_watch_id_at", "watch_id", "at"),
        Index("ix_mention_post_id", "post_id"),
        Index("ix_mention_at", "at"),  # those of all watches, newest first
        # What is said again; most posts say too little, or are not read for it.
        Index(
            "ix_mention_wording", "wording", "at",
            sqlite_where=text("wording IS NOT NULL"), postgresql_where=text("wording IS NOT NULL"),
        ),
    )  # fmt: skip
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int]
    at: Mapped[datetime]  # the bucket
    author: Mapped[str | None] = mapped_column(Text(200))
    reach: Mapped[int] = mapped_column(default=0)
    negative: Mapped[bool] = mapped_column(default=False)
    amplified: Mapped[bool] = mapped_column(default=False)  # it repeats what was said within a day before
    wording: Mapped[int | None] = mapped_column(BigInteger)  # what exact copies have in common
    again: Mapped[bool] = mapped_column(default=False)  # set aside as a rule, and counted while it may ring


class Aside(Base):
    """A post that matches a watch and is set aside as not about it: kept and shown, and counted apart."""

    __tablename__ = "aside"
    __table_args__ = (
        Index("ix_aside_watch_id_at", "watch_id", "at"),
        Index("ix_aside_source_id_at", "source_id", "at"),  # counting again
        Index("ix_aside_post_id", "post_id"),
    )
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigId, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int]
    at: Mapped[datetime]  # the bucket


class Bucket(Base):
    """Five minutes of one watch in one source; no row means no post that matches, if it was observed."""

    __tablename__ = "bucket"
    __table_args__ = (
        Index("ix_bucket_counted_at", "counted_at"),  # what changed since the last cycle
        Index("ix_bucket_source_id_at", "source_id", "at"),  # counting again
        Index("ix_bucket_at", "at"),
    )
    watch_id: Mapped[int] = mapped_column(ForeignKey("watch.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    mentions: Mapped[int]
    negative: Mapped[int] = mapped_column(default=0)
    amplified: Mapped[int] = mapped_column(default=0)
    authors: Mapped[int] = mapped_column(default=0)
    reach: Mapped[int] = mapped_column(default=0)
    again: Mapped[int] = mapped_column(default=0)  # of the mentions, those that are set aside as a rule
    aside: Mapped[int] = mapped_column(default=0)  # posts that are set aside, and no mentions
    counted_at: Mapped[datetime]
