"""What a team makes of a mention: tags to sort by, and a note; both go with the post."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, get_or_404, record
from app.admin.relevance import require_match
from app.models import MentionNote, MentionTag, Watch

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 20, 60, 2000


def annotate(
    session: Session,
    watch_id: int,
    post_id: int,
    *,
    tags: Sequence[str] | None = None,
    note: str | None = None,
    by: str,
    now: datetime,
) -> tuple[list[str], MentionNote | None]:
    """Set the tags and the note of a mention; None leaves either as it is, an empty one takes it away.

    What it has then. A tag stays as it was first written for the watch: “Recall” and “recall” are one.
    NotFound if the post does not match the watch.
    """
    watch = get_or_404(session, Watch, watch_id)
    require_match(session, watch_id, post_id)
    before = _seen(session, watch_id, post_id)
    if tags is not None:
        _set_tags(session, watch_id, post_id, tags, by=by, now=now)
    if note is not None:
        _set_note(session, watch_id, post_id, note.strip(), by=by, now=now)
    session.flush()
    after = _seen(session, watch_id, post_id)
    record(session, watch, "annotate", before=before, after=after, by=by, now=now)
    return after["tags"], session.get(MentionNote, (watch_id, post_id))


def tags_of(session: Session, watch_id: int, most: int = 200) -> list[tuple[str, int]]:
    """The tags of a watch's mentions with how many bear each, the commonest first."""
    many = func.count()
    mine = select(MentionTag.tag, many).where(MentionTag.watch_id == watch_id).group_by(MentionTag.tag)
    return [
        (tag, number)
        for tag, number in session.execute(mine.order_by(many.desc(), MentionTag.tag).limit(most))
    ]


def _set_tags(
    session: Session, watch_id: int, post_id: int, tags: Sequence[str], *, by: str, now: datetime
) -> None:
    known = {tag.casefold(): tag for tag in session.scalars(
        select(MentionTag.tag).where(MentionTag.watch_id == watch_id).distinct()
    )}  # fmt: skip
    wanted = {tag.casefold(): known.get(tag.casefold(), tag) for tag in tags}
    mine = MentionTag.watch_id == watch_id, MentionTag.post_id == post_id
    there = set(session.scalars(select(MentionTag.tag).where(*mine)))
    session.execute(delete(MentionTag).where(*mine, MentionTag.tag.not_in(wanted.values())))
    session.add_all(
        MentionTag(watch_id=watch_id, post_id=post_id, tag=tag, by=by, at=now)
        for tag in wanted.values()
        if tag not in there
    )


def _set_note(session: Session, watch_id: int, post_id: int, text: str, *, by: str, now: datetime) -> None:
    row = session.get(MentionNote, (watch_id, post_id))
    if not text:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = MentionNote(watch_id=watch_id, post_id=post_id)
        session.add(row)
    if row.text != text:
        row.text, row.by, row.at = text, by, now


def _seen(session: Session, watch_id: int, post_id: int) -> AuditView:
    mine = MentionTag.watch_id == watch_id, MentionTag.post_id == post_id
    note = session.get(MentionNote, (watch_id, post_id))
    return {
        "post_id": post_id,
        "tags": list(session.scalars(select(MentionTag.tag).where(*mine).order_by(MentionTag.tag))),
        # The log outlives the post, and a note may name who wrote it: it says when, and not what.
        "noted_at": note.at.isoformat() if note is not None else None,
    }
