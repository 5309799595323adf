"""Drawing a page: the templates, what each of them knows, and the headers that it goes out with."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.admin.sign_in import LinkSpentError
from app.api.docs import places
from app.api.front import told_path
from app.channels.document import Inline, Link
from app.channels.text import bare, line
from app.channels.wording.reasons import refusal
from app.channels.wording.words import Words, mark
from app.console.access import SignInNeeded, Visitor, sign_in_address
from app.console.forms import Wrong
from app.console.statics import address
from app.errors import AppError
from app.logs import log
from app.reading.query.wrong import LANGUAGE

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_WRONG = {
    403: mark("You may not do this"),
    404: mark("There is no such page"),
    409: mark("Somebody was first"),
    422: mark("That cannot be used"),
}


def render(
    request: Request,
    template: str,
    *,
    words: Words | None = None,
    status: int = 200,
    **values: Any,  # noqa: ANN401
) -> HTMLResponse:
    """The page, in the language of whoever is signed in, or else of their browser."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    words = words or words_of(request)
    if isinstance(wrong := values.get("wrong"), Wrong):
        values["wrong"] = wrong.told(words)
    elif isinstance(wrong, str):
        values["wrong"] = refusal(wrong, words)
    drawn = _TEMPLATES.get_template(template).render(
        words=words,
        visitor=visitor,
        style=address("console.css"),
        icon=address("icon.svg"),
        script=address("console.js"),
        path=request.url.path,
        **values,
    )
    return HTMLResponse(drawn, status, headers=HEADERS)


def words_of(request: Request) -> Words:
    """Those of whoever is signed in, or else of their browser."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return visitor.words if visitor else Words(LANGUAGE.get(), "UTC")


def go_to(path: str) -> RedirectResponse:
    """On to another page, by GET whatever was sent."""
    return RedirectResponse(path, 303, headers=HEADERS)


def spans(text: Inline) -> Markup:
    """A line of a document, with its bold and its links; all that strangers wrote is escaped."""
    drawn = Markup()
    for span in text:
        if isinstance(span, Link):
            said = Markup('<a href="{}" rel="noreferrer nofollow">{}</a>').format(span.url, line(span.text))
        else:
            said = Markup("<br>").join(bare(span.text).split("\n"))
        drawn += Markup("<strong>{}</strong>").format(said) if span.bold else said
    return drawn


def is_language_tag(given: str) -> bool:
    """Whether it can be said of a text that it is in that language (BCP 47): sources send what they like."""
    return given.isascii() and given.replace("-", "").isalnum()


_TEMPLATES.filters |= {"spans": spans, "line": line, "bare": bare, "language_tag": is_language_tag}


class PageRoute(APIRoute):
    """A route whose errors are pages, too: they say what is wrong, to whoever looks at them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInNeeded:
                if request.url.path == "/" and "text/html" not in request.headers.get("accept", ""):
                    return places(request)
                return go_to(sign_in_address(request))
            except LinkSpentError:
                return render(request, "spent.html", status=410)
            except AppError as error:
                return _wrong(request, error.status, str(error))
            except RequestValidationError as error:
                named = ", ".join(str(one["loc"][-1]) for one in error.errors())
                return _wrong(request, 422, named)
            except HTTPException as error:
                return _wrong(request, error.status_code, "")
            except (OperationalError, PoolTimeout) as error:
                log().error("database failed", why=str(getattr(error, "orig", error)))
                return _wrong(request, 503, "the database does not take this now: try again shortly")
            except Exception:  # noqa: BLE001 - whoever looks is told, and the log says what
                log().exception("page crashed", method=request.method, path=told_path(request.url.path))
                number = request.state.request_id
                return _wrong(request, 500, f"something broke inside; the logs say what, under {number}")

        return answer


def _wrong(request: Request, status: int, detail: str) -> HTMLResponse:
    title = _WRONG.get(status, mark("Something went wrong"))
    words = words_of(request)
    return render(request, "wrong.html", status=status, title=title, detail=refusal(detail, words))
