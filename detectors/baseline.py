"""What is usual for each series: level, rhythm, spread, and how its evidence moves in ordinary times."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detectors.grid import Bools, Floats, Grid, Ints
from detectors.windows import trailing_sums

KEPT_OUT = 72  # hours of a week: longer than most fires
_BURNT = 0.5  # of an ordinary hour is the weight of one in a fire
_LEAST_SPREAD = 0.05  # of a series in which next to nothing happens
# An hour of the day is drawn to the hours beside it, which have a quarter of the say each.
_BESIDE = 0.5 * np.eye(24) + 0.25 * (np.roll(np.eye(24), 1, 1) + np.roll(np.eye(24), -1, 1))
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was learnt of S series up to one full hour, by one detector and for it.

    Up to `burst_max` all is in square roots of counts, where the noise of a busy hour and of a quiet one are
    alike; then follows what is usual where posts are few.
    """

    hour_number: int  # hours since 1970 at which it begins to be valid
    level: Floats  # (S,) the usual root of a count now, the time of day aside
    burst_level: Floats  # (S,) the same over days, fires and all: what a burst is compared with
    profile: Floats  # (S, 48) what each local hour adds, on workdays and on rest days
    spread: Floats  # (S,) noise of the root of one count, bursts capped, for a usual root of one
    usual: Floats  # (S, W) mean of the evidence of each window in ordinary times
    unit: Floats  # (S, W) its standard deviation
    burst_unit: Floats  # (S,) what the residual of a quarter of an hour seldom exceeds
    burst_max: Floats  # (S, columns of an hour) its largest in the day before each column of the hour
    rate: Floats  # (S,) mean posts of one column, copies aside: what is usual where posts are few
    rhythm: Floats  # (S, 48) what multiplies the rate in each local hour, on workdays and on rest days
    loose: Floats  # (S,) squared coefficient of variation of the rate, for days differ
    ready: Bools  # (S,) False: still learning

    def of(self, rows: Ints | slice) -> "Baseline":
        """The baseline of some of the series, in this order, repeated if they are."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "hour_number"}
        return Baseline(hour_number=self.hour_number, **arrays)


def whole_hours(values: NDArray[_T], empty: float, per_hour: int) -> NDArray[_T]:
    """Columns of `empty` put before the first, so that the first hour is a full one."""
    short = -values.shape[1] % per_hour
    if not short:
        return values
    return np.concatenate([np.full((values.shape[0], short), empty, values.dtype), values], axis=1)


def hour_sums(values: Floats | Bools, per_hour: int) -> Floats:
    """The sum of each hour, (S, H)."""
    return np.asarray(values.reshape(len(values), -1, per_hour) @ np.ones(per_hour))


def beyond(burning: Bools, per_hour: int) -> Bools:
    """Columns that are learnt all the same: more than three days of the week up to them were burning.

    What stays so long, or comes again every day, is a new level and no fire.
    """
    found, most = np.zeros_like(burning), KEPT_OUT * per_hour
    rows = np.flatnonzero(burning.sum(axis=1) > most)
    found[rows] = trailing_sums(burning[rows].astype(np.float64), 7 * 24 * per_hour) > most
    return found


def by_hour(roots: Floats, known: Bools, per_hour: int) -> tuple[Floats, Floats]:
    """The mean root of each hour, NaN where nothing is known, and the known part of the hour, (S, H)."""
    count, total = hour_sums(known, per_hour), hour_sums(np.where(known, roots, 0.0), per_hour)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), count / per_hour


def median_by_slot(values: Floats, slot: Ints, slots: int) -> tuple[Floats, Ints]:
    """The median of the hours of each slot, and how many there were; nought where there was none.

    `values`: (S, H), NaN where nothing was observed; `slot`: (H,); the answers are (S, slots).
    """
    depth = max(1, int(np.bincount(slot, minlength=slots).max()))
    order = np.argsort(slot)
    in_order = slot[order]
    place = np.arange(len(order)) - np.searchsorted(in_order, in_order)
    table = np.full((values.shape[0], slots, depth), np.nan)
    table[:, in_order, place] = values[:, order]
    table.sort(axis=2)  # NaN goes last
    count = np.isfinite(table).sum(axis=2)
    middle = count - 1
    row, which = np.arange(len(values))[:, None], np.arange(slots)
    median = (table[row, which, middle // 2] + table[row, which, (middle + 1) // 2]) / 2
    return np.where(count > 0, median, 0.0), np.asarray(count, np.int64)


def profile_of(hourly: Floats, weight: Floats, slot: Ints) -> Floats:
    """What each local hour adds to the level, (S, 48), workdays and rest days apart.

    Medians, so that a past fire is not expected again at its hour. They are drawn towards nought while there
    are few days, and the two kinds of day towards each other while there are few weeks.
    """
    of_day, of_week = centred_means(hourly, weight, (12, 84))
    common, days = median_by_slot(hourly - of_day, slot % 24, 24)
    common = np.tile(common * days / (days + 1.0), 2)
    kinds, days = median_by_slot(hourly - of_week, slot, 48)
    more = np.maximum(days - 1, 0)
    trust = more / (more + 2.0)
    trust *= (weight.sum(1) >= 168)[:, None]  # a whole week, or the two kinds cannot be told from a trend
    both = (common + trust * (kinds - common)).reshape(-1, 24)
    return np.asarray((both @ _BESIDE).reshape(-1, 48))


def centred_means(values: Floats, weight: Floats, halves: tuple[int, ...]) -> Iterator[Floats]:
    """For each half width, the weighted mean of each hour and of so many hours on both sides."""
    series, hours = values.shape
    both = np.zeros((2, series, hours + 1))
    for running, each in zip(both, (np.where(weight > 0, values, 0.0) * weight, weight), strict=True):
        each.cumsum(1, out=running[:, 1:])
    at = np.arange(hours)
    for half in halves:
        low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, hours)
        total, count = both.take(high, axis=2) - both.take(low, axis=2)
        yield total / np.maximum(count, 1e-9)


def level_of(heard: Floats, weight: Floats, learnt: Floats, trust: Floats, half_life: float) -> Floats:
    """The level before each hour, (S, H + 1): what was heard of each hour above its profile, fading.

    `learnt` and `trust` leave out what burnt. An hour that burnt counts half, and for no more than two
    deviations above the level without it: a fire is no new normal, and yet the level does not stand still
    until it is over, or what comes after it would be compared with last week.
    """
    level = trailing_level(learnt, trust, half_life, 1.0)
    burnt = _BURNT * (weight - trust)
    rows = np.flatnonzero((burnt > 0).any(axis=1))
    if len(rows):
        without, known = level[rows, :-1], trust[rows]
        off = np.where(known > 0, learnt[rows] - without, 0.0)
        most = without + 2 * spread_of(off, known > 0)[:, None]
        kept = np.where(known > 0, learnt[rows], 0.0) * known
        kept += np.fmin(heard[rows], most) * burnt[rows]  # a NaN was not heard, so it did not burn
        total = known + burnt[rows]
        level[rows] = trailing_level(kept / np.maximum(total, 1e-9), total, half_life, 1.0)
    return level


def trailing_level(values: Floats, weight: Floats, half_life: float, prior: float) -> Floats:
    """The exponentially fading mean of the hours before each hour, (S, H + 1); the last one is the level now.

    `prior`: so many hours' weight for the mean of all.
    """
    fade = 0.5 ** (1.0 / half_life)
    filled = np.where(weight > 0, values, 0.0) * weight
    overall = filled.sum(1) / np.maximum(weight.sum(1), 1e-9)
    both = np.zeros((2, len(values), values.shape[1] + 1))
    both[:, :, 1:] = filled, weight
    both *= fade
    reach = 1  # how many hours are in each sum: doubled until all are
    while reach < both.shape[2]:
        both[:, :, reach:] += fade**reach * both[:, :, :-reach]
        reach *= 2
    total, count = both
    return np.asarray((total + prior * overall[:, None]) / (count + prior))


def profile_at(profile: Floats, grid: Grid, columns: int) -> Floats:
    """The profile at each column, (S, columns), straight lines from one mid-hour to the next."""
    return drawn(profile_hours(profile, grid, columns), columns, grid.phase, grid.per_hour)


def profile_hours(profile: Floats, grid: Grid, columns: int) -> Floats:
    """The profile in each hour of the columns, the one before and the one after, (S, hours + 2)."""
    hours = (grid.phase + columns - 1) // grid.per_hour + 3
    value = np.empty((len(profile), hours))
    for rows, slot in grid.slots(grid.hour_number() - 1, hours):
        value[rows] = profile[:, slot] if len(rows) == len(profile) else profile[np.ix_(rows, slot)]
    return value


def drawn(hours: Floats, columns: int, phase: int, per_hour: int) -> Floats:
    """What `profile_hours` gives, drawn in straight lines from one mid-hour to the next, (S, columns)."""
    part = (np.arange(per_hour) + 0.5) / per_hour - 0.5
    before, after = np.maximum(-part, 0.0), np.maximum(part, 0.0)
    beside = np.stack([hours[:, :-2], hours[:, 1:-1], hours[:, 2:]], axis=2)
    lines = beside @ np.stack([before, 1.0 - before - after, after])
    return np.asarray(lines.reshape(len(hours), -1)[:, phase : phase + columns])


def noise_at(usual: Floats) -> Floats:
    """How the noise of a root grows with the usual root: busy hours are also the ones with news."""
    return np.asarray(np.sqrt(np.maximum(usual, 0.3)))


def spread_of(even: Floats, known: Bools) -> Floats:
    """The standard deviation of the known residuals, (S,), those beyond three of it drawn in.

    So a past fire does not widen what is usual.
    """
    count = np.maximum(known.sum(axis=1), 1)
    spread = np.maximum(np.sqrt(np.einsum("ij,ij->i", even, even) / count), _LEAST_SPREAD)
    for _ in range(3):
        limit = 3 * spread[:, None]
        drawn = even.clip(-limit, limit)
        spread = np.maximum(np.sqrt(np.einsum("ij,ij->i", drawn, drawn) / count), _LEAST_SPREAD)
    return np.asarray(spread)
