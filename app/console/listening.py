"""Listening: where posts come from, what each source lacks, and how to get more of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app import sources as kinds
from app.admin import sources
from app.admin.change import checked, get_or_404
from app.admin.overview import heard_lately
from app.admin.specs import SourceSpec
from app.api.access import Id, Now, Parts, Session, Vault
from app.channels.text import line
from app.channels.wording.reasons import reason
from app.channels.wording.words import Words, mark
from app.console.access import Acting, Signed, Visitor, is_admin, require_admin, require_admin_of_any
from app.console.kind_forms import KindForm, kind_form, show_form
from app.console.pages import PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError, SourceError
from app.models import Source, SourceHealth
from app.sources.base import Kind
from app.sources.discover import Found, discover

router = APIRouter(prefix="/listening", route_class=PageRoute, include_in_schema=False)
_HEALTH = {
    SourceHealth.down: mark("not heard"),
    SourceHealth.degraded: mark("heard in part"),
    SourceHealth.new: mark("not asked yet"),
    SourceHealth.ok: mark("heard"),
}
_TONES = ("down", "degraded", "new", "ok", "off")  # the worst first
_SECRET = "needed"  # noqa: S105 - a word, not a secret


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the list."""

    id: int
    name: str
    kind: str
    tone: str
    health: str
    why: str
    heard: str
    enabled: bool
    fetched: bool


@router.get("")
def list_sources(
    request: Request, session: Session, now: Now, visitor: Signed, done: str = ""
) -> HTMLResponse:
    """All sources, those that lack something first."""
    asked = select(Source, heard_lately(now)).order_by(Source.name)
    lines = [_line(row, lately, visitor.words, now) for row, lately in session.execute(asked)]
    ordered = sorted(lines, key=lambda one: (not one.enabled, _TONES.index(one.tone)))
    return render(
        request,
        "listening.html",
        sources=ordered,
        may_change=is_admin(visitor, session),
        done=bool(done),
    )


@router.get("/find")
def find_sources(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Signed,
    site: Annotated[str, Query(max_length=2000)] = "",
) -> HTMLResponse:
    """What a site offers to listen to."""
    require_admin_of_any(visitor, session)
    session.commit()  # nothing is held while somebody else is waited for
    found: list[Found] = []
    wrong = ""
    if site.strip():
        address = site.strip() if "://" in site else f"https://{site.strip()}"
        try:
            found = discover(runtime.http, address, now=now)
        except SourceError as error:
            wrong = reason(str(error), visitor.words)
    return render(
        request,
        "find.html",
        site=site,
        wrong=wrong,
        asked=bool(site.strip()),
        found=[(one, json.dumps(one.settings), _ready(one)) for one in found],
    )


@router.get("/new")
def new_source(
    request: Request,
    session: Session,
    visitor: Signed,
    kind: Annotated[str, Query(max_length=30)] = "",
    name: Annotated[str, Query(max_length=200)] = "",
    settings: Annotated[str, Query(max_length=4000)] = "",
) -> HTMLResponse:
    """The kinds to choose from, or the form of one; `settings`: what was found of it, as JSON."""
    require_admin_of_any(visitor, session)
    if not kind:
        shown = [one for one in kinds.KINDS if one.name != "archive"]
        return render(request, "kinds.html", kinds=shown, action="/listening/new", title="A new source")
    asked = replace(_asked(sources.kind_of(kind), _json(settings)), name=name)
    return _form(request, visitor, session, None, asked)


@router.get("/{id}")
def read_source(request: Request, session: Session, visitor: Signed, row_id: Id) -> HTMLResponse:
    """The source as it is set, to be changed."""
    source = get_or_404(session, Source, row_id)
    set_now = sources.veiled(sources.audit_view(session, source))["settings"]
    asked = _asked(sources.kind_of(source.kind), set_now)
    return _form(request, visitor, session, source, replace(asked, name=source.name, enabled=source.enabled))


@router.post("")
def make_source(
    request: Request, session: Session, vault: Vault, now: Now, visitor: Acting, form: Form
) -> Response:
    """Save a new source; what is made for it is shown this once."""
    require_admin_of_any(visitor, session)
    asked = _asked(sources.kind_of(form.get("kind", "")), {})
    try:
        with session.begin_nested():
            spec = checked(SourceSpec, _given(asked, form))
            source, secret = sources.create(session, spec, vault=vault, by=visitor.name, now=now)
            require_admin(visitor, session, source.team_id)
    except AppError as error:
        return _form(request, visitor, session, None, asked.again(form, error))
    if secret is not None:
        return render(
            request,
            "secret.html",
            name=source.name,
            secret=secret,
            back="/listening",
            address=f"/api/v1/sources/{source.id}/posts",
        )
    return go_to("/listening?done=1")


@router.post("/{id}")
def change_source(
    request: Request, session: Session, vault: Vault, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Save what was changed."""
    source = get_or_404(session, Source, row_id)
    require_admin(visitor, session, source.team_id)
    asked = _asked(sources.kind_of(source.kind), {})
    try:
        with session.begin_nested():
            changes = _given(asked, form) | {"enabled": "enabled" in form}
            sources.update(session, row_id, changes, vault=vault, by=visitor.name, now=now)
    except AppError as error:
        source = get_or_404(session, Source, row_id)
        return _form(request, visitor, session, source, asked.again(form, error))
    return go_to("/listening?done=1")


@router.post("/{id}/again")
def try_again(session: Session, now: Now, visitor: Acting, row_id: Id) -> Response:
    """Ask it again at once."""
    source = get_or_404(session, Source, row_id)
    require_admin(visitor, session, source.team_id)
    sources.run_now(session, row_id, by=visitor.name, now=now)
    return go_to("/listening?done=1")


def _line(source: Source, lately: bool, words: Words, now: Now) -> SourceLine:
    health = source.health if source.health in _HEALTH else SourceHealth.down  # one that cannot be read
    tone, said = str(health), words.say(_HEALTH[health])
    if not source.enabled:
        tone, said = "off", words.say("switched off")
    elif health is SourceHealth.ok and not lately:
        tone, said = "degraded", words.say("nothing heard for two hours")
    why = source.health_why or source.doubt
    until = source.heard_until
    kind = next((one for one in kinds.KINDS if one.name == source.kind), None)
    return SourceLine(
        source.id,
        line(source.name),
        source.kind,
        tone,
        said,
        reason(why, words) if why else "",
        words.say("heard up to {at}", at=words.clock(until, seen_from=now)) if until else "",
        source.enabled,
        bool(kind and (kind.build or kind.listen)),
    )


def _asked(kind: Kind, given: Mapping[str, Any]) -> KindForm:
    return kind_form(kind.name, kind.summary, kind.secret, kind.needs, kind.settings, given)


def _given(asked: KindForm, form: Mapping[str, str]) -> dict[str, Any]:
    given = asked.read(form)
    if not given["enabled"] and "was_new" in form:
        del given["enabled"]  # some kinds wait until a person says that they have what it needs
    return given


def _ready(found: Found) -> bool:
    kind = kinds.kind(found.kind)
    required = {name for name, field in kind.settings.model_fields.items() if field.is_required()}
    return not (required - found.settings.keys() or kind.needs or kind.secret == _SECRET)


def _json(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text) if text else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _form(
    request: Request, visitor: Visitor, session: OrmSession, source: Source | None, asked: KindForm
) -> HTMLResponse:
    may = visitor.may(session, "admin", source.team_id) if source else True
    on = visitor.words.say("It is listened to")
    return show_form(request, asked, source, home="/listening", may_change=may, on=on)
