"""The door for posts that another system brings: a proof of the secret instead of a key."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from app.admin import inbox
from app.api.access import Id, Now, Parts
from app.sources.push import source as push

router = APIRouter(prefix="/sources", tags=["sources"])

_POST = {
    "type": "object",
    "required": ["id", "published_at", "text"],
    "properties": {
        "id": {"type": "string", "description": "unique in this source"},
        "published_at": {"type": "string", "format": "date-time"},
        "text": {"type": "string"},
        **{f: {"type": "string"} for f in ("source", "author", "url", "title", "lang")},
        **{
            f: {"type": "integer", "minimum": 0} for f in ("likes", "shares", "replies", "reach", "followers")
        },
    },
}
_EXAMPLE = {
    "posts": [{"id": "42", "published_at": "2026-11-22T09:14:00Z", "text": "There is glass in my yogurt"}]
}
_DOCUMENTED: dict[str, Any] = {
    "security": [],
    "parameters": [
        {
            "name": push.HEADER,
            "in": "header",
            "required": False,
            "description": 't=<seconds since 1970>,v1=<hex of HMAC-SHA256 of "<t>.<body>" with the secret>',
            "schema": {"type": "string"},
            "example": "t=1795338840,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["posts"],
                    "properties": {"posts": {"type": "array", "items": _POST, "maxItems": push.MAX_POSTS}},
                },
                "example": _EXAMPLE,
            }
        },
    },
}


class Rejected(BaseModel):
    """A post that could not be taken."""

    index: int = Field(description="its place in the batch, from 0", examples=[3])
    reason: str = Field(examples=["published_at is missing"])


class Receipt(BaseModel):
    """What became of the batch."""

    received: int = Field(description="posts in the batch", examples=[120])
    stored: int = Field(description="of these, new", examples=[118])
    edited: int = Field(description="of these, known and changed", examples=[1])
    rejected: list[Rejected] = Field(description="those that could not be taken, and why")


async def _raw(request: Request) -> bytes:
    # The signature is over the bytes as they came; the front door stops reading at the limit.
    return await request.body()


@router.post(
    "/{id}/posts",
    status_code=202,
    openapi_extra=_DOCUMENTED,
    responses={
        200: {"model": Receipt, "description": "Taken before, or taken, for a sender that wants this status"}
    },
)
def push_posts(
    request: Request,
    response: Response,
    runtime: Parts,
    now: Now,
    row_id: Id,
    body: Annotated[bytes, Depends(_raw)],
) -> Receipt:
    """Bring posts to a source of the kind push. Bringing them twice does no harm: they are stored once.

    Takes no key but a signature with the secret of the source, made when the request is sent: one that is
    older than five minutes is refused. A source whose settings name another sender takes that one's signature
    (Standard Webhooks, a header of its own, a token) and its posts, one or many, by the paths that are set.
    Without a proof all ids are answered alike with 401; the log of the service says what is wrong with it.
    """
    taken = inbox.take(
        runtime.sessions, runtime.ingest, row_id, body, request.headers, vault=runtime.vault, now=now
    )
    response.status_code = taken.status
    return Receipt(
        received=taken.stored.received + len(taken.rejected),
        stored=taken.stored.stored,
        edited=taken.stored.edited,
        rejected=[Rejected(index=index, reason=reason) for index, reason in taken.rejected],
    )
