"""What one watch adds to a story that others told: news of the whole story, which calls people, or not."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import isnan, log2

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.channels.acts import LOUDNESS, Audience
from app.channels.facts import Adds, Facts
from app.errors import AppError
from app.models import Incident, Mention, Reason, Watch
from app.pipeline.incidents.incidents import last_facts
from app.pipeline.incidents.milestones import AlertContext, alert_context_of, milestone_of
from app.pipeline.incidents.standing import Story
from app.pipeline.incidents.tally import Mine
from app.pipeline.scoring.hours import hour_before
from app.pipeline.scoring.scored_series import ScoredSeries
from app.reading.query import parse
from app.reading.samples import words

_HOUR = timedelta(hours=1)
_MOST_WORDS = 4  # of what one adds
# News of a whole story, whichever of its watches hears it first; what it turns to is looked at by its words.
_NEWS = frozenset((Reason.press, Reason.spread, Reason.joined, Reason.soured))

# Written down once: putting them together takes longer than asking.
_MINE, _THEIRS = aliased(Mention), aliased(Mention)
_WATCHES: BindParameter[list[int]] = bindparam("watches", expanding=True)
_TOGETHER = select(func.count(Mention.post_id.distinct())).where(
    Mention.watch_id.in_(_WATCHES), Mention.at >= bindparam("since"), Mention.at < bindparam("at")
)
_ALONE = (
    select(func.count())
    .select_from(_MINE)
    .where(
        _MINE.watch_id == bindparam("watch"),
        _MINE.at >= bindparam("since"),
        _MINE.at < bindparam("at"),
        ~select(_THEIRS.post_id)
        .where(_THEIRS.post_id == _MINE.post_id, _THEIRS.watch_id.in_(_WATCHES))
        .exists(),
    )
)


def story_of(
    session: Session,
    watch: Watch,
    incident: Incident,
    others: Sequence[Incident],
    facts: Facts,
    *,
    at: datetime,
    cooldown: timedelta,
) -> tuple[Story, Adds]:
    """What the story was told by the others, and what the incident adds to it."""
    contexts = [AlertContext.of(other) for other in others]
    told_at = max(
        context.told_at or other.last_alert_at or other.opened_at
        for context, other in zip(contexts, others, strict=True)
    )
    told = max(
        other.alerted_rate if context.posts is None else context.posts
        for context, other in zip(contexts, others, strict=True)
    )
    watches = [other.watch_id for other in others]
    hour = {"watches": [watch.id, *watches], "since": at - _HOUR, "at": at}
    posts = session.scalars(_TOGETHER, hour).one()
    mine = Mine.of(session, watch.id, began=incident.onset_at, at=at)
    since = {"watch": watch.id, "watches": watches, "since": mine.since, "at": at}
    known = _known_words(session, others)
    adds = Adds(
        to=others[0].watch.name,
        posts=session.scalars(_ALONE, since).one(),
        words=_new(known, [*(word for topic in facts.topics for word in topic.words), *facts.new_words]),
    )
    milestone = milestone_of(session, watch, incident, at=at, observed=facts.observed)
    # What began after the story was told, and is about something else, is no part of what people know.
    topic = facts.topics[0].words if facts.topics else ()
    matter = incident.onset_at > told_at and 2 * len(_new(known, topic)) > len(topic)
    return Story(told_at, told, posts, news=milestone in _NEWS or matter, cooldown=cooldown), adds


def renew(
    session: Session,
    scored: ScoredSeries,
    incident: Incident,
    others: Iterable[Incident],
    reason: Reason,
    *,
    last: int,
    at: datetime,
) -> None:
    """Note in the others what people were just called for by the incident, so that none of them calls again.

    `last`: the column that begins at that instant. What they measure their growth from is new too, unless it
    was a milestone.
    """
    told = AlertContext.of(incident)
    for other in others:
        context = alert_context_of(session, other.watch, other, reason, at=at)
        update = {"posts": told.posts, "told_at": told.told_at}
        other.alert_context = context.merged(told).model_copy(update=update).model_dump(mode="json")
        other.last_alert_at = max(other.last_alert_at or at, at)
        if LOUDNESS[reason].audience is Audience.everyone:
            _level(other, _observed(scored, other, last), at_least=1.0)


def grow_with(scored: ScoredSeries, others: Iterable[Incident], *, last: int) -> None:
    """Note in the others that have doubled too that the thread was just told so: once is enough."""
    for other in others:
        _level(other, _observed(scored, other, last), at_least=2.0)


def measure_from(incident: Incident, observed: float) -> None:
    """Measure the growth of its story from the posts of this hour on: it was told by fewer."""
    context = AlertContext.of(incident)
    if context.posts is not None and context.posts < observed:
        incident.alert_context = context.model_copy(update={"posts": observed}).model_dump(mode="json")


def _level(incident: Incident, observed: float, *, at_least: float) -> None:
    """Measure the growth of the incident from now on, if it is so many times what it was."""
    before = incident.alerted_rate
    if not before or observed < at_least * before:
        return
    incident.level += int(log2(observed / before))
    incident.alerted_rate = observed


def _observed(scored: ScoredSeries, incident: Incident, last: int) -> float:
    if incident.watch_id not in scored.series.watch_ids:
        return 0.0
    observed = hour_before(scored, scored.row(incident.watch_id), last).observed
    return 0.0 if isnan(observed) else observed


def _known_words(session: Session, others: Iterable[Incident]) -> frozenset[str]:
    """The words that the others were told with, and those that they listen for."""
    known: set[str] = set()
    for other in others:
        with suppress(AppError):  # of what cannot be read any more, all is new
            facts, query = last_facts(session, other), parse(other.watch.query)
            known |= _tokens([*(word for topic in facts.topics for word in topic.words), *facts.new_words])
            known |= _tokens([*query.asked, other.watch.name])
    return frozenset(known)


def _new(known: frozenset[str], said: Iterable[str]) -> tuple[str, ...]:
    """The words and phrases of which most was not told before, each matter once."""
    new: list[str] = []
    taken = set(known)
    for phrase in said:
        of_phrase = _tokens([phrase])
        if 2 * len(of_phrase - taken) > len(of_phrase) and len(new) < _MOST_WORDS:
            new.append(phrase)
            taken |= of_phrase
    return tuple(new)


def _tokens(phrases: Iterable[str]) -> set[str]:
    return {token for phrase in phrases for token in words(phrase).split()}
