"""Signing people in to the console: links that work once, and sessions that are kept here.

A link and the cookie of a session are 256 random bits each; what is kept of them is a hash, so that whoever
reads the database can use neither.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.admin import people
from app.admin.change import record
from app.admin.team_specs import PersonSpec
from app.db import alone
from app.errors import Conflict, Unauthorized
from app.models import Channel, ConsoleSession, Person, SignInLink
from app.settings import Settings

ASKED_HOLDS = timedelta(minutes=30)  # a link that its own person asked for, by e-mail or in Slack
HANDED_HOLDS = timedelta(days=3)  # a link that somebody passes on by hand
_IDLE, _LONGEST = timedelta(days=7), timedelta(days=30)  # of a session
_NOTED_EVERY = timedelta(minutes=10)
_ASKED, _ASKED_WITHIN = 5, timedelta(hours=1)  # by one person
_BROWSER = 200
_FORGED = 400  # characters; longer is no token of ours


class LinkSpentError(Unauthorized):
    """A link that signs nobody in: it was used, is too old, or was cut."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in."""

    person: Person
    token: str  # what their cookie holds
    noted: bool  # whether their last use was written down not long ago


def make_link(
    session: Session, person_id: int | None, *, holds: timedelta, now: datetime, mailed: bool = False
) -> str:
    """The token of a new link for the person; None: for whoever opens it, as the first admin."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now - _ASKED_WITHIN))
    token = secrets.token_urlsafe(32)
    session.add(
        SignInLink(
            digest=_digest(token), person_id=person_id, created_at=now, expires_at=now + holds, mailed=mailed
        )
    )
    session.flush()
    return token


def first_link(session: Session, *, now: datetime) -> str | None:
    """A link for the first admin while there is nobody at all; None once there is somebody.

    One that was made before opens nothing any more.
    """
    alone(session, "tocsin: first link")
    if session.scalar(select(Person.id).limit(1)) is not None:
        return None
    session.execute(delete(SignInLink).where(SignInLink.person_id.is_(None)))
    return make_link(session, None, holds=HANDED_HOLDS, now=now)


def read_link(session: Session, token: str, *, now: datetime) -> Person | None:
    """Whom the link would sign in; None: the first admin. LinkSpentError if it signs nobody in."""
    link = session.get(SignInLink, _digest(token))
    if link is None or link.expires_at <= now:
        raise LinkSpentError("this link was used, or is too old: ask for another")
    if link.person_id is None:
        if session.scalar(select(Person.id).limit(1)) is not None:
            raise LinkSpentError("this link was for the first admin, and there are people now")
        return None
    return session.get_one(Person, link.person_id)


def use_link(
    session: Session, token: str, *, browser: str, now: datetime, first: PersonSpec | None = None
) -> SignedIn:
    """Sign in whom the link is for, once; `first`: who the first admin is."""
    person = read_link(session, token, now=now)
    gone = delete(SignInLink).where(SignInLink.digest == _digest(token)).returning(SignInLink.digest)
    if session.execute(gone).first() is None:  # of two at once, one has it
        raise LinkSpentError("this link was used, or is too old: ask for another")
    if person is None:
        if first is None:
            raise Conflict("the first admin has a name: give it")
        person = people.create(session, first, by="tocsin", now=now)
    return _open(session, person, browser, now)


def ask_for_link(session: Session, address: str, *, now: datetime) -> tuple[Person, Channel, str] | None:
    """(who has that e-mail address, their channel to it, the token of a new link); None: nobody is mailed.

    That is so where nobody has the address, and where the person was mailed often enough: whoever asks is
    told the same in each case.
    """
    found = _mailbox(session, address)
    if found is None:
        return None
    person, channel = found
    token = link_for(session, person, now=now)
    return None if token is None else (person, channel, token)


def link_for(session: Session, person: Person, *, now: datetime) -> str | None:
    """The token of a new link for who asks for it; None if they asked often enough within the hour."""
    lately = select(func.count()).where(
        SignInLink.person_id == person.id, SignInLink.mailed, SignInLink.created_at > now - _ASKED_WITHIN
    )
    if (session.scalar(lately) or 0) >= _ASKED:
        return None
    return make_link(session, person.id, holds=ASKED_HOLDS, now=now, mailed=True)


def address(settings: Settings, token: str, to: str = "/") -> str:
    """The link as people open it, and where it leads after that."""
    return settings.address(f"/sign-in/{token}") + (f"?next={quote(to, safe='/')}" if to != "/" else "")


def find(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Who is signed in by that cookie; None if it opens nothing."""
    if not token or len(token) > _FORGED:
        return None
    row = session.scalar(select(ConsoleSession).where(ConsoleSession.digest == _digest(token)))
    if row is None or now - row.used_at > _IDLE or now - row.created_at > _LONGEST:
        return None
    person = session.get_one(Person, row.person_id)
    return SignedIn(person, token, noted=now - row.used_at < _NOTED_EVERY)


def note_use(session: Session, token: str, *, now: datetime) -> None:
    """Write down that the session was used just now."""
    mine = update(ConsoleSession).where(ConsoleSession.digest == _digest(token))
    session.execute(mine.values(used_at=now))


def sign_out(session: Session, who: SignedIn, *, now: datetime) -> None:
    """End the session."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.digest == _digest(who.token)))
    record(session, who.person, "sign_out", before=None, after={}, by=who.person.name, now=now)


def sign_out_everywhere(session: Session, person: Person, *, by: str, now: datetime) -> None:
    """End all sessions of the person, in each browser, and spend their links."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.person_id == person.id))
    session.execute(delete(SignInLink).where(SignInLink.person_id == person.id))
    record(session, person, "sign_out_everywhere", before=None, after={}, by=by, now=now)


def sign_all_out(session: Session) -> None:
    """End all sessions, and spend all links: of a database that others may have a copy of."""
    session.execute(delete(ConsoleSession))
    session.execute(delete(SignInLink))


def _open(session: Session, person: Person, browser: str, now: datetime) -> SignedIn:
    old = ConsoleSession.created_at <= now - _LONGEST, ConsoleSession.used_at <= now - _IDLE
    for ended in old:
        session.execute(delete(ConsoleSession).where(ended))
    token = secrets.token_urlsafe(32)  # always a new one: what a browser held before opens nothing
    browser = browser[:_BROWSER]
    session.add(
        ConsoleSession(
            digest=_digest(token), person_id=person.id, browser=browser, created_at=now, used_at=now
        )
    )
    record(session, person, "sign_in", before=None, after={"browser": browser}, by=person.name, now=now)
    session.flush()
    return SignedIn(person, token, noted=True)


def _mailbox(session: Session, address: str) -> tuple[Person, Channel] | None:
    """Who has a channel of their own to that address, and the channel."""
    wanted = address.strip().casefold()
    own = select(Channel).where(Channel.person_id.is_not(None), Channel.kind == "email", Channel.enabled)
    for channel in session.scalars(own.order_by(Channel.id)):
        to = channel.settings.get("to") if isinstance(channel.settings, dict) else None
        if isinstance(to, list) and wanted in (str(one).casefold() for one in to):
            return session.get_one(Person, channel.person_id), channel
    return None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
