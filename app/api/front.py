"""The front door: request ids, limits on size, safe headers, a line in the log, no internals in a 500."""

import re
import secrets
from asyncio import Semaphore
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem
from app.logs import VEIL, log
from app.reading.query.wrong import LANGUAGE
from app.sources.push import source as push

SETTINGS_LIMIT = 1_000_000
_POSTS = re.compile(r"/api/v1/sources/\d+/(?:posts|websub/[0-9a-f]{1,64})/?")
# What opens something by itself: who reads the log must not get in by it.
_OPENS = re.compile(r"^(/sign-in/|/shared/|/act/|/incidents/\d+/|/api/v1/sources/\d+/websub/).+")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_OFTEN = {"/healthz", "/readyz", "/metrics"}  # asked by machines, every few seconds
_FREE = {"/healthz", "/readyz", "/live"}  # they wait for nobody, or for hours
# A request holds a connection to the database between its parts, each of which waits for a thread: with more
# requests than connections, all threads would wait for connections, and these for threads.
AT_ONCE = 20
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def _language(accepted: str) -> str:
    """French for those who would rather read it than English."""
    french, english = accepted.lower().find("fr"), accepted.lower().find("en")
    return "fr" if french >= 0 and (english < 0 or french < english) else "en"


def told_path(path: str) -> str:
    """The path as the log shows it.

    >>> told_path("/incidents/7/0f3a9c"), told_path("/sign-in/x-y_z"), told_path("/api/v1/incidents/7")
    ('/incidents/7/•••', '/sign-in/•••', '/api/v1/incidents/7')
    """
    return _OPENS.sub(rf"\1{VEIL}", path)


class Front:
    """Wraps the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._slots = Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        began = perf_counter()
        LANGUAGE.set(_language(Headers(scope=scope).get("accept-language", "")))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._served(scope, receive, answered)
            except Exception:
                log().exception("request crashed", method=scope["method"], path=told_path(scope["path"]))
                if status:
                    raise  # too late to answer otherwise; the server cuts the connection
                detail = "something broke inside; the logs of the service say what, under this request's id"
                await problem(request_id, 500, detail)(scope, receive, answered)
            finally:
                tell = log().debug if scope["path"] in _OFTEN else log().info
                tell(
                    "request",
                    method=scope["method"],
                    path=told_path(scope["path"]),
                    status=status,
                    ms=round((perf_counter() - began) * 1000, 1),
                    key=scope["state"].get("actor"),
                )

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = push.MAX_BYTES if _POSTS.fullmatch(scope["path"]) else SETTINGS_LIMIT
        text = Headers(scope=scope).get("content-length", "")
        detail = f"the body is larger than the {limit:,} bytes that are taken at once: send less at a time"
        if text.isdecimal() and int(text[:20]) > limit:
            await problem(scope["state"]["request_id"], 413, detail)(scope, receive, send)
            return
        taken = 0

        async def measured() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, detail)
            return message

        if scope["path"] in _FREE:
            await self._app(scope, measured, send)
            return
        async with self._slots:
            await self._app(scope, measured, send)
