"""The posts of an incident, as they are shown."""

from datetime import datetime

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.paging import PageRequest, page
from app.api.views import View
from app.models import Incident, Mention, Post, Source


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
    query = (
        select(Post)
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.watch_id == incident.watch_id, Mention.at >= incident.onset_at)
    )
    if incident.out_at is not None:
        query = query.where(Mention.at < incident.out_at)
    rows, after = page(session, query, Post.id, PageRequest(limit, behind))
    named = select(Source.id, Source.name).where(Source.id.in_({row.source_id for row in rows}))
    names = dict(iter(session.execute(named)))
    own = PostView.model_fields.keys() - {"source"}
    return [PostView(source=names[row.source_id], **{f: getattr(row, f) for f in own}) for row in rows], after
