"""What happens to an incident at one instant: pure, ordered, each answer from a closed list."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isnan

from app.models import Reason, State

TELLING = 3.0  # mentions; where an hour usually has fewer at most, its silence is no news


@dataclass(frozen=True, slots=True)
class Lines:
    """The scores at which things happen: one line to open, a lower one to calm down."""

    alarm: float
    calm: float
    smoke: float  # worth recording, not worth telling


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of a policy that decides."""

    lines: Lines
    calm_for: timedelta = timedelta(minutes=60)
    out_after: timedelta = timedelta(hours=6)
    refresh_after: timedelta = timedelta(minutes=30)  # a fire that goes on is told anew, without a sound


@dataclass(frozen=True, slots=True)
class Signal:
    """One instant of a watch: the score, and mentions in the hour before."""

    at: datetime
    score: float  # NaN: learning, or not heard
    observed: float
    high: float  # upper end of what is usual for that hour


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands; None of it depends on anything but its past."""

    state: State
    level: int = 0
    alerted: float = 0.0  # mentions an hour when its level was last told
    calm_since: datetime | None = None
    told_at: datetime | None = None


def decide(standing: Standing | None, signal: Signal, rules: Rules) -> tuple[Reason | None, Standing | None]:
    """(what happened, how the incident stands after it); (None, …) when there is nothing to write down."""
    lines = rules.lines
    if isnan(signal.score):
        # What was not heard is no sign of calm: the wait for it begins again.
        return None, standing and replace(standing, calm_since=None)
    if standing is None or standing.state is State.out:
        if signal.score >= lines.alarm:
            return Reason.ignited, Standing(State.burning, alerted=signal.observed)
        if signal.score >= lines.smoke:
            return Reason.smoke, Standing(State.smouldering)
        return None, standing
    # The score remembers some hours; of a fire, an hour that is as usual says sooner that it is over, unless
    # so little is usual that an hour without a post says nothing.
    telling = signal.high >= TELLING and standing.state is not State.smouldering
    usual = telling and signal.observed <= signal.high
    if signal.score < lines.calm or usual:
        return _calm(standing, signal, rules)
    standing = replace(standing, calm_since=None)
    told = _over_the_line(standing, signal) if signal.score >= lines.alarm else (None, standing)
    return told if told[0] is not None else _went_on(standing, signal, rules)


def _over_the_line(standing: Standing, signal: Signal) -> tuple[Reason | None, Standing]:
    if standing.state is State.smouldering:
        return Reason.ignited, replace(standing, state=State.burning, alerted=signal.observed)
    if standing.state is State.contained:
        alerted = max(standing.alerted, signal.observed)
        return Reason.flared, replace(standing, state=State.burning, alerted=alerted)
    if signal.observed >= 2 * standing.alerted and signal.observed - standing.alerted >= 5:
        # A doubling, and at least five posts of it: 2 posts after 1 are no news.
        return Reason.grew, replace(standing, level=standing.level + 1, alerted=signal.observed)
    return None, standing


def _went_on(standing: Standing, signal: Signal, rules: Rules) -> tuple[Reason | None, Standing]:
    stale = standing.told_at is not None and signal.at - standing.told_at >= rules.refresh_after
    return (Reason.went_on if standing.state is State.burning and stale else None), standing


def _calm(standing: Standing, signal: Signal, rules: Rules) -> tuple[Reason | None, Standing]:
    since = standing.calm_since or signal.at
    standing = replace(standing, calm_since=since)
    calm = signal.at - since
    if standing.state is State.smouldering and calm >= rules.calm_for:
        return Reason.fizzled, replace(standing, state=State.out)
    if standing.state is State.burning and calm >= rules.calm_for:
        return Reason.contained, replace(standing, state=State.contained)
    if standing.state is State.contained and calm >= rules.calm_for + rules.out_after:
        return Reason.went_out, replace(standing, state=State.out)
    return None, standing
