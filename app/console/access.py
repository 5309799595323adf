"""Who is at the console, and whether what their browser sends comes from one of our own pages."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import people, scope, sign_in, teams
from app.admin.fields import Role
from app.admin.sign_in import SignedIn
from app.api.access import Now, Parts, Session
from app.channels.notices import known_language
from app.channels.wording.words import Words
from app.clock import known_zone
from app.db import only_read
from app.errors import Forbidden
from app.models import Person, Watch
from app.reading.query.wrong import LANGUAGE
from app.runtime import Runtime

_DAYS = 30
_HOME = "/"


class SignInNeeded(Exception):  # noqa: N818 - it is raised where somebody must sign in first
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, in one browser."""

    signed_in: SignedIn
    id: int
    name: str
    words: Words

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.signed_in.person

    @property
    def csrf(self) -> str:
        """What each form of this browser carries: nobody else's page knows it."""
        return hmac.new(self.signed_in.token.encode(), b"a form of the console", hashlib.sha256).hexdigest()

    def may(self, session: OrmSession, role: Role, team_id: int | None) -> bool:
        """Whether they may do what the role may with what is of that team; None: of the house."""
        return people.may(session, self.person, role, team_id)


def cookie_name(runtime: Runtime) -> str:
    """Of the cookie; behind TLS one that no other host and no page over HTTP can set."""
    return "__Host-tocsin" if _is_sealed(runtime) else "tocsin"


def hand_over(response: Response, runtime: Runtime, token: str) -> None:
    """Let the browser keep the session."""
    response.set_cookie(
        cookie_name(runtime),
        token,
        max_age=_DAYS * 86_400,
        httponly=True,
        secure=_is_sealed(runtime),
        samesite="lax",  # not strict: who follows a link from Slack is still signed in
    )


def take_back(response: Response, runtime: Runtime) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(cookie_name(runtime), secure=_is_sealed(runtime), httponly=True, samesite="lax")


def visitor_of(runtime: Runtime, session: OrmSession, request: Request) -> Visitor | None:
    """Who is signed in; None: nobody. The session sees from now on what they may."""
    token = request.cookies.get(cookie_name(runtime), "")
    found = sign_in.find(session, token, now=runtime.now())
    if found is None:
        return None
    person = found.person
    # One row that cannot be read must not close the house.
    language = known_language(str(person.language), LANGUAGE.get())
    words = Words(language, known_zone(str(person.time_zone) or first_zone(session)))
    scope.bind(session, teams.seen_by(session, person))
    return Visitor(found, person.id, person.name, words)


def first_zone(session: OrmSession) -> str:
    """The time zone of the first watch: that of people who have said none."""
    return session.scalar(select(Watch.time_zone).order_by(Watch.id).limit(1)) or "UTC"


def _visitor(request: Request, runtime: Parts, session: Session, now: Now) -> Visitor:
    with runtime.sessions() as reading:
        only_read(reading)
        known = visitor_of(runtime, reading, request)
    if known is None:
        raise SignInNeeded
    if not known.signed_in.noted:
        with runtime.sessions.begin() as writing:
            sign_in.note_use(writing, known.signed_in.token, now=now)
    found = visitor_of(runtime, session, request)
    if found is None:
        raise SignInNeeded
    request.state.visitor = found
    request.state.actor = found.name
    return found


def same_site(request: Request) -> None:
    """Nothing, if the browser says that one of our own pages sends this, or says nothing; else Forbidden."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    foreign = site not in {None, "same-origin", "none"} or (
        site is None and origin != "null" and urlsplit(origin).netloc != request.headers.get("host")
    )
    if foreign:
        raise Forbidden("another site sent this: open the page here, and press there")


def _acting(
    request: Request,
    visitor: Annotated[Visitor, Depends(_visitor)],
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Visitor:
    same_site(request)
    if not hmac.compare_digest(csrf.encode(), visitor.csrf.encode()):
        raise Forbidden("this page is too old to act from: open it again")
    return visitor


def require_admin(visitor: Visitor, session: OrmSession, team_id: int | None) -> None:
    """Nothing, if they may change what is of that team (None: of the house); else Forbidden."""
    if not visitor.may(session, "admin", team_id):
        raise Forbidden("this takes the role admin: ask an admin for it")


def require_responder(visitor: Visitor, session: OrmSession, team_id: int | None) -> None:
    """Nothing, if they may act on what is of that team (None: of the house); else Forbidden."""
    if not visitor.may(session, "responder", team_id):
        raise Forbidden("this takes the role responder: ask an admin for it")


def is_admin(visitor: Visitor, session: OrmSession) -> bool:
    """Whether they are admin of anything: of the house, or of a team."""
    return "admin" in _roles(visitor, session)


def is_responder(visitor: Visitor, session: OrmSession) -> bool:
    """Whether they may act anywhere; where, is looked at when they do."""
    return not _roles(visitor, session).isdisjoint({"responder", "admin"})


def _roles(visitor: Visitor, session: OrmSession) -> set[str]:
    return set(teams.roles_of(session, visitor.person).values()) or {visitor.person.role}


def require_admin_of_any(visitor: Visitor, session: OrmSession) -> None:
    """Nothing, if they are admin of the house or of a team; else Forbidden."""
    if not is_admin(visitor, session):
        require_admin(visitor, session, None)


Signed = Annotated[Visitor, Depends(_visitor)]  # may look
Acting = Annotated[Visitor, Depends(_acting)]  # sent one of our forms
SameSite = Annotated[None, Depends(same_site)]


def inside(path: str) -> str:
    """The path if it is one of our own pages, else the first page: nobody is sent on to elsewhere.

    >>> inside("/fires/3?x=1"), inside("//evil.example"), inside("https://evil.example"), inside(r"/\\evil")
    ('/fires/3?x=1', '/', '/', '/')
    """
    plain = path.isprintable() and path.isascii() and "\\" not in path and len(path) <= 500
    return path if plain and path.startswith("/") and not path.startswith("//") else _HOME


def sign_in_address(request: Request) -> str:
    """Where somebody signs in to come back to the page that they asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = asked if request.method == "GET" else _HOME
    return "/sign-in" if wanted == _HOME else f"/sign-in?next={quote(wanted, safe='/')}"


def _is_sealed(runtime: Runtime) -> bool:
    return runtime.settings.public_url.lower().startswith("https://")
