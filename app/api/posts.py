"""The posts of an incident, as they are shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.api.paging import PageRequest, page
from app.api.views import View
from app.models import Aside, Incident, Label, Mention, Post, Relation, Source

OfPost = TypeVar("OfPost", Label, Relation, Aside)


class PostView(View):
    """One public message; treat its text as hostile."""

    id: int = Field(examples=[1])
    source: str = Field(examples=["Le Monde, économie"])
    external_id: str
    author: str | None
    title: str
    text: str
    url: str | None
    lang: str | None = Field(examples=["fr"])
    published_at: datetime
    first_seen_at: datetime
    likes: int | None
    shares: int | None
    replies: int | None
    reach: int | None
    followers: int | None


def posts_of(
    session: Session, incident: Incident, behind: int | None, *, limit: int
) -> tuple[list[PostView], str | None]:
    """(mentions from the onset to the end of the incident, the cursor of those after them)."""
    # The numbers alone first: of a long incident that is a tenth of the work.
    mine = Post.id.in_(select(Mention.post_id).where(*_of(incident)))
    rows, after = page(session, select(Post).where(mine), Post.id, PageRequest(limit, behind))
    return _views(session, rows), after


def with_posts(session: Session, rows: Sequence[OfPost]) -> list[tuple[OfPost, Post]]:
    """Each row with the post that it is about."""
    asked = select(Post).where(Post.id.in_([row.post_id for row in rows]))
    posts = {post.id: post for post in session.scalars(asked)}
    return [(row, posts[row.post_id]) for row in rows]


def newest_posts_of(session: Session, incident: Incident, *, limit: int) -> list[PostView]:
    """The newest mentions from the onset to the end of the incident, by their five minutes."""
    query = (
        select(Post)
        .join(Mention, Mention.post_id == Post.id)
        .where(*_of(incident))
        .order_by(Mention.at.desc(), Post.id.desc())
    )
    return _views(session, session.scalars(query.limit(limit)).all())


def _of(incident: Incident) -> list[ColumnElement[bool]]:
    mine = [Mention.watch_id == incident.watch_id, Mention.at >= incident.onset_at]
    return mine if incident.out_at is None else [*mine, Mention.at < incident.out_at]


def _views(session: Session, posts: Sequence[Post]) -> list[PostView]:
    named = select(Source.id, Source.name).where(Source.id.in_({post.source_id for post in posts}))
    names = dict(iter(session.execute(named)))
    own = PostView.model_fields.keys() - {"source"}
    return [PostView(source=names[post.source_id], **{f: getattr(post, f) for f in own}) for post in posts]
