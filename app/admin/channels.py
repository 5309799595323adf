"""Channels: where alerts go."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import channels
from app.admin import secret, teams
from app.admin.change import (
    AuditView,
    Invalid,
    changed,
    checked,
    ensure_unique,
    get_by_name,
    get_or_404,
    pointer,
    record,
    unveiled,
)
from app.admin.specs import ChannelSpec
from app.channels.base import Kind
from app.errors import Conflict
from app.logs import VEIL
from app.models import Channel, Person, Watch, WatchChannel
from app.vault import Vault

_PLAIN = ("enabled", "language", "from_level", "kinds", "fallback")
_PATH = re.compile(r"(?<=://)(?:[^/\s@]*@)?([^/\s]*)/\S+")  # a query alone is no webhook's key


def audit_view(session: Session, channel: Channel) -> AuditView:
    """The channel as its spec but for the secret."""
    return {
        "name": channel.name,
        "kind": channel.kind,
        "settings": dict(channel.settings),
        "person": owner_of(session, channel),
        **{field: getattr(channel, field) for field in _PLAIN},
        "team": teams.name_of(session, channel.team_id),
    }


def owner_of(session: Session, channel: Channel) -> str | None:
    """The name of the person whose own the channel is; None: it is the team's."""
    if channel.person_id is None:
        return None
    return session.scalar(select(Person.name).where(Person.id == channel.person_id))


def veiled(given: AuditView) -> AuditView:
    """The channel as people may see it: of an address the host, as its path is often the secret."""
    settings = {
        k: _PATH.sub(rf"\1/{VEIL}", v) if isinstance(v, str) else v for k, v in given["settings"].items()
    }
    return given | {"settings": settings}


def create(
    session: Session, spec: ChannelSpec, *, vault: Vault, by: str, now: datetime
) -> tuple[Channel, str | None]:
    """A new channel, and its secret if one was made: this is the only sight of it."""
    ensure_unique(session, Channel, spec.name)
    kind = kind_of(spec.kind)
    _fits(kind, spec)
    stored, shown = secret.first(kind.secret, spec.secret, vault, kind.name)
    channel = Channel(
        name=spec.name,
        kind=kind.name,
        settings=_settings(kind, unveiled(spec.settings, None, None, "settings")),
        secret=stored,
        broken_why="",
        **_routed(session, spec),
        created_at=now,
        updated_at=now,
    )
    session.add(channel)
    after = audit_view(session, channel) | {"secret": "set" if stored else "none"}
    record(session, channel, "create", before=None, after=after, by=by, now=now, veiled=veiled)
    return channel, shown


def update(
    session: Session, channel_id: int, changes: Mapping[str, Any], *, vault: Vault, by: str, now: datetime
) -> Channel:
    """The channel with the changes; a broken one is tried again."""
    channel = get_or_404(session, Channel, channel_id)
    kind = kind_of(channel.kind)
    before: AuditView = audit_view(session, channel) | {"settings": _settings(kind, channel.settings)}
    spec = changed(ChannelSpec, before, changes)
    if spec.kind != channel.kind:
        detail = f"a channel stays of its kind, {channel.kind}: make a new one instead"
        raise Invalid([{"pointer": "#/kind", "detail": detail}])
    ensure_unique(session, Channel, spec.name, channel.id)
    if spec.person and (users := _named_by(session, channel)):
        raise Conflict(f"the channel is named by {', '.join(users)}: a person's own is for calls alone")
    if spec.name != channel.name:
        _renamed(session, channel.name, spec.name)
    given = unveiled(spec.settings, before["settings"], veiled(before)["settings"], "settings")
    channel.name, channel.settings = spec.name, _settings(kind, given)
    for field, value in _routed(session, spec).items():
        setattr(channel, field, value)
    teams.require_open_to_all(session, channel, _users(session, channel))
    after = audit_view(session, channel)
    if "secret" in changes:
        _fits(kind, spec)
        channel.secret, text = secret.replaced(kind.secret, channel.secret, spec.secret, vault, kind.name)
        before, after = before | {"secret": "before"}, after | {"secret": text}
    if after != before:
        channel.updated_at = now
        mended(session, channel.id)
        if not channel.enabled:
            channel.told_since = None
    record(session, channel, "update", before=before, after=after, by=by, now=now, veiled=veiled)
    return channel


def mended(session: Session, channel_id: int) -> None:
    """Note that the channel works: what waits is told in it, and nobody stands in for it any more."""
    channel = get_or_404(session, Channel, channel_id)
    channel.broken_since, channel.broken_why, channel.failing_since = None, "", None


def delete(session: Session, channel_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the channel, its deliveries included; Conflict while a watch names it."""
    channel = get_or_404(session, Channel, channel_id)
    if users := _named_by(session, channel):
        # Taken out in silence, the last channel of a watch would make it alert all of them.
        raise Conflict(f"the channel is named by {', '.join(users)}: take it out of them first")
    failing = [other.name for other in session.scalars(select(Channel)) if channel.name in other.fallback]
    if failing:
        raise Conflict(f"the channel stands in for {', '.join(failing)}: take it out of `fallback` first")
    before = audit_view(session, channel)
    session.delete(channel)
    record(session, channel, "delete", before=before, after=None, by=by, now=now, veiled=veiled)


def _named_by(session: Session, channel: Channel) -> list[str]:
    """The names of the watches that name the channel."""
    named = select(Watch.name).join(WatchChannel).where(WatchChannel.channel_id == channel.id)
    return list(session.scalars(named.order_by(Watch.name)))


def _users(session: Session, channel: Channel) -> list[tuple[str, int | None]]:
    """What names the channel, a watch or a channel that it stands in for, with its team."""
    with session.no_autoflush:
        named = select(Watch.name, Watch.team_id).join(WatchChannel)
        watches = session.execute(named.where(WatchChannel.channel_id == channel.id))
        failing = [row for row in session.scalars(select(Channel)) if channel.name in row.fallback]
    return [(row.name, row.team_id) for row in [*watches, *failing]]


def rotate_secret(session: Session, channel_id: int, *, vault: Vault, by: str, now: datetime) -> str:
    """The new secret of a channel whose secret Tocsin makes; what comes is signed with it from now on."""
    channel = get_or_404(session, Channel, channel_id)
    kind = kind_of(channel.kind)
    if kind.secret != "made":  # noqa: S105 - a word, not a secret
        raise Conflict(f"no secret is made for the kind {kind.name}; set one with PATCH if it takes one")
    channel.secret, shown = secret.first(kind.secret, None, vault, kind.name)
    channel.updated_at = now
    record(session, channel, "rotate secret", before=None, after={"secret": "changed"}, by=by, now=now)
    return shown or ""


def kind_of(name: str) -> Kind:
    """The kind of channel; Invalid lists the ones there are."""
    for kind in channels.KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in channels.KINDS)
    raise Invalid([{"pointer": "#/kind", "detail": f"there is no kind “{name}”; there are {known}"}])


def _fits(kind: Kind, spec: ChannelSpec) -> None:
    if spec.secret is not None and (flaw := kind.secret_flaw(spec.secret.get_secret_value())):
        raise Invalid([{"pointer": "#/secret", "detail": flaw}])


def _routed(session: Session, spec: ChannelSpec) -> dict[str, Any]:
    """The fields that say whose it is, what is told in the channel, and who stands in for it."""
    with session.no_autoflush:
        person = get_by_name(session, Person, spec.person, "#/person").id if spec.person else None
    if person is not None and spec.team:
        detail = "a person's own channel is of no team: the person may be of several"
        raise Invalid([{"pointer": "#/team", "detail": detail}])
    team_id = teams.named(session, spec.team) if person is None else None
    for i, name in enumerate(spec.fallback):
        if name == spec.name:
            raise Invalid([{"pointer": pointer("fallback", i), "detail": "a channel cannot replace itself"}])
        stand_in = get_by_name(session, Channel, name, pointer("fallback", i))
        if stand_in.person_id != person:
            detail = f"{name} is not of the same person, or not the team's: it would tell others"
            raise Invalid([{"pointer": pointer("fallback", i), "detail": detail}])
        teams.require_open(stand_in, team_id, pointer("fallback", i))
    routed: dict[str, Any] = {field: getattr(spec, field) for field in _PLAIN}
    routed |= {"person_id": person, "team_id": team_id}
    return routed | {"fallback": list(dict.fromkeys(spec.fallback)), "kinds": list(dict.fromkeys(spec.kinds))}


def _renamed(session: Session, before: str, after: str) -> None:
    for other in session.scalars(select(Channel)):
        if before in other.fallback:
            other.fallback = [after if name == before else name for name in other.fallback]


def _settings(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    return checked(kind.settings, given, "settings").model_dump(mode="json")
