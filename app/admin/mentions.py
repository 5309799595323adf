"""Mentions as people look for them: by what they hold, who wrote them, where and when; newest first."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.admin.change import get_or_404
from app.admin.mention_query import Heard, Place, Wanted, newest
from app.errors import BadInput
from app.models import Incident, Label, Mention, MentionNote, MentionTag, Post, Source, Watch
from app.reading.search import read_search

Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with its post, and what the team made of it."""

    mention: Mention
    post: Post
    watch: str
    source: str
    label: str | None  # the tone that a person said
    tags: tuple[str, ...]
    note: MentionNote | None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.mention.at, self.mention.post_id, self.mention.watch_id)

    @property
    def tone(self) -> Heard:
        """As a person says, else as it was judged: that tells only what is negative apart."""
        if self.label is not None:
            return self.label  # type: ignore[return-value] # the spec lets no other in
        return "negative" if self.mention.negative else "other"


def wanted(
    session: Session,
    *,
    q: str = "",
    watches: Sequence[int] = (),
    incident: int | None = None,
    **more: object,
) -> Wanted:
    """What is looked for; `more` are the other fields of `Wanted`.

    NotFound if there is no such watch or incident; BadInput if the incident is of none of the watches, or the
    search holds no word.
    """
    for watch_id in watches:
        get_or_404(session, Watch, watch_id)
    asked = Wanted(search=read_search(q), watches=tuple(watches), **more)  # type: ignore[arg-type]
    if incident is None:
        return asked
    fire = get_or_404(session, Incident, incident)
    if watches and fire.watch_id not in watches:
        raise BadInput(f"incident {incident} is of watch {fire.watch_id}, which is not asked for")
    since = max(filter(None, (asked.since, fire.onset_at)))
    until = min(filter(None, (asked.until, fire.out_at)), default=None)
    fields = {name: getattr(asked, name) for name in Wanted.__slots__}
    return Wanted(**fields | {"watches": (fire.watch_id,), "since": since, "until": until})


def found(session: Session, asked: Wanted, *, behind: Place | None = None, limit: int) -> list[Found]:
    """The mentions that are looked for, newest first, those behind a place in the list; `limit` at most."""
    return _with_all(session, newest(session, asked, behind, limit))


def every(reading: Reading, asked: Wanted, *, at_once: int = 500) -> Iterator[Found]:
    """All that are looked for, newest first, each part in a session of its own: nothing is held meanwhile."""
    behind: Place | None = None
    while True:
        with reading() as session:
            part = found(session, asked, behind=behind, limit=at_once)
        yield from part
        if len(part) < at_once:
            return
        behind = part[-1].place


def _with_all(session: Session, mentions: Sequence[Mention]) -> list[Found]:
    ids = {mention.post_id for mention in mentions}
    keys = [(mention.watch_id, mention.post_id) for mention in mentions]
    posts = {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}
    watches = dict(
        iter(session.execute(select(Watch.id, Watch.name).where(Watch.id.in_({w for w, _ in keys}))))
    )
    sources = dict(
        iter(
            session.execute(
                select(Source.id, Source.name).where(
                    Source.id.in_({mention.source_id for mention in mentions})
                )
            )
        )
    )
    labels = {
        (row.watch_id, row.post_id): row.tone
        for row in session.scalars(select(Label).where(tuple_(Label.watch_id, Label.post_id).in_(keys)))
    }
    notes = {
        (row.watch_id, row.post_id): row
        for row in session.scalars(
            select(MentionNote).where(tuple_(MentionNote.watch_id, MentionNote.post_id).in_(keys))
        )
    }
    tags: dict[tuple[int, int], list[str]] = {}
    mine = select(MentionTag).where(tuple_(MentionTag.watch_id, MentionTag.post_id).in_(keys))
    for row in session.scalars(mine.order_by(MentionTag.tag)):
        tags.setdefault((row.watch_id, row.post_id), []).append(row.tag)
    return [
        Found(
            mention, posts[mention.post_id], watches[mention.watch_id], sources.get(mention.source_id, ""),
            labels.get(key), tuple(tags.get(key, ())), notes.get(key),
        )
        for mention, key in zip(mentions, keys, strict=True)
    ]  # fmt: skip
