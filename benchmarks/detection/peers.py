"""Published rules of others, each as a score: (S, N) counts in, (S, N) scores out.

Each works on five-minute counts and looks at the past alone. A rule with a fixed threshold is scored by the
quantity that it compares with the threshold, so that all can be held to one false-alarm budget. Where a rule
leaves something open, as the width of its window, several settings are tried and the best one counts: chosen
with hindsight on the very series that judge, a kindness that Tocsin does not get.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import poisson

from detectors.grid import Floats
from detectors.windows import trailing_sums

HOUR, DAY = 12, 288
Rule = Callable[[Floats], Floats]


def _moments(values: Floats, window: int) -> tuple[Floats, Floats]:
    """Mean and population standard deviation of the `window` columns before each column."""
    count = np.minimum(np.arange(1, values.shape[1] + 1), window)
    mean = trailing_sums(values, window) / count
    spread = np.sqrt(np.maximum(trailing_sums(values**2, window) / count - mean**2, 0.0))
    before = [np.concatenate([np.full((len(values), 1), np.nan), x[:, :-1]], axis=1) for x in (mean, spread)]
    return before[0], before[1]


def _ratio(above: Floats, unit: Floats) -> Floats:
    return above / np.maximum(unit, 1e-9)


def each_hour(values: Floats) -> Floats:
    """Sums of successive hours, (S, N // 12)."""
    whole = values.shape[1] // HOUR
    return np.asarray(values[:, : whole * HOUR].reshape(len(values), whole, HOUR).sum(axis=2))


def told_at_the_end(hourly: Floats, columns: int) -> Floats:
    """Scores of successive hours, each at the last column of its hour; elsewhere there is none."""
    out = np.full((len(hourly), columns), np.nan)
    out[:, HOUR - 1 :: HOUR][:, : hourly.shape[1]] = hourly
    return out


def z_score(counts: Floats, width: int = 1) -> Floats:
    """The last buckets against the mean and standard deviation of seven days."""
    sums = trailing_sums(counts, width)
    mean, spread = _moments(sums, 7 * DAY)
    return _ratio(sums - mean, spread)


def huginn_peak(counts: Floats, hours: int = 1) -> Floats:
    """Huginn's PeakDetectorAgent on rolling sums: standard deviations above the mean of 14 days."""
    sums = trailing_sums(counts, hours * HOUR)
    mean, spread = _moments(sums, 14 * DAY)
    return _ratio(sums - mean, spread)


def elastalert_spike(counts: Floats, hours: int, least: int) -> Floats:
    """ElastAlert2's spike rule: how many times the events of the time frame before, if there are enough.

    An empty time frame counts as one event: as published it would make every budget impossible to keep.
    """
    width = hours * HOUR
    current = trailing_sums(counts, width)
    before = np.concatenate([np.full((len(counts), width), np.nan), current[:, :-width]], axis=1)
    return np.where(current >= least, _ratio(current, np.maximum(before, 1.0)), 0.0)


def _poisson_eta(sums: Floats, usual: Floats) -> Floats:
    """How far a count lies above what is usual, in units of the width of the 99 % interval."""
    rate = np.round(np.nan_to_num(usual), 1)  # to a tenth: the quantiles of each rate are then looked up once
    rates, where = np.unique(rate, return_inverse=True)
    low, high = poisson.interval(0.99, np.maximum(rates, 0.1))
    width = np.maximum(high - low, 1.0)[where].reshape(rate.shape)
    return np.asarray(np.where(rate > 0, (sums - usual) / width, 0.0))


def _mean_of_this_hour(sums: Floats, a_day: int) -> Floats:
    """The running mean over all days at this time of the day, this one included, as in its mode `a`."""
    days = -(-sums.shape[1] // a_day)
    padded = np.pad(sums, ((0, 0), (0, days * a_day - sums.shape[1])))
    by_day = padded.reshape(len(sums), days, a_day)
    mean = by_day.cumsum(axis=1) / np.arange(1, days + 1)[None, :, None]
    return np.asarray(mean.reshape(len(sums), -1)[:, : sums.shape[1]])


def gnip_poisson(counts: Floats, mode: str, *, rolling: bool) -> Floats:
    """Gnip's Poisson rule, excesses alone: against the last count (`lc`) or this hour of all days (`a`)."""
    if not rolling:
        hours = each_hour(counts)
        before = np.concatenate([np.zeros((len(hours), 1)), hours[:, :-1]], axis=1)
        usual = before if mode == "lc" else _mean_of_this_hour(hours, 24)
        return told_at_the_end(_poisson_eta(hours, usual), counts.shape[1])
    sums = trailing_sums(counts, HOUR)
    before = np.concatenate([np.zeros((len(sums), HOUR)), sums[:, :-HOUR]], axis=1)
    return _poisson_eta(sums, before if mode == "lc" else _mean_of_this_hour(sums, DAY))


def ears_c2(counts: Floats, unit: int) -> Floats:
    """EARS C2: the last unit against seven units, with a guard band of two between."""
    sums = trailing_sums(counts, unit)
    out = np.full(counts.shape, np.nan)
    past = np.stack([sums[:, unit * (9 - k) : -unit * k] for k in range(3, 9)] + [sums[:, : -unit * 9]])
    mean, spread = past.mean(axis=0), past.std(axis=0, ddof=1)
    out[:, unit * 9 :] = (sums[:, unit * 9 :] - mean) / np.maximum(spread, 0.5)
    return out


def socialmetrix_daily(counts: Floats) -> Floats:
    """SocialMetrix, the deviation of daily totals: the last day above the mean of seven."""
    days = trailing_sums(counts, DAY)
    out = np.full(counts.shape, np.nan)
    week = sliding_window_view(days, 6 * DAY + 1, axis=1)[:, :, ::DAY]
    out[:, 6 * DAY :] = _ratio(week[:, :, -1] - week.mean(axis=2), week.std(axis=2))
    return out


def socialmetrix_hourly(counts: Floats) -> Floats:
    """The same with the deviation of the week's hours."""
    week = trailing_sums(counts, 7 * DAY) / (7 * 24)
    spread = _moments(trailing_sums(counts, HOUR), 7 * DAY)[1]
    out = _ratio(trailing_sums(counts, DAY) / 24 - week, spread)
    out[:, : 7 * DAY] = np.nan
    return out


@dataclass(frozen=True, slots=True)
class Peer:
    """A rule and the settings of it that are tried, by what distinguishes them."""

    name: str
    settings: Mapping[str, Rule]


PEERS: tuple[Peer, ...] = (
    Peer(
        "ElastAlert2 spike",
        {
            f"{hours} h, {least} or more": partial(elastalert_spike, hours=hours, least=least)
            for hours in (1, 2, 6)
            for least in (5, 20, 80)
        },
    ),
    Peer("SocialMetrix", {"sd of days": socialmetrix_daily, "sd of hours": socialmetrix_hourly}),
    Peer("z-score, 7 days", {"5 min": z_score}),
    Peer("EARS C2", {"hours": partial(ears_c2, unit=HOUR), "days": partial(ears_c2, unit=DAY)}),
    Peer(
        "Gnip Poisson",
        {
            f"{mode}, {'rolling hour' if rolling else 'full hours'}": partial(
                gnip_poisson, mode=mode, rolling=rolling
            )
            for mode in ("a", "lc")
            for rolling in (False, True)
        },
    ),
    Peer("Huginn peak", {f"{hours} h": partial(huginn_peak, hours=hours) for hours in (1, 2, 3)}),
)
