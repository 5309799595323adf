"""Published rules with the settings they come with: alarms, and not scores.

What a score leaves out counts here: when a rule begins, and for how long it is blind after an alarm.
Each works on the successive values of one series and gives the indices at which it rings.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.peers import (
    DAY,
    HOUR,
    Rule,
    each_hour,
    ears_c2,
    socialmetrix_daily,
    told_at_the_end,
)
from detectors.grid import Floats
from detectors.windows import trailing_sums

Values = NDArray[np.float64]


def huginn_peaks(
    values: Values, *, window: int, spacing: int, multiple: float = 3.0, min_events: int = 4
) -> list[int]:
    """Huginn's PeakDetectorAgent: more than mean and deviations of the window, which holds past peaks too.

    `window` and `spacing` are in steps; within `spacing` of a peak another one is passed over.
    """
    peaks: list[int] = []
    for at, value in enumerate(values):
        past = values[max(0, at - window + 1) : at]
        if len(past) + 1 <= min_events or (peaks and at - peaks[-1] <= spacing):
            continue
        if value > past.mean() + multiple * past.std():
            peaks.append(at)
    return peaks


def elastalert_spikes(
    values: Values, *, frame: int, height: float, threshold_cur: float = 0.0, threshold_ref: float = 0.0
) -> list[int]:
    """ElastAlert2's spike rule upwards: a time frame against the one before; blind for two after an alarm.

    `frame` is in steps. An empty reference is always exceeded, unless a threshold stands in the way.
    """
    running = np.concatenate([[0.0], np.cumsum(values)])
    spikes, began = [], 0
    for end in range(1, len(values) + 1):
        if end - began < 2 * frame:
            continue
        current = running[end] - running[end - frame]
        reference = running[end - frame] - running[end - 2 * frame]
        if current >= threshold_cur and reference >= threshold_ref and current >= reference * height:
            spikes.append(end - 1)
            began = end
    return spikes


def _of_hours(counts: Floats, rule: Callable[[Values], list[int]]) -> Floats:
    """A rule on the sums of full hours."""
    hours = each_hour(counts)
    alarms = np.zeros(hours.shape)
    for row, values in enumerate(hours):
        alarms[row, rule(values)] = 1.0
    return told_at_the_end(alarms, counts.shape[1])


def _of_buckets(counts: Floats, rule: Callable[[Values], list[int]]) -> Floats:
    """A rule on each bucket."""
    alarms = np.zeros(counts.shape)
    for row, values in enumerate(counts):
        alarms[row, rule(values)] = 1.0
    return alarms


def _over(counts: Floats, rule: Rule, limit: float) -> Floats:
    return (rule(counts) > limit).astype(np.float64)


def _twice_the_mean(counts: Floats) -> Floats:
    """The last six hours in pieces of ten minutes: a piece of more than twice their mean."""
    piece, six = trailing_sums(counts, 2), trailing_sums(counts, 6 * HOUR)
    return (piece > 2 * six / 36).astype(np.float64)


SHIPPED: dict[str, Rule] = {
    "ElastAlert2 spike, its example: 2 h, 3 times, 5 or more": partial(
        _of_buckets, rule=partial(elastalert_spikes, frame=2 * HOUR, height=3.0, threshold_cur=5.0)
    ),
    "MutualMind, twice the mean of six hours": _twice_the_mean,
    "SocialMetrix, medium: 2 sd of days": partial(_over, rule=socialmetrix_daily, limit=2.0),
    "EARS C2 on hours, 3.09 sd": partial(_over, rule=partial(ears_c2, unit=HOUR), limit=3.09),
    "Huginn peak on hours, 3 sd of 14 days, 2 days apart": partial(
        _of_hours, rule=partial(huginn_peaks, window=14 * DAY // HOUR, spacing=2 * DAY // HOUR)
    ),
}
