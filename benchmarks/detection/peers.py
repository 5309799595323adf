"""Published rules of others, each as a score: (S, N) counts in, (S, N) scores out.

Each works on five-minute counts and looks at the past alone. A rule with a fixed threshold is scored by the
quantity that it compares with the threshold, so that all can be held to one false-alarm budget.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from detectors.grid import Floats
from detectors.windows import trailing_sums

HOUR, DAY = 12, 288


def _moments(values: Floats, window: int) -> tuple[Floats, Floats]:
    """Mean and population standard deviation of the `window` columns before each column."""
    count = np.minimum(np.arange(1, values.shape[1] + 1), window)
    mean = trailing_sums(values, window) / count
    spread = np.sqrt(np.maximum(trailing_sums(values**2, window) / count - mean**2, 0.0))
    before = [np.concatenate([np.full((len(values), 1), np.nan), x[:, :-1]], axis=1) for x in (mean, spread)]
    return before[0], before[1]


def _ratio(above: Floats, unit: Floats) -> Floats:
    return above / np.maximum(unit, 1e-9)


def z_score(counts: Floats) -> Floats:
    """One bucket against the mean and standard deviation of seven days."""
    mean, spread = _moments(counts, 7 * DAY)
    return _ratio(counts - mean, spread)


def huginn_peak(counts: Floats) -> Floats:
    """Huginn's PeakDetectorAgent on sums of an hour: standard deviations above the mean of 14 days."""
    hours = trailing_sums(counts, HOUR)
    mean, spread = _moments(hours, 14 * DAY)
    return _ratio(hours - mean, spread)


def ears_c2_hourly(counts: Floats) -> Floats:
    """EARS C2 on hours: the last hour against seven hours, with a guard band of two hours between."""
    hours = trailing_sums(counts, HOUR)
    out = np.full(counts.shape, np.nan)
    past = np.stack([hours[:, HOUR * (9 - k) : -HOUR * k] for k in range(3, 9)] + [hours[:, : -HOUR * 9]])
    mean, spread = past.mean(axis=0), past.std(axis=0, ddof=1)
    out[:, HOUR * 9 :] = (hours[:, HOUR * 9 :] - mean) / np.maximum(spread, 0.5)
    return out


def elastalert_spike(counts: Floats) -> Floats:
    """ElastAlert2's spike rule, an hour against the one before, at least five posts: how high it is."""
    hours = trailing_sums(counts, HOUR)
    before = np.concatenate([np.full((len(counts), HOUR), np.nan), hours[:, :-HOUR]], axis=1)
    return np.where(hours >= 5, _ratio(hours, np.maximum(before, 1.0)), 0.0)


def socialmetrix(counts: Floats) -> Floats:
    """SocialMetrix on daily totals: standard deviations of the last day above the mean of seven."""
    days = trailing_sums(counts, DAY)
    out = np.full(counts.shape, np.nan)
    week = sliding_window_view(days, 6 * DAY + 1, axis=1)[:, :, ::DAY]
    out[:, 6 * DAY :] = _ratio(week[:, :, -1] - week.mean(axis=2), week.std(axis=2))
    return out


PEERS: tuple[Callable[[Floats], Floats], ...] = (
    elastalert_spike,
    z_score,
    socialmetrix,
    ears_c2_hourly,
    huginn_peak,
)
