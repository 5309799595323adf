"""How the evidence of busy series moves in ordinary times: what a score is measured in."""

import numpy as np

from detectors.baseline import spread_of
from detectors.grid import Bools, Floats
from detectors.windows import sustained

_LEAST_UNIT = 0.3
_COMMON = 1 / 2  # how far a window's unit is drawn to what is common among brands: 2 for an hour, 3 for four


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
    for width, (evidence, heard) in zip(widths, sustained(capped, known, widths), strict=True):
        mean, sd = _moments(evidence, heard)
        limit = 2 * np.maximum(sd, _LEAST_UNIT)[:, None]  # a fire of days is one event, not a hundred
        drawn = evidence.clip(mean[:, None] - limit, mean[:, None] + limit)
        own = np.maximum(_moments(drawn, heard)[1], _LEAST_UNIT)
        units.append(own ** (1 - _COMMON) * width ** (0.275 * _COMMON))
        means.append(mean)
    return np.stack(means, axis=1), np.stack(units, axis=1)


def _moments(values: Floats, known: Bools) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each row; values that are not known are nought."""
    count = np.maximum(known.sum(axis=1), 1)
    mean = values.sum(axis=1) / count
    return mean, np.sqrt(np.maximum(np.einsum("ij,ij->i", values, values) / count - mean**2, 0.0))
