"""Mentions: what is said, searched and filtered; what the team makes of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import mention_files, mention_notes, mentions, relevance, tone
from app.admin.change import checked, get_or_404
from app.admin.mention_query import Heard, Place, Wanted
from app.api.access import Id, Now, Parts, Session
from app.api.mentions import Annotation, file_of
from app.api.paging import PagingByThree, cursor_behind, instant_of
from app.channels.text import cut, line, link
from app.channels.wording.words import Words, mark
from app.console.access import Acting, Signed, inside, is_responder, require_responder
from app.console.forms import moment
from app.console.pages import PageRoute, go_to, render
from app.errors import BadInput
from app.models import DRILL, Source, Watch

router = APIRouter(prefix="/mentions", route_class=PageRoute, include_in_schema=False)
_A_PAGE, _TEXT = 30, 600
_TONES = {
    "negative": mark("negative"), "neutral": mark("neutral"), "positive": mark("positive"),
    "other": mark("not negative"),
}  # fmt: skip
_FILTERS = ("q", "watch", "source", "tone", "tag", "since", "until", "incident")
Text = Annotated[str, Query(max_length=500)]


@router.get("")
def show_mentions(
    request: Request,
    session: Session,
    visitor: Signed,
    paging: PagingByThree,
    q: Text = "",
    watch: Annotated[str, Query(max_length=12)] = "",
    source: Annotated[str, Query(max_length=12)] = "",
    heard: Annotated[Literal["", "negative", "neutral", "positive", "other"], Query(alias="tone")] = "",
    tag: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
    incident: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """The newest that are looked for, a page at a time."""
    words = visitor.words
    given = {
        "q": q, "watch": watch, "source": source, "tone": heard, "tag": tag, "since": since, "until": until,
        "incident": incident,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value}
    wrong, rows, after = "", [], ""
    try:
        asked = _wanted(session, given, words)
        behind = Place(instant_of(paging.behind), *paging.then) if paging.behind is not None else None
        rows = mentions.found(session, asked, behind=behind, limit=_A_PAGE + 1)
    except BadInput as error:
        wrong = str(error)
    if len(rows) > _A_PAGE:
        after = urlencode(given | {"cursor": cursor_behind(*rows[_A_PAGE - 1].place)})
    watches = session.execute(select(Watch.id, Watch.name).where(Watch.kind != DRILL).order_by(Watch.name))
    sources = session.execute(select(Source.id, Source.name).order_by(Source.name))
    return render(
        request,
        "mentions.html",
        status=422 if wrong else 200,
        given={name: given.get(name, "") for name in _FILTERS},
        wrong=wrong,
        rows=[_shown(one, words) for one in rows[:_A_PAGE]],
        after=after,
        watches=[("", words.say("every watch")), *((str(key), line(name)) for key, name in watches)],
        sources=[("", words.say("every source")), *((str(key), line(name)) for key, name in sources)],
        tones=[("", words.say("any tone")), *((key, words.say(said)) for key, said in _TONES.items())],
        may_act=is_responder(visitor, session),
        here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
        file=urlencode(given),
    )


@router.get("/export")
def write_file(
    request: Request,
    session: Session,
    runtime: Parts,
    visitor: Signed,
    form: Annotated[mention_files.Format, Query(alias="format")] = "xlsx",
) -> Response:
    """The same list as a file."""
    given = {name: value for name, value in request.query_params.items() if name in _FILTERS and value}
    return file_of(session, runtime.sessions, _wanted(session, given, visitor.words), form, "mentions")


@router.post("/{id}/{post_id}")
def mark_mention(
    session: Session,
    now: Now,
    visitor: Acting,
    row_id: Id,
    post_id: int,
    what: Annotated[Literal["negative", "neutral", "positive", "not_about", "tags"], Form()],
    tags: Annotated[str, Form(max_length=600)] = "",
    back: Annotated[str, Form(max_length=2000)] = "/mentions",
) -> Response:
    """Say what its tone is, that it is not about the watch, or what tags it bears."""
    watch = get_or_404(session, Watch, row_id)
    require_responder(visitor, session, watch.team_id)
    match what:
        case "not_about":
            relevance.relate(session, row_id, post_id, about=False, by=visitor.name, now=now)
        case "tags":
            given = checked(Annotation, {"tags": [one.strip() for one in tags.split(",") if one.strip()]})
            mention_notes.annotate(session, row_id, post_id, tags=given.tags, by=visitor.name, now=now)
        case _:
            tone.label(session, row_id, post_id, what, by=visitor.name, now=now)
    return go_to(f"{inside(back)}#m{row_id}-{post_id}")


def _wanted(session: OrmSession, given: Mapping[str, str], words: Words) -> Wanted:
    numbers = {name: _number(given[name]) for name in ("watch", "source", "incident") if name in given}
    return mentions.wanted(
        session,
        q=given.get("q", ""),
        watches=[numbers["watch"]] if "watch" in numbers else [],
        incident=numbers.get("incident"),
        source=numbers.get("source"),
        tone=given.get("tone"),
        tag=given.get("tag"),
        since=_instant(given.get("since", ""), words),
        until=_instant(given.get("until", ""), words),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise BadInput("choose one of the list")
    return int(text)


def _instant(text: str, words: Words) -> datetime | None:
    """What was typed, on the visitor's clock."""
    if not text:
        return None
    return moment("since", text, words)


def _shown(one: mentions.Found, words: Words) -> dict[str, Any]:
    """A mention in words."""
    post, there = one.post, link(one.post.url)
    text = "\n".join(filter(None, (post.title, post.text)))
    heard: Heard = one.tone
    return {
        "key": f"{one.mention.watch_id}-{one.mention.post_id}",
        "act": f"/mentions/{one.mention.watch_id}/{one.mention.post_id}",
        "watch": line(one.watch),
        "author": cut(line(post.author or ""), 60),
        "source": line(one.source),
        "at": words.moment(post.published_at),
        "url": there[0] if there else "",
        "host": there[1] if there else "",
        "text": cut(text, _TEXT),
        "lang": post.lang or "",
        "tone": words.say(_TONES[heard]),
        "negative": heard == "negative",
        "copy": one.mention.amplified,
        "tags": ", ".join(one.tags),
        "note": one.note.text if one.note else "",
    }
