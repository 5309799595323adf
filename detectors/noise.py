"""How the evidence of busy series moves in ordinary times: what a score is measured in."""

import numpy as np

from detectors.baseline import spread_of
from detectors.grid import Bools, Floats
from detectors.windows import sustained

_LEAST_UNIT = 0.3
_COMMON = 0.275  # what is common among brands, as a power of the width: 2 for an hour, 3 for four
_DRAWN = 1 / 2  # how far a unit is drawn to it: weeks tell too little of the tails
_BURSTY = 0.15  # power from which on it is drawn so far; that of independent posts is nought
_CALM = 0.4  # of it at least: chance alone would ring twice as often with nothing drawn


def capped_at(residuals: Floats, cap: float) -> Floats:
    """Residuals in spreads, up to one as they are, beyond it by half, beyond the cap not at all.

    Real volumes are full of bursts of one to three columns, which would own any line. What is beyond one
    spread still says something: halved, it lets a fire of eight times the usual be seen before its peak.

    >>> capped_at(np.asarray([-0.5, 1.0, 2.0, 9.0]), 3.0).tolist()
    [-0.5, 1.0, 1.5, 2.0]
    """
    out = residuals.clip(-1.0, 1.0)
    out += residuals.clip(-cap, cap)
    out /= 2
    return np.asarray(out)


def noise_of(
    even: Floats, observed: Bools, busy: Bools, widths: tuple[int, ...], cap: float
) -> tuple[Floats, Floats, Floats]:
    """(spread, mean of each window's evidence, its unit); 1, 0 and 1 where tails alone will judge."""
    series = len(even)
    spread, mean, unit = np.ones(series), np.zeros((series, len(widths))), np.ones((series, len(widths)))
    rows = slice(None) if busy.all() else np.flatnonzero(busy)
    if busy.any():
        even, observed = even[rows], observed[rows]
        spread[rows] = spread_of(even, observed)
        capped = capped_at(even / spread[rows, None], cap)
        mean[rows], unit[rows] = _ordinary(capped, observed, widths)
    return spread, mean, unit


def _ordinary(capped: Floats, known: Bools, widths: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Mean and unit of each window's evidence over the memory, (S, W)."""
    means, units = [], []
    for evidence, heard in sustained(capped, known, widths):
        mean, sd = _moments(evidence, heard)
        limit = 2 * np.maximum(sd, _LEAST_UNIT)[:, None]  # a fire of days is one event, not a hundred
        drawn = evidence.clip(mean[:, None] - limit, mean[:, None] + limit)
        units.append(np.maximum(_moments(drawn, heard)[1], _LEAST_UNIT))
        means.append(mean)
    return np.stack(means, axis=1), _drawn(np.stack(units, axis=1), np.asarray(widths, np.float64))


def _drawn(own: Floats, widths: Floats) -> Floats:
    """The units, drawn to what is common among brands, (S, W); a brand without bursts less so.

    The noise of independent posts is alike in all windows; that of bursts grows with the width. Drawn as far
    as a bursty one, a calm brand would be deaf to a spark that is loud for it.
    """
    power = np.log(own[:, -1:]) / np.log(widths[-1])
    share = _DRAWN * (power / _BURSTY).clip(_CALM, 1.0)
    return np.asarray(own ** (1 - share) * widths ** (_COMMON * share))


def _moments(values: Floats, known: Bools) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each row; values that are not known are nought."""
    count = np.maximum(known.sum(axis=1), 1)
    mean = values.sum(axis=1) / count
    return mean, np.sqrt(np.maximum(np.einsum("ij,ij->i", values, values) / count - mean**2, 0.0))
