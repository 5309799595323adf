"""Who is told: the channels that alerts go to, each with a test."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import channels, trials
from app.admin.change import checked, get_or_404
from app.admin.people import names_of
from app.admin.specs import ChannelSpec
from app.api.access import Id, Now, Parts, Session, Vault
from app.channels import KINDS
from app.channels.base import Kind
from app.channels.text import line
from app.channels.wording.reasons import reason
from app.console.access import Acting, Signed, Visitor, is_admin, require_admin, require_admin_of_any
from app.console.kind_forms import KindForm, kind_form, show_form
from app.console.pages import PageRoute, go_to, render
from app.console.watch import Form
from app.errors import AppError, ChannelError
from app.models import Channel, Person
from app.pipeline.delivery.outages import works

router = APIRouter(prefix="/channels", route_class=PageRoute, include_in_schema=False)


@router.get("")
def list_channels(request: Request, session: Session, visitor: Signed, done: str = "") -> HTMLResponse:
    """All channels, those that fail first."""
    rows = session.scalars(select(Channel).order_by(Channel.name)).all()
    names = names_of(session)
    shown = [
        {
            "id": row.id,
            "name": line(row.name),
            "kind": row.kind,
            "enabled": row.enabled,
            "works": works(row),
            "why": reason(row.broken_why, visitor.words) if row.broken_why else "",
            "person": line(names[row.person_id]) if row.person_id else "",
        }
        for row in sorted(rows, key=lambda row: (not row.enabled, works(row)))
    ]
    return render(
        request,
        "channels.html",
        channels=shown,
        may_change=is_admin(visitor, session),
        done=bool(done),
        sent="",
        failed="",
    )


@router.get("/new")
def new_channel(
    request: Request, session: Session, visitor: Signed, kind: Annotated[str, Query(max_length=20)] = ""
) -> HTMLResponse:
    """The kinds to choose from, or the form of one."""
    require_admin_of_any(visitor, session)
    if not kind:
        return render(request, "kinds.html", kinds=KINDS, action="/channels/new", title="A new channel")
    return _form(request, visitor, session, None, _asked(channels.kind_of(kind), {}))


@router.get("/{id}")
def read_channel(request: Request, session: Session, visitor: Signed, row_id: Id) -> HTMLResponse:
    """The channel as it is set, to be changed."""
    channel = get_or_404(session, Channel, row_id)
    set_now = channels.veiled(channels.audit_view(session, channel))["settings"]
    person = names_of(session)[channel.person_id] if channel.person_id else ""
    asked = _asked(channels.kind_of(channel.kind), set_now)
    shown = replace(asked, name=channel.name, person=person, enabled=channel.enabled)
    return _form(request, visitor, session, channel, shown)


@router.post("")
def make_channel(
    request: Request, session: Session, vault: Vault, now: Now, visitor: Acting, form: Form
) -> Response:
    """Save a new channel; what is made for it is shown this once."""
    require_admin_of_any(visitor, session)
    asked = _asked(channels.kind_of(form.get("kind", "")), {})
    try:
        with session.begin_nested():
            spec = checked(ChannelSpec, _given(asked, form))
            channel, secret = channels.create(session, spec, vault=vault, by=visitor.name, now=now)
            session.flush()
            require_admin(visitor, session, channel.team_id)
    except AppError as error:
        return _form(request, visitor, session, None, asked.again(form, error))
    if secret is not None:
        return render(request, "secret.html", name=channel.name, secret=secret, back="/channels", address="")
    return go_to("/channels?done=1")


@router.post("/{id}")
def change_channel(
    request: Request, session: Session, vault: Vault, now: Now, visitor: Acting, form: Form, row_id: Id
) -> Response:
    """Save what was changed."""
    channel = get_or_404(session, Channel, row_id)
    require_admin(visitor, session, channel.team_id)
    asked = _asked(channels.kind_of(channel.kind), {})
    try:
        with session.begin_nested():
            channels.update(session, row_id, _given(asked, form), vault=vault, by=visitor.name, now=now)
            session.flush()
    except AppError as error:
        channel = get_or_404(session, Channel, row_id)
        return _form(request, visitor, session, channel, asked.again(form, error))
    return go_to("/channels?done=1")


@router.post("/{id}/test")
def send_test(
    request: Request, session: Session, runtime: Parts, now: Now, visitor: Acting, row_id: Id
) -> HTMLResponse:
    """Send a test message, at once, and say what came of it."""
    channel = get_or_404(session, Channel, row_id)
    require_admin(visitor, session, channel.team_id)
    name, words = line(channel.name), visitor.words
    session.commit()  # nothing is held while somebody else is waited for
    sent = failed = ""
    try:
        trials.send_test(runtime.sessions, runtime.chain.delivery, row_id, by=visitor.name, now=now)
        sent = words.say("A test message went to {name}: see that it arrived.", name=name)
    except ChannelError as error:
        failed = words.say("{name} did not take it: {why}", name=name, why=reason(str(error), words))
    return render(request, "tested.html", status=502 if failed else 200, sent=sent, failed=failed)


def _asked(kind: Kind, given: Mapping[str, Any]) -> KindForm:
    return kind_form(kind.name, kind.summary, kind.secret, "", kind.settings, given)


def _given(asked: KindForm, form: Mapping[str, str]) -> dict[str, Any]:
    return asked.read(form) | {"person": form.get("person", "").strip() or None}


def _form(
    request: Request, visitor: Visitor, session: OrmSession, channel: Channel | None, asked: KindForm
) -> HTMLResponse:
    may, words = visitor.may(session, "admin", channel.team_id) if channel else True, visitor.words
    names = session.scalars(select(Person.name).order_by(Person.name))
    people = [("", words.say("nobody’s own: the team’s")), *((one, one) for one in names)]
    on = words.say("It is told")
    return show_form(request, asked, channel, home="/channels", may_change=may, on=on, people=people)
