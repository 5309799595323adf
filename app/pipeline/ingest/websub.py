"""Subscriptions at the hubs of feeds: asked for, confirmed, renewed, and never trusted blindly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.backoff import HUBS, wait_after
from app.db import Sessions, only_read
from app.errors import NotFound, SourceError
from app.logs import log, mask
from app.models import Source, Subscription
from app.pipeline.claim import claim
from app.pipeline.guard import Guard, Row
from app.pipeline.ingest.worker_pool import WorkerPool
from app.sources.base import Batch

SUBSCRIBE = "subscribe"  # the step
SLOW = timedelta(minutes=15)  # how often a feed is asked whose hub tells us: the safety net
_AT_ONCE = 4
_PATIENCE = timedelta(seconds=2)  # a pass waits no longer for hubs
_ANSWERED_WITHIN = timedelta(hours=1)  # a hub that did not come back by then is asked again
_MISSED = 3  # runs that found what the hub had not told
_SHORTEST, _LONGEST = timedelta(minutes=10), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hubs:
    """What subscribing needs beside the database; source and topic make the address and the secret."""

    ask: Callable[[str, str, str, str, datetime], None]  # hub, topic, callback, secret
    address: Callable[[int, str], str]
    secret: Callable[[int, str], str]
    pool: WorkerPool = field(default_factory=lambda: WorkerPool(_AT_ONCE))


def subscribe(sessions: Sessions, hubs: Hubs, guard: Guard, *, now: datetime) -> None:
    """Ask the hubs for what is not subscribed yet or ends soon, a few at a time; no slow one holds us up."""
    with sessions() as session:
        only_read(session)
        query = select(Subscription.source_id).where(Subscription.due_at <= now)
        due = list(session.scalars(query.order_by(Subscription.due_at).limit(_AT_ONCE)))
    work = {one: partial(_ask, sessions, hubs, one, now) for one in due}
    ended = hubs.pool.run(work, patience=_PATIENCE) if work else {}
    for source_id, error in ended.items():
        row = Row("subscription", source_id, f"hub of source {source_id}")
        if error is None:
            guard.clear(SUBSCRIBE, row)
        else:
            guard.fail(SUBSCRIBE, row, error)


def _ask(sessions: Sessions, hubs: Hubs, source_id: int, now: datetime) -> None:
    with sessions.begin() as session:
        claimed = _claim(session, source_id, now)
    if claimed is None:
        return
    hub, topic = claimed
    try:
        hubs.ask(hub, topic, hubs.address(source_id, topic), hubs.secret(source_id, topic), now)
    except SourceError as error:
        with sessions.begin() as session:
            _put_off(
                session,
                source_id,
                mask(str(error))[:300],
                now + wait_after(HUBS, 1, retry_after=error.retry_after),
            )
    except Exception as error:  # the lease is what puts it off; the feed is asked anyway
        with sessions.begin() as session:
            _put_off(session, source_id, mask(f"{type(error).__name__}: {error}")[:300], now + HUBS.first)
        raise


def _claim(session: Session, source_id: int, now: datetime) -> tuple[str, str] | None:
    subscription, source = session.get(Subscription, source_id), session.get(Source, source_id)
    if subscription is None or source is None or subscription.due_at is None or subscription.due_at > now:
        return None
    was, asked = subscription.due_at, (subscription.hub, subscription.topic)
    if not source.enabled:
        subscription.due_at = None
        return None
    until = now + _ANSWERED_WITHIN
    return asked if claim(session, Subscription, source_id, was=was, until=until, asked_at=now) else None


def _put_off(session: Session, source_id: int, why: str, until: datetime) -> None:
    later = update(Subscription).where(Subscription.source_id == source_id)
    session.execute(later.values(why=why, due_at=until))
    log().info("hub refused", source_id=source_id, why=why)


def after_run(
    session: Session, source: Source, batch: Batch, fresh: int, *, now: datetime
) -> timedelta | None:
    """What a run of a feed says of its hub; the pause that a hub which tells us everything allows."""
    subscription = session.get(Subscription, source.id)
    if batch.hub is not None and (
        subscription is None or batch.hub != (subscription.hub, subscription.topic)
    ):
        if subscription is not None:
            session.delete(subscription)
            session.flush()
        hub, topic = batch.hub
        session.add(Subscription(source_id=source.id, hub=hub, topic=topic, due_at=now, since=now))
        return None
    if subscription is None:
        return None
    if subscription.due_at is None:  # the source was switched off for a while
        subscription.due_at = now
    if not _active(subscription, now):
        return None
    if fresh and batch.window_from is not None:
        subscription.missed += 1
    return SLOW if subscription.missed < _MISSED else None


def _active(subscription: Subscription, now: datetime) -> bool:
    return subscription.lease_until is not None and subscription.lease_until > now


def verify(session: Session, source_id: int, told: Mapping[str, str], *, now: datetime) -> str:
    """What to answer a hub that asks whether it was really we who asked; NotFound if it was not."""
    subscription = session.get(Subscription, source_id, with_for_update=True)
    source = session.get(Source, source_id)
    mode, topic = told.get("hub.mode", ""), told.get("hub.topic", "")
    wanted = (
        subscription is not None and source is not None and source.enabled and topic == subscription.topic
    )
    if mode == "unsubscribe" and not wanted:
        return told.get("hub.challenge", "")
    if subscription is None or not wanted or mode not in ("subscribe", "denied"):
        raise NotFound("nobody here has asked for this")
    if mode == "denied":
        _put_off(
            session, source_id, f"the hub denies it: {told.get('hub.reason', '')[:200]}", now + HUBS.first
        )
        return ""
    if subscription.asked_at is None or not told.get("hub.challenge"):
        raise NotFound("nobody here has asked for this")
    lease = timedelta(seconds=_seconds(told.get("hub.lease_seconds", "")))
    lease = min(max(lease, _SHORTEST), _LONGEST)
    subscription.lease_until, subscription.due_at = now + lease, now + lease * 0.8
    subscription.why, subscription.missed = "", 0
    log().info("hub subscribed", source_id=source_id, until=subscription.lease_until.isoformat())
    return told["hub.challenge"]


def subscribed(session: Session, source_id: int) -> str:
    """The topic that a hub tells us of; NotFound if nothing is subscribed."""
    subscription = session.get(Subscription, source_id)
    source = session.get(Source, source_id)
    if subscription is None or source is None or not source.enabled or subscription.lease_until is None:
        raise NotFound("nothing is subscribed here")
    return subscription.topic


def delivered(session: Session, source_id: int, *, now: datetime) -> None:
    """Note that the hub keeps its word."""
    subscription = session.get_one(Subscription, source_id)
    subscription.delivered_at, subscription.missed = now, 0


def _seconds(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 86_400
