"""What is new of a fire since it was last told: a source that was quiet so far, or another topic."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.models import Incident, Mention, Post, Reason, Watch
from app.reading.novelty import new_words
from app.reading.query import parse
from app.reading.samples import words

_HOUR = timedelta(hours=1)
_LEAST_POSTS, _LEAST_AUTHORS = 3, 2  # of a source, in an hour: one account that crosses over is no spread
_LEAST_VOICES = 5  # authors of an hour, for its topic to say something
_OF_NOW, _OF_BEFORE = 0.5, 0.1  # parts of the posts that hold a new word: most of now, hardly any before
_LEAST_WORDS = 2
_MOST_READ = 200

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
_SAID = (
    select(Post.author, Post.id, Post.title, Post.text)
    .join(Mention, Mention.post_id == Post.id)
    .where(*_THEN)
    .order_by(Mention.at.desc(), Post.id.desc())
    .limit(_MOST_READ)
)


def news_of(session: Session, watch: Watch, incident: Incident, *, at: datetime) -> Reason | None:
    """`spread` or `turned` if the hour before `at` brought one, against what was told before."""
    told = set(incident.spoken_of.get("sources", ()))
    if told and _carriers(session, watch.id, at) - told:
        return Reason.spread
    return Reason.turned if _turned(session, watch, incident, at) else None


def sources_since(session: Session, watch_id: int, since: datetime, until: datetime) -> list[int]:
    """The sources that brought a mention in between."""
    asked = select(Mention.source_id).where(
        Mention.watch_id == watch_id, Mention.at >= since, Mention.at < until
    )
    return sorted(session.scalars(asked.distinct()))


def _carriers(session: Session, watch_id: int, at: datetime) -> set[int]:
    return set(session.scalars(_CARRIERS, {"watch": watch_id, "since": at - _HOUR, "until": at}))


def _turned(session: Session, watch: Watch, incident: Incident, at: datetime) -> bool:
    now = _said(session, watch.id, at - _HOUR, at)
    if len(set(now)) < _LEAST_VOICES:
        return False
    before = _said(session, watch.id, incident.onset_at, at - _HOUR)
    query = parse(watch.query)
    terms = new_words(
        [said for _, said in now], [said for _, said in before], leave_out=[*query.any_of, *query.all_of]
    )
    if len(terms) < _LEAST_WORDS:
        return False
    holders = {who for who, said in now if _holds(said, terms)}
    everyone = {who for who, _ in now}
    earlier = sum(_holds(said, terms) for _, said in before) / max(1, len(before))
    return len(holders) >= max(_LEAST_VOICES, _OF_NOW * len(everyone)) and earlier <= _OF_BEFORE


def _holds(said: str, terms: tuple[str, ...]) -> bool:
    """Whether one of the terms is said: whole words, in the form that `new_words` gives them."""
    heard = f" {' '.join(words(said).split())} "
    return any(f" {term} " in heard for term in terms)


def _said(session: Session, watch_id: int, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """(author, what was said) of the newest posts in between."""
    found = session.execute(_SAID, {"watch": watch_id, "since": since, "until": until})
    return [(author or f"#{post}", f"{title} {text}") for author, post, title, text in found]
