"""What keeps an open page up to date: a stream that says when something changed, and nothing of what."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool

from app.console.access import visitor_of
from app.db import only_read
from app.errors import Unauthorized, Unavailable
from app.models import AuditEntry, Bucket, Silence, Source, Transition
from app.runtime import Runtime

router = APIRouter(include_in_schema=False)
_EVERY, _SIGN_OF_LIFE = 1.0, 15  # seconds; the latter in looks
_MOST = 200  # streams of this process


class Pulse:
    """What changed last, looked at once for all who wait."""

    def __init__(self) -> None:
        self.waiting = 0
        self._asked: asyncio.Future[str] | None = None

    async def read(self, runtime: Runtime) -> str:
        """A text that is another one whenever something that a page shows has changed."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.ensure_future(run_in_threadpool(_mark, runtime))
        return await asyncio.shield(self._asked)


def _admitted(request: Request) -> Pulse:
    """Before the stream begins: what is refused later would be no answer any more."""
    if not _is_signed_in(request.state.runtime, request):
        raise Unauthorized("sign in first")
    pulse: Pulse = request.state.pulse
    if pulse.waiting >= _MOST:
        raise Unavailable(
            f"{_MOST} pages are kept up to date already: load this one again to see what is new"
        )
    return pulse


@router.get("/live", response_class=EventSourceResponse)
async def listen(
    request: Request, pulse: Annotated[Pulse, Depends(_admitted)]
) -> AsyncIterator[ServerSentEvent]:
    """Say `changed` at once whenever something has, and `alive` now and then; ends with the session."""
    runtime: Runtime = request.state.runtime
    pulse.waiting += 1
    try:
        seen, looks = await pulse.read(runtime), 0
        yield ServerSentEvent(event="alive", data="")
        while True:
            await asyncio.sleep(_EVERY)
            looks += 1
            now = await pulse.read(runtime)
            if now != seen:
                seen = now
                yield ServerSentEvent(event="changed", data="")
            elif looks % _SIGN_OF_LIFE == 0:
                if not await run_in_threadpool(_is_signed_in, runtime, request):
                    return
                yield ServerSentEvent(event="alive", data="")
    finally:
        pulse.waiting -= 1


def _is_signed_in(runtime: Runtime, request: Request) -> bool:
    with runtime.sessions() as session:
        only_read(session)
        return visitor_of(runtime, session, request) is not None


def _mark(runtime: Runtime) -> str:
    with runtime.sessions() as session:
        only_read(session)
        return " ".join(str(session.scalar(query)) for query in _QUERIES)


_QUERIES = (
    select(func.max(Transition.id)),
    select(func.max(Bucket.counted_at)),
    select(func.max(Source.health_since)),
    select(func.max(AuditEntry.id)),
    select(func.max(Silence.id)),
)
