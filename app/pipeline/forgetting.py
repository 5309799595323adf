"""Forgetting: what was written down of posts and people that must be no more. The counts stay.

The posts themselves are one row each. Their texts and authors also stand in the facts of transitions, and in
the record of what was sent: from there they are taken here, and the messages that show them are marked, to be
edited by `app.pipeline.delivery.edit`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.orm import Session

from app.models import (
    Aside,
    Delivery,
    DeliveryState,
    Incident,
    Label,
    Mention,
    MentionNote,
    MentionTag,
    Post,
    Relation,
    Transition,
)
from app.models.post_words import POST_WORDS
from app.pipeline.claim import hold_sources

Json = dict[str, Any]
Why = Literal["author", "request", "age"]
Change = Callable[[int, Json], Json]  # from a watch and its facts to the facts that stay
_AT_ONCE = 200  # transitions that are held in memory
_MOVED = timedelta(days=1)  # so much later an onset may have been set than the first post that was shown


@dataclass(frozen=True, slots=True)
class Traces:
    """What is to be forgotten: posts by their ids and addresses, people by their names, and why."""

    why: Why
    posts: frozenset[int] = frozenset()
    urls: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()

    def show(self, sample: Json) -> bool:
        """Whether the sample is one of these."""
        return (
            sample.get("post_id") in self.posts
            or sample.get("url") in self.urls
            or sample.get("author") in self.authors
        )


@dataclass(slots=True)
class Reached:
    """What was forgotten, in numbers."""

    posts: int = 0
    labels: int = 0
    transitions: set[int] = field(default_factory=set)
    records: int = 0  # of what was sent
    messages: int = 0  # that are to be edited


def without(facts: Json, traces: Traces) -> Json:
    """The facts without these posts and people; equal to what they were if they hold none of them."""
    left = dict(facts)
    left["samples"] = [
        _empty(sample, traces.why) if traces.show(sample) else sample for sample in facts.get("samples", ())
    ]
    return _without_names(left, lambda name: name in traces.authors)


def without_people(facts: Json) -> Json:
    """The facts without any post or name: only the figures are left."""
    return _without_names({**facts, "samples": []}, lambda _name: True)


def names_in(facts: Json) -> set[str]:
    """The accounts that the facts name."""
    return {voice["name"] for voice in _voices(facts) if voice["name"]}


def people_in(facts: Json) -> set[str]:
    """The accounts that the facts name, and those whose posts they show."""
    return names_in(facts) | {sample["author"] for sample in facts.get("samples", ()) if sample.get("author")}


def _empty(sample: Json, why: Why) -> Json:
    return {**sample, "author": None, "title": "", "text": "", "url": None, "forgotten": why}


def _voices(facts: Json) -> Iterator[Json]:
    for one in (facts.get("loudest"), facts.get("joined")):
        if one:
            yield one
    yield from (facts.get("voices") or {}).get("leading", ())


def _without_names(facts: Json, gone: Callable[[str], bool]) -> Json:
    def nameless(voice: Json) -> Json:
        return {**voice, "name": ""} if gone(voice["name"]) else voice

    left = dict(facts)
    for key in ("loudest", "joined"):
        if facts.get(key):
            left[key] = nameless(facts[key])
    if facts.get("voices"):
        leading = [nameless(voice) for voice in facts["voices"].get("leading", ())]
        left["voices"] = {**facts["voices"], "leading": leading}
    return left


def forget_posts(session: Session, posts: Sequence[Post], why: Why, *, now: datetime) -> Reached:
    """Delete the posts with all that was written down of them, and the names of those who wrote no other."""
    reached = delete_posts(session, [post.id for post in posts])
    if not posts:
        return reached
    ids = frozenset(post.id for post in posts)
    authors = {post.author for post in posts if post.author}
    times = [post.bucket_at for post in posts]

    def change(watch_id: int, facts: Json) -> Json:
        names = names_in(facts) & authors
        if names:
            others = select(Mention.author).where(Mention.watch_id == watch_id, Mention.author.in_(names))
            names -= set(session.scalars(others.distinct()))
        return without(facts, Traces(why, posts=ids, authors=frozenset(names)))

    # A transition shows what was said since the onset of its incident, and before it was written.
    where = Transition.at >= min(times), Incident.onset_at <= max(times) + _MOVED
    forget_in_history(session, reached, change, *where, now=now)
    return reached


def delete_posts(session: Session, ids: Sequence[int]) -> Reached:
    """Delete the posts with their mentions, labels, tags and notes, and those set aside."""
    reached = Reached(posts=len(ids))
    parts = [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
    sources: set[int] = set()
    for part in parts:
        sources.update(session.scalars(select(Post.source_id).where(Post.id.in_(part)).distinct()))
    hold_sources(session, sources)
    for part in parts:
        reached.labels += (
            session.scalar(select(func.count()).select_from(Label).where(Label.post_id.in_(part))) or 0
        )
        for table in (Label, Relation, MentionTag, MentionNote, Mention, Aside):
            session.execute(delete(table).where(table.post_id.in_(part)))
        session.execute(delete(Post).where(Post.id.in_(part)))
    return reached


def purge_words(session: Session) -> None:
    """Take out of SQLite's index of words what it keeps of deleted posts until it merges its parts.

    It takes some seconds for a million posts. PostgreSQL vacuums by itself.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"INSERT INTO {POST_WORDS} ({POST_WORDS}) VALUES ('optimize')"))  # noqa: S608


def forget_old(session: Session, before: datetime, *, now: datetime, most: int = _AT_ONCE) -> int:
    """Take the posts and the names out of what was written down before that; how much was looked at."""
    old = select(Transition.id).where(Transition.at < before, Transition.forgotten_at.is_(None))
    ids = list(session.scalars(old.order_by(Transition.id).limit(most)))
    if ids:
        forget_in_history(
            session, Reached(), lambda _watch, facts: without_people(facts), Transition.id.in_(ids), now=now
        )
        for transition in session.scalars(select(Transition).where(Transition.id.in_(ids))):
            transition.forgotten_at = now
    return len(ids)


def forget_in_history(
    session: Session, reached: Reached, change: Change, *where: ColumnElement[bool], now: datetime
) -> None:
    """Change the facts of these transitions, and let go of what was sent of their stories."""
    stories: set[int] = set()
    found = (
        select(Transition.id)
        .join(Incident, Incident.id == Transition.incident_id)
        .where(*where)
        .order_by(Transition.id)
    )
    ids = list(session.scalars(found))
    for start in range(0, len(ids), _AT_ONCE):
        rows = select(Transition, Incident.watch_id, func.coalesce(Incident.story_id, Incident.id)).join(
            Incident, Incident.id == Transition.incident_id
        )
        part = rows.where(Transition.id.in_(ids[start : start + _AT_ONCE]))
        for transition, watch_id, story in session.execute(part):
            if not isinstance(transition.facts, dict):
                continue  # of another version: nothing is known of it
            left = change(watch_id, transition.facts)
            if left != {"samples": [], **transition.facts}:
                transition.facts = left
                reached.transitions.add(transition.id)
                stories.add(story)
        session.flush()
    if stories:
        _let_go(session, reached, stories, now)


def _let_go(session: Session, reached: Reached, stories: set[int], now: datetime) -> None:
    """Empty the record of what was sent of the stories, and mark the messages that show what is gone."""
    story = func.coalesce(Incident.story_id, Incident.id)
    of_stories = (
        select(Delivery, story)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(story.in_(stories))
        .order_by(Delivery.id)
    )
    roots: set[tuple[int, int]] = set()
    for delivery, of_story in session.execute(of_stories):
        if not (delivery.payload is None or isinstance(delivery.payload, dict)):
            continue
        is_root = delivery.external_id is not None and (of_story, delivery.channel_id) not in roots
        if is_root:
            roots.add((of_story, delivery.channel_id))
        told = delivery.state in (DeliveryState.sent, DeliveryState.sending)
        if told and (is_root or delivery.transition_id in reached.transitions):
            reached.messages += delivery.external_id is not None and delivery.edit_due_at != now
            delivery.edit_due_at = now
        reached.records += empty_record(delivery)
    session.flush()


def empty_record(delivery: Delivery) -> bool:
    """Keep of what was sent only how; whether there was more."""
    payload = delivery.payload
    if not payload or not payload.get("calls") or payload.get("forgotten"):
        return False
    calls = [{"method": call.get("method", "")} for call in payload["calls"]]
    delivery.payload = {**payload, "calls": calls, "forgotten": True}
    return True
