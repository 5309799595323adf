"""What happens to an incident at one instant: pure, ordered, each answer from a closed list."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isnan, log2

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
    cooldown: timedelta = timedelta(hours=6)  # after it was told aloud; then only what is new is
    breath: timedelta = timedelta(minutes=10)  # between two times that it is told to grow


@dataclass(frozen=True, slots=True)
class Signal:
    """One instant of a watch: the score, and mentions in the hour before."""

    at: datetime
    score: float  # NaN: learning, or not heard
    observed: float
    high: float  # upper end of what is usual for that hour
    news: Reason | None = None  # a milestone: what is new since the story was last told aloud


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands; None of it depends on anything but its past."""

    state: State
    level: int = 0
    alerted: float = 0.0  # mentions an hour when its level was last told
    calm_since: datetime | None = None
    told_at: datetime | None = None
    spoken_at: datetime | None = None  # when the story was last told aloud; that of an earlier fire counts
    hushed: bool = False  # it burns, and the cool-down kept it quiet


def decide(standing: Standing | None, signal: Signal, rules: Rules) -> tuple[Reason | None, Standing | None]:
    """(what happened, how the incident stands after it); (None, …) when there is nothing to write down."""
    lines = rules.lines
    if isnan(signal.score):
        # What was not heard is no sign of calm: the wait for it begins again.
        return None, standing and replace(standing, calm_since=None)
    if standing is None or standing.state is State.out:
        if signal.score >= lines.alarm:
            return _lit(Reason.ignited, standing or Standing(State.out), signal, rules)
        if signal.score >= lines.smoke:
            return Reason.smoke, replace(standing or Standing(State.out), state=State.smouldering)
        return None, standing
    # The score remembers some hours; of a fire, an hour that is as usual says sooner that it is over, unless
    # so little is usual that an hour without a post says nothing.
    telling = signal.high >= TELLING and standing.state is not State.smouldering
    usual = telling and signal.observed <= signal.high
    if signal.score < lines.calm or usual:
        return _calm(standing, signal, rules)
    standing = replace(standing, calm_since=None)
    told = _over_the_line(standing, signal, rules) if signal.score >= lines.alarm else (None, standing)
    return told if told[0] is not None else _went_on(standing, signal, rules)


def _over_the_line(standing: Standing, signal: Signal, rules: Rules) -> tuple[Reason | None, Standing]:
    if standing.state is State.smouldering:
        return _lit(Reason.ignited, standing, signal, rules)
    if standing.state is State.contained:
        return _lit(Reason.flared, standing, signal, rules)
    since = signal.at - standing.spoken_at if standing.spoken_at else timedelta.max
    if _doubled(standing, signal) and since >= rules.breath:
        risen = int(log2(signal.observed / standing.alerted)) if standing.alerted else 1
        standing = replace(standing, level=standing.level + risen, alerted=signal.observed)
        return Reason.grew, _aloud(standing, signal)
    if signal.news is not None and since >= rules.refresh_after:
        return signal.news, _aloud(standing, signal)
    if standing.hushed and since >= rules.cooldown:
        return Reason.flared, _aloud(standing, signal)
    return None, standing


def _lit(reason: Reason, standing: Standing, signal: Signal, rules: Rules) -> tuple[Reason, Standing]:
    """Over the line, from rest: told aloud, unless the story just was and nothing of it is new."""
    burning = replace(standing, state=State.burning, calm_since=None)
    cooling = standing.spoken_at is not None and signal.at - standing.spoken_at < rules.cooldown
    if cooling and signal.news is None and not _doubled(standing, signal):
        return Reason.relit, replace(burning, hushed=True)
    same_fire = reason is Reason.flared
    alerted = max(standing.alerted, signal.observed) if same_fire else signal.observed
    return reason, _aloud(replace(burning, alerted=alerted), signal)


def _doubled(standing: Standing, signal: Signal) -> bool:
    # A doubling, and at least five posts of it: 2 posts after 1 are no news.
    return signal.observed >= 2 * standing.alerted and signal.observed - standing.alerted >= 5


def _aloud(standing: Standing, signal: Signal) -> Standing:
    return replace(standing, spoken_at=signal.at, hushed=False)


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
