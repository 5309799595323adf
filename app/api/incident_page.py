"""An incident as a page that people can read without a key: what the link in an alert opens.

The address is the right to read it: 128 bits that follow from the service's key and the incident's number, so
nobody finds one page by way of another. The page shows what the alert showed, as it stands now, and can do
nothing; a link leads on to the console, where whoever is signed in can.
"""

import hmac

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.api.access import Now, Parts, Session
from app.channels.base import Alert
from app.channels.document import small, with_parts
from app.channels.email.html import page
from app.channels.wording import documents
from app.channels.wording.crisis import course_parts
from app.channels.wording.sentences import words_of
from app.channels.wording.signing_in import way_in
from app.errors import NotFound
from app.models import WITH_WATCH, Incident, Transition, unreadable
from app.pipeline.crisis.course import course_of
from app.pipeline.delivery.messages import alert_of
from app.runtime import Runtime

router = APIRouter()
_LOOKED_BACK = 20  # transitions, for one that this version can read
HEADERS = {
    # Its styles are attributes, as mail readers want them; nothing else may run or be loaded.
    "Content-Security-Policy": (
        "default-src 'none'; style-src-attr 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@router.get("/incidents/{incident_id}/{key}", include_in_schema=False)
def read_page(session: Session, runtime: Parts, now: Now, incident_id: int, key: str) -> HTMLResponse:
    """The incident as it stands; a wrong key and a wrong number are told apart by nobody."""
    if incident_id > 2**31 - 1 or not hmac.compare_digest(
        key.encode(), runtime.page_key(incident_id).encode()
    ):
        raise NotFound("there is no such page: the link may have been cut")
    alert = newest_alert(session, runtime, incident_id)
    if alert is None:
        raise NotFound("there is no such page: the incident was deleted, or is older than what is kept")
    shown = documents.root(alert.model_copy(update={"link": None}))
    incident = session.get_one(Incident, incident_id)
    course = course_of(session, incident, at=now)
    words = words_of(alert)
    ways = small([(way_in(incident_id, words),)])
    shown = with_parts(shown, [*course_parts(course, words, now=now), ways])
    return HTMLResponse(page(shown, alert.language), headers=HEADERS)


def newest_alert(session: OrmSession, runtime: Runtime, incident_id: int, language: str = "") -> Alert | None:
    """The incident as it stands, as it is told; None if it is gone. `language`: else its watch's."""
    newest = (
        select(Incident, Transition)
        .join(Transition, Transition.incident_id == Incident.id)
        .where(Incident.id == incident_id)
        .order_by(Transition.id.desc())
        .options(WITH_WATCH)
    )
    for behind in range(_LOOKED_BACK):  # one by one: it is nearly always the first, and each is large
        found = session.execute(newest.offset(behind).limit(1)).first()
        if found is None:
            break
        incident, transition = found
        if not unreadable(incident) and not unreadable(transition):
            return alert_of(runtime.chain.delivery, incident, transition, language=language)
    return None
