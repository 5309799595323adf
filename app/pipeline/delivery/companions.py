"""What else of a story was told in a channel: the watches beside one that is told, and whose figures lead.

All of it as it was when the transition was written: told late, a story is told as it went.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.channels.acts import LOUDNESS, Audience
from app.channels.base import Alert
from app.channels.facts import Companion
from app.models import (
    WITH_WATCH,
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Reason,
    State,
    Transition,
    unreadable,
)
from app.pipeline.delivery.messages import DeliveryContext, alert_of

_ENDS = frozenset((Reason.contained, Reason.went_out, Reason.closed))
_CHANGES = _ENDS | {reason for reason in Reason if LOUDNESS[reason].audience is Audience.everyone}
_EARLIER = aliased(Transition)
_BESIDE = (
    select(Incident, Transition)
    .join(Transition, Transition.incident_id == Incident.id)
    .where(
        or_(Incident.id == bindparam("story"), Incident.story_id == bindparam("story")),
        Incident.watch_id != bindparam("watch"),
        Transition.id
        == select(func.max(_EARLIER.id))
        .where(_EARLIER.incident_id == Incident.id, _EARLIER.id < bindparam("transition"))
        .correlate(Incident)
        .scalar_subquery(),
        select(Delivery.id)
        .where(
            Delivery.incident_id == Incident.id,
            Delivery.channel_id == bindparam("channel"),
            Delivery.state == DeliveryState.sent,
        )
        .exists(),
    )
    .options(WITH_WATCH)
    .order_by(Incident.id)
)


class Member(NamedTuple):
    """An incident of a story, and its newest transition."""

    incident: Incident
    transition: Transition


class Told(NamedTuple):
    """An alert in its story: as the channel knows that."""

    alert: Alert
    leads: bool  # the story's message shows this very watch
    shown: Alert | None  # else what it is to show now; None: it stays as it is


def in_story(
    session: Session,
    context: DeliveryContext,
    alert: Alert,
    member: Member,
    channel: Channel,
    *,
    root_watch: int | None,
) -> Told:
    """The alert, with what other watches of its story were told in the channel by then.

    `root_watch`: whose alert was the story's first message there; it leads while it burns, then the oldest.
    """
    beside = _beside(session, channel, member)
    alert = _among(alert, beside)
    if not beside:
        return Told(alert, leads=True, shown=None)
    lead = _lead([*beside, member], root_watch)
    if lead.incident.id == member.incident.id:
        return Told(alert, leads=True, shown=None)
    if alert.reason not in _CHANGES and not alert.catches_up:
        return Told(alert, leads=False, shown=None)
    others = [one for one in (*beside, member) if one.incident.id != lead.incident.id]
    shown = alert_of(
        context, *lead, language=channel.language, delivery_id=alert.delivery_id, instead_of=alert.instead_of
    ).model_copy(update={"companions": companions_of(others)})
    return Told(alert, leads=False, shown=shown)


def companions_of(members: Sequence[Member]) -> tuple[Companion, ...]:
    """The incidents, as a message names them."""
    return tuple(
        Companion(incident_id=one.incident.id, watch=one.incident.watch.name, state=one.transition.state)
        for one in sorted(members, key=lambda one: one.incident.id)
    )


def _beside(session: Session, channel: Channel, member: Member) -> list[Member]:
    """The incidents of other watches that burnt at the same time and were told in the channel."""
    incident, transition = member
    params = {
        "story": incident.story_id or incident.id,
        "watch": incident.watch_id,
        "transition": transition.id,
        "channel": channel.id,
    }
    found = [Member(*row) for row in session.execute(_BESIDE, params)]
    return [
        one
        for one in found
        if not (unreadable(one.incident) or unreadable(one.transition))
        and (one.transition.state is not State.out or one.transition.at >= incident.onset_at)
    ]


def _among(alert: Alert, beside: Sequence[Member]) -> Alert:
    """The alert, no louder than the story of which it is a part; alone it is as loud as it can be."""
    if not beside:
        return alert.model_copy(update={"suppressed_by_story": False})
    states = {one.transition.state for one in beside}
    update: dict[str, object] = {"companions": companions_of(beside)}
    if alert.reason in _ENDS:
        # The end is told once, when nothing of the story is left that could go on.
        goes_on = State.burning in states or (alert.state is State.out and State.contained in states)
        update["suppressed_by_story"] = goes_on
        update["suppressed_by_cooldown"] = alert.suppressed_by_cooldown and goes_on
    elif not states & {State.burning, State.contained}:
        update["suppressed_by_story"] = False
    if alert.catches_up:
        update["suppressed_by_story"] = True
    return alert.model_copy(update=update)


def _lead(members: Sequence[Member], root_watch: int | None) -> Member:
    own = [one for one in members if one.incident.watch_id == root_watch]
    burning = [one for one in members if one.transition.state is not State.out]
    if own and (own[-1] in burning or not burning):
        return own[-1]
    return min(burning or members, key=lambda one: one.incident.id)
