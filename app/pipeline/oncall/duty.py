"""Who is on duty for an incident, and who is called for it next: the rotas, read from the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.facts import Called
from app.clock import known_zone
from app.logs import log
from app.models import (
    Channel,
    Delivery,
    Incident,
    Person,
    Rota,
    Substitution,
    Transition,
    UnreadableRow,
    require_readable,
)
from app.pipeline.oncall.rota import Layer, Night, Plan, Replaced, is_night

_LAYERS: TypeAdapter[tuple[Layer, ...]] = TypeAdapter(tuple[Layer, ...])
_NIGHT: TypeAdapter[Night | None] = TypeAdapter(Night | None)
_SPARE_CALLS = 2  # calls after the one that first reaches everybody, before it is said that nobody answers


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called by a transition, by a mention in its message."""

    people: tuple[int, ...]  # ids; empty: nobody is to be woken
    in_person: bool = False  # also in their own channels
    unanswered: bool = False  # everybody was called before
    beside: bool = False  # another watch that burns in the same fire calls them

    def standing(self, session: Session) -> dict[str, Any]:
        """As the transition keeps it."""
        called = [one.model_dump() for one in named(session, self.people)]
        return {"called": called, "unanswered": self.unanswered}


@dataclass(frozen=True, slots=True)
class Duty:
    """A rota, ready to be asked for one incident."""

    rota_id: int
    plan: Plan
    every: timedelta  # from one call to the next
    night: Night | None
    quiet: Mapping[int, tuple[Night, ZoneInfo]] = field(default_factory=dict)  # by id of the person

    def sleeps(self, level: int, at: datetime) -> bool:
        """Whether nobody is woken for a fire of that level."""
        return (
            self.night is not None
            and level < self.night.from_level
            and is_night(self.night, self.plan.zone, at)
        )

    def calls(self, number: int, level: int, at: datetime) -> tuple[int, ...]:
        """The ids of those who are called by the call of that number: one person more each time.

        0 is the alert itself, and 1 the first call after it: both are for whoever is on duty. Who is not on
        duty is passed over in their quiet hours, until everybody else was called and nobody answers.
        """
        order, on_duty = self.plan.call_order(at), self.plan.on_duty(at)
        if number >= self.steady_calls(at):
            return order
        awake = [one for one in order if one in on_duty or not self._rests(one, level, at)]
        return tuple(awake or order)[: max(1, number)]

    def _rests(self, person: int, level: int, at: datetime) -> bool:
        if person not in self.quiet:
            return False
        hours, zone = self.quiet[person]
        return level < hours.from_level and is_night(hours, zone, at)

    def steady_calls(self, at: datetime) -> int:
        """How many calls come one wait after the other: until all were called, and called again."""
        return len(self.plan.call_order(at)) + _SPARE_CALLS


def duty_of(session: Session, name: str, *, since: datetime, until: datetime) -> Duty | None:
    """The rota of that name with its substitutions of that time; None: there is none, or it cannot be read.

    A rota that cannot be read keeps no alert: it is told as if there were none, and `tocsin check` names it.
    """
    rota = session.scalar(select(Rota).where(Rota.name == name)) if name else None
    if rota is None:
        return None
    try:
        return read_duty(session, rota, since=since, until=until)
    except (UnreadableRow, ValidationError, ValueError) as error:
        log().error("rota_unreadable", rota=rota.name, why=str(error))
        return None


def read_duty(session: Session, rota: Rota, *, since: datetime, until: datetime) -> Duty:
    """The rota with its substitutions of that time; an error if this version cannot read it."""
    require_readable(rota)
    rows = session.scalars(
        select(Substitution)
        .where(Substitution.rota_id == rota.id, Substitution.starts_at <= until, Substitution.ends_at > since)
        .order_by(Substitution.id)
    )
    replaced = tuple(Replaced(row.person_id, row.instead_of_id, row.starts_at, row.ends_at) for row in rows)
    zone = ZoneInfo(known_zone(rota.time_zone))
    plan = Plan(zone, _LAYERS.validate_python(rota.layers), replaced, rota.lead_id)
    every, night = timedelta(minutes=rota.call_minutes), _NIGHT.validate_python(rota.night)
    return Duty(rota.id, plan, every, night, _quiet(session, zone))


def _quiet(session: Session, zone: ZoneInfo) -> dict[int, tuple[Night, ZoneInfo]]:
    """The quiet hours of people, on their own clock or that of the rota; who is hard to read has none."""
    found = {}
    rows = session.execute(select(Person.id, Person.quiet, Person.time_zone).where(Person.quiet.is_not(None)))
    for person, given, own in rows:
        try:
            hours = _NIGHT.validate_python(given)
        except ValidationError as error:
            log().error("quiet_hours_unreadable", person=person, why=str(error))
            continue
        if hours is not None:
            found[person] = (hours, ZoneInfo(known_zone(own)) if own else zone)
    return found


def named(session: Session, people: Sequence[int]) -> tuple[Called, ...]:
    """The people of those ids, in that order, as messages name them."""
    rows = session.execute(select(Person.id, Person.name, Person.slack_user).where(Person.id.in_(people)))
    known = {row.id: Called(name=row.name, slack_user=row.slack_user) for row in rows}
    return tuple(known[person] for person in people if person in known)


def can_mention(session: Session, incident: Incident, people: Collection[int]) -> bool:
    """Whether all of them are mentioned where the incident is told: in Slack, by their id there."""
    there = select(Person.id).where(Person.id.in_(people), Person.slack_user.is_not(None))
    told = (
        select(Delivery.id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.incident_id == incident.id, Channel.kind == "slack")
        .limit(1)
    )
    known = set(session.scalars(there)) >= set(people)
    return known and session.scalars(told).first() is not None


def call_in_person(
    session: Session, incident: Incident, transition: Transition, people: Collection[int], *, due_at: datetime
) -> None:
    """Tell the transition in those channels of these people's own that are for a fire of its level.

    Who has none for it is told in all of theirs: it is better to be called in the wrong way than in none.
    """
    query = select(Channel).where(Channel.enabled, Channel.person_id.in_(people)).order_by(Channel.id)
    channels = session.scalars(query).all()
    fit = [channel for channel in channels if channel.from_level <= incident.level]
    reached = {channel.person_id for channel in fit}
    for channel in channels:
        if channel not in fit and channel.person_id in reached:
            continue
        session.add(
            Delivery(
                transition_id=transition.id,
                incident_id=incident.id,
                channel_id=channel.id,
                due_at=due_at,
                created_at=transition.at,
            )
        )
