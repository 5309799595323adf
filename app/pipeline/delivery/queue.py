"""The queue of deliveries: which is due next, who has it, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import metrics
from app.backoff import CHANNELS, FAULTS, wait_after
from app.channels.base import Alert, Earlier, Partly, Refused, Sent
from app.channels.notices import Announcement
from app.errors import ChannelError
from app.logs import log, mask
from app.models import (
    WITH_WATCH,
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Person,
    Reason,
    State,
    Transition,
    require_readable,
)
from app.pipeline.claim import claim
from app.pipeline.delivery.companions import Member, in_story
from app.pipeline.delivery.due import put_off
from app.pipeline.delivery.failover import is_news, note_failure, note_success, pass_on
from app.pipeline.delivery.lost import settle, told_before
from app.pipeline.delivery.messages import DeliveryContext, alert_of, notice_of
from app.pipeline.guard import MOST_TRIES

LEASE = timedelta(minutes=3)  # a sender that is silent for so long is taken for dead
GIVE_UP_AFTER = timedelta(days=3)  # what is so late helps nobody


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for the time of the lease, and all that telling it needs."""

    delivery_id: int
    channel: Channel
    message: Alert | Announcement
    earlier: Earlier


class Before(NamedTuple):
    """How a delivery stood before it was claimed."""

    due_at: datetime | None
    attempts: int
    attempted_at: datetime | None
    ambiguous: bool
    state: DeliveryState


# Written down once: putting them together takes longer than asking.
_WITH_CHANNEL = (
    select(Delivery, Channel)
    .join(Channel, Channel.id == Delivery.channel_id)
    .where(Delivery.id == bindparam("delivery"))
)
_reminder, _beside = aliased(Transition), aliased(Incident)
_STORY = func.coalesce(Incident.story_id, Incident.id)
_WITH_INCIDENT = (
    select(
        Incident,
        Transition,
        # Who burns at the same time in the same story: whom the one has called, the other does not call anew.
        select(func.count())
        .join(_beside, _beside.id == _reminder.incident_id)
        .where(
            or_(_beside.id == _STORY, _beside.story_id == _STORY),
            or_(_beside.out_at.is_(None), _beside.out_at > Incident.onset_at),
            _reminder.reason == Reason.reminded,
            _reminder.id <= Transition.id,
        )
        .select_from(_reminder)
        .correlate(Incident, Transition)
        .scalar_subquery(),
    )
    .join(Transition, Transition.incident_id == Incident.id)
    .where(Transition.id == bindparam("transition"))
    .options(WITH_WATCH)
)
_ROOT = (
    select(Delivery.external_id, Incident.watch_id, Delivery.payload)
    .join(Incident, Incident.id == Delivery.incident_id)
    .where(
        Delivery.channel_id == bindparam("channel"),
        Delivery.external_id.is_not(None),
        bindparam("story") == _STORY,
        Delivery.id < bindparam("before"),
    )
    .order_by(Delivery.id)
    .limit(1)
)


def take(session: Session, delivery_id: int, now: datetime) -> Before | None:
    """Claim the delivery, before anything else is done with it.

    How it stood before; None if somebody else has it, or it is done.
    """
    columns = [getattr(Delivery, name) for name in Before._fields]
    row = session.execute(select(*columns).where(Delivery.id == delivery_id)).one_or_none()
    before = Before(*row) if row else None
    if before is None or before.due_at is None or before.due_at > now:
        return None
    taken = claim(
        session,
        Delivery,
        delivery_id,
        was=before.due_at,
        until=now + LEASE,
        attempts=Delivery.attempts + 1,
        attempted_at=now,
        ambiguous=or_(Delivery.ambiguous, Delivery.state == DeliveryState.sending),
        state=DeliveryState.sending,
    )
    return before if taken else None


def read(
    session: Session, context: DeliveryContext, delivery_id: int, before: Before, now: datetime
) -> Claimed | None:
    """What is to be told of a claimed delivery; None if that is nothing any more."""
    delivery, channel = session.execute(_WITH_CHANNEL, {"delivery": delivery_id}).one()
    require_readable(delivery)
    # A sender that died left it `sending`: what it sent may have arrived. Who knows what another version did?
    doubtful = before.ambiguous or before.state is not DeliveryState.pending
    tries = max(before.attempts, 1) if doubtful else before.attempts  # one may have been lost in a restore
    settled = tuple(delivery.payload.get("settled", ())) if delivery.payload else ()
    if delivery.incident_id is None:
        news = notice_of(session, context, delivery, channel)
        found = told_before(session, channel.id, news, None)
        earlier = Earlier(None, tries, before.attempted_at, doubtful, settled, found=found)
        return Claimed(delivery.id, channel, news, earlier)
    told = session.execute(_WITH_INCIDENT, {"transition": delivery.transition_id}).one()
    incident, transition, reminders = told
    require_readable(incident)
    root, root_watch, subject = _root(session, delivery, incident)
    held = before.attempts == 0 and before.due_at is not None and before.due_at > delivery.created_at
    if held and root is None and incident.state is State.out:
        # Nobody was told while the watch was silent, and it is over.
        _end(session, delivery.id, DeliveryState.skipped, error="out before the silence ended")
        return None
    if channel.person_id is not None and (
        incident.acknowledged_at is not None or incident.state is not State.burning
    ):
        # Nobody is woken for what somebody has in hand by now.
        _end(session, delivery.id, DeliveryState.skipped, error="in hand, or over, before the call")
        return None
    _overtake(session, delivery, incident, now)
    alert = alert_of(
        context, incident, transition, language=channel.language, delivery_id=delivery.id,
        instead_of=delivery.instead_of, reminders=reminders,
    )  # fmt: skip
    if delivery.instead_of and root is None and is_news(incident, transition, now):
        alert = alert.model_copy(update={"catches_up": True})  # whatever comes first says how it stands
    if channel.person_id is not None:
        reader = session.get_one(Person, channel.person_id).name
        alert = alert.model_copy(update={"personal": True, "reader": reader})
    alert, leads, shown = in_story(
        session, context, alert, Member(incident, transition), channel, root_watch=root_watch
    )
    found = told_before(session, channel.id, alert, root)
    earlier = Earlier(root, tries, before.attempted_at, doubtful, settled, leads, shown, found, subject)
    return Claimed(delivery.id, channel, alert, earlier)


def _overtake(session: Session, delivery: Delivery, incident: Incident, now: datetime) -> None:
    """Skip what is held back of the story's past: told later, it would paint the present over."""
    story = func.coalesce(Incident.story_id, Incident.id) == (incident.story_id or incident.id)
    held = update(Delivery).where(
        Delivery.channel_id == delivery.channel_id,
        Delivery.incident_id.in_(select(Incident.id).where(story)),
        Delivery.id < delivery.id,
        Delivery.due_at > now,
        or_(Delivery.attempts == 0, put_off(Delivery.id)),
    )
    session.execute(
        held.values(state=DeliveryState.skipped, due_at=None, error="overtaken while it was held back"),
        execution_options={"synchronize_session": False},
    )


def _root(session: Session, delivery: Delivery, incident: Incident) -> tuple[str | None, int | None, str]:
    """The channel's handle of the story's first message, the id of the watch that it told, its subject."""
    # What some of its recipients have was told as it was then: what came after it began no story.
    before = delivery.id if delivery.external_id else 2**31 - 1
    mine = {"channel": delivery.channel_id, "before": before, "story": incident.story_id or incident.id}
    found = session.execute(_ROOT, mine).first()
    return (found[0], found[1], _subject(found[2])) if found else (None, None, "")


def _subject(payload: Any) -> str:  # noqa: ANN401 - any JSON, also what another version wrote
    """The subject of what was sent; empty where there is none."""
    try:
        return str(payload["calls"][0]["payload"]["subject"])
    except (AttributeError, IndexError, KeyError, TypeError):
        return ""


def done(session: Session, claimed: Claimed, sent: Sent, now: datetime) -> None:
    """Write down that it was told, and that the channel works."""
    _end(
        session,
        claimed.delivery_id,
        DeliveryState.sent,
        sent_at=now,
        external_id=sent.external_id,
        payload={"calls": sent.calls, "recognised": sent.recognised},
    )
    if claimed.earlier.found and sent.external_id == claimed.earlier.found:
        incident_id = claimed.message.incident_id if isinstance(claimed.message, Alert) else None
        settle(session, claimed.channel.id, claimed.earlier.found, incident_id, now)
    if channel := session.get(Channel, claimed.channel.id, populate_existing=True):
        note_success(channel, now=now)
    metrics.count(metrics.deliveries, claimed.channel.kind, "sent")


def failed(session: Session, delivery_id: int, error: ChannelError, now: datetime) -> int | None:
    """Write down that the channel did not take it; the id of the channel."""
    why = mask(str(error))[:500]
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        return None  # its source, its watch or its channel was deleted meanwhile
    delivery.error = why
    delivery.ambiguous = delivery.ambiguous or error.ambiguous
    refused = isinstance(error, Refused)  # this one message; the channel works
    if isinstance(error, Partly):
        delivery.external_id, delivery.payload = error.external_id, {"settled": error.settled}
    channel = session.get_one(Channel, delivery.channel_id, populate_existing=True)
    if not isinstance(error, Refused | Partly):
        note_failure(channel, why, permanent=error.permanent, now=now)
    if refused or now - delivery.created_at > GIVE_UP_AFTER:
        _end(session, delivery.id, DeliveryState.dead, error=why)
        pass_on(session, delivery, channel, now=now)
    else:
        retry_after = error.retry_after or (CHANNELS.longest if error.permanent else None)
        delivery.state = DeliveryState.pending
        delivery.due_at = now + wait_after(CHANNELS, delivery.attempts, retry_after=retry_after)
    metrics.count(metrics.deliveries, channel.kind, "failed")
    log().warning("not told", delivery=delivery.id, channel=channel.name, why=why)
    return channel.id


def crashed(session: Session, delivery_id: int, error: Exception, now: datetime) -> None:
    """Put off a delivery that this version cannot tell, without reading it; in time it is dead."""
    mine = Delivery.id == delivery_id
    attempts = session.scalars(select(Delivery.attempts).where(mine)).one_or_none() or 1
    why = mask(f"{type(error).__name__}: {error}")[:500]
    if attempts >= MOST_TRIES:
        _end(session, delivery_id, DeliveryState.dead, error=why)
        return
    later = update(Delivery).where(mine)
    session.execute(
        later.values(state=DeliveryState.pending, due_at=now + wait_after(FAULTS, attempts), error=why),
        execution_options={"synchronize_session": False},
    )


def _end(session: Session, delivery_id: int, state: DeliveryState, **values: Any) -> None:  # noqa: ANN401
    done = update(Delivery).where(Delivery.id == delivery_id)
    session.execute(done.values(state=state, due_at=None, **values))
