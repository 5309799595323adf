"""How far to go: the proportionate advice that follows from how an incident looks. Pure.

`RULES` is the whole of it; docs/advice.md shows it as a table.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, log2
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from scipy.special import bdtr, bdtrc

Advice = Literal["wait", "prepare", "convene"]
Because = Literal[
    "few_authors", "one_source", "slowing", "amplified", "alike_calm",
    "many_authors", "several_sources", "growing", "large", "negative", "wide", "press", "alike_grew",
]  # fmt: skip

_GROWING, _SLOWING = 1.25, 0.8  # this hour against the one before
_CHANCE = 0.1  # that so few, or so many, fell into the last of two equal hours
_AGREE = 2 / 3  # of the fires that looked alike, and of two at least
_ENOUGH = 3  # reasons to hurry, and one of them its size


class AdviceLimits(BaseModel):
    """From where on an incident of a watch is called few, many, large or wide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    few_authors: int = Field(5, ge=1, le=10_000, description="fewer speak: wait and see")
    many_authors: int = Field(30, ge=2, le=1_000_000, description="so many speak: hurry")
    large: float = Field(3.0, ge=1, le=1000, description="times the upper end of the usual: hurry")
    in_bulk: float = Field(0.5, gt=0, le=1, description="part that repeats others: above it, wait and see")
    loudest: float = Field(0.5, gt=0, le=1, description="part of one author: above it, wait and see")
    audience: int = Field(50_000, ge=1, le=10**9, description="followers of one who speaks: hurry")


@dataclass(frozen=True, slots=True)
class AdviceInput:
    """What the advice depends on; mentions since the onset, unless said otherwise."""

    mentions: int
    authors: int
    loudest: int  # mentions of the author with the most
    amplified: int  # near-duplicates
    sources: tuple[int, ...]  # mentions by source, largest first
    observed: float  # in the last hour
    before: float  # in the hour before that
    high: float  # upper end of what is usual for the last hour
    negative: bool = False  # the negative share is above its usual, beyond chance
    audience: int = 0  # followers of the one with the most
    press: int = 0  # posts from feeds and the press, of those that were read
    calmed: int = 0  # earlier fires of the watch that looked like this and died down
    grew: int = 0  # and those that grew
    thresholds: AdviceLimits = field(default_factory=AdviceLimits)

    @property
    def growth(self) -> float:
        """The last hour against the one before."""
        return self.observed / self.before if self.before else (inf if self.observed else 1.0)

    @property
    def trend(self) -> Literal["growing", "steady", "slowing"]:
        """Where it is going; of two hours that only chance tells apart, nowhere.

        If nothing changed, each mention of the two hours falls into either with the same probability.
        """
        last, both = int(self.observed), int(self.observed + self.before)
        if self.growth >= _GROWING and bdtrc(last - 1, both, 0.5) <= _CHANCE:
            return "growing"
        if self.growth <= _SLOWING and bdtr(last, both, 0.5) <= _CHANCE:
            return "slowing"
        return "steady"

    @property
    def doubling_minutes(self) -> float | None:
        """Minutes in which the volume doubles if it goes on like this; None if it does not grow."""
        return 60 / log2(self.growth) if self.trend == "growing" and self.growth < inf else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason, which way it tips, and when it holds."""

    name: Because
    tips: Literal["wait", "hurry"]
    holds: Callable[[AdviceInput], bool]


def _agree(these: int, those: int) -> bool:
    return these + those >= 2 and these >= _AGREE * (these + those)


RULES: tuple[Rule, ...] = (
    Rule(
        "few_authors",
        "wait",
        lambda o: o.authors < o.thresholds.few_authors or o.loudest > o.thresholds.loudest * o.mentions,
    ),
    Rule("amplified", "wait", lambda o: o.amplified > o.thresholds.in_bulk * o.mentions),
    Rule("slowing", "wait", lambda o: o.trend == "slowing"),
    Rule("alike_calm", "wait", lambda o: _agree(o.calmed, o.grew)),
    Rule(
        "large",
        "hurry",
        lambda o: o.observed >= o.thresholds.large * o.high and o.observed >= o.thresholds.many_authors,
    ),
    Rule("many_authors", "hurry", lambda o: o.authors >= o.thresholds.many_authors),
    Rule("several_sources", "hurry", lambda o: len(o.sources) > 1 and o.sources[1] >= 0.1 * o.mentions),
    Rule("growing", "hurry", lambda o: o.trend == "growing"),
    Rule("negative", "hurry", lambda o: o.negative),
    Rule("wide", "hurry", lambda o: o.audience >= o.thresholds.audience),
    Rule("press", "hurry", lambda o: o.press >= 2),
    Rule("alike_grew", "hurry", lambda o: _agree(o.grew, o.calmed)),
)
_SIZE = frozenset({"large", "many_authors"})


def advise(advice_input: AdviceInput) -> tuple[Advice, tuple[Because, ...]]:
    """The advice, and what tips it.

    A reason to wait holds against one reason to hurry. To convene takes three of these, one of them its
    size, and none to wait: a few voices, however angry, are no case for the whole team.
    """
    against = tuple(rule.name for rule in RULES if rule.tips == "wait" and rule.holds(advice_input))
    for_it = tuple(rule.name for rule in RULES if rule.tips == "hurry" and rule.holds(advice_input))
    if against and len(for_it) < 2:
        return "wait", against
    if not against and len(for_it) >= _ENOUGH and _SIZE & set(for_it):
        return "convene", for_it
    return "prepare", (*for_it, *against)
