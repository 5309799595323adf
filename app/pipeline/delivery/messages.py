"""What a channel is told: the transition, the news of a source or the bulletin that a delivery brings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.base import Alert
from app.channels.base import Channel as Telling
from app.channels.crisis import StakeholderUpdate
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    HandOver,
    News,
    Outage,
    Restore,
    SetAside,
    known_language,
)
from app.clock import known_zone
from app.models import (
    DRILL,
    DRILL_NAME,
    Channel,
    Delivery,
    Incident,
    Notice,
    Source,
    Transition,
    Watch,
    require_readable,
)
from app.pipeline.delivery.outbox import enabled, named_channels, routed

CLOCK = "clock"  # whose health a notice tells that belongs to no source and is no bulletin
CHANNEL = "channel"  # the same, of a channel that cannot be told
RESTORED = "restored"  # the same, of the database from a backup
DUTY = "duty"  # the same, of who is on duty
UPDATE = "update"  # the same, of a fire that stakeholders are told of
ASIDE = "aside"  # the same, of what is set aside as not about a watch


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What telling needs beside the database."""

    open: Callable[[Channel], Telling]
    language: str  # of alerts, unless the watch says
    link: Callable[[int], str | None]  # from an incident's id to the page of it
    clock: Callable[[], datetime] | None = (
        None  # reads the time of each attempt and of its end; None: all are `now`
    )
    probed: frozenset[str] = frozenset()  # kinds of channel that are asked each day whether they work


def alert_of(
    context: DeliveryContext,
    incident: Incident,
    transition: Transition,
    *,
    language: str = "",
    delivery_id: int = 0,
    instead_of: str = "",
    reminders: int = 0,
) -> Alert:
    """What is told of an incident: the transition as it was when it happened.

    `language`: the channel's own; `delivery_id`: 0 where it is shown and not sent; `instead_of`: the channel
    that another stands in for; `reminders`: how many there were by then, that one included.
    """
    watch = incident.watch
    require_readable(transition)
    return Alert.model_validate(
        {
            **transition.standing,
            "delivery_id": delivery_id,
            "transition_id": transition.id,
            "incident_id": incident.id,
            "story_id": incident.story_id or incident.id,
            "watch_id": watch.id,
            "watch": watch.name.removeprefix(DRILL_NAME) if watch.kind == DRILL else watch.name,
            "drill": watch.kind == DRILL,
            "objective": watch.objective,
            "language": known_language(language, watch.language, context.language),
            "time_zone": known_zone(watch.time_zone),
            "reason": transition.reason,
            "state": transition.state,
            "level": transition.level,
            "at": transition.at,
            "by": transition.by,
            "note": transition.note,
            "reminders": reminders,
            "instead_of": instead_of,
            "link": context.link(incident.id),
            "facts": transition.facts,
        }
    )


def notice_of(
    session: Session, context: DeliveryContext, delivery: Delivery, channel: Channel
) -> Announcement:
    """What a channel is told that belongs to no incident; an error if a row of it cannot be read."""
    notice = require_readable(session.get_one(Notice, delivery.notice_id))
    if notice.health == CLOCK:
        return _clock_jump(session, context, delivery, notice, channel)
    if notice.health == RESTORED:
        return _restore(session, context, delivery, notice, channel)
    if notice.health == CHANNEL:
        return _outage(session, context, delivery, notice, channel)
    if notice.health == DUTY:
        return _hand_over(context, delivery, notice, channel)
    if notice.health == UPDATE:
        return _stakeholder_update(context, delivery, notice, channel)
    if notice.health == ASIDE:
        return _set_aside(session, context, delivery, notice, channel)
    if notice.source_id is None or notice.health == "untold":
        return _bulletin(session, context, delivery, notice, channel)
    source = session.get_one(Source, notice.source_id)
    return News(
        notice_id=notice.id,
        delivery_id=delivery.id,
        source_id=source.id,
        source=source.name,
        kind=source.kind,
        health=notice.health,
        at=notice.at,
        since=notice.since,
        why=notice.why,
        language=known_language(channel.language, context.language),
        time_zone=str(first_zone(session)),
        instead_of=delivery.instead_of,
    )


def _restore(
    session: Session, context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> Restore:
    return Restore(
        notice_id=notice.id,
        delivery_id=delivery.id,
        at=notice.at,
        since=notice.since,
        language=known_language(channel.language, context.language),
        time_zone=str(first_zone(session)),
        instead_of=delivery.instead_of,
    )


def _clock_jump(
    session: Session, context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> ClockJump:
    return ClockJump(
        notice_id=notice.id,
        delivery_id=delivery.id,
        seconds=notice.facts["seconds"],
        at=notice.at,
        since=notice.since,
        language=known_language(channel.language, context.language),
        time_zone=str(first_zone(session)),
        instead_of=delivery.instead_of,
    )


def _outage(
    session: Session, context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> Outage:
    return Outage(
        notice_id=notice.id,
        delivery_id=delivery.id,
        channel_id=notice.facts["channel_id"],
        channel=notice.facts["channel"],
        kind=notice.facts["kind"],
        works=notice.facts["works"],
        at=notice.at,
        since=notice.since,
        why=notice.why,
        stands_in=channel.name in notice.facts["fallback"],
        language=known_language(channel.language, context.language),
        time_zone=str(first_zone(session)),
        instead_of=delivery.instead_of,
    )


def _hand_over(context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel) -> HandOver:
    return HandOver.model_validate(
        {
            **notice.facts,
            "notice_id": notice.id,
            "delivery_id": delivery.id,
            "at": notice.at,
            "since": notice.since,
            "language": known_language(channel.language, context.language),
            "time_zone": known_zone(notice.facts["time_zone"]),
            "instead_of": delivery.instead_of,
        }
    )


def _stakeholder_update(
    context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> StakeholderUpdate:
    facts = notice.facts
    return StakeholderUpdate.model_validate(
        {
            **facts,
            "notice_id": notice.id,
            "delivery_id": delivery.id,
            "at": notice.at,
            "since": notice.since,
            "language": known_language(channel.language, facts["watch_language"], context.language),
            "time_zone": known_zone(facts["time_zone"]),
            "link": context.link(facts["incident_id"]),
            "instead_of": delivery.instead_of,
        }
    )


def _set_aside(
    session: Session, context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> SetAside:
    watch = session.get(Watch, notice.facts["watch_id"])
    return SetAside.model_validate(
        {
            **notice.facts,
            "notice_id": notice.id,
            "delivery_id": delivery.id,
            "at": notice.at,
            "since": notice.since,
            "language": known_language(channel.language, watch.language if watch else "", context.language),
            "time_zone": known_zone(watch.time_zone) if watch else str(first_zone(session)),
            "instead_of": delivery.instead_of,
        }
    )


def watches_told(session: Session, everyone: Sequence[Channel], channel: Channel) -> set[int]:
    """The ids of the enabled watches whose alerts go to the channel first."""
    rows = session.execute(select(Watch.id, Watch.team_id).where(Watch.enabled)).all()
    named = named_channels(session, [row.id for row in rows])
    return {row.id for row in rows if channel in routed(named[row.id], everyone, row.team_id)}


def first_zone(session: Session) -> ZoneInfo:
    """The time zone of the first watch: that of what belongs to none."""
    first = select(Watch.time_zone).where(Watch.enabled).order_by(Watch.id).limit(1)
    return ZoneInfo(known_zone(session.scalars(first).first() or "UTC"))


def _bulletin(
    session: Session, context: DeliveryContext, delivery: Delivery, notice: Notice, channel: Channel
) -> Bulletin:
    """The part of the bulletin that is for the channel, or for the one that it stands in for."""
    mine = watches_told(session, enabled(session), _meant(session, delivery) or channel)
    parts = [part for watch_id, part in notice.facts.items() if int(watch_id) in mine]
    kind = "untold" if notice.health == "untold" else _KINDS.get(len(notice.period), "day")
    if kind == "untold":  # what came to it later is not told with it
        parts = [part for part in parts if datetime.fromisoformat(part["at"]) <= delivery.created_at]
    return Bulletin.model_validate(
        {
            "notice_id": notice.id,
            "delivery_id": delivery.id,
            "kind": kind,
            "period": notice.period,
            "at": notice.at,
            "language": known_language(channel.language, context.language),
            "time_zone": str(first_zone(session)),
            "instead_of": delivery.instead_of,
            _PARTS[kind]: parts,
        }
    )


_KINDS = {len("2026-11"): "month", len("2026-11-25"): "day"}  # of bulletins, by their period
_PARTS = {"month": "months", "day": "smoke", "untold": "untold"}


class _Way(NamedTuple):
    channel_id: int
    instead_of: str


def _meant(session: Session, delivery: Delivery) -> Channel | None:
    """The channel that the notice was for before others stood in; None if it is not there any more."""
    query = select(Channel.name, Channel.id, Delivery.instead_of).join(
        Delivery, Delivery.channel_id == Channel.id
    )
    rows = session.execute(query.where(Delivery.notice_id == delivery.notice_id))
    ways = {name: _Way(channel_id, instead_of) for name, channel_id, instead_of in rows}
    way: _Way | None = _Way(delivery.channel_id, delivery.instead_of)
    while way is not None and way.instead_of:
        way = ways.pop(way.instead_of, None)
    return session.get(Channel, way.channel_id) if way else None
