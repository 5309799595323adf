"""What a team teaches of what its watch is about, over HTTP."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from app.admin import relevance
from app.admin.change import get_or_404
from app.api.access import Admin, Id, Now, Parts, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.posts import with_posts
from app.api.tone import LabelView, label_view
from app.api.views import View
from app.models import Aside, Relation, Watch
from app.reading.relevance import LEAST_EACH

router = APIRouter(prefix="/watches", tags=["watches"])


class RelevanceView(View):
    """How posts that are not about the watch are told apart."""

    on: bool = Field(description="what was learnt is used; else every post that matches counts")
    about: int = Field(description="posts that people labelled as about the watch", examples=[31])
    noise: int = Field(description="posts that people labelled as not about it", examples=[24])
    labels_needed: int = Field(description="of either kind, before anything is learnt", examples=[LEAST_EACH])
    learnt_at: datetime | None = Field(description="when it was learnt, or switched last")
    learnt_by: str | None = Field(examples=["Léa"])
    found: float | None = Field(
        description="part of what is not about the watch that is set aside, on labels not fitted on"
    )
    lost: float | None = Field(description="part of what is about it that is set aside, measured so")
    about_words: list[str] = Field(description="words that mark what is about the watch, the strongest first")
    noise_words: list[str] = Field(description="words that mark what is not")
    mentions: int = Field(description="mentions of the last seven days", examples=[312])
    set_aside: int = Field(
        description="posts of the last seven days set aside as not about it", examples=[48]
    )


class AsideView(View):
    """A post that matches the watch and was set aside; treat its text as hostile."""

    post_id: int = Field(examples=[1])
    at: datetime
    title: str
    text: str
    url: str | None


def _view(session: Session, watch: Watch, now: datetime) -> RelevanceView:
    learnt, held = relevance.learnt_of(watch), watch.relevance or {}
    labels = relevance.count(session, watch.id)
    mentions, aside = relevance.counted(session, watch.id, now=now)
    return RelevanceView(
        on=bool(held.get("on")),
        about=labels.about,
        noise=labels.noise,
        labels_needed=LEAST_EACH,
        learnt_at=held.get("at"),
        learnt_by=held.get("by"),
        found=learnt and round(learnt.found, 4),
        lost=learnt and round(learnt.lost, 4),
        about_words=list(learnt.telling(about=True)) if learnt else [],
        noise_words=list(learnt.telling(about=False)) if learnt else [],
        mentions=mentions,
        set_aside=aside,
    )


@router.get("/{id}/relevance")
def read_relevance(_who: Viewer, session: Session, now: Now, row_id: Id) -> RelevanceView:
    """How many posts are set aside as not about the watch, by what, and how well that was measured to do."""
    return _view(session, get_or_404(session, Watch, row_id), now)


@router.post("/{id}/relevance/learn")
def learn_relevance(who: Admin, session: Session, runtime: Parts, now: Now, row_id: Id) -> RelevanceView:
    """Learn from the labels what is not about the watch; on only if it is measured to lose nothing.

    The stored posts are then matched again by the next cycles. With too few labels nothing changes.
    """
    get_or_404(session, Watch, row_id)
    session.commit()  # the use of the key is written, and nothing is held while it learns
    relevance.teach(runtime.sessions, row_id, by=who.name, now=now)
    with runtime.sessions() as after:
        return _view(after, get_or_404(after, Watch, row_id), now)


@router.post("/{id}/relevance/off")
def switch_relevance_off(who: Admin, session: Session, now: Now, row_id: Id) -> RelevanceView:
    """Let every post that matches count again; the labels and what was learnt stay."""
    return _view(session, relevance.switch(session, row_id, on=False, by=who.name, now=now), now)


@router.post("/{id}/relevance/on")
def switch_relevance_on(who: Admin, session: Session, now: Now, row_id: Id) -> RelevanceView:
    """Use what was learnt, whatever it was measured to be worth."""
    return _view(session, relevance.switch(session, row_id, on=True, by=who.name, now=now), now)


@router.get("/{id}/aside")
def list_aside(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[AsideView]:
    """The posts that were set aside, the newest first; strangers wrote their text."""
    get_or_404(session, Watch, row_id)
    rows, after = page(session, select(Aside).where(Aside.watch_id == row_id), Aside.post_id, paging)
    return Page(
        items=[
            AsideView(post_id=post.id, at=row.at, title=post.title, text=post.text, url=post.url)
            for row, post in with_posts(session, rows)
        ],
        next=after,
    )


@router.get("/{id}/relations")
def list_relations(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[LabelView]:
    """The posts of which people said only whether they are about the watch; strangers wrote their text."""
    get_or_404(session, Watch, row_id)
    rows, after = page(session, select(Relation).where(Relation.watch_id == row_id), Relation.post_id, paging)
    return Page(items=[label_view(row, post) for row, post in with_posts(session, rows)], next=after)
