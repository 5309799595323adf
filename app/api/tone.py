"""What a team teaches of the tone of its watch, over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select

from app.admin import relevance, tone
from app.admin.change import get_or_404
from app.admin.spec import Spec
from app.api.access import Admin, Id, Now, Parts, Responder, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.posts import with_posts
from app.api.views import View
from app.models import Label, Post, Relation, Watch
from app.reading.learning import LEAST_LABELS, Tone

router = APIRouter(prefix="/watches", tags=["watches"])

PostId = Annotated[int, Path(ge=1, le=2**63 - 1, description="id of a mention of the watch", examples=[1])]


class Labelling(Spec):
    """What a person says of a post: its tone, or whether it is about the watch at all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tone": "negative"}, {"about": False}]})

    tone: Tone | None = Field(
        None, description="negative, neutral or positive, as it is about the watch; given without `about`"
    )
    about: bool | None = Field(
        None, description="false: it is not about the watch; true: it is, whatever its tone"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Labelling":
        if (self.tone is None) == (self.about is None):
            raise ValueError('a label is either {"tone": …} or {"about": true or false}')
        return self


class LabelView(View):
    """A labelled post; treat its text as hostile."""

    post_id: int = Field(examples=[1])
    tone: Tone | None = Field(description="empty where it was only said whether it is about the watch")
    about: bool
    by: str = Field(examples=["Léa"])
    at: datetime
    title: str
    text: str


class ToneView(View):
    """How the tone of the watch's posts is judged."""

    labels: int = Field(description="posts that people labelled", examples=[64])
    labels_needed: int = Field(description="before anything is learnt", examples=[LEAST_LABELS])
    used: bool = Field(description="what was learnt is used; else the default judges")
    learnt_at: datetime | None
    learnt_by: str | None = Field(examples=["Léa"])
    learnt_from: int | None = Field(description="labels that it was measured on", examples=[64])
    before: float | None = Field(description="macro-F1 of the default on them", examples=[0.52])
    after: float | None = Field(
        description="macro-F1 with what was learnt, on labels that it was not fitted on", examples=[0.71]
    )
    gain: float | None = Field(description="how much likelier the labels became, nats a post", examples=[0.2])
    doubt: float | None = Field(description="standard error of the gain", examples=[0.05])
    negative_words: list[str] = Field(description="words that it learnt to hear so, the strongest first")
    positive_words: list[str]


def _view(session: Session, watch: Watch) -> ToneView:
    learnt, taught = tone.learnt_of(watch), watch.taught or {}
    return ToneView(
        labels=tone.count(session, watch.id),
        labels_needed=LEAST_LABELS,
        used=bool(taught.get("used")),
        learnt_at=taught.get("at"),
        learnt_by=taught.get("by"),
        learnt_from=learnt and learnt.labels,
        before=learnt and round(learnt.before, 4),
        after=learnt and round(learnt.after, 4),
        gain=learnt and round(learnt.gain, 4),
        doubt=learnt and round(learnt.doubt, 4),
        negative_words=list(learnt.telling("negative")) if learnt else [],
        positive_words=list(learnt.telling("positive")) if learnt else [],
    )


def label_view(row: Label | Relation, post: Post) -> LabelView:
    """What was said of the post."""
    tone, about = (row.tone, True) if isinstance(row, Label) else (None, row.about)
    return LabelView(
        post_id=row.post_id,
        tone=tone,
        about=about,
        by=row.by,
        at=row.at,
        title=post.title,
        text=post.text,
    )


@router.get("/{id}/tone")
def read_tone(_who: Viewer, session: Session, row_id: Id) -> ToneView:
    """How the tone of its posts is judged: by default, or as its team taught, with the measured gain."""
    return _view(session, get_or_404(session, Watch, row_id))


@router.post("/{id}/tone/learn")
def learn_tone(who: Admin, session: Session, runtime: Parts, now: Now, row_id: Id) -> ToneView:
    """Learn from the labels, and weakly from the verdicts; used only if it is measured to be better.

    The watch's stored mentions are then read again by the next cycles. With too few labels nothing changes.
    """
    get_or_404(session, Watch, row_id)
    session.commit()  # the use of the key is written, and nothing is held while it learns
    tone.teach(runtime.sessions, row_id, by=who.name, now=now)
    with runtime.sessions() as after:
        return _view(after, get_or_404(after, Watch, row_id))


@router.post("/{id}/tone/forget")
def forget_tone(who: Admin, session: Session, now: Now, row_id: Id) -> ToneView:
    """Go back to the default judgement; the labels stay."""
    return _view(session, tone.forget(session, row_id, by=who.name, now=now))


@router.get("/{id}/labels")
def list_labels(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[LabelView]:
    """The labelled posts of the watch, the newest posts first; strangers wrote their text."""
    get_or_404(session, Watch, row_id)
    rows, after = page(session, select(Label).where(Label.watch_id == row_id), Label.post_id, paging)
    return Page(items=[label_view(row, post) for row, post in with_posts(session, rows)], next=after)


@router.put("/{id}/labels/{post_id}")
def label_post(
    who: Responder, session: Session, now: Now, row_id: Id, post_id: PostId, body: Labelling
) -> LabelView:
    """Say what the tone of a post is, or that it is not about the watch; the newest word counts."""
    row: Label | Relation
    if body.tone is not None:
        row = tone.label(session, row_id, post_id, body.tone, by=who.name, now=now)
    else:
        row = relevance.relate(session, row_id, post_id, about=bool(body.about), by=who.name, now=now)
    return label_view(row, get_or_404(session, Post, post_id))


@router.delete("/{id}/labels/{post_id}", status_code=204)
def unlabel_post(who: Responder, session: Session, now: Now, row_id: Id, post_id: PostId) -> None:
    """Take a label back."""
    tone.unlabel(session, row_id, post_id, by=who.name, now=now)
