"""What a team teaches of the tone of its watch: labels, what is learnt of them, and the way back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, newest_post, record
from app.admin.relevance import require_match
from app.db import Sessions, only_read
from app.errors import BadInput, NotFound
from app.models import Incident, Label, Mention, Post, Relation, VerdictWord, Watch
from app.reading.glance import Toned, toned
from app.reading.learning import LEAST_LABELS, Learnt, Lesson, Tone, learn, of_verdict

MOST_LABELS = 5_000
_TEACHING = (VerdictWord.fire, VerdictWord.false_alarm)  # what was planned says nothing of the tone
_OF_VERDICTS, _OF_ONE = 1_000, 100  # posts of judged incidents that are read, in all and of one


def label(session: Session, watch_id: int, post_id: int, tone: Tone, *, by: str, now: datetime) -> Label:
    """The tone of a post about the watch, as `by` says; the newest word counts.

    It is about the watch then, whatever was said before. Raises NotFound if the post does not match the
    watch; BadInput where there are enough.
    """
    watch = get_or_404(session, Watch, watch_id)
    require_match(session, watch_id, post_id)
    session.execute(delete(Relation).where(Relation.watch_id == watch_id, Relation.post_id == post_id))
    row = session.get(Label, (watch_id, post_id))
    before = None if row is None else _seen(row)
    if row is None:
        if count(session, watch_id) >= MOST_LABELS:
            raise BadInput(f"{MOST_LABELS:,} labels are enough: delete some that are old")
        row = Label(watch_id=watch_id, post_id=post_id)
        session.add(row)
    row.tone, row.by, row.at = tone, by, now
    record(session, watch, "label", before=before, after=_seen(row), by=by, now=now)
    return row


def unlabel(session: Session, watch_id: int, post_id: int, *, by: str, now: datetime) -> None:
    """Take back what was said of a post, its tone or whether it is about the watch."""
    watch = get_or_404(session, Watch, watch_id)
    row = session.get(Label, (watch_id, post_id)) or session.get(Relation, (watch_id, post_id))
    if row is None:
        raise NotFound(f"post {post_id} has no label for watch {watch_id}")
    before = _seen(row) if isinstance(row, Label) else {"post_id": post_id, "about": row.about}
    session.delete(row)
    record(session, watch, "unlabel", before=before, after=None, by=by, now=now)


def count(session: Session, watch_id: int) -> int:
    """How many posts of the watch are labelled."""
    return session.scalar(select(func.count()).where(Label.watch_id == watch_id)) or 0


def teach(sessions: Sessions, watch_id: int, *, by: str, now: datetime) -> Watch:
    """The watch with what its labels and verdicts teach, measured; used only if it is clearly better.

    The stored mentions are then read again, so that the usual share is of the same measure. Nothing is
    held while it learns. Raises NotFound; BadInput where the labels are too few to measure anything.
    """
    with sessions() as session:
        only_read(session)
        get_or_404(session, Watch, watch_id)
        lessons = _labelled(session, watch_id) + _judged(session, watch_id)
    learnt = learn(lessons)
    if learnt is None:
        labels = sum(lesson.weight == 1.0 for lesson in lessons)
        raise BadInput(
            f"learning takes {LEAST_LABELS} labelled posts that differ; there are {labels}: "
            f"PUT /api/v1/watches/{watch_id}/labels/POST for more of them"
        )
    with sessions.begin() as session:
        watch = get_or_404(session, Watch, watch_id)
        _set(session, watch, _taught(learnt, by=by, now=now), "teach", by=by, now=now)
    return watch


def forget(session: Session, watch_id: int, *, by: str, now: datetime) -> Watch:
    """The watch with the default judgement again; its labels stay."""
    watch = get_or_404(session, Watch, watch_id)
    _set(session, watch, None, "forget", by=by, now=now)
    return watch


def learnt_of(watch: Watch) -> Learnt | None:
    """What was learnt, whether it is used or not."""
    return Learnt.model_validate(watch.taught["learnt"]) if watch.taught else None


def _taught(learnt: Learnt, *, by: str, now: datetime) -> AuditView:
    return {
        "learnt": learnt.model_dump(mode="json"),
        "used": learnt.better,
        "by": by,
        "at": now.isoformat(),
    }


def _set(
    session: Session, watch: Watch, taught: AuditView | None, action: str, *, by: str, now: datetime
) -> None:
    before = watch.taught
    watch.taught = taught
    if (before and before["used"]) or (taught and taught["used"]):
        watch.updated_at, watch.rematch_until = now, newest_post(session)
    record(session, watch, action, before=_told(before), after=_told(taught), by=by, now=now)


def _told(taught: AuditView | None) -> AuditView:
    """The change without its hundreds of words."""
    if taught is None:
        return {"used": False}
    learnt: dict[str, Any] = taught["learnt"]
    return {"used": taught["used"], **{name: learnt[name] for name in ("labels", "before", "after", "gain")}}


def _seen(row: Label) -> AuditView:
    return {"post_id": row.post_id, "tone": row.tone}


def _labelled(session: Session, watch_id: int) -> list[Lesson]:
    query = (
        select(Post, Label.tone)
        .join(Label, Label.post_id == Post.id)
        .where(Label.watch_id == watch_id)
        .order_by(Post.id)
    )
    rows = session.execute(query).all()
    tone = _read([post for post, _ in rows])
    return [
        Lesson(text=text, likely=likely, tone=cast("Tone", given))
        for (_, given), text, likely in zip(rows, tone.texts, _three(tone), strict=True)
    ]


def _judged(session: Session, watch_id: int) -> list[Lesson]:
    """What the verdicts suggest, of the newest incidents, without the posts that people labelled."""
    query = (
        select(Incident)
        .where(Incident.watch_id == watch_id, Incident.verdict.in_(_TEACHING))
        .order_by(Incident.id.desc())
        .limit(_OF_VERDICTS // _OF_ONE)
    )
    lessons: list[Lesson] = []
    labelled = select(Label.post_id).where(Label.watch_id == watch_id)
    for incident in session.scalars(query).unique():
        posts = (
            select(Post)
            .join(Mention, Mention.post_id == Post.id)
            .where(
                Mention.watch_id == watch_id,
                Mention.at >= incident.onset_at,
                Mention.at < (incident.out_at or datetime.max.replace(tzinfo=incident.onset_at.tzinfo)),
                Post.id.not_in(labelled),
            )
            .order_by(Post.id)
            .limit(_OF_ONE)
        )
        tone = _read(list(session.scalars(posts)))
        verdict: Literal["fire", "false_alarm"] = (
            "fire" if incident.verdict is VerdictWord.fire else "false_alarm"
        )
        lessons += of_verdict(verdict, list(zip(tone.texts, _three(tone), strict=True)))
    return lessons


def _read(posts: Sequence[Post]) -> Toned:
    return toned([f"{post.title} {post.text}" for post in posts], [post.lang for post in posts])


def _three(tone: Toned) -> list[tuple[float, float, float]]:
    return [(float(a), float(b), float(c)) for a, b, c in tone.likely]
