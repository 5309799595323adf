"""Tell or not, whom, and how loudly: the one decision. Pure; each answer is from a closed list.

It has two phases, as what the posts say is costly to read and only asked for when something happened:

1. `what_happened`: from how an incident stands and what is seen of it to a transition, by `TRANSITIONS`.
2. `decide`: from that, the kind of the incident and what holds messages back, to who is told, when, and how
   loudly, by `LOUDNESS` of app/channels/acts.py.

docs/decision.md shows both tables.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum, auto
from math import isnan, log2

from app.channels.acts import LOUDNESS, Act, Audience, Cooldown, choose_message_action
from app.models import MILESTONES, Reason, State
from app.pipeline.incidents.conditions import (
    ALWAYS,
    BURNT_OUT,
    CALMED,
    COOLED,
    CROSSED,
    DOUBLED,
    DOUBLING,
    LEAST_MORE,
    NOTHING_NEW,
    STALE,
    TURNED,
    UNMASKED,
    Case,
    Condition,
    is_new,
)  # fmt: skip
from app.pipeline.incidents.standing import Rules, Signal, Standing, Story

TELLING = 3.0  # mentions; where an hour usually has fewer at most, its silence is no news


class Seen(StrEnum):
    """What an instant shows."""

    unheard = "unheard"
    calm = "calm"
    raised = "raised"  # neither calm nor an alarm
    alarm = "alarm"


class Rate(Enum):
    """What a transition makes of the rate from which the next doubling is measured."""

    kept = auto()
    observed = auto()
    higher = auto()  # of the two
    levelled = auto()  # observed, and each doubling of it is a level


@dataclass(frozen=True, slots=True)
class Row:
    """In that state, if that is seen and the condition holds: why a transition is written, and where to."""

    state: State
    seen: Seen
    when: Condition
    reason: Reason
    to: State
    rate: Rate = Rate.kept


# What can happen to an incident: of its state and what is seen, the first row whose condition holds. If there
# is none, nothing is written down.
TRANSITIONS: tuple[Row, ...] = (
    Row(State.out, Seen.raised, ALWAYS, Reason.smoke, State.smouldering),
    Row(State.out, Seen.alarm, NOTHING_NEW, Reason.relit, State.burning),
    Row(State.out, Seen.alarm, ALWAYS, Reason.ignited, State.burning, Rate.observed),
    Row(State.smouldering, Seen.calm, CALMED, Reason.fizzled, State.out),
    Row(State.smouldering, Seen.raised, TURNED, Reason.ignited, State.burning, Rate.observed),
    Row(State.smouldering, Seen.alarm, NOTHING_NEW, Reason.relit, State.burning),
    Row(State.smouldering, Seen.alarm, ALWAYS, Reason.ignited, State.burning, Rate.observed),
    Row(State.burning, Seen.calm, CALMED, Reason.contained, State.contained),
    *(
        Row(State.burning, seen, UNMASKED, Reason.went_on, State.burning)
        for seen in (Seen.raised, Seen.alarm)
    ),
    Row(State.burning, Seen.raised, STALE, Reason.went_on, State.burning),
    Row(State.burning, Seen.alarm, CROSSED, Reason.went_on, State.burning, Rate.higher),
    Row(State.burning, Seen.alarm, DOUBLED, Reason.grew, State.burning, Rate.levelled),
    *(Row(State.burning, Seen.alarm, is_new(reason), reason, State.burning) for reason in MILESTONES),
    Row(State.burning, Seen.alarm, COOLED, Reason.flared, State.burning),
    Row(State.burning, Seen.alarm, STALE, Reason.went_on, State.burning),
    Row(State.contained, Seen.calm, BURNT_OUT, Reason.went_out, State.out),
    Row(State.contained, Seen.alarm, NOTHING_NEW, Reason.relit, State.burning),
    Row(State.contained, Seen.alarm, ALWAYS, Reason.flared, State.burning, Rate.higher),
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What happened to an incident, or what a person did to it."""

    reason: Reason
    at: datetime
    observed: float  # mentions in the hour before
    was_told: bool  # people were told of the incident before


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds messages back."""

    silenced_until: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A transition that is to be written, and what is told of it."""

    reason: Reason
    at: datetime
    standing: Standing  # after it
    audience: Audience
    due_at: datetime  # nobody is told before
    suppressed_by_story: bool = False  # where another watch told of the fire, this one calls nobody

    def act(self, *, has_root: bool) -> Act:
        """How loudly, in a channel that has or has not the story's message when its turn comes."""
        return choose_message_action(
            self.reason,
            has_root=has_root,
            suppressed=self.standing.suppressed_by_cooldown,
            in_story=self.suppressed_by_story,
        )


def what_happened(standing: Standing, signal: Signal, rules: Rules) -> tuple[Standing, Occurrence | None]:
    """How the incident stands after the instant, and what happened; None when there is nothing to write down.

    What people are told of it is for `decide` to say.
    """
    seen = _see(standing, signal, rules)
    # What was not heard is no sign of calm: the wait for it begins again.
    waits = seen is Seen.calm and standing.state is not State.out
    standing = replace(standing, calm_since=(standing.calm_since or signal.at) if waits else None)
    case = Case(standing, signal, rules)
    for row in TRANSITIONS:
        if row.state is standing.state and row.seen is seen and row.when.holds(case):
            happened = Occurrence(row.reason, signal.at, signal.observed, standing.is_told)
            return _after(row, case), happened
    return standing, None


def decide(
    standing: Standing,
    happened: Occurrence,
    hold: Hold,
    *,
    kind: str | None = None,
    rings: Collection[str] = (),
    story: Story | None = None,
) -> Decision:
    """What is told of what happened: to whom, when, and how loudly.

    `kind` is what the posts make of the incident, None if they were not read for it; `rings` are the kinds
    that are told; `story` is what other watches told of the same fire, None if none of them burns in it.
    """
    reason, standing = _by_kind(standing, happened, kind, rings)
    loudness = LOUDNESS[reason]
    # A snooze holds back the news of a fire, never its growth.
    snoozed_until = None if loudness.through_snooze else hold.snoozed_until
    audience = loudness.audience if standing.is_told else Audience.nobody
    return Decision(
        reason=reason,
        at=happened.at,
        standing=standing,
        audience=audience,
        due_at=max(until for until in (happened.at, hold.silenced_until, snoozed_until) if until),
        suppressed_by_story=audience is Audience.everyone and not _is_news(story, happened.at),
    )


def _is_news(story: Story | None, at: datetime) -> bool:
    """Whether people are to be called, though other watches may have told them of the same fire."""
    if story is None or story.news or at - story.told_at >= story.cooldown:
        return True
    return story.posts >= DOUBLING * story.posts_told and story.posts - story.posts_told >= LEAST_MORE


def _see(standing: Standing, signal: Signal, rules: Rules) -> Seen:
    thresholds, score = rules.thresholds, signal.score
    if isnan(score):
        return Seen.unheard
    if not signal.heard:
        # There was at least so much: only calm needs to be heard.
        return Seen.alarm if score >= thresholds.alarm else Seen.unheard
    if standing.state is State.out:
        calm = score < thresholds.smoke and not signal.armed
    else:
        # The score remembers some hours; of a fire, an hour that is as usual says sooner that it is over,
        # unless so little is usual that an hour without a post says nothing.
        telling = signal.high >= TELLING and standing.state is not State.smouldering
        as_usual = telling and signal.observed <= signal.high
        # What rang by few posts goes on as long as they come, low as the score is.
        armed = signal.armed and standing.state is not State.contained
        calm = as_usual or (score < thresholds.calm and not armed)
    if calm:
        return Seen.calm
    return Seen.alarm if score >= thresholds.alarm else Seen.raised


def _after(row: Row, case: Case) -> Standing:
    at, observed, before = case.signal.at, case.signal.observed, case.standing
    after = replace(before, state=row.to, last_transition_at=at)
    if row.to is State.burning and before.burning_at is None:
        after = replace(after, burning_at=at)
    if row.to is State.out:
        after = replace(after, out_at=at)
    match LOUDNESS[row.reason].cooldown:
        case Cooldown.begins:
            after = replace(after, last_alert_at=at, suppressed_by_cooldown=False)
        case Cooldown.suppresses:
            after = replace(after, suppressed_by_cooldown=True)
    match row.rate:
        case Rate.observed:
            return replace(after, alerted_rate=observed)
        case Rate.higher:
            return replace(after, alerted_rate=max(before.alerted_rate, observed))
        case Rate.levelled:
            risen = int(log2(observed / before.alerted_rate)) if before.alerted_rate else 1
            return replace(after, level=before.level + risen, alerted_rate=observed)
        case Rate.kept:
            return after


def _by_kind(
    standing: Standing, happened: Occurrence, kind: str | None, rings: Collection[str]
) -> tuple[Reason, Standing]:
    """The reason as it is told: a fire keeps quiet until it is of a kind that rings."""
    if kind is None or standing.state is not State.burning:
        return happened.reason, standing
    # What people were told of is told to its end, whatever it turns into.
    suppressed = kind not in rings and not happened.was_told
    if suppressed:
        # Nobody was told, so nothing is to cool down.
        return happened.reason, replace(standing, suppressed_by_kind=True, last_alert_at=None)
    if not standing.suppressed_by_kind:
        return happened.reason, standing
    # Its life as a fire begins: what it grew to untold is no level of it, and what its story was told before
    # keeps none of its news quiet.
    revealed = replace(
        standing, suppressed_by_kind=False, suppressed_by_cooldown=False, last_alert_at=happened.at
    )
    return Reason.revealed, replace(revealed, level=0, alerted_rate=happened.observed)
