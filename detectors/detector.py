"""What a detector is: it learns a baseline from the past, and gives the evidence of what comes next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self, TypeVar

from detectors.grid import Bools, Floats, Grid, Ints


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is usual and what was found, one value for each series and column, (S, n)."""

    expected: Floats  # mentions in that one step
    low: Floats  # the interval in which they usually are
    high: Floats
    flash: Floats  # evidence of a burst; NaN while learning
    score: Floats  # evidence of a fire; NaN while learning


class Learnt(Protocol):
    """What a detector learnt of S series, valid for one hour."""

    def of(self, rows: Ints | slice) -> Self:
        """The same of some of the series, in this order, repeated if they are."""
        ...


B = TypeVar("B", bound=Learnt)


class Detector(Protocol[B]):
    """Pure: the same counts give the same numbers, and scoring changes nothing.

    What else must hold of each is tried by `tests/detectors/test_contract.py`.
    """

    @property
    def memory(self) -> timedelta:
        """How much of the past `fit` takes; nothing older has any influence."""
        ...

    @property
    def reach(self) -> timedelta:
        """How much of the recent past `score` needs before its first column."""
        ...

    def fit(self, counts: Floats, learn: Bools, grid: Grid) -> B:
        """The baseline that is valid from the end of the columns, a full hour.

        `counts` (S, M): mentions, NaN where nothing was observed. `learn` (S, M): False where an incident
        was open. Raises ValueError if the shapes differ or the columns do not end on a full hour.
        """
        ...

    def score(
        self,
        baseline: B,
        counts: Floats,
        grid: Grid,
        *,
        first: int,
        uplift: Floats | None = None,
        floor: Floats | None = None,
    ) -> Evidence:
        """The evidence of each column from `first` on, each from the columns up to itself.

        `counts` (S, K): columns of the hour that the baseline was fitted for, before them `reach` of recent
        past (what is not there counts as not observed). `uplift` (S, K), at least 1: how often the usual a
        planned event expects. `floor` (S,): an excess of fewer mentions is no fire.
        """
        ...
