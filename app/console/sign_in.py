"""Signing in and out: a link by e-mail, or one that was handed over; nobody has a password to lose."""

from datetime import datetime
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from app.admin import sign_in
from app.admin.change import Invalid, checked
from app.admin.team_specs import PersonSpec
from app.api.access import Now, Parts, Session
from app.channels.base import Letter, WritesLetters
from app.channels.notices import known_language
from app.channels.wording import signing_in
from app.console.access import Acting, SameSite, hand_over, inside, take_back, visitor_of
from app.console.pages import PageRoute, go_to, render
from app.errors import ChannelError
from app.logs import log
from app.models import Person
from app.reading.query.wrong import LANGUAGE
from app.runtime import Runtime

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_IN_ALL = 60  # links an hour that are asked for by whoever is not signed in
Next = Annotated[str, Query(alias="next", max_length=500)]


class Tries:
    """How many links were asked for within the hour, by anybody."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour, self._count = "", 0

    def one_more(self, now: datetime) -> bool:
        """Whether there is room for another."""
        with self._lock:
            hour = f"{now:%Y%m%d%H}"
            self._count = self._count + 1 if hour == self._hour else 1
            self._hour = hour
            return self._count <= _IN_ALL


@router.get("/sign-in")
def ask_who(request: Request, runtime: Parts, session: Session, to: Next = "/") -> Response:
    """The page that asks for an e-mail address; whoever is signed in goes on."""
    if visitor_of(runtime, session, request) is not None:
        return go_to(inside(to))
    nobody = session.scalar(select(Person.id).limit(1)) is None
    return _page(request, runtime, to, nobody=nobody)


@router.post("/sign-in")
def send_link(
    request: Request,
    runtime: Parts,
    now: Now,
    behind: BackgroundTasks,
    _same: SameSite,
    address: Annotated[str, Form(max_length=254)] = "",
    to: Annotated[str, Form(alias="next", max_length=500)] = "/",
) -> HTMLResponse:
    """Mail a link, if somebody has that address; the answer says the same, and as fast, if nobody has."""
    tries: Tries = request.state.tries
    many = not tries.one_more(now)
    if not many:
        behind.add_task(_mail, runtime, address, inside(to), LANGUAGE.get())
    return _page(request, runtime, to, sent=True, many=many)


@router.get("/sign-in/{token}")
def ask_whether(request: Request, session: Session, now: Now, token: str, to: Next = "/") -> HTMLResponse:
    """A button that signs in: programs that follow each link of a mail press none."""
    person = sign_in.read_link(session, token, now=now)
    return render(request, "link.html", person=person and person.name, to=inside(to), wrong="", given="")


@router.post("/sign-in/{token}")
def enter(
    request: Request,
    runtime: Parts,
    session: Session,
    now: Now,
    token: str,
    _same: SameSite,
    name: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form(alias="next", max_length=500)] = "/",
) -> Response:
    """Sign in by the link, which opens nothing after that."""
    first = None
    if sign_in.read_link(session, token, now=now) is None:
        given = {"name": name.strip(), "role": "admin", "language": known_language(LANGUAGE.get())}
        try:
            first = checked(PersonSpec, given)
        except Invalid as error:
            return render(
                request,
                "link.html",
                status=422,
                person=None,
                to=inside(to),
                wrong=str(error),
                given=given["name"],
            )
    browser = request.headers.get("user-agent", "")
    entered = sign_in.use_link(session, token, browser=browser, now=now, first=first)
    answer = go_to(inside(to))
    hand_over(answer, runtime, entered.token)
    return answer


@router.post("/sign-out")
def leave(
    runtime: Parts,
    session: Session,
    now: Now,
    visitor: Acting,
    everywhere: Annotated[bool, Form()] = False,
) -> Response:
    """End this session, or all of them."""
    if everywhere:
        sign_in.sign_out_everywhere(session, visitor.person, by=visitor.name, now=now)
    else:
        sign_in.sign_out(session, visitor.signed_in, now=now)
    answer = go_to("/sign-in")
    take_back(answer, runtime)
    return answer


def _page(
    request: Request,
    runtime: Runtime,
    to: str,
    *,
    nobody: bool = False,
    sent: bool = False,
    many: bool = False,
) -> HTMLResponse:
    settings = runtime.settings
    return render(
        request,
        "sign_in.html",
        status=429 if many else 200,
        to=inside(to),
        nobody=nobody,
        sent=sent,
        many=many,
        by_slack=bool(settings.slack_signing_secret or settings.slack_app_token),
    )


def _mail(runtime: Runtime, address: str, to: str, language: str) -> None:
    """Mail the link behind the answer: how long that takes tells nobody whether there is an account."""
    with runtime.sessions.begin() as session:
        asked = sign_in.ask_for_link(session, address, now=runtime.now())
        if asked is None:
            return
        person, channel, token = asked
        spoken = known_language(person.language, language)
        document = signing_in.letter(
            sign_in.address(runtime.settings, token, to), person.name, spoken, holds=sign_in.ASKED_HOLDS
        )
        made = f"sign-in-{person.id}-{runtime.now():%Y%m%d%H%M%S%f}"
        who = person.name
    try:
        telling = runtime.chain.delivery.open(channel)
        assert isinstance(telling, WritesLetters)  # noqa: S101 - those of e-mail do
        telling.write(Letter(made, document, spoken, address.strip()), now=runtime.now())
    except ChannelError as error:
        log().error("sign-in link not mailed", person=who, channel=channel.name, why=str(error))
