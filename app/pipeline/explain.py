"""Why it rings: what was said, by whom and where, as it was known at that instant and not later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from app.channels.base import Facts, Repeated, Sample, Share, Tipping
from app.clock import STEP
from app.models import KindTerm, Mention, PlannedEvent, Post, Source, Watch
from app.pipeline.detect import Judge, Judged
from app.pipeline.hours import HOUR_STEPS, hour_before, points
from app.pipeline.kinds import Said, judge_kind, tone_of
from app.pipeline.match import taught
from app.pipeline.outlook import Outlook, advise
from app.reading.amplification import Told, amplified
from app.reading.glance import toned
from app.reading.kind import Judgement
from app.reading.novelty import new_words
from app.reading.query import parse
from app.reading.samples import Choice, Text, choose

_MOST_READ = 400  # posts read for samples and words; more would say the same
_DEAF_FOR = timedelta(minutes=30)

Named = tuple[Post, str]  # a post and the name of its source
Mine = dict[str, int | datetime]  # the mentions of an incident: the watch, its onset, and the instant

# Asked at each transition. Written down once: putting them together takes longer than asking.
_MINE = (
    Mention.watch_id == bindparam("watch"),
    Mention.at >= bindparam("began"),
    Mention.at < bindparam("at"),
)
_COUNTED = select(
    func.count(),
    func.count(Mention.author.distinct()),
    func.coalesce(func.sum(case((Mention.negative, 1), else_=0)), 0),
    func.coalesce(func.sum(case((Mention.amplified, 1), else_=0)), 0),
).where(*_MINE)
_LOUDEST = (
    select(Mention.author, func.count())
    .where(*_MINE, Mention.author.is_not(None))
    .group_by(Mention.author)
    .order_by(func.count().desc(), Mention.author)
    .limit(1)
)
_SOURCES = (
    select(Source.name, func.count())
    .join(Mention, Mention.source_id == Source.id)
    .where(*_MINE)
    .group_by(Source.name)
    .order_by(func.count().desc(), Source.name)
)
_PLANNED = (
    select(PlannedEvent.name)
    .where(
        PlannedEvent.starts_at < bindparam("at"),
        PlannedEvent.ends_at >= bindparam("at"),
        or_(PlannedEvent.watch_id == bindparam("watch"), PlannedEvent.watch_id.is_(None)),
    )
    .order_by(PlannedEvent.name)
)


def explain(
    session: Session,
    judge: Judge,
    judged: Judged,
    watch: Watch,
    *,
    began: datetime,
    last: int,
    line: float,
    known: Facts | None = None,
) -> Facts:
    """The facts of the watch's incident that began at `began`, known where column `last` begins.

    With the facts `known` before, the numbers are new and what was read stays: an update must not reshuffle
    the posts that somebody is looking at.
    """
    row = judged.row(watch.id)
    at = judged.series.start + last * STEP
    hour = hour_before(judged, row, last)
    mine: Mine = {"watch": watch.id, "began": began, "at": at}
    mentions, authors, negative, counted = session.execute(_COUNTED, mine).one()
    loudest, sources = _loudest(session, mine), _sources(session, mine)
    read = _read(session, watch, mine, began) if known is None else _Read.of(known)
    repeats = max(round(read.copies * mentions), counted)
    planned = _planned(session, watch.id, at)
    pushed = round(read.pushed * mentions)
    said = Said(mentions, negative, pushed, loudest.mentions if loudest else 0, bool(planned))
    tone = tone_of(session, watch, said, began)
    if known is None:
        judgement = judge_kind(session, judged, watch, last, line, hour, read.posts, said, tone)
        kind = {
            "kind": judgement.kind,
            "kind_because": tuple(Tipping(term=t, weight=w) for t, w in _weightiest(judgement)),
        }
    else:
        kind = {"kind": known.kind, "kind_because": known.kind_because}
    outlook = Outlook(
        mentions=mentions,
        authors=authors,
        loudest=loudest.mentions if loudest else 0,
        amplified=repeats,
        sources=tuple(s.mentions for s in sources),
        observed=hour.observed,
        before=hour_before(judged, row, max(0, last - HOUR_STEPS)).observed,
        high=hour.high,
    )
    advice, because = advise(outlook)
    excess = max(0.0, hour.observed - hour.expected)
    return Facts(
        observed=hour.observed,
        expected=hour.expected,
        low=hour.low,
        high=hour.high,
        score=float(judged.evidence("score", row, last - 1, last)[0]),
        line=line,
        quiet_below=hour.expected + excess * judge.quiet_factor(session, row, last, line),
        onset_at=began,
        mentions=mentions,
        authors=authors,
        loudest=loudest,
        sources=sources[:10],
        amplified=repeats,
        repeated=read.repeated,
        negative=negative,
        usual_negative_share=tone.usual,
        **kind,
        new_words=read.new_words,
        trend=outlook.trend,
        doubling_minutes=outlook.doubling_minutes,
        planned=planned,
        deaf=_deaf(session, judged, watch.id, at),
        advice=advice,
        advice_because=because,
        points=points(judged, row, last, began),
        samples=read.samples,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What the posts say."""

    samples: tuple[Sample, ...]
    new_words: tuple[str, ...]
    copies: float  # part of the posts that repeat others
    pushed: float = 0.0  # part that repeats in a way that honest people do not
    repeated: tuple[Repeated, ...] = ()
    posts: tuple[Post, ...] = ()

    @classmethod
    def of(cls, known: Facts) -> "_Read":
        copies = known.amplified / max(1, known.mentions)
        return cls(known.samples, known.new_words, copies, repeated=known.repeated)


def _read(session: Session, watch: Watch, mine: Mine, began: datetime) -> _Read:
    posts = _posts(session, mine)
    said = [_said(post) for post, _ in posts]
    heard = amplified(
        [Told(p.author, p.published_at, t, p.url) for (p, _), t in zip(posts, said, strict=True)]
    )
    tone = toned(said, [post.lang for post, _ in posts]).taught(taught(watch))
    chosen = choose(
        [_text(post) for post, _ in posts], heard.group, organic=heard.organic, negative=tone.likely[:, 0]
    )
    words = new_words(said, _usual(session, watch, began), leave_out=_terms(watch))
    repeated = tuple(
        Repeated(kind=p.kind, posts=p.posts, accounts=p.accounts, seconds=p.seconds)
        for p in heard.patterns[:3]
    )
    return _Read(
        _samples(posts, chosen),
        words,
        heard.share,
        float(heard.pushed.mean()) if posts else 0.0,
        repeated,
        tuple(post for post, _ in posts),
    )


def _weightiest(judgement: Judgement) -> list[tuple[KindTerm, float]]:
    return sorted(judgement.terms, key=lambda term: -abs(term[1]))


def _loudest(session: Session, mine: Mine) -> Share | None:
    found = session.execute(_LOUDEST, mine).first()
    return Share(name=str(found[0]), mentions=found[1]) if found else None


def _sources(session: Session, mine: Mine) -> tuple[Share, ...]:
    found = session.execute(_SOURCES, mine)
    return tuple(Share(name=name, mentions=mentions) for name, mentions in found)


def _posts(session: Session, mine: Mine) -> list[Named]:
    """The first, the most relayed, the most followed and the latest posts: enough to choose from."""
    asked = (
        select(Post, Source.name)
        .join(Mention, Mention.post_id == Post.id)
        .join(Source, Source.id == Post.source_id)
        .where(*_MINE)
    )
    relayed = func.coalesce(Post.shares, 0) + func.coalesce(Post.replies, 0)
    followed = func.coalesce(Post.followers, 0)
    found: dict[int, Named] = {}
    for order, most in (
        ((Post.published_at, Post.id), 20),
        ((relayed.desc(), Post.id), 20),
        ((followed.desc(), Post.id), 20),
        ((Post.published_at.desc(), Post.id.desc()), _MOST_READ),
    ):
        rows = session.execute(asked.order_by(*order).limit(most), mine)
        found |= {post.id: (post, source) for post, source in rows}
    return sorted(found.values(), key=lambda named: (named[0].published_at, named[0].id))


def _usual(session: Session, watch: Watch, before: datetime) -> list[str]:
    """What was said of the watch before: the latest posts from before the onset."""
    asked = (
        select(Post)
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.watch_id == watch.id, Mention.at < before)
        .order_by(Mention.at.desc(), Post.id)
        .limit(_MOST_READ)
    )
    return [_said(post) for post in session.scalars(asked)]


def _said(post: Post) -> str:
    return f"{post.title} {post.text}".strip()


def _text(post: Post) -> Text:
    relayed = (post.shares or 0) + (post.replies or 0)
    return Text(post.id, post.author, _said(post), post.published_at, relayed, post.followers or 0)


def _terms(watch: Watch) -> list[str]:
    query = parse(watch.query)
    return [*query.any_of, *query.all_of]


def _planned(session: Session, watch_id: int, at: datetime) -> tuple[str, ...]:
    return tuple(session.scalars(_PLANNED, {"watch": watch_id, "at": at}))


def _deaf(session: Session, judged: Judged, watch_id: int, at: datetime) -> tuple[str, ...]:
    ids = judged.series.hearing.deaf(session, watch_id, at - _DEAF_FOR, at)
    asked = select(Source.name).where(Source.id.in_(ids)).order_by(Source.name)
    return tuple(session.scalars(asked)) if ids else ()


def _samples(posts: list[Named], choices: Sequence[Choice]) -> tuple[Sample, ...]:
    by_id = {post.id: (post, source) for post, source in posts}
    samples = []
    for choice in choices:
        post, source = by_id[choice.post_id]
        samples.append(
            Sample(
                post_id=post.id,
                source=source,
                author=post.author,
                title=post.title,
                text=post.text,
                url=post.url,
                lang=post.lang,
                published_at=post.published_at,
                why=choice.why,
                alike=choice.alike,
            )
        )
    return tuple(samples)
