"""The rule that anybody would begin with: the last 1 and 3 hours against twice the mean of the week."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from scipy.stats import poisson

_STEP = timedelta(minutes=5)
_WEEK, _HOURS = 7 * 288, (1, 3)  # columns, and windows
_TIMES = 2.0  # the mean of the week
_LEAST = 0.02  # posts an hour, where the week had none


def alarms(times: Sequence[datetime], chance: float) -> Iterator[datetime]:
    """The ends of the five minutes in which so many posts, or more, had at most that chance."""
    begin = min(times).replace(hour=0, minute=0, second=0, microsecond=0)
    column = np.asarray([(at - begin) // _STEP for at in times])
    total = np.concatenate([[0], np.cumsum(np.bincount(column))])
    end = np.arange(1, len(total))
    hourly = np.maximum(_LEAST, _TIMES * (total[end] - total[np.maximum(0, end - _WEEK)]) / 168)
    rare = np.zeros(len(end), np.bool_)
    for hours in _HOURS:
        seen = total[end] - total[np.maximum(0, end - 12 * hours)]
        rare |= (seen > 0) & (poisson.sf(seen - 1, hours * hourly) <= chance)
    for last in np.flatnonzero(rare):
        yield begin + (int(last) + 1) * _STEP
