"""How far to go: the proportionate advice that follows from how an incident looks. Pure."""

from dataclasses import dataclass
from math import inf, log2
from typing import Literal

Advice = Literal["wait", "prepare", "convene"]
Because = Literal[
    "few_authors", "one_source", "slowing", "amplified",
    "many_authors", "several_sources", "growing", "large", "negative",
]  # fmt: skip

_FEW_AUTHORS = 5
_MANY_AUTHORS = 30
_GROWING, _SLOWING = 1.25, 0.8  # this hour against the one before
_LARGE = 3.0  # times the upper end of what is usual


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the advice depends on; mentions since the onset, unless said otherwise."""

    mentions: int
    authors: int
    loudest: int  # mentions of the author with the most
    amplified: int  # near-duplicates
    sources: tuple[int, ...]  # mentions by source, largest first
    observed: float  # in the last hour
    before: float  # in the hour before that
    high: float  # upper end of what is usual for the last hour

    @property
    def growth(self) -> float:
        """The last hour against the one before."""
        return self.observed / self.before if self.before else (inf if self.observed else 1.0)

    @property
    def trend(self) -> Literal["growing", "steady", "slowing"]:
        """Where it is going."""
        if self.growth >= _GROWING:
            return "growing"
        return "slowing" if self.growth <= _SLOWING else "steady"

    @property
    def doubling_minutes(self) -> float | None:
        """Minutes in which the volume doubles if it goes on like this; None if it does not grow."""
        return 60 / log2(self.growth) if _GROWING <= self.growth < inf else None


def advise(outlook: Outlook) -> tuple[Advice, tuple[Because, ...]]:
    """The advice, and what tips it.

    A reason to wait holds against one reason to hurry; to convene takes three of these and none to wait.
    """
    o = outlook
    wait: list[tuple[bool, Because]] = [
        (o.authors < _FEW_AUTHORS or o.loudest > 0.5 * o.mentions, "few_authors"),
        (o.amplified > 0.5 * o.mentions, "amplified"),
        (o.trend == "slowing", "slowing"),
    ]
    hurry: list[tuple[bool, Because]] = [
        (o.observed >= _LARGE * o.high and o.observed >= _MANY_AUTHORS, "large"),
        (o.authors >= _MANY_AUTHORS, "many_authors"),
        (len(o.sources) > 1 and o.sources[1] >= 0.1 * o.mentions, "several_sources"),
        (o.trend == "growing", "growing"),
    ]
    against = tuple(why for holds, why in wait if holds)
    for_it = tuple(why for holds, why in hurry if holds)
    if against and len(for_it) < 2:
        return "wait", against
    if len(for_it) >= 3 and not against:
        return "convene", for_it
    return "prepare", (*for_it, *against)
