"""The door for Slack: what people press and type, signed by Slack; and who of them may act."""

import json
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from slack_sdk.signature import Clock, SignatureVerifier
from sqlalchemy import select

from app.admin import people
from app.admin.fields import Role
from app.admin.team_specs import SlackUserSpec
from app.api.access import Admin, Now, Parts, Session, Viewer
from app.api.views import View
from app.desk.interactions import Desk
from app.errors import NotFound, Unauthorized, Unreadable
from app.models import Person
from app.runtime import Runtime

router = APIRouter(prefix="/slack", tags=["slack"])
UserId = Annotated[
    str,
    Path(alias="id", max_length=24, description="id of the person in Slack", examples=["U0LEA"]),
]


class SlackUserView(View):
    """A person in Slack, and what they may do."""

    user_id: str = Field(validation_alias="slack_user", examples=["U0LEA"])
    name: str = Field(examples=["Léa"])
    role: Role
    created_at: datetime


async def _raw(request: Request) -> bytes:
    return await request.body()


@router.post(
    "",
    openapi_extra={
        "security": [],
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
        },
    },
    response_class=Response,
    responses={200: {"description": "Taken"}},
)
def take_from_slack(
    request: Request,
    runtime: Parts,
    now: Now,
    after: BackgroundTasks,
    body: Annotated[bytes, Depends(_raw)],
) -> Response:
    """Buttons, dialogs and the command `/tocsin`: the one request URL of the Slack app.

    Takes no key but Slack's signature, not older than five minutes.
    """
    _signed(runtime, request, body, now)
    desk: Desk = request.state.desk
    reply = desk.take(_payload(body))
    if reply.then is not None:
        after.add_task(reply.then)
    return Response(status_code=200) if reply.body is None else JSONResponse(reply.body)


@router.get("/users")
def list_slack_users(_who: Viewer, session: Session) -> list[SlackUserView]:
    """The people in Slack who are bound to a role; all others may look only."""
    rows = session.scalars(select(Person).where(Person.slack_user.is_not(None)).order_by(Person.name))
    return [SlackUserView.model_validate(row) for row in rows]


@router.put("/users/{id}")
def bind_slack_user(
    who: Admin, session: Session, now: Now, user_id: UserId, spec: SlackUserSpec
) -> SlackUserView:
    """Let a person in Slack act, or change what they may do."""
    return SlackUserView.model_validate(people.bind(session, user_id, spec, by=who.name, now=now))


@router.delete("/users/{id}", status_code=204)
def unbind_slack_user(who: Admin, session: Session, now: Now, user_id: UserId) -> None:
    """Let a person only look from now on."""
    people.unbind(session, user_id, by=who.name, now=now)


def _signed(runtime: Runtime, request: Request, body: bytes, now: datetime) -> None:
    secret = runtime.settings.slack_signing_secret
    if secret is None:
        raise NotFound("buttons in Slack are off: set TOCSIN_SLACK_SIGNING_SECRET, or TOCSIN_SLACK_APP_TOKEN")
    verifier = SignatureVerifier(secret.get_secret_value(), clock=_At(now))
    given = {
        name: request.headers.getlist(name) for name in ("x-slack-request-timestamp", "x-slack-signature")
    }
    try:
        one = {name: values[0] for name, values in given.items() if len(values) == 1}
        good = len(one) == len(given) and verifier.is_valid_request(body, one)
    except (ValueError, TypeError):
        good = False
    if not good:
        raise Unauthorized("this is not signed by Slack, or too late")


class _At(Clock):
    """The instant that the request came in."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> float:
        return self._at.timestamp()


def _payload(body: bytes) -> dict[str, Any]:
    try:
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        payload = json.loads(form["payload"]) if "payload" in form else form
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Unreadable("this is not what Slack sends") from None
    if not isinstance(payload, dict):
        raise Unreadable("this is not what Slack sends")
    return payload
