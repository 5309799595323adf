"""Who and what carried the mentions of some time: accounts, hosts, sources; and what of it came late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Integer, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.channels.facts import Share
from app.channels.report.facts import SourceHeard, VoiceCount
from app.models import WITH_SOURCES, Aside, Bucket, Mention, Post, PostPrecision, Source, Watch
from app.pipeline.scoring.coverage import CoverageModel

_MOST_READ = 50_000  # posts of which the address and the times are looked at, the newest
_LATE = timedelta(hours=1)
_VOICES, _HOSTS, _SOURCES = 10, 8, 20
Spans = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Carried:
    """What was found of the mentions of some time."""

    first_post_at: datetime | None
    authors: int
    mentions: int
    negative: int
    amplified: int
    set_aside: int
    voices: tuple[VoiceCount, ...]
    hosts: tuple[Share, ...]
    sources: tuple[SourceHeard, ...]


def carried(session: Session, watch_id: int, spans: Spans, *, now: datetime) -> Carried:
    """What the watch's mentions in these times are made of, as far as it was known at `now`."""
    mine = Mention.watch_id == watch_id, within(Mention.at, spans), Post.first_seen_at <= now
    joined = select(Mention).join(Post, Post.id == Mention.post_id).where(*mine)
    first = joined.with_only_columns(func.min(Post.published_at)).where(
        Post.precision == PostPrecision.exact, Post.published_at >= spans[0][0]
    )
    authors = joined.with_only_columns(func.count(Mention.author.distinct()))
    sums = select(
        func.coalesce(func.sum(Bucket.mentions), 0),
        func.coalesce(func.sum(Bucket.negative), 0),
        func.coalesce(func.sum(Bucket.amplified), 0),
    ).where(Bucket.watch_id == watch_id, within(Bucket.at, spans))
    mentions, negative, amplified = map(int, session.execute(sums).one())
    aside = select(func.count()).where(Aside.watch_id == watch_id, within(Aside.at, spans))
    hosts, late = _hosts_and_late(session, mine)
    return Carried(
        first_post_at=session.scalar(first),
        authors=session.scalar(authors) or 0,
        mentions=mentions,
        negative=negative,
        amplified=amplified,
        set_aside=session.scalar(aside) or 0,
        voices=voices(session, watch_id, spans, now=now),
        hosts=tuple(Share(name=host, mentions=n) for host, n in _largest(hosts)),
        sources=_sources(session, watch_id, spans, late),
    )


def within(at: InstrumentedAttribute[datetime], spans: Spans) -> ColumnElement[bool]:
    """Whether the instant of a column is in one of the times."""
    return or_(*(and_(at >= since, at < until) for since, until in spans))


def voices(session: Session, watch_id: int, spans: Spans, *, now: datetime) -> tuple[VoiceCount, ...]:
    """The accounts with the widest audience and those with the most posts, at most ten."""
    audience, posts = func.max(Post.followers), func.count()
    query = (
        select(Mention.author, Source.name, posts, audience, func.sum(cast(Mention.amplified, Integer)))
        .join(Post, Post.id == Mention.post_id)
        .join(Source, Source.id == Mention.source_id)
        .where(
            Mention.watch_id == watch_id,
            within(Mention.at, spans),
            Post.first_seen_at <= now,
            Mention.author.is_not(None),
        )
        .group_by(Mention.author, Source.name)
    )
    wide = query.where(Post.followers.is_not(None)).order_by(audience.desc(), posts.desc(), Mention.author)
    busy = query.order_by(posts.desc(), Mention.author)
    found: dict[tuple[str, str], VoiceCount] = {}
    for ordered, most in ((wide, _VOICES // 2), (busy, _VOICES)):
        for name, source, count, followers, relayed in session.execute(ordered.limit(most)):
            if len(found) < _VOICES:
                found.setdefault(
                    (str(name), source), VoiceCount(str(name), source, count, followers, relayed == count)
                )
    return tuple(sorted(found.values(), key=lambda one: (-(one.followers or 0), -one.posts, one.name)))


def _hosts_and_late(
    session: Session, mine: tuple[ColumnElement[bool], ...]
) -> tuple[Counter[str], Counter[int]]:
    """(posts by the host that they stand on, those of each source that came late), of the newest ones."""
    query = (
        select(Post.url, Post.source_id, Post.published_at, Post.first_seen_at, Post.precision)
        .join(Mention, Mention.post_id == Post.id)
        .where(*mine)
        .order_by(Mention.at.desc(), Post.id.desc())
        .limit(_MOST_READ)
    )
    hosts: Counter[str] = Counter()
    late: Counter[int] = Counter()
    for url, source_id, published, seen, precision in session.execute(query):
        host = _host(url)
        hosts[host] += 1 if host else 0
        late[source_id] += precision is PostPrecision.exact and seen - published > _LATE
    return +hosts, late


def _largest(hosts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(hosts.items(), key=lambda one: (-one[1], one[0]))[:_HOSTS]


def _host(url: str | None) -> str:
    """The host of an address, without its www; empty where it names none.

    >>> _host("https://www.lemonde.fr/a"), _host("https://[broken"), _host(None)
    ('lemonde.fr', '', '')
    """
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")[:120]
    except ValueError:
        return ""


def _sources(session: Session, watch_id: int, spans: Spans, late: Counter[int]) -> tuple[SourceHeard, ...]:
    """The watch's sources, those that brought most first; what is deaf is never among those left out."""
    watch = session.scalars(select(Watch).where(Watch.id == watch_id).options(WITH_SOURCES)).one()
    enabled = session.scalars(select(Source).where(Source.enabled).order_by(Source.id)).all()
    names = {source.id: source.name for source in enabled}
    query = (
        select(Bucket.source_id, func.sum(Bucket.mentions))
        .where(Bucket.watch_id == watch_id, within(Bucket.at, spans))
        .group_by(Bucket.source_id)
    )
    counts = {source_id: int(count) for source_id, count in session.execute(query)}
    if gone := counts.keys() - names.keys():
        query_gone = select(Source.id, Source.name).where(Source.id.in_(gone))
        names |= dict(iter(session.execute(query_gone).tuples()))
    parts = CoverageModel.of([watch], enabled).heard(session, watch_id, spans[0][0], spans[-1][1])
    found = [
        SourceHeard(names[one], counts.get(one, 0), round(parts.get(one, 1.0), 3), late[one])
        for one in names
        if one in parts or counts.get(one)
    ]
    found.sort(key=lambda one: (-one.mentions, one.heard, one.name))
    deaf = [one for one in found[_SOURCES:] if one.heard < 0.9][:_SOURCES]
    return (*found[:_SOURCES], *deaf)
