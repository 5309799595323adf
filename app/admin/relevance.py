"""What a team teaches of what its watch is about: labels, what is learnt of them, and the switch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, record
from app.admin.watches import newest_post
from app.db import Sessions, only_read
from app.errors import BadInput, NotFound
from app.models import Aside, Label, Mention, Post, Relation, Watch
from app.reading.readable import readable
from app.reading.relevance import LEAST_EACH, MOST_TEXTS, Example, Relevance, learn_relevance

MOST_LABELS = 5_000
DAYS = 7  # of which what is set aside is counted


@dataclass(frozen=True, slots=True)
class Labels:
    """How many posts people labelled."""

    about: int
    noise: int


def relate(session: Session, watch_id: int, post_id: int, *, about: bool, by: str, now: datetime) -> Relation:
    """Whether the post is about the watch, as `by` says; the newest word counts.

    A post that is not has no tone: a label of one is taken back. Raises NotFound if the post does not match
    the watch; BadInput where there are enough.
    """
    watch = get_or_404(session, Watch, watch_id)
    require_match(session, watch_id, post_id)
    row = session.get(Relation, (watch_id, post_id))
    before = None if row is None else _seen(row)
    if row is None:
        told = session.scalar(select(func.count()).where(Relation.watch_id == watch_id)) or 0
        if told >= MOST_LABELS:
            raise BadInput(f"{MOST_LABELS:,} labels are enough: delete some that are old")
        row = Relation(watch_id=watch_id, post_id=post_id)
        session.add(row)
    row.about, row.by, row.at = about, by, now
    if not about:
        session.execute(delete(Label).where(Label.watch_id == watch_id, Label.post_id == post_id))
    record(session, watch, "label", before=before, after=_seen(row), by=by, now=now)
    return row


def require_match(session: Session, watch_id: int, post_id: int) -> None:
    """Raises NotFound if the post neither is a mention of the watch nor set aside from it."""
    if all(session.get(table, (watch_id, post_id)) is None for table in (Mention, Aside)):
        raise NotFound(f"post {post_id} is no mention of watch {watch_id}: its incidents list their posts")


def count(session: Session, watch_id: int) -> Labels:
    """How many posts are labelled as about the watch, those with a tone among them, and as not."""
    about, noise = labelled(session, watch_id)
    return Labels(len(about), len(noise))


def counted(session: Session, watch_id: int, *, now: datetime) -> tuple[int, int]:
    """How many posts of the last days are mentions, and how many were set aside."""
    since = now - timedelta(days=DAYS)
    mentions, aside = (
        session.scalar(select(func.count()).where(table.watch_id == watch_id, table.at >= since)) or 0
        for table in (Mention, Aside)
    )
    return mentions, aside


def teach(sessions: Sessions, watch_id: int, *, by: str, now: datetime) -> Watch:
    """The watch with what its labels teach, measured; on if it sets enough aside and nothing that counts.

    The stored posts are then matched again, so that what is usual is of the same measure. Nothing is held
    while it learns. Raises NotFound; BadInput where the labels are too few to measure anything.
    """
    with sessions() as session:
        only_read(session)
        get_or_404(session, Watch, watch_id)
        about, noise = labelled(session, watch_id)
        examples = [
            Example(text=text, about=is_about)
            for ids, is_about in ((about, True), (noise, False))
            for text in _texts(session, ids)
        ]
        texts = _texts(session, _newest(session, watch_id))
    learnt = learn_relevance(examples, texts)
    if learnt is None:
        raise BadInput(
            f"learning takes {LEAST_EACH} posts that are about the watch and {LEAST_EACH} that are not, all "
            f"different; there are {len(about)} and {len(noise)}: PUT /api/v1/watches/{watch_id}/labels/POST "
            'with {"about": false}, {"about": true} or a tone, for more of them'
        )
    held = {"learnt": learnt.model_dump(mode="json"), "on": learnt.useful, "by": by, "at": now.isoformat()}
    with sessions.begin() as session:
        watch = get_or_404(session, Watch, watch_id)
        _set(session, watch, held, "teach relevance", by=by, now=now)
    return watch


def switch(session: Session, watch_id: int, *, on: bool, by: str, now: datetime) -> Watch:
    """The watch with what it learnt on or off; the labels stay. BadInput where nothing is learnt."""
    watch = get_or_404(session, Watch, watch_id)
    if watch.relevance is None:
        raise BadInput(f"nothing is learnt yet: POST /api/v1/watches/{watch_id}/relevance/learn first")
    held = {**watch.relevance, "on": on, "by": by, "at": now.isoformat()}
    _set(session, watch, held, "switch relevance", by=by, now=now)
    return watch


def learnt_of(watch: Watch) -> Relevance | None:
    """What was learnt, whether it is on or not."""
    return Relevance.model_validate(watch.relevance["learnt"]) if watch.relevance else None


def _set(session: Session, watch: Watch, held: AuditView, action: str, *, by: str, now: datetime) -> None:
    before = watch.relevance
    watch.relevance = held
    if held["on"] or (before and before["on"]):
        watch.updated_at, watch.rematch_until = now, newest_post(session)
    record(session, watch, action, before=_told(before), after=_told(held), by=by, now=now)


def _told(held: AuditView | None) -> AuditView:
    """The change without its hundreds of words."""
    if held is None:
        return {"on": False}
    learnt: dict[str, Any] = held["learnt"]
    return {"on": held["on"], **{name: learnt[name] for name in ("about", "noise", "found", "lost")}}


def _seen(row: Relation) -> AuditView:
    return {"post_id": row.post_id, "about": row.about}


def labelled(session: Session, watch_id: int) -> tuple[list[int], list[int]]:
    """The ids of posts about the watch, and of those that are not; one whose tone is told is about it."""
    said = dict(
        iter(session.execute(select(Relation.post_id, Relation.about).where(Relation.watch_id == watch_id)))
    )
    toned = session.scalars(select(Label.post_id).where(Label.watch_id == watch_id))
    said = dict.fromkeys(toned, True) | said
    return sorted(i for i, about in said.items() if about), sorted(
        i for i, about in said.items() if not about
    )


def _newest(session: Session, watch_id: int) -> list[int]:
    """The newest posts that match the watch, those set aside among them."""
    found: list[tuple[datetime, int]] = []
    for table in (Mention, Aside):
        newest = select(table.at, table.post_id).where(table.watch_id == watch_id)
        latest = newest.order_by(table.at.desc(), table.post_id.desc()).limit(MOST_TEXTS)
        found += [(at, post_id) for at, post_id in session.execute(latest)]
    return [post_id for _, post_id in sorted(found, reverse=True)[:MOST_TEXTS]]


def _texts(session: Session, ids: list[int]) -> list[str]:
    texts: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        rows = select(Post.id, Post.title, Post.text).where(Post.id.in_(ids[start : start + 500]))
        texts |= {post_id: readable(f"{title} {text}") for post_id, title, text in session.execute(rows)}
    return [texts[post_id] for post_id in ids if post_id in texts]
