"""What is done with a report: it is sent to a channel, or shared by a link, which can be taken back."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.admin import report_links, scope
from app.admin.change import checked, get_or_404
from app.admin.report_links import ReportLinkSpec
from app.admin.report_sending import send_report
from app.admin.reports import watch_of
from app.api.access import Now, Parts, Session
from app.channels.text import line
from app.channels.wording.reasons import reason
from app.channels.wording.words import Words
from app.console.access import Acting, require_responder
from app.console.pages import PageRoute, go_to, render
from app.console.report import Asked, address_of, language_in
from app.console.watch import Form
from app.errors import AppError, BadInput, ChannelError
from app.models import Channel

router = APIRouter(prefix="/reports", route_class=PageRoute, include_in_schema=False)


@router.post("/fires/{id}/send")
@router.post("/watches/{id}/send")
def send(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    about: Asked,
    form: Form,
) -> Response:
    """Send it to a channel, at once, and say what came of it."""
    require_responder(visitor, session, watch_of(session, about).team_id)
    channel = get_or_404(session, Channel, _number(form.get("channel", "")))
    name, number, words, language = line(channel.name), channel.id, visitor.words, language_in(form)
    seeing = scope.bound_like(session, runtime.sessions)
    session.commit()  # nothing is held while a PDF is set and somebody else is waited for
    said, failed, mend, status = "", "", "", 200
    try:
        said = send_report(
            seeing, runtime.chain.delivery, about, number, language=language, by=visitor.name, now=now
        )
    except ChannelError as error:
        failed, mend, status = reason(str(error), words), _mend(error, words), 502
    except AppError as error:
        failed, status = str(error), error.status
    return render(
        request,
        "report_sent.html",
        status=status,
        name=name,
        said=said,
        failed=failed,
        mend=mend,
        again=address_of(about, act="/send") if failed else "",
        number=str(number),
        language=language,
        back=address_of(about, language),
        channel=f"/channels/{number}",
    )


@router.post("/fires/{id}/links")
@router.post("/watches/{id}/links")
def share(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Acting,
    about: Asked,
    form: Form,
) -> Response:
    """Make a link that opens the report without signing in, and show it this once."""
    require_responder(visitor, session, watch_of(session, about).team_id)
    days, language = form.get("days", "7"), language_in(form)
    given: dict[str, Any] = {"days": int(days) if days.isdecimal() else days, "language": language or None}
    spec = checked(ReportLinkSpec, given)
    link, token = report_links.make(
        session, about, spec, by=visitor.name, now=now, language=visitor.words.language
    )
    return render(
        request,
        "report_shared.html",
        link=runtime.settings.address(f"/shared/{token}"),
        until=visitor.words.day(link.expires_at),
        back=address_of(report_links.about_of(link), language),
        reachable=bool(runtime.settings.public_url),
    )


@router.post("/fires/{id}/links/back")
@router.post("/watches/{id}/links/back")
def take_back(session: Session, now: Now, visitor: Acting, about: Asked, form: Form) -> Response:
    """Have a link open nothing from now on."""
    require_responder(visitor, session, watch_of(session, about).team_id)
    report_links.take_back(session, about, _number(form.get("link", "")), by=visitor.name, now=now)
    return go_to(address_of(about, language_in(form), done="back"))


def _mend(error: ChannelError, words: Words) -> str:
    """What whoever sent it can do."""
    if error.ambiguous:
        return words.say("It may have arrived all the same: look there before you send it again.")
    if error.permanent:
        return words.say(
            "It will not go before the channel is mended: look at its settings, or choose another."
        )
    return words.say("Try again in a while, or choose another channel.")


def _number(given: str) -> int:
    if not given.isdecimal() or not 0 < int(given[:12]) < 2**31:
        raise BadInput("choose one of the list")
    return int(given)
