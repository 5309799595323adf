"""Channels over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from app.admin import channels, trials
from app.admin.change import get_or_404
from app.admin.specs import ChannelSpec
from app.api.access import Admin, Id, Now, Parts, Session, Vault, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import ChannelChanges
from app.api.views import Json, Made, View, shown
from app.models import Channel

router = APIRouter(prefix="/channels", tags=["channels"])


class ChannelView(View):
    """Where alerts go."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["comms on call"])
    kind: str = Field(examples=["slack"])
    settings: Json = Field(description="of an address, only the host", examples=[{"channel": "C0123456789"}])
    has_secret: bool = Field(description="whether a secret is kept for it; it is never shown")
    person: str | None = Field(description="whose own it is; empty: it is the team's", examples=[None])
    enabled: bool
    language: str = Field(description="of what it is told; empty: the watch's", examples=["fr"])
    from_level: int = Field(description="a fire is told here once it reaches this level", examples=[0])
    kinds: list[str] = Field(description="of incident; empty: all that ring", examples=[[]])
    fallback: list[str] = Field(
        description="channels that are told instead while this one fails", examples=[["on-call mailbox"]]
    )
    team: str | None = Field(description="whose it is; empty: the house's", examples=[None])
    failing_since: datetime | None = Field(description="empty if the last try went well")
    broken_since: datetime | None = Field(description="empty unless somebody has to mend it")
    broken_why: str = Field(description="what went wrong, and what to do", examples=[""])
    created_at: datetime
    updated_at: datetime


class ChannelMade(ChannelView):
    """A new channel."""

    secret: str | None = Field(
        description="signs what comes from it; made by Tocsin and shown this once", examples=[None]
    )


class Tried(BaseModel):
    """What came of a test message."""

    text: str = Field(examples=["a test message went to “comms on call” (slack): see that it arrived"])


def view(session: Session, channel: Channel) -> ChannelView:
    """The channel as an answer."""
    given = channels.veiled(channels.audit_view(session, channel))
    return ChannelView(
        id=channel.id,
        name=channel.name,
        kind=channel.kind,
        settings=shown(given["settings"]),
        has_secret=channel.secret is not None,
        person=given["person"],
        enabled=channel.enabled,
        language=channel.language,
        from_level=channel.from_level,
        kinds=channel.kinds,
        fallback=channel.fallback,
        team=given["team"],
        failing_since=channel.failing_since,
        broken_since=channel.broken_since,
        broken_why=channel.broken_why,
        created_at=channel.created_at,
        updated_at=channel.updated_at,
    )


@router.get("")
def list_channels(_who: Viewer, session: Session, paging: Paging) -> Page[ChannelView]:
    """All channels, oldest first."""
    rows, after = page(session, select(Channel), Channel.id, paging, newest_first=False)
    return Page(items=[view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_channel(
    who: Admin, session: Session, vault: Vault, now: Now, spec: ChannelSpec, response: Response
) -> ChannelMade:
    """A new channel; a secret that is made for it is in this answer and no other."""
    channel, secret = channels.create(session, spec, vault=vault, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/channels/{channel.id}"
    return ChannelMade(**view(session, channel).model_dump(), secret=secret)


@router.get("/{id}")
def read_channel(_who: Viewer, session: Session, row_id: Id) -> ChannelView:
    """One channel."""
    return view(session, get_or_404(session, Channel, row_id))


@router.patch("/{id}")
def update_channel(
    who: Admin, session: Session, vault: Vault, now: Now, row_id: Id, changes: ChannelChanges
) -> ChannelView:
    """Change a channel; a broken one is tried again."""
    return view(session, channels.update(session, row_id, changes, vault=vault, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_channel(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a channel with the record of its deliveries; to keep that, set `enabled` to false instead."""
    channels.delete(session, row_id, by=who.name, now=now)


@router.post("/{id}/test")
def send_test_message(who: Admin, session: Session, runtime: Parts, now: Now, row_id: Id) -> Tried:
    """Send a test message to a channel, at once; an error says why it was not taken, and what to do."""
    get_or_404(session, Channel, row_id)
    session.commit()  # nothing is held while somebody else is waited for
    said = trials.send_test(runtime.sessions, runtime.chain.delivery, row_id, by=who.name, now=now)
    return Tried(text=said)


@router.post("/{id}/secret")
def rotate_channel_secret(who: Admin, session: Session, vault: Vault, now: Now, row_id: Id) -> Made:
    """Make a new secret, shown this once; what comes is signed with it from now on."""
    return Made(secret=channels.rotate_secret(session, row_id, vault=vault, by=who.name, now=now))
