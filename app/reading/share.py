"""The part of a watch's mentions that is negative against its usual part: what counts is the change."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, gammaln

LEAST_USUAL = 30  # mentions, over days before; fewer say nothing of what is usual
_PRIOR = (1.0, 3.0)  # of a brand of which nothing is known: a quarter is negative, said softly
_LEAST_SPREAD, _MOST_SPREAD = 8.0, 400.0  # mentions that a day is worth: days differ more than coins do
_SURE = 0.9  # of the interval


@dataclass(frozen=True, slots=True)
class ShareChange:
    """The negative share now and the usual one, each with its interval, and how odd now would usually be."""

    share: float
    low: float
    high: float
    usual: float | None  # None: not known yet
    usual_low: float
    usual_high: float
    p: float  # probability of as many negative ones or more on a usual day; 1 where the usual is not known

    @property
    def risen(self) -> bool:
        """Whether so many negative mentions are hardly usual."""
        return self.p < 0.01  # one day in a hundred


def changed(negative: int, total: int, usual_days: Sequence[tuple[int, int]]) -> ShareChange:
    """What became of the share: `negative` of `total` mentions now, (negative, total) of each day before.

    The days before are taken for draws of a beta-binomial: some days are worse than others, and the spread
    between them belongs to the usual. All days given must lie before what is judged.

    >>> change = changed(30, 50, [(5, 50), (6, 48), (4, 51), (7, 50)])
    >>> round(change.share, 2), round(change.usual, 2), change.risen
    (0.6, 0.11, True)
    """
    if not 0 <= negative <= total:
        raise ValueError("no more mentions can be negative than there are")
    low, high = _interval(negative, total)
    days = [(bad, of) for bad, of in usual_days if of > 0]
    bad, of = sum(bad for bad, _ in days), sum(of for _, of in days)
    share = negative / total if total else 0.0
    if of < LEAST_USUAL:
        return ShareChange(share, low, high, None, 0.0, 1.0, 1.0)
    usual = (bad + _PRIOR[0]) / (of + sum(_PRIOR))
    worth = _spread(days, usual)
    a, b = usual * worth, (1 - usual) * worth
    usual_low, usual_high = (float(betaincinv(a, b, q)) for q in ((1 - _SURE) / 2, (1 + _SURE) / 2))
    p = _tail(negative, total, a, b) if total else 1.0
    return ShareChange(share, low, high, usual, usual_low, usual_high, min(1.0, max(0.0, p)))


def _tail(least: int, total: int, a: float, b: float) -> float:
    """The probability of `least` of `total` or more, of a beta-binomial."""
    k = np.arange(least, total + 1)
    ways = gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
    return float(np.exp(ways + betaln(k + a, total - k + b) - betaln(a, b)).sum())


def _interval(negative: int, total: int) -> tuple[float, float]:
    """Where the share lies, by Jeffreys."""
    if not total:
        return 0.0, 1.0
    a, b = negative + 0.5, total - negative + 0.5
    low = float(betaincinv(a, b, (1 - _SURE) / 2)) if negative else 0.0
    return low, float(betaincinv(a, b, (1 + _SURE) / 2)) if negative < total else 1.0


def _spread(days: Sequence[tuple[int, int]], usual: float) -> float:
    """How many mentions a day's share is worth: few where days differ, by the method of moments."""
    of = np.asarray([total for _, total in days], float)
    share = np.asarray([bad for bad, _ in days], float) / of
    if len(days) < 3:  # two days tell no spread
        return 20.0
    weight = of / of.sum()
    seen = float((weight * (share - usual) ** 2).sum())
    # Var(share) = usual (1 - usual) / n (1 + (n - 1) rho), with worth = 1 / rho - 1.
    by_chance, all_of_it = usual * (1 - usual) * float((weight / of).sum()), usual * (1 - usual)
    rho = (seen - by_chance) / max(all_of_it - by_chance, 1e-9)
    worth = 1 / rho - 1 if rho > 1 / (_MOST_SPREAD + 1) else _MOST_SPREAD
    return float(np.clip(worth, _LEAST_SPREAD, _MOST_SPREAD))
