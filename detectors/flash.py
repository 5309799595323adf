"""The flash detector: minutes that stand out from the weeks before and from the day before."""

import numpy as np

from detectors.grid import Bools, Floats

SELDOM = 0.002  # the unit is exceeded by one column in 500, as a quarter of an hour every other day
LEAST = 2.0  # in roots: four posts where there are none, or 120 for 100 in one column, are no burst anywhere
AGAIN = 1.5  # a second burst within a day is told if it is so much larger in roots: more than twice the posts
HALF_LIFE = 72.0  # hours, of the level that bursts are compared with: a busy day does not hide them


def burst_width(per_hour: int) -> int:
    """The columns of a quarter of an hour: what one post and its first answers take."""
    return max(1, per_hour // 4)


def burst_unit(burst: Floats, known: Bools) -> Floats:
    """What the residual of a quarter of an hour seldom exceeds, (S,)."""
    series, columns = burst.shape
    if not columns:
        return np.full(series, LEAST)
    rank = (SELDOM * known.sum(axis=1)).astype(np.int64)
    unit = np.full(series, LEAST)
    # The rest exceeds the least so seldom that it needs no search.
    rows = np.flatnonzero(((burst > LEAST) & known).sum(axis=1) > rank)
    if len(rows):
        most = int(SELDOM * columns) + 1
        top = np.where(known[rows], burst[rows], 0.0)
        top = np.sort(np.partition(top, columns - most, axis=1)[:, columns - most :], axis=1)
        unit[rows] = top[np.arange(len(rows)), most - 1 - rank[rows]]
    return unit


def largest_of_day(burst: Floats, per_hour: int) -> Floats:
    """For each column of the hour to come, the largest of its day as far as that lies before the hour."""
    day, series = 24 * per_hour, len(burst)
    padded = np.concatenate([np.zeros((series, max(0, day - burst.shape[1]))), burst[:, -day:]], axis=1)
    later = padded[:, per_hour:].max(axis=1, initial=0.0)[:, None]
    leaving: Floats = np.maximum.accumulate(padded[:, per_hour - 1 : 0 : -1], axis=1)[:, ::-1]
    return np.asarray(np.maximum(np.concatenate([leaving, np.zeros((series, 1))], axis=1), later))


def flash_of(burst: Floats, before: Floats, unit: Floats, first: int) -> Floats:
    """Evidence of a burst for the columns from `first` on: residuals in their unit, told once.

    `burst` (S, k): the residuals of this hour's quarters. `before` (S, per hour): from `largest_of_day`. The
    evidence is nought unless a column is the largest of its day, and well above an earlier burst of that
    day.
    """
    columns = burst.shape[1]
    largest = before[:, :columns].copy()
    largest[:, 1:] = np.maximum(largest[:, 1:], np.maximum.accumulate(burst[:, :-1], axis=1))
    told = (burst > largest) & ((largest < unit[:, None]) | (burst > AGAIN * largest))
    return np.asarray(np.where(told, burst / unit[:, None], 0.0)[:, first:])
