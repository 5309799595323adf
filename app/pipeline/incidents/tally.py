"""What is counted of an incident: all of it from its buckets, and who speaks from the newest of its mentions.

A fire of ten days has hundreds of thousands of mentions, and is explained as quickly as one of an hour: sums
come from the buckets, and whatever needs the mentions themselves reads the newest of them and no more.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.channels.facts import Recent, Share
from app.models import Bucket, Mention, Source

MOST_READ = 10_000  # mentions; with the rest of the five minutes in which the oldest of them is

# Asked at each transition. Written down once: putting them together takes longer than asking.
MINE = (
    Mention.watch_id == bindparam("watch"),
    Mention.at >= bindparam("since"),
    Mention.at < bindparam("at"),
)
_OLDEST_READ = (
    select(Mention.at)
    .where(
        Mention.watch_id == bindparam("watch"),
        Mention.at >= bindparam("began"),
        Mention.at < bindparam("at"),
    )
    .order_by(Mention.at.desc())
    .limit(1)
    .offset(bindparam("most"))
)
_BY_SOURCE = (
    select(
        Bucket.source_id,
        Source.name,
        Source.kind,
        func.sum(Bucket.mentions),
        func.sum(Bucket.negative),
        func.sum(Bucket.amplified),
    )
    .join(Source, Source.id == Bucket.source_id)
    .where(
        Bucket.watch_id == bindparam("watch"),
        Bucket.at >= bindparam("began"),
        Bucket.at < bindparam("at"),
    )
    .group_by(Bucket.source_id, Source.name, Source.kind)
)
_AUTHORS = select(func.count(), func.count(Mention.author.distinct())).where(*MINE)
_LOUDEST = (
    select(Mention.author, func.count())
    .where(*MINE, Mention.author.is_not(None))
    .group_by(Mention.author)
    .order_by(func.count().desc(), Mention.author)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Mine:
    """The mentions of an incident until an instant, of which those from `since` on are read."""

    watch: int
    began: datetime  # the onset
    at: datetime
    since: datetime

    @classmethod
    def of(cls, session: Session, watch_id: int, *, began: datetime, at: datetime) -> "Mine":
        """Those of the watch's incident that began then."""
        params = {"watch": watch_id, "began": began, "at": at, "most": MOST_READ}
        return cls(watch_id, began, at, session.scalars(_OLDEST_READ, params).first() or began)

    @property
    def params(self) -> dict[str, int | datetime]:
        """What `MINE` asks for."""
        return {"watch": self.watch, "began": self.began, "at": self.at, "since": self.since}


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What a source brought of an incident."""

    source_id: int
    source: str
    kind: str
    mentions: int
    negative: int
    amplified: int


def by_source(session: Session, mine: Mine) -> list[SourceCount]:
    """What each source brought since the onset, the largest first."""
    rows = session.execute(_BY_SOURCE, {"watch": mine.watch, "began": mine.began, "at": mine.at})
    counts = [SourceCount(number, name, kind, *map(int, counts)) for number, name, kind, *counts in rows]
    return sorted((count for count in counts if count.mentions), key=lambda c: (-c.mentions, c.source))


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of an incident since its onset."""

    mentions: int
    negative: int
    amplified: int
    sources: tuple[Share, ...]  # the largest first
    authors: int  # of those that were read
    loudest: Share | None  # of those that were read
    recent: Recent | None  # those that were read; None: all

    @classmethod
    def of(cls, session: Session, mine: Mine) -> "Tally":
        """Count it."""
        counts = by_source(session, mine)
        read, authors = session.execute(_AUTHORS, mine.params).one()
        loudest = session.execute(_LOUDEST, mine.params).first()
        return cls(
            mentions=sum(count.mentions for count in counts),
            negative=sum(count.negative for count in counts),
            amplified=sum(count.amplified for count in counts),
            sources=tuple(Share(name=count.source, mentions=count.mentions) for count in counts),
            authors=authors,
            loudest=Share(name=str(loudest[0]), mentions=loudest[1]) if loudest else None,
            recent=Recent(since=mine.since, mentions=read) if mine.since > mine.began else None,
        )

    @property
    def loudest_mentions(self) -> int:
        """Of all mentions, those of the author with the most: the same part as of those that were read."""
        if self.loudest is None:
            return 0
        scale = self.mentions / max(1, self.recent.mentions) if self.recent else 1.0
        return round(self.loudest.mentions * scale)
