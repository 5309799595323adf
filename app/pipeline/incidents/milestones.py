"""What is new of a fire since it was last told: the press, a source, a topic, a voice, the tone, the pace."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from scipy.special import bdtrc, pdtr
from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from app.channels.facts import Voice
from app.models import Incident, Mention, Post, Reason, Source, State, Watch
from app.pipeline.incidents.advice import AdviceLimits
from app.pipeline.incidents.analyse_posts import PRESS
from app.pipeline.incidents.tally import Mine, by_source
from app.reading.novelty import new_words
from app.reading.query import parse
from app.reading.samples import words

_HOUR = timedelta(hours=1)
_LEAST_POSTS, _LEAST_AUTHORS = 3, 2  # of a source, in an hour: one account that crosses over is no spread
_LEAST_VOICES = 5  # authors of an hour, for its topic to say something
_OF_NOW, _OF_BEFORE = 0.5, 0.1  # parts of the posts that hold a new word: most of now, hardly any before
_LEAST_WORDS = 2
_TURNS_APART = timedelta(hours=6)
_MOST_READ = 200

_ARTICLES = 2  # of the press, in an hour
_WIDER = 2.0  # times the widest audience so far
_LEAST_SAID, _SOURER, _RARE = 20, 0.2, 0.01  # mentions; more of them negative than before; chance of so many


class AlertContext(BaseModel):
    """What people were told of a story, so that it is no news any more."""

    model_config = ConfigDict(frozen=True)

    sources: list[int] = []  # that brought a mention
    press: int = 0  # posts from feeds and the press
    audience: int = 0  # followers of the one with the most
    negative: float | None = None  # share of the mentions; None: nothing was told yet
    slowed: float = 0.0  # the peak that it was told to slow down from
    turned_at: datetime | None = None  # when it was last told to turn
    told_at: datetime | None = None  # when the story was last told aloud, by whichever of its watches
    posts: float | None = None  # of all its watches in the hour before that, each post once

    @classmethod
    def of(cls, incident: Incident) -> "AlertContext":
        """What is stored with the incident; nothing, if this version cannot read it: told twice is told."""
        try:
            return cls.model_validate(incident.alert_context)
        except ValidationError:
            return cls()

    def merged(self, other: "AlertContext") -> "AlertContext":
        """With what people were told by another watch of the story; what a watch measures stays its own."""
        return self.model_copy(
            update={
                "sources": sorted({*self.sources, *other.sources}),
                "press": max(self.press, other.press),
                "audience": max(self.audience, other.audience),
                "negative": other.negative if self.negative is None else self.negative,
            }
        )


# Asked every five minutes of a fire. Written down once: putting them together takes longer than asking.
_THEN = (
    Mention.watch_id == bindparam("watch"),
    Mention.at >= bindparam("since"),
    Mention.at < bindparam("until"),
)
_CARRIERS = (
    select(Mention.source_id)
    .where(*_THEN)
    .group_by(Mention.source_id)
    .having(
        func.count() >= _LEAST_POSTS,
        func.count(func.coalesce(Mention.author, "").distinct()) >= _LEAST_AUTHORS,
    )
)
_ARTICLES_OF = (
    select(func.count())
    .select_from(Mention)
    .join(Source, Source.id == Mention.source_id)
    .where(*_THEN, Source.kind.in_(PRESS))
)
_TONE = select(func.count(), func.coalesce(func.sum(case((Mention.negative, 1), else_=0)), 0)).where(*_THEN)
_WIDE = (
    select(Post.author, func.count(), func.max(Post.followers))
    .join(Mention, Mention.post_id == Post.id)
    .where(*_THEN, Post.author.is_not(None), Post.followers >= bindparam("audience"))
    .group_by(Post.author)
    .order_by(func.max(Post.followers).desc(), Post.author)
    .limit(20)
)
_SAID = (
    select(Post.author, Post.id, Post.title, Post.text)
    .join(Mention, Mention.post_id == Post.id)
    .where(*_THEN)
    .order_by(Mention.at.desc(), Post.id.desc())
    .limit(_MOST_READ)
)


def milestone_of(
    session: Session, watch: Watch, incident: Incident, *, at: datetime, observed: float
) -> Reason | None:
    """The milestone that the hour before `at` brought, the weightiest first, against what was told before.

    `observed` is the number of mentions in that hour.
    """
    context = AlertContext.model_validate(incident.alert_context)
    if context.press == 0 and _press(session, watch.id, at - _HOUR, at) >= _ARTICLES:
        return Reason.press
    if context.sources and _carriers(session, watch.id, at) - set(context.sources):
        return Reason.spread
    if not _turned_lately(context, at) and _turned(session, watch, incident, at):
        return Reason.turned
    if joining(session, watch, incident, at=at) is not None:
        return Reason.joined
    if context.negative is not None and _soured(session, watch.id, incident, at, context.negative):
        return Reason.soured
    return Reason.slowed if _slowed(incident, context, observed) else None


def alert_context_of(
    session: Session, watch: Watch, incident: Incident, reason: Reason, *, at: datetime
) -> AlertContext:
    """What whoever heard of the story by now knows of it."""
    context = AlertContext.of(incident)
    mine = Mine.of(session, watch.id, began=incident.onset_at, at=at)
    wide = [voice.followers for voice in _wide(session, watch, mine.since, at)]
    brought = by_source(session, mine)
    mentions, negative = sum(one.mentions for one in brought), sum(one.negative for one in brought)
    return AlertContext(
        sources=sorted({*context.sources, *(one.source_id for one in brought)}),
        press=max(context.press, sum(one.mentions for one in brought if one.kind in PRESS)),
        audience=max([context.audience, *wide]),
        negative=negative / mentions if mentions else None,
        slowed=incident.peak if reason is Reason.slowed else context.slowed,
        turned_at=at if reason is Reason.turned else context.turned_at,
        told_at=context.told_at,
        posts=context.posts,
    )


def joining(session: Session, watch: Watch, incident: Incident, *, at: datetime) -> Voice | None:
    """Who of the hour before has an audience that the story did not have; None: nobody.

    Each newspaper of many has its readers: only one with twice as many as all before is news.
    """
    before = AlertContext.model_validate(incident.alert_context).audience
    return next((v for v in _wide(session, watch, at - _HOUR, at) if v.followers >= _WIDER * before), None)


def _wide(session: Session, watch: Watch, since: datetime, until: datetime) -> list[Voice]:
    audience = AdviceLimits.model_validate(watch.policy.advice or {}).audience
    params = {"watch": watch.id, "since": since, "until": until, "audience": audience}
    return [
        Voice(name=name, posts=posts, followers=followers, known=False, relays=False)
        for name, posts, followers in session.execute(_WIDE, params)
    ]


def _press(session: Session, watch_id: int, since: datetime, until: datetime) -> int:
    return session.scalars(_ARTICLES_OF, {"watch": watch_id, "since": since, "until": until}).one()


def _tone(session: Session, watch_id: int, since: datetime, until: datetime) -> tuple[int, int]:
    mentions, negative = session.execute(_TONE, {"watch": watch_id, "since": since, "until": until}).one()
    return mentions, negative


def _soured(session: Session, watch_id: int, incident: Incident, at: datetime, before: float) -> bool:
    """Whether the last hour is far more negative than what was told, and that not by chance."""
    mentions, negative = _tone(session, watch_id, max(incident.onset_at, at - _HOUR), at)
    if mentions < _LEAST_SAID or negative / mentions < before + _SOURER:
        return False
    return float(bdtrc(negative - 1, mentions, max(before, 0.02))) <= _RARE


def _slowed(incident: Incident, context: AlertContext, observed: float) -> bool:
    halved = observed <= incident.peak / 2 and incident.state is State.burning
    # Of eight an hour, four are no calm, and one is a pause: so few come in bunches.
    if not halved or incident.peak < _LEAST_SAID or pdtr(observed, incident.peak) > _RARE:
        return False
    # Once for each height that it reached: it may rise again, and slow down again.
    return incident.peak > context.slowed


def _carriers(session: Session, watch_id: int, at: datetime) -> set[int]:
    return set(session.scalars(_CARRIERS, {"watch": watch_id, "since": at - _HOUR, "until": at}))


def _turned_lately(context: AlertContext, at: datetime) -> bool:
    """Whether it was told to turn so lately that it may do so again untold: talk goes this way and that."""
    return context.turned_at is not None and at - context.turned_at < _TURNS_APART


def _turned(session: Session, watch: Watch, incident: Incident, at: datetime) -> bool:
    now = _said(session, watch.id, at - _HOUR, at)
    if len(set(now)) < _LEAST_VOICES:
        return False
    before = _said(session, watch.id, incident.onset_at, at - _HOUR)
    terms = new_words(
        [text for _, text in now],
        [sentence for _, sentence in before],
        leave_out=parse(watch.query).asked,
    )
    if len(terms) < _LEAST_WORDS:
        return False
    holders = {who for who, phrase in now if _holds(phrase, terms)}
    everyone = {who for who, _ in now}
    earlier = sum(_holds(written, terms) for _, written in before) / max(1, len(before))
    return len(holders) >= max(_LEAST_VOICES, _OF_NOW * len(everyone)) and earlier <= _OF_BEFORE


def _holds(text: str, terms: tuple[str, ...]) -> bool:
    """Whether one of the terms is said: whole words, in the form that `new_words` gives them."""
    heard = f" {' '.join(words(text).split())} "
    return any(f" {term} " in heard for term in terms)


def _said(session: Session, watch_id: int, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """(author, what was said) of the newest posts in between."""
    rows = session.execute(_SAID, {"watch": watch_id, "since": since, "until": until})
    return [(author or f"#{post}", f"{title} {text}") for author, post, title, text in rows]
