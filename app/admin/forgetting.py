"""What a person asks to be forgotten: an author, or one post; the audit log does not say whose it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.forgotten import of_address, of_author
from app.models import AuditEntry, Channel, Delivery, DeliveryState, Post
from app.pipeline.crisis.redact import redact
from app.pipeline.forgetting import Reached, Traces, forget_in_history, forget_posts, people_in, without


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken, and by kind of channel how many messages showed it."""

    reached: Reached
    told: dict[str, int]
    logged: int = 0  # texts of the team, in the log of an incident, that named it

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing of it."""
        return not self.reached.posts and not self.reached.transitions and not self.logged


def forget(session: Session, word: str, *, keyed: Callable[[str], str], by: str, now: datetime) -> Forgotten:
    """Forget an author or the post at an address, in the caller's transaction; roll back to only see it.

    What was counted stays counted. `keyed` makes of a name what only the service's key makes of it.
    """
    word = word.strip()
    is_address = "://" in word
    posts = session.scalars(select(Post).where(_at(word) if is_address else _by(word))).all()
    reached = forget_posts(session, posts, "request", now=now)
    wanted = _names(word)

    def change(_watch: int, facts: dict[str, Any]) -> dict[str, Any]:
        names = frozenset() if is_address else {n for n in people_in(facts) if n.casefold() in wanted}
        urls = _addresses(word) if is_address else frozenset[str]()
        return without(facts, Traces("request", urls=urls, authors=frozenset(names)))

    # The posts may be gone, and stand in what was told of them.
    forget_in_history(session, reached, change, now=now)
    logged = redact(
        session,
        names=() if is_address else wanted,
        addresses=_addresses(word) if is_address else (),
    )
    found = Forgotten(reached, _told(session, reached), logged)
    if not found.is_nothing:
        taken = {
            "posts": reached.posts,
            "labels": reached.labels,
            "transitions": len(reached.transitions),
            "messages": reached.messages,
            "logged": logged,
        }
        session.add(
            AuditEntry(
                at=now,
                actor=by,
                action="forget",
                subject="post" if is_address else "author",
                subject_id=None,
                before=None,
                after={"digest": keyed(f"forgotten {min(wanted)}")[:32], **taken},
            )
        )
        session.flush()
    return found


def words_of(word: str) -> list[str]:
    """What the list of what was forgotten says of it."""
    return [of_address(word)] if "://" in word else [of_author(word)]


def _names(word: str) -> frozenset[str]:
    name = word.casefold().removeprefix("@")
    return frozenset((name, f"@{name}"))


def _addresses(word: str) -> frozenset[str]:
    bare = word.rstrip("/")
    return frozenset((word, bare, f"{bare}/"))


def _at(word: str) -> Any:  # noqa: ANN401 - a condition
    return or_(Post.url.in_(_addresses(word)), Post.external_id.in_(_addresses(word)))


def _by(word: str) -> Any:  # noqa: ANN401 - a condition
    name = word.removeprefix("@")
    return or_(func.lower(Post.author).in_(_names(word)), Post.author.in_((name, f"@{name}")))


def _told(session: Session, reached: Reached) -> dict[str, int]:
    told: dict[str, int] = {}
    ids = sorted(reached.transitions)
    for start in range(0, len(ids), 500):
        query = (
            select(Channel.kind, func.count())
            .join(Delivery, Delivery.channel_id == Channel.id)
            .where(Delivery.transition_id.in_(ids[start : start + 500]), Delivery.state == DeliveryState.sent)
            .group_by(Channel.kind)
        )
        for kind, count in session.execute(query):
            told[kind] = told.get(kind, 0) + count
    return told
