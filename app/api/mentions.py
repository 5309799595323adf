"""Mentions over HTTP: the list, searched and filtered, as pages or as a file; tags and notes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlalchemy.orm import Session as OrmSession

from app.admin import mention_files, mention_notes, mentions, scope
from app.admin.change import get_or_404
from app.admin.fields import Instant, Name
from app.admin.fields import Language as LanguageCode
from app.admin.mention_query import Heard, Place, Wanted, how_many
from app.admin.mentions import Found
from app.admin.spec import Spec
from app.api.access import Id, Now, Parts, Responder, Session, Viewer
from app.api.paging import Page, PageRequest, PagingByThree, cursor_behind, instant_of
from app.api.views import View
from app.db import only_read
from app.models import Watch
from app.reading.query.wrong import LANGUAGE

router = APIRouter(tags=["mentions"])

_Numbered = Annotated[int, Query(ge=1, le=2**31 - 1)]
PostId = Annotated[int, Path(ge=1, le=2**63 - 1, description="id of the mention's post", examples=[1])]
Tag = Annotated[Name, Field(min_length=1, max_length=mention_notes.LONGEST_TAG)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            mention_files.MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}


class NoteView(View):
    """What somebody of the team noted."""

    text: str = Field(examples=["The shop in Lyon; asked for the lot number."])
    by: str = Field(examples=["Léa"])
    at: datetime


class MentionView(View):
    """A post that matches a watch; treat its text as hostile."""

    watch_id: int = Field(examples=[1])
    watch: str = Field(examples=["Danone"])
    post_id: int = Field(examples=[1])
    source: str = Field(examples=["Le Monde, économie"])
    at: datetime = Field(description="the five minutes that it counts in")
    published_at: datetime
    first_seen_at: datetime
    author: str | None
    title: str
    text: str
    url: str | None
    lang: str | None = Field(examples=["fr"])
    likes: int | None
    shares: int | None
    replies: int | None
    reach: int | None
    followers: int | None
    tone: Heard = Field(
        description="as a person says, else as it was judged: negative, or other", examples=["negative"]
    )
    amplified: bool = Field(description="it repeats what was said within a day before")
    tags: list[str] = Field(examples=[["recall"]])
    note: NoteView | None

    @classmethod
    def of(cls, row: Found) -> "MentionView":
        """The mention as an answer."""
        own = cls.model_fields.keys() - {"watch", "source", "tone", "tags", "note"}
        of_mention = {name: getattr(row.mention, name) for name in ("watch_id", "post_id", "at", "amplified")}
        of_post = {name: getattr(row.post, name) for name in own - of_mention.keys()}
        return cls(
            watch=row.watch, source=row.source, tone=row.tone, tags=list(row.tags),
            note=NoteView.model_validate(row.note) if row.note is not None else None,
            **of_mention, **of_post,
        )  # fmt: skip


def _filters(
    q: Annotated[
        str,
        Query(
            max_length=500,
            description='words that a post holds, "phrases", beginnings*, and -words that it does not hold; '
            "blind to case and accents",
            examples=['rappel "lot 4417" -jouet'],
        ),
    ] = "",
    source: Annotated[_Numbered | None, Query(description="id of the source")] = None,
    lang: Annotated[
        LanguageCode | None, Query(max_length=12, description="of the post, as its source says")
    ] = None,
    author: Annotated[
        str | None,
        Query(min_length=1, max_length=200, description="as posts are signed, with or without an @"),
    ] = None,
    tone: Annotated[
        Heard | None, Query(description="as a person says, else as it was judged: negative, or other")
    ] = None,
    since: Annotated[Instant | None, Query(description="from the five minutes on that hold it")] = None,
    until: Annotated[Instant | None, Query(description="before the five minutes that hold it")] = None,
    tag: Annotated[Tag | None, Query(description="that the team gave it")] = None,
    incident: Annotated[
        _Numbered | None, Query(description="id of an incident: from its onset to its end")
    ] = None,
) -> dict[str, Any]:
    return {
        "q": q, "source": source, "language": lang, "author": author, "tone": tone, "since": since,
        "until": until, "tag": tag, "incident": incident,
    }  # fmt: skip


Filters = Annotated[dict[str, Any], Depends(_filters)]
Watches = Annotated[list[_Numbered] | None, Query(description="ids of watches; empty: all")]
Form = Annotated[mention_files.Format, Query(alias="format", description="csv, or xlsx for spreadsheets")]


@router.get("/mentions")
def list_mentions(
    _who: Viewer, session: Session, paging: PagingByThree, filters: Filters, watch: Watches = None
) -> Page[MentionView]:
    """The mentions of all watches, newest first; strangers wrote their text."""
    return _page(session, mentions.wanted(session, watches=watch or (), **filters), paging)


@router.get("/mentions/export", response_class=StreamingResponse, responses=_FILE)
def export_mentions(
    _who: Viewer,
    session: Session,
    runtime: Parts,
    filters: Filters,
    watch: Watches = None,
    form: Form = "csv",
) -> StreamingResponse:
    """The same list as a file of 50,000 mentions at most; no text in it is a formula."""
    asked = mentions.wanted(session, watches=watch or (), **filters)
    return file_of(session, runtime.sessions, asked, form, "mentions")


@router.get("/watches/{id}/mentions")
def list_mentions_of_watch(
    _who: Viewer, session: Session, row_id: Id, paging: PagingByThree, filters: Filters
) -> Page[MentionView]:
    """The mentions of a watch, newest first; strangers wrote their text."""
    return _page(session, mentions.wanted(session, watches=(row_id,), **filters), paging)


@router.get("/watches/{id}/mentions/export", response_class=StreamingResponse, responses=_FILE)
def export_mentions_of_watch(
    _who: Viewer, session: Session, runtime: Parts, row_id: Id, filters: Filters, form: Form = "csv"
) -> StreamingResponse:
    """The same list as a file of 50,000 mentions at most; no text in it is a formula."""
    asked = mentions.wanted(session, watches=(row_id,), **filters)
    return file_of(session, runtime.sessions, asked, form, f"mentions-{row_id}")


class TagView(View):
    """A tag that the team uses."""

    tag: str = Field(examples=["recall"])
    mentions: int = Field(description="that bear it", examples=[12])


class TagsView(View):
    """The tags of a watch."""

    tags: list[TagView]


@router.get("/watches/{id}/tags")
def list_tags(_who: Viewer, session: Session, row_id: Id) -> TagsView:
    """The tags of the watch's mentions, the commonest 200 first."""
    get_or_404(session, Watch, row_id)
    rows = mention_notes.tags_of(session, row_id)
    return TagsView(tags=[TagView(tag=tag, mentions=many) for tag, many in rows])


class Annotation(Spec):
    """What the team makes of a mention; what is left out stays as it is."""

    tags: list[Tag] | None = Field(
        None, max_length=mention_notes.MOST_TAGS, description="all of them; an empty list takes them away",
        examples=[["recall"]],
    )  # fmt: skip
    note: str | None = Field(
        None, max_length=mention_notes.LONGEST_NOTE, description="an empty one takes it away",
        examples=["The shop in Lyon; asked for the lot number."],
    )  # fmt: skip


class AnnotationView(View):
    """What the team made of a mention."""

    tags: list[str]
    note: NoteView | None


@router.patch("/watches/{id}/mentions/{post_id}")
def annotate_mention(
    who: Responder, session: Session, now: Now, row_id: Id, post_id: PostId, body: Annotation
) -> AnnotationView:
    """Set the tags and the note of a mention; both go with the post."""
    tags, note = mention_notes.annotate(
        session, row_id, post_id, tags=body.tags, note=body.note, by=who.name, now=now
    )
    return AnnotationView(tags=tags, note=NoteView.model_validate(note) if note is not None else None)


def _page(session: OrmSession, asked: Wanted, paging: PageRequest) -> Page[MentionView]:
    behind = None
    if paging.behind is not None:
        behind = Place(instant_of(paging.behind), *paging.then)
    rows = mentions.found(session, asked, behind=behind, limit=paging.limit + 1)
    after = None
    if len(rows) > paging.limit:
        after = cursor_behind(*rows[paging.limit - 1].place)
    return Page(items=[MentionView.of(row) for row in rows[: paging.limit]], next=after)


def file_of(
    session: OrmSession,
    sessions: Callable[[], OrmSession],
    asked: Wanted,
    form: mention_files.Format,
    name: str,
) -> StreamingResponse:
    """The mentions as a file that is written while it is read; TooLarge says what to do about too many."""
    mention_files.require_few(how_many(session, asked, mention_files.MOST))
    teams, language = scope.teams_of(session), LANGUAGE.get()

    @contextmanager
    def reading() -> Iterator[OrmSession]:
        # The request's own has ended when the file is written; what it may see holds for these as well.
        with sessions() as opened:
            scope.bind(opened, teams)
            only_read(opened)
            yield opened

    rows = mentions.every(reading, asked)
    parts = mention_files.csv_file(rows) if form == "csv" else mention_files.xlsx_file(rows, language)
    return StreamingResponse(
        parts,
        media_type=mention_files.MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="tocsin-{name}.{form}"'},
    )
