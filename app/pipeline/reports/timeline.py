"""The time line of a story: what its rows say happened, in order, each thing once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.channels.report.facts import CalledPerson, Event, EventKind, Unreached
from app.models import (
    Channel,
    Delivery,
    DeliveryState,
    Incident,
    Notice,
    Reason,
    Silence,
    Source,
    SourceHealth,
    Transition,
    Watch,
    hears,
)

_MOST = 60  # events
_KINDS: dict[Reason, EventKind] = {
    Reason.smoke: "smouldered",
    Reason.ignited: "alert",
    Reason.revealed: "alert",
    Reason.grew: "grew",
    Reason.flared: "flared",
    Reason.relit: "flared",
    Reason.spread: "spread",
    Reason.turned: "turned",
    Reason.press: "press",
    Reason.joined: "joined",
    Reason.soured: "soured",
    Reason.slowed: "slowed",
    Reason.acknowledged: "acknowledged",
    Reason.lapsed: "lapsed",
    Reason.snoozed: "snoozed",
    Reason.contained: "contained",
    Reason.went_out: "out",
    Reason.fizzled: "out",
    Reason.closed: "closed",
    Reason.judged: "judged",
}
# Of what a long story has too much of, what a reader can do without first.
_DISPENSABLE: tuple[EventKind, ...] = (
    "slowed", "soured", "called", "spread", "turned", "heard_again", "deaf", "flared", "grew", "contained",
    "snoozed", "joined", "press",
)  # fmt: skip
_ALERTS = (Reason.ignited, Reason.revealed)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened in a story."""

    events: tuple[Event, ...]
    left_out: int
    called: tuple[CalledPerson, ...]
    unreached: tuple[Unreached, ...]

    def first(self, kind: EventKind) -> Event | None:
        """The first event of a kind."""
        return next((event for event in self.events if event.kind == kind), None)

    def last(self, kind: EventKind) -> Event | None:
        """The last event of a kind."""
        return next((event for event in reversed(self.events) if event.kind == kind), None)


def timeline_of(
    session: Session,
    incidents: Sequence[Incident],
    *,
    known: Iterable[Event],
    watch: Watch,
    ended: datetime,
    now: datetime,
) -> Timeline:
    """The time line of the incidents of one watch until `now`.

    `known`: what else happened; `watch`: with its sources; `ended`: the end of it.
    """
    ids = [incident.id for incident in incidents]
    changes, calls = _transitions(session, incidents, now)
    told, unreached = _deliveries(session, ids, now)
    began = min(incident.onset_at for incident in incidents)
    events = [
        *known,
        *changes,
        *told,
        *_silences(session, incidents[0].watch_id, began, ended),
        *_health(session, watch, began, ended),
    ]
    events.sort(key=lambda event: event.at)
    kept = _most_telling(events)
    return Timeline(tuple(kept), len(events) - len(kept), tuple(calls.values()), unreached)


def _transitions(
    session: Session, incidents: Sequence[Incident], now: datetime
) -> tuple[list[Event], dict[str, CalledPerson]]:
    query = (
        select(
            Transition.incident_id, Transition.at, Transition.reason, Transition.by, Transition.note,
            Transition.observed, Transition.expected, Transition.standing,
        )
        .where(Transition.incident_id.in_([one.id for one in incidents]), Transition.at <= now)
        .order_by(Transition.at, Transition.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    # Told for the first time when it was taken for a fire after all.
    untold = {row.incident_id for row in rows if row.reason is Reason.revealed}
    quiet = {incident.id for incident in incidents if incident.suppressed_by_kind}
    events: list[Event] = []
    calls: dict[str, CalledPerson] = {}
    for incident_id, at, reason, by, note, observed, expected, raw in rows:
        standing: dict[str, Any] = raw if isinstance(raw, dict) else {}
        kind = _KINDS.get(reason)
        if kind == "alert" and (incident_id in quiet or (reason is Reason.ignited and incident_id in untold)):
            kind = "kept_quiet"
        person = "" if by == "tocsin" else by
        if kind is not None and not _repeats(events, kind, person, note):
            event = Event(at, kind, person, note=note, observed=observed, expected=expected)
            if kind == "judged":
                event = replace(event, names=(str(standing.get("verdict") or ""),))
            elif kind == "snoozed":
                event = replace(event, until=_instant(standing.get("snoozed_until")))
            events.append(event)
        names = _called(standing)
        if names:
            called: EventKind = "unanswered" if standing.get("unanswered") else "called"
            if not (events and events[-1].kind == called and events[-1].names == names):
                events.append(Event(at, called, names=names))
        for one in names:
            before = calls.get(one, CalledPerson(one, 0, at, at))
            calls[one] = replace(before, calls=before.calls + 1, last_at=at)
    return events, calls


def _repeats(events: Sequence[Event], kind: EventKind, by: str, note: str) -> bool:
    """Whether the event before it says the same: several incidents of one story, or one milestone twice."""
    return bool(events) and (events[-1].kind, events[-1].by, events[-1].note) == (kind, by, note)


def _called(standing: dict[str, Any]) -> tuple[str, ...]:
    called = standing.get("called")
    return tuple(str(one["name"]) for one in called or () if isinstance(one, dict) and "name" in one)


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _deliveries(
    session: Session, incident_ids: Sequence[int], now: datetime
) -> tuple[list[Event], tuple[Unreached, ...]]:
    """(when the alert was first told, and where; channels that no message of the story reached)."""
    query = (
        select(
            Channel.name,
            Channel.person_id,
            Delivery.state,
            Delivery.sent_at,
            Delivery.error,
            Transition.reason,
        )
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Transition, Transition.id == Delivery.transition_id)
        .where(Delivery.incident_id.in_(incident_ids), Transition.at <= now)
        .order_by(Delivery.id)
    )
    first: dict[str, datetime] = {}
    failed: dict[str, str] = {}
    for name, person_id, state, sent_at, error, reason in session.execute(query):
        if state is DeliveryState.sent and sent_at is not None and sent_at <= now:
            failed.pop(name, None)
            if reason in _ALERTS and person_id is None:
                first[name] = min(sent_at, first.get(name, sent_at))
        elif state is DeliveryState.dead:
            failed.setdefault(name, error)
    unreached = tuple(Unreached(name, error) for name, error in sorted(failed.items()) if name not in first)
    if not first:
        return [], unreached
    names = tuple(sorted(first, key=lambda one: (first[one], one)))
    return [Event(min(first.values()), "told", names=names)], unreached


def _silences(session: Session, watch_id: int, began: datetime, ended: datetime) -> list[Event]:
    query = select(Silence).where(
        or_(Silence.watch_id == watch_id, Silence.watch_id.is_(None)),
        Silence.starts_at < ended,
        Silence.ends_at > began,
        Silence.created_at <= ended,
    )
    return [
        Event(one.starts_at, "silence", one.created_by, note=one.why, until=one.ends_at)
        for one in session.scalars(query)
    ]


def _health(session: Session, watch: Watch, began: datetime, ended: datetime) -> list[Event]:
    """Sources of the watch that went deaf meanwhile, and that were heard again."""
    query = (
        select(Notice.at, Notice.health, Source)
        .join(Source, Source.id == Notice.source_id)
        .where(Notice.at >= began, Notice.at < ended, Notice.health.in_([*SourceHealth]))
        .order_by(Notice.id)
    )
    return [
        Event(at, "heard_again" if health == SourceHealth.ok else "deaf", names=(source.name,))
        for at, health, source in session.execute(query)
        if hears(watch, source)
    ]


def _most_telling(events: list[Event]) -> list[Event]:
    """At most sixty of them, in order; of each kind that can be done without, the first is kept."""
    kept = list(events)
    for kind in _DISPENSABLE:
        of_kind = [event for event in kept if event.kind == kind][1:]
        for event in reversed(of_kind):
            if len(kept) <= _MOST:
                return kept
            kept.remove(event)
    return kept[:_MOST]
