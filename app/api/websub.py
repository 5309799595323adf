"""The door for hubs: they ask whether we asked, and bring what is new in a feed."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import PlainTextResponse

from app.admin import inbox
from app.api.access import Id, Now, Parts
from app.errors import NotFound
from app.pipeline.ingest import websub
from app.runtime import Runtime

router = APIRouter(prefix="/sources/{id}/websub", tags=["sources"])

Token = Annotated[str, Path(max_length=64, description="makes the address one that only the hub knows")]
_TOLD = ("hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds", "hub.reason")
_ASKED: dict[str, Any] = {
    "security": [],
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": "see WebSub",
            "schema": {"type": "string"},
        }
        for name in _TOLD
    ],
}


async def _raw(request: Request) -> bytes:
    return await request.body()


def _known(runtime: Runtime, source_id: int, token: str) -> None:
    if not hmac.compare_digest(token.encode(), runtime.websub_token(source_id).encode()):
        raise NotFound("there is nothing at this address")


@router.get("/{token}", response_class=PlainTextResponse, openapi_extra=_ASKED)
def verify_hub(request: Request, runtime: Parts, now: Now, row_id: Id, token: Token) -> PlainTextResponse:
    """Answer a hub with its challenge, if it was we who asked it."""
    _known(runtime, row_id, token)
    with runtime.sessions.begin() as session:  # a GET, but one that changes what we know
        challenge = websub.verify(session, row_id, request.query_params, now=now)
    return PlainTextResponse(challenge)


@router.post("/{token}", status_code=202, response_class=PlainTextResponse, openapi_extra={"security": []})
def bring_news(
    request: Request,
    runtime: Parts,
    now: Now,
    row_id: Id,
    token: Token,
    body: Annotated[bytes, Depends(_raw)],
) -> PlainTextResponse:
    """Take what a hub brings; what is not signed by it is dropped without a word, as the standard asks."""
    _known(runtime, row_id, token)
    inbox.take_news(
        runtime.sessions, runtime.ingest, row_id, body, request.headers, secret=runtime.websub_secret, now=now
    )
    return PlainTextResponse("", 202)
