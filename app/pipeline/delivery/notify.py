"""Deliveries to channels: the queue, worked off in order, each message once as far as that can be known."""

from datetime import datetime

from sqlalchemy import bindparam, exists, or_

from app.channels.base import Alert, Sent
from app.db import Sessions, only_read
from app.errors import ChannelError
from app.models import Delivery
from app.pipeline.delivery.due import DELIVER, next_due
from app.pipeline.delivery.failover import hand_over
from app.pipeline.delivery.lost import unread
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.delivery.outages import CONCERNED, concerned, tell_outages
from app.pipeline.delivery.queue import Claimed, crashed, done, failed, read, take
from app.pipeline.guard import Guard

# Whether there may be something to do, as `app.pipeline.waiting` asks.
TO_DELIVER = or_(exists().where(Delivery.due_at <= bindparam("clock")), exists().where(CONCERNED))


def notify(
    sessions: Sessions,
    context: DeliveryContext,
    guard: Guard | None = None,
    *,
    now: datetime,
    most: int = 500,
) -> int:
    """Tell what is due, alerts before notices, oldest first; how many deliveries were tried.

    0. What a channel that fails keeps waiting is given to the one that stands in for it, with what burns;
       people are told that it fails.
    1. Find the oldest delivery that is due and whose story, or source, has nothing older waiting in that
       channel.
    2. Claim it: move its `due_at` forward by a lease, if nobody else did meanwhile.
    3. Outside of any transaction, tell it. An attempt before this one makes the channel look before it sends.
    4. Write down what became of it: sent, again later, or dead.

    A delivery that this version cannot tell is put off by the guard, and holds up nothing that comes after.
    """
    guard = guard or Guard(sessions, now=now)
    _see_to_failures(sessions, guard, now)
    with sessions() as session:
        only_read(session)
        blocked = unread(session)  # what they were told before a restore is not known yet
    # And channels that failed in this pass: trying the next at once would not help.
    passed: set[int] = set()  # deliveries that were looked at and not claimed
    for tried in range(most):
        at = _time(context, now)
        with sessions() as session:
            only_read(session)
            row = next_due(session, guard, blocked, passed, at)
        if row is None:
            return tried
        with guard.row(DELIVER, row):
            if not _deliver(sessions, context, guard, row.id, blocked, now):
                passed.add(row.id)
    return most


def _deliver(
    sessions: Sessions,
    context: DeliveryContext,
    guard: Guard,
    delivery_id: int,
    blocked: set[int],
    now: datetime,
) -> bool:
    """Claim one delivery and tell it; False if somebody else has it. A mistake of ours is a failed try."""
    at = _time(context, now)
    with sessions.begin() as session:
        before = take(session, delivery_id, at)
    if before is None:
        return False
    try:
        with sessions.begin() as session:
            claimed = read(session, context, delivery_id, before, at)
        if claimed is None:
            return True
        sent = _tell(context, claimed, at)
    except ChannelError as error:
        # Telling takes time, and a wait that was asked for begins when it was.
        ended = _time(context, now)
        with sessions.begin() as session:
            channel_id = failed(session, delivery_id, error, ended)
        if channel_id is not None:
            blocked.add(channel_id)
        _see_to_failures(sessions, guard, ended)
    except Exception as error:
        # A mistake of ours in one message must not keep the others from going out, in this channel either.
        with sessions.begin() as session:
            crashed(session, delivery_id, error, _time(context, now))
        raise
    else:
        with sessions.begin() as session:
            done(session, claimed, sent, at)
    return True


def _see_to_failures(sessions: Sessions, guard: Guard, now: datetime) -> None:
    with sessions() as session:
        only_read(session)
        channels = concerned(session)
    hand_over(guard, [row for row, fails in channels.items() if fails], now=now)
    tell_outages(guard, list(channels), now=now)


def _tell(context: DeliveryContext, claimed: Claimed, now: datetime) -> Sent:
    channel, message = context.open(claimed.channel), claimed.message
    if isinstance(message, Alert):
        return channel.tell(message, claimed.earlier, now=now)
    return channel.say(message, claimed.earlier, now=now)


def _time(context: DeliveryContext, now: datetime) -> datetime:
    return context.clock() if context.clock else now
