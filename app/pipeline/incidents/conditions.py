"""What must hold beside the state of an incident and what is seen, for a transition to be written. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.models import Reason
from app.pipeline.incidents.standing import Rules, Signal, Standing

DOUBLING, LEAST_MORE = 2, 5  # a doubling, and at least five posts of it: 2 posts after 1 are no news


@dataclass(frozen=True, slots=True)
class Case:
    """One instant of one incident, as the conditions see it."""

    standing: Standing
    signal: Signal
    rules: Rules

    @property
    def since_alert(self) -> timedelta:
        """How long ago it was told aloud."""
        last = self.standing.last_alert_at
        return self.signal.at - last if last else timedelta.max

    @property
    def calm(self) -> timedelta:
        """How long it has been calm."""
        return self.signal.at - (self.standing.calm_since or self.signal.at)

    @property
    def doubled(self) -> bool:
        """Whether it has doubled since it was told."""
        observed, before = self.signal.observed, self.standing.alerted_rate
        return observed >= DOUBLING * before and observed - before >= LEAST_MORE

    @property
    def nothing_new(self) -> bool:
        """Whether the story was just told, and nothing of it is new."""
        return self.since_alert < self.rules.cooldown and self.signal.news is None and not self.doubled

    @property
    def stale(self) -> bool:
        """Whether the newest transition is old."""
        last = self.standing.last_transition_at
        return last is not None and self.signal.at - last >= self.rules.refresh_after


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold beside the state and what is seen."""

    says: str
    holds: Callable[[Case], bool]


ALWAYS = Condition("", lambda _: True)
NOTHING_NEW = Condition("within `cooldown` of the last alert, no news, not doubled", lambda c: c.nothing_new)
CALMED = Condition("for `calm_for`", lambda c: c.calm >= c.rules.calm_for)
BURNT_OUT = Condition(
    "for `calm_for` and `out_after`", lambda c: c.calm >= c.rules.calm_for + c.rules.out_after
)
DOUBLED = Condition(
    "doubled, `breath` after the last alert", lambda c: c.doubled and c.since_alert >= c.rules.breath
)
COOLED = Condition(
    "suppressed, `cooldown` after the last alert",
    lambda c: c.standing.suppressed_by_cooldown and c.since_alert >= c.rules.cooldown,
)
TURNED = Condition(
    "the second key turned; not within `cooldown` of the last alert, but for news or double",
    lambda c: c.signal.second_key and not c.nothing_new,
)
UNMASKED = Condition(
    "suppressed by its kind, and the second key turned",
    lambda c: c.signal.second_key and c.standing.suppressed_by_kind,
)
CROSSED = Condition("the volume rings by itself for the first time", lambda c: c.signal.crossed)
STALE = Condition("`refresh_after` the last transition", lambda c: c.stale)


def is_new(milestone: Reason) -> Condition:
    """That the milestone was just reached, and may be told."""
    return Condition(
        f"`{milestone}` is new, `refresh_after` the last alert",
        lambda c: c.signal.news is milestone and c.since_alert >= c.rules.refresh_after,
    )
