"""Who is on duty when: pure, from the layers of a rota and the substitutions in it.

A layer takes turns: each of its people is on duty for some days, from one hand-over to the next, at a time of
day of the rota's own clock, also on the days when that is set forward or back. Whoever is on duty in the
first layer is called first, then those of the others; then everybody else of the first layer, as their turns
come; then the lead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

_DAY = timedelta(days=1)
_WEEK = 7
Weekday = Annotated[int, Field(ge=1, le=_WEEK)]  # 1 is Monday, as in ISO 8601


class Hours(BaseModel):
    """The part of a week in which a layer is on duty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: time
    until: time  # not later than `since`: on the next day
    days: tuple[Weekday, ...] = ()  # on which it begins; empty: each


class Layer(BaseModel):
    """People who take turns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[int, ...]  # ids, in the order of their turns
    starts_on: date  # of the first turn of the first of them; nobody is on duty before
    hand_over: time
    days: int = _WEEK  # of a turn
    hours: Hours | None = None  # None: day and night


class Night(BaseModel):
    """When people sleep, and from which level of a fire they are woken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: time
    until: time
    from_level: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """One person on duty in the place of another for a while; `instead_of` None: of whoever is, first."""

    person: int
    instead_of: int | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """From one instant to the next, the same people are on duty, in the order in which they are called."""

    since: datetime
    until: datetime
    people: tuple[int, ...]  # ids; empty: a gap


@dataclass(frozen=True, slots=True)
class Plan:
    """A rota, ready to be asked."""

    zone: ZoneInfo
    layers: tuple[Layer, ...]
    replaced: tuple[Replaced, ...] = ()  # the newest last: it holds where two overlap
    lead: int | None = None

    def on_duty(self, at: datetime) -> tuple[int, ...]:
        """The ids of those on duty, in the order in which they are called; empty: a gap."""
        planned = [holder(layer, self.zone, at) for layer in self.layers]
        valid = [one for one in self.replaced if one.since <= at < one.until]
        for one in valid:
            if one.instead_of is not None:
                planned = [one.person if person == one.instead_of else person for person in planned]
            else:
                first = next((n for n, person in enumerate(planned) if person is not None), 0)
                planned[first : first + 1] = [one.person]
        return tuple(dict.fromkeys(person for person in planned if person is not None))

    def call_order(self, at: datetime) -> tuple[int, ...]:
        """Everybody who may be called, in that order; empty only if the rota has nobody at all."""
        away = {one.instead_of for one in self.replaced if one.since <= at < one.until}
        rest = [person for layer in self.layers for person in _turns(layer, self.zone, at)]
        lead = [] if self.lead is None else [self.lead]
        present = [person for person in rest if person not in away and person != self.lead]
        return tuple(dict.fromkeys([*self.on_duty(at), *present, *lead]))

    def shifts(self, since: datetime, until: datetime) -> list[Shift]:
        """Who is on duty in that time, without a hole: a gap is a shift with nobody."""
        marks = {since, until}
        for layer in self.layers:
            marks.update(mark for mark in _marks(layer, self.zone, since, until) if since < mark < until)
        for one in self.replaced:
            marks.update(mark for mark in (one.since, one.until) if since < mark < until)
        shifts: list[Shift] = []
        for start, end in pairwise(sorted(marks)):
            people = self.on_duty(start)
            if shifts and shifts[-1].people == people:
                shifts[-1] = Shift(shifts[-1].since, end, people)
            else:
                shifts.append(Shift(start, end, people))
        return shifts


def holder(layer: Layer, zone: ZoneInfo, at: datetime) -> int | None:
    """Whose turn it is in the layer; None: nobody's, before it starts or outside its hours."""
    turn = _turn(layer, zone, at)
    if turn < 0 or not layer.people or not _is_within(layer.hours, zone, at):
        return None
    return layer.people[turn % len(layer.people)]


def is_night(night: Night | None, zone: ZoneInfo, at: datetime) -> bool:
    """Whether people sleep."""
    return night is not None and _is_within(Hours(since=night.since, until=night.until), zone, at)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When it is that time of that day.

    A time that is skipped when clocks are set forward is as much later; of one that comes twice, the first.
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _turn(layer: Layer, zone: ZoneInfo, at: datetime) -> int:
    """The number of hand-overs since the first turn began; negative before."""
    turn = (at.astimezone(zone).date() - layer.starts_on).days // layer.days
    while at >= _hand_over(layer, zone, turn + 1):
        turn += 1
    while at < _hand_over(layer, zone, turn):
        turn -= 1
    return turn


def _hand_over(layer: Layer, zone: ZoneInfo, turn: int) -> datetime:
    return instant(layer.starts_on + turn * layer.days * _DAY, layer.hand_over, zone)


def _turns(layer: Layer, zone: ZoneInfo, at: datetime) -> Sequence[int]:
    """The people of the layer, whoever's turn it is first."""
    if not layer.people:
        return ()
    first = max(0, _turn(layer, zone, at)) % len(layer.people)
    return (*layer.people[first:], *layer.people[:first])


def _is_within(hours: Hours | None, zone: ZoneInfo, at: datetime) -> bool:
    if hours is None:
        return True
    today = at.astimezone(zone).date()
    return any(start <= at < end for start, end in _windows(hours, zone, today - _DAY, today))


def _windows(hours: Hours, zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        if not hours.days or day.isoweekday() in hours.days:
            ends_on = day + _DAY if hours.until <= hours.since else day
            yield instant(day, hours.since, zone), instant(ends_on, hours.until, zone)


def _marks(layer: Layer, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """When something may change in the layer."""
    turn = max(_turn(layer, zone, since), 0)
    while (at := _hand_over(layer, zone, turn)) < until:
        yield at
        turn += 1
    if layer.hours is not None:
        first, last = (at.astimezone(zone).date() for at in (since, until))
        for window in _windows(layer.hours, zone, first - _DAY, last):
            yield from window
