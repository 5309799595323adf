"""What a team teaches of what its watch is about: labels, what is learnt of them, and the switch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, newest_post, record
from app.db import Sessions, only_read
from app.errors import BadInput, NotFound
from app.models import Aside, Label, Mention, Post, Relation, Watch
from app.pipeline.incidents.set_aside import tell
from app.reading.readable import readable
from app.reading.relevance import LEAST_EACH, MOST_TEXTS, Example, Relevance, learn_relevance

MOST_LABELS = 5_000
_FIGURES = ("about", "noise", "found", "lost")
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


def newest_aside(session: Session, watch_id: int, most: int = 20) -> list[tuple[datetime, Post]]:
    """The newest posts that were set aside, each with when it counts; strangers wrote their text."""
    rows = select(Aside.at, Post).join(Post, Post.id == Aside.post_id).where(Aside.watch_id == watch_id)
    return [(at, post) for at, post in session.execute(rows.order_by(Post.id.desc()).limit(most))]


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
    with sessions.begin() as session:
        watch = get_or_404(session, Watch, watch_id)
        wanted = wish_of(watch)
        held = {
            "learnt": learnt.model_dump(mode="json"), "on": learnt.useful and wanted is not False,
            "wanted": wanted, "by": by, "at": now.isoformat(),
        }  # fmt: skip
        before = watch.relevance
        _hold(session, watch, held, now=now)
        record(session, watch, "teach relevance", before=_told(before), after=_told(held), by=by, now=now)
    return watch


def switch(session: Session, watch_id: int, *, on: bool, by: str, now: datetime) -> Watch:
    """The watch with what it learnt on or off; the labels stay. BadInput where nothing is learnt."""
    watch = get_or_404(session, Watch, watch_id)
    if learnt_of(watch) is None:
        raise BadInput(f"nothing is learnt yet: POST /api/v1/watches/{watch_id}/relevance/learn first")
    before = watch.relevance
    held = obey(session, watch, wanted=on, by=by, now=now)
    record(session, watch, "switch relevance", before=_told(before), after=_told(held), by=by, now=now)
    return watch


def obey(session: Session, watch: Watch, *, wanted: bool, by: str, now: datetime) -> AuditView:
    """Have what the watch learnt used, or not, or what it will learn; what is held then. No audit entry."""
    held = watch.relevance or {"learnt": None}
    held = {**held, "on": wanted and bool(held["learnt"]), "wanted": wanted, "by": by, "at": now.isoformat()}
    _hold(session, watch, held, now=now)
    return held


def wish_of(watch: Watch) -> bool | None:
    """Whether people want it on or off; None: on, if it is measured to be good."""
    return (watch.relevance or {}).get("wanted")


def learnt_of(watch: Watch) -> Relevance | None:
    """What was learnt, whether it is on or not."""
    learnt = (watch.relevance or {}).get("learnt")
    return Relevance.model_validate(learnt) if learnt else None


def _hold(session: Session, watch: Watch, held: AuditView, *, now: datetime) -> None:
    """Write what the watch learnt; what is stored is matched again, and people are told where it begins."""
    was_on = bool(watch.relevance and watch.relevance["on"])
    watch.relevance = held
    if held["on"] or was_on:
        watch.updated_at, watch.rematch_until = now, newest_post(session)
    if not held["on"]:
        watch.counts_again_since = None
    elif not was_on:
        measured = {name: held["learnt"][name] for name in ("found", "lost")}
        tell(session, watch, {"begins": True, **measured}, at=now, since=now)


def _told(held: AuditView | None) -> AuditView:
    """The change without its hundreds of words."""
    if held is None:
        return {"on": False}
    learnt: dict[str, Any] = held["learnt"] or {}
    figures: AuditView = {name: learnt[name] for name in _FIGURES if name in learnt}
    return {"on": held["on"], "wanted": held.get("wanted"), **figures}


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
