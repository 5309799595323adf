"""Holes: stretches of noughts that a series with so many posts can hardly have had. Missing is not zero."""

import numpy as np

from detectors.grid import Bools, Floats

LEAST = (
    50.0  # posts that were due: a rate that varies as much as its mean is silent so long one time in fifty
)
_HOURS_OF_A_DAY = 24


def without_holes(counts: Floats, observed: Bools, per_hour: int) -> Bools:
    """What was observed, less the holes; whole hours in, (S, M), the first at any hour of the day.

    A source that fails without a word brings noughts. What was due in a stretch of them is the mean of the
    same hours on the other days, so that a quiet night is none. Nobody may have listened there: it takes no
    part in a baseline, and what comes after it is compared with what came before. Less than a day beside the
    silence is no measure of it: a crowd that gathers where nobody ever spoke would make its own past a hole.
    Nor is the busiest day, where the others had fewer posts: one fire does not say what was due before it.
    """
    silent = observed & (counts == 0)
    mean = np.where(observed, counts, 0.0).sum(axis=1) / np.maximum(observed.sum(axis=1), 1)
    shortest = np.minimum(LEAST / np.maximum(mean, 1e-9) / 8, counts.shape[1]).astype(np.int64) + 1
    heard = observed
    for row in np.flatnonzero(shortest <= counts.shape[1]):
        begin, end = _runs(silent[row])
        long = end - begin >= shortest[row]
        if not long.any():
            continue
        due = _due(counts[row], observed[row], begin[long], end[long], per_hour)
        for first, last in zip(begin[long][due >= LEAST], end[long][due >= LEAST], strict=True):
            heard = heard.copy() if heard is observed else heard
            heard[row, first:last] = False
    return heard


def _runs(silent: Bools) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of True begin, and where they end."""
    edges = np.diff(np.concatenate([[0], silent.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _due(counts: Floats, observed: Bools, begin: np.ndarray, end: np.ndarray, per_hour: int) -> Floats:
    """The posts that were due in each run, by the mean of its hours of the day outside of the runs."""
    known = observed.copy()
    for first, last in zip(begin, end, strict=True):
        known[first:last] = False
    day = _HOURS_OF_A_DAY * per_hour
    if known.sum() < day:
        return np.zeros(len(begin))
    slot = np.arange(len(counts)) % day // per_hour
    posts = np.bincount(slot, np.where(known, counts, 0.0), _HOURS_OF_A_DAY)
    rate = posts / np.maximum(np.bincount(slot, known, _HOURS_OF_A_DAY), 1)
    running = np.concatenate([[0.0], rate[slot].cumsum()])
    return np.asarray(running[end] - running[begin]) * _without_busiest_day(counts, known, day)


def _without_busiest_day(counts: Floats, known: Bools, day: int) -> float:
    """The rate of the known columns outside the busiest day, as a part of that of all; at most 1."""
    total = np.concatenate([[0.0], np.where(known, counts, 0.0).cumsum()])
    columns = np.concatenate([[0], known.cumsum()])
    first = int(np.argmax(total[day:] - total[:-day]))
    posts = total[-1] - (total[first + day] - total[first])
    others = columns[-1] - (columns[first + day] - columns[first])
    if not others or not total[-1]:
        return 1.0
    # A few columns are those in which something was said, of a time in which little was.
    return float(min(1.0, posts / max(others, day / 2) * columns[-1] / total[-1]))
