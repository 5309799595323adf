"""Transitions and notices to deliveries: which channels are told, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from app.channels.acts import LOUDNESS, Audience
from app.db import Sessions, only_read
from app.models import (
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Notice,
    Transition,
    Unreadable,
    Watch,
    WatchChannel,
)

LATE_FROM = timedelta(minutes=30)  # what a pass finds so late is told as one

# (channel, whether the watch names it, None or whether it was told of the incident in place of another).
_ROUTES = (
    select(
        Channel,
        exists().where(WatchChannel.channel_id == Channel.id, WatchChannel.watch_id == bindparam("watch")),
        select(func.max(Delivery.instead_of))
        .where(Delivery.channel_id == Channel.id, Delivery.incident_id == bindparam("incident"))
        .scalar_subquery(),
    )
    .where(Channel.enabled, Channel.person_id.is_(None))
    .order_by(Channel.id)
)
_TEAM = select(Watch.team_id).where(Watch.id == bindparam("watch"))


def enqueue(session: Session, incident: Incident, transition: Transition, *, due_at: datetime) -> None:
    """One delivery for each channel of the watch; nobody is told before `due_at`.

    Whether a channel was told how the story began is known when it is its turn: that may be in the queue yet.
    """
    for channel in channels_of(session, incident):
        session.add(
            Delivery(
                transition_id=transition.id,
                incident_id=incident.id,
                channel_id=channel.id,
                due_at=due_at,
                created_at=transition.at,
            )
        )


@dataclass(frozen=True, slots=True)
class CatchUp:
    """A pass that comes long after what it finds: the last transition is told for all that it wrote."""

    now: datetime
    after: int  # the id of the newest transition before the pass


def catch_up_of(sessions: Sessions, since: datetime, *, now: datetime) -> CatchUp | None:
    """The pass at `now` as one that catches up with what happened since; None if that is not long ago."""
    if now - since < LATE_FROM:
        return None
    with sessions() as session:
        only_read(session)
        return CatchUp(now, session.scalar(select(func.max(Transition.id))) or 0)


def overtake(session: Session, incident: Incident, transition: Transition, catch_up: CatchUp) -> bool:
    """Skip what this pass wrote of the watch's story and told nobody yet; whether an alert is among it.

    What other watches of the story wrote stays: they may be told in other channels.
    """
    story = incident.story_id or incident.id
    waits = (
        select(Delivery.id, Transition.reason, Transition.standing)
        .join(Transition, Transition.id == Delivery.transition_id)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(
            func.coalesce(Incident.story_id, Incident.id) == story,
            Incident.watch_id == incident.watch_id,
            Transition.id > catch_up.after,
            Transition.id < transition.id,
            Delivery.due_at <= catch_up.now,
            Delivery.attempts == 0,
        )
    )
    found = session.execute(waits).all()
    skipped = update(Delivery).where(Delivery.id.in_([delivery_id for delivery_id, *_ in found]))
    session.execute(
        skipped.values(state=DeliveryState.skipped, due_at=None, error="told as one with what came after it"),
        execution_options={"synchronize_session": False},
    )
    return any(
        LOUDNESS[reason].audience is Audience.everyone or standing.get("catches_up", False)
        for _, reason, standing in found
    )


def enqueue_notice(session: Session, notice: Notice, channel: Channel) -> None:
    """The notice for the channel, which is told of it at once."""
    session.add(Delivery(notice_id=notice.id, channel_id=channel.id, due_at=notice.at, created_at=notice.at))


def enabled(session: Session) -> list[Channel]:
    """The channels of the team that are told anything, oldest first; not those of single people."""
    return [channel for channel in switched_on(session) if channel.person_id is None]


def switched_on(session: Session) -> list[Channel]:
    """All channels that are told anything, those of single people too, oldest first."""
    return list(session.scalars(select(Channel).where(Channel.enabled).order_by(Channel.id)))


def channels_of(session: Session, incident: Incident) -> list[Channel]:
    """Those of the watch that this incident is for, and those that were told of it in place of another."""
    routes = session.execute(_ROUTES, {"watch": incident.watch_id, "incident": incident.id}).all()
    own = {channel.id for channel, named, _ in routes if named}
    team_id = session.scalar(_TEAM, {"watch": incident.watch_id})
    chosen = routed(own, [channel for channel, *_ in routes], team_id)
    return [
        channel
        for channel, _, instead in routes
        if (channel in chosen and (instead is not None or takes(channel, incident.kind, incident.level)))
        or instead
    ]


def named_channels(session: Session, watch_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The ids of the channels that each watch names; empty: all that do not only stand in."""
    links = select(WatchChannel).where(WatchChannel.watch_id.in_(watch_ids))
    named: dict[int, set[int]] = {watch_id: set() for watch_id in watch_ids}
    for link in session.scalars(links):
        named[link.watch_id].add(link.channel_id)
    return {watch_id: frozenset(channels) for watch_id, channels in named.items()}


def routed(own: Collection[int], everyone: Sequence[Channel], team_id: int | None) -> list[Channel]:
    """Of the enabled channels those that a watch names by their ids, or else all but those that stand in.

    `team_id`: whose the watch is (None: the house's); the channels of other teams are never told of it.
    """
    if own:
        return [channel for channel in open_to(everyone, team_id) if channel.id in own]
    return open_to(first_told(everyone), team_id)


def open_to(channels: Sequence[Channel], team_id: int | None) -> list[Channel]:
    """Of the channels those that are told what is a team's: its own, and the house's."""
    return [channel for channel in channels if channel.team_id in (None, team_id)]


def first_told(everyone: Sequence[Channel]) -> list[Channel]:
    """Of the enabled channels those that do not only stand in for another."""
    standing_in = {name for channel in everyone for name in fallback_of(channel)}
    return [channel for channel in everyone if channel.name not in standing_in]


def takes(channel: Channel, kind: str, level: int) -> bool:
    """Whether incidents of that kind and level are told in the channel."""
    kinds = kinds_of(channel)
    return level >= channel.from_level and (not kinds or kind in kinds)


def kinds_of(channel: Channel) -> list[str]:
    """The kinds of incident that a channel takes; all, if this version cannot read which: told is told."""
    return [] if isinstance(channel.kinds, Unreadable) else channel.kinds


def fallback_of(channel: Channel) -> list[str]:
    """Who stands in for a channel; nobody, if this version cannot read who does."""
    return [] if isinstance(channel.fallback, Unreadable) else channel.fallback
