"""The page that a link in a message opens, to act without a login: it asks first, and acts once.

The address is the right to do one thing in the name of whom the message was for, for a day. Asking for the
page does nothing, as link scanners and previews do that; the button on it does.
"""

from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session as OrmSession

from app.admin import incidents
from app.admin.people import obeyed_before
from app.api.access import Now, Parts, Session
from app.api.incident_page import HEADERS, newest_alert
from app.channels.act_links import HOLDS, SNOOZE, ActLink
from app.channels.base import Alert
from app.channels.document import Document
from app.channels.email.html import page
from app.channels.wording import acting
from app.errors import Conflict
from app.models import VerdictWord
from app.reading.query.wrong import LANGUAGE
from app.runtime import Runtime

router = APIRouter(prefix="/act", include_in_schema=False)


class _Instead(Exception):  # noqa: N818 - it is raised where nothing is left but to show it
    """The page that is shown in the place of what was asked for."""

    def __init__(self, document: Document, language: str, status: int) -> None:
        super().__init__()
        self.page = _shown(document, language, status=status)


@router.get("/{token}")
def ask_first(session: Session, runtime: Parts, now: Now, token: str) -> HTMLResponse:
    """Say what the link will do, with a button that does it."""
    try:
        link = _read(runtime, token, now)
        alert = _standing(session, runtime, link)
    except _Instead as instead:
        return instead.page
    if settled := acting.settled(alert, link.act, now=now):
        return _shown(settled, link.language)
    asked = acting.asked(alert, link.act, link.by, snooze=SNOOZE)
    return _shown(asked, link.language, press=acting.yes(link.act, link.language, snooze=SNOOZE))


@router.post("/{token}")
def act(runtime: Parts, now: Now, token: str) -> HTMLResponse:
    """Do what the link does, once; after that, say who did it and when."""
    try:
        link = _read(runtime, token, now)
        try:
            with runtime.sessions.begin() as session:
                done = _act_once(session, runtime, link, token, now)
        except Conflict:  # somebody was quicker by a moment
            with runtime.sessions() as session:
                alert = _standing(session, runtime, link)
            done = acting.settled(alert, link.act, now=now) or acting.used(alert)
    except _Instead as instead:
        return instead.page
    return _shown(done, link.language)


def _act_once(session: OrmSession, runtime: Runtime, link: ActLink, token: str, now: datetime) -> Document:
    alert = _standing(session, runtime, link)
    if settled := acting.settled(alert, link.act, now=now):
        return settled
    if obeyed_before(session, f"link {token}", now=now):
        return acting.used(alert)
    _do(session, link, now)
    session.flush()
    return acting.done(_standing(session, runtime, link), link.act, now=now)


def _read(runtime: Runtime, token: str, now: datetime) -> ActLink:
    link = runtime.act_links.read(token)
    if link is None:
        raise _Instead(acting.gone(LANGUAGE.get(), cut=True), LANGUAGE.get(), 404)
    if now >= link.until:
        expired = acting.expired(link.language, hours=HOLDS // timedelta(hours=1))
        raise _Instead(expired, link.language, 410)
    return link


def _standing(session: OrmSession, runtime: Runtime, link: ActLink) -> Alert:
    alert = newest_alert(session, runtime, link.incident_id, link.language)
    if alert is None:
        raise _Instead(acting.gone(link.language, cut=False), link.language, 404)
    return alert


def _do(session: OrmSession, link: ActLink, now: datetime) -> None:
    match link.act:
        case "acknowledge":
            incidents.acknowledge(session, link.incident_id, by=link.by, now=now)
        case "snooze":
            incidents.snooze(session, link.incident_id, until=now + SNOOZE, by=link.by, now=now)
        case _:
            judged = VerdictWord.false_alarm
            incidents.judge(session, link.incident_id, verdict=judged, note="", by=link.by, now=now)


def _shown(document: Document, language: str, *, press: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(page(document, language, press=press), status, headers=HEADERS)
