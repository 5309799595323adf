"""Sparse series: exact upper tails of the posts in trailing windows, where roots and spreads mean nothing.

A usual rate is learnt with how little is known of it (Poisson counts, a gamma rate), a rhythm as far as the
posts support one, and how much more the days differ than chance makes them. Then the posts of a window have
a negative binomial distribution, and the evidence is how seldom so many come.
"""

from datetime import timedelta
from functools import lru_cache

import numpy as np
from scipy.special import betainc

from detectors.baseline import Baseline, drawn, hour_sums, profile_hours
from detectors.floor import floored, under
from detectors.grid import Bools, Floats, Grid, Ints
from detectors.windows import nested

# Windows in hours, a fire of six posts may take a morning; and which shorter one must bear out each but the
# first.
WINDOWS = (1, 3, 6, 12, 24)
_BORNE_OUT_BY = [0, 0, 1, 2]
_TWICE, _THRICE = 2.0, 3.0  # so often its evidence and its excess: what ended hours ago burns no more
_BEST = 3  # windows that count: one alone is luck, and a fire need not fill all
FEW, MANY = 40.0, 90.0  # posts a day: up to the first tails judge alone, from the second on not at all
_COPIES = 1.5  # posts that count in five minutes, whatever is usual: copies come together
_HALF_LIFE = 24.0 * 5  # hours, of the rate: longer than for busy series, or it would rest on two posts
_WEIGHT = 10.0  # posts for which the mean of the whole memory counts, against the fading one
_AT_LEAST = 0.5  # posts in the memory of a series that never had one: Jeffreys' prior of a Poisson rate
_HOURS_WEIGHT, _KINDS_WEIGHT = 5.0, 10.0  # posts after which a rhythm is half believed
_SMOOTH = np.asarray([1.0, 2.0, 3.0, 2.0, 1.0]) / 3  # hours beside each other have much in common
_BESIDE = sum(w * np.roll(np.eye(24), k - len(_SMOOTH) // 2, axis=1) for k, w in enumerate(_SMOOTH))
_CLUSTERED = 0.25  # variance above the mean's: one post in five brings another
_UNEVEN = 0.2  # squared coefficient of variation of the rate, in news and support alike, one hour to one day
_UNEVEN_WEIGHT = 50.0  # squared posts a day after which a series' own is half believed
_UNEVEN_FROM, _UNEVEN_TO = 0.1, 1.5
# The evidence that comes once a month in ordinary life, for one post a day and each power of ten more: chance
# has more trials where there are more posts, and the floor stops most of it where there are fewer.
_RING, _RING_MORE = 1.4, 0.9
_SLOPE = 1.2  # score for each power of ten of evidence, as the lines of `budget` lie
_ONCE_A_MONTH = 2.89  # the threshold of `budget` for it


def sparse_part(rate: Floats, per_hour: int) -> Floats:
    """How much the tails have to say, (S,), from 1 for few posts a day to 0 for many."""
    a_day = np.maximum(rate * 24 * per_hour, 1e-9)
    return np.asarray(np.clip(np.log(MANY / a_day) / np.log(MANY / FEW), 0.0, 1.0))


def without_copies(counts: Floats, rate: Floats, step: timedelta) -> Floats:
    """The counts, what comes together in one column drawn in; the missing are nought."""
    most = _COPIES * (step / timedelta(minutes=5)) ** 0.5 + 2 * rate
    posts = np.minimum(counts, most[:, None])
    return np.asarray(np.fmax(posts, 0.0, out=posts))  # NaN becomes nought


def usual_of(counts: Floats, observed: Bools, known: Bools, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """The usual posts of a column (S,), the rhythm that multiplies them (S, 48), and how loose they are (S,).

    Looseness is the squared coefficient of variation of the rate: days differ, and it is not known well.
    Whole hours in, (S, M); `known`: observed and to be learnt from.
    """
    per_hour, series = grid.per_hour, len(counts)
    hours = counts.shape[1] // per_hour
    heard = known.sum(axis=1)
    mean = (np.where(known, counts, 0.0).sum(axis=1) + _AT_LEAST) / np.maximum(heard, 1)
    posts = without_copies(counts, mean, grid.step)
    learnt, time = hour_sums(np.where(known, posts, 0.0), per_hour), hour_sums(known, per_hour)
    total = learnt.sum(axis=1) + _AT_LEAST
    rate = total / np.maximum(time.sum(axis=1), 1)
    rhythm, factor = np.empty((series, 48)), np.empty((series, hours))
    for rows, slot in grid.slots(grid.hour_number(), hours):
        rhythm[rows] = _rhythm(learnt[rows], time[rows] * rate[rows, None], slot)
        factor[rows] = rhythm[np.ix_(rows, slot)]
    expected = time * factor
    fade = 0.5 ** ((hours - np.arange(hours)) / _HALF_LIFE)
    prior = np.minimum(_WEIGHT, total)
    recent = learnt @ fade
    now = (recent + prior) / (expected @ fade + prior / rate)
    seen, listened = learnt, time
    if known is not observed:
        seen, listened = hour_sums(posts, per_hour), hour_sums(observed, per_hour)
    usual = listened * factor * rate[:, None]
    return now, rhythm, _uneven(seen, usual) + 1.0 / (recent + prior)


def _rhythm(posts: Floats, expected: Floats, slot: Ints) -> Floats:
    """What each local hour multiplies the rate by, (S, 48), workdays and rest days apart."""
    member = np.zeros((len(slot), 48))
    member[np.arange(len(slot)), slot] = 1.0
    found, due = ((values @ member).reshape(-1, 2, 24) for values in (posts, expected))
    by_hour, due_by_hour = (_smoothed(values.sum(axis=1)) for values in (found, due))
    hour = (by_hour + _HOURS_WEIGHT) / (due_by_hour + _HOURS_WEIGHT)
    kind = (found.sum(axis=2) + _KINDS_WEIGHT) / (due.sum(axis=2) + _KINDS_WEIGHT)
    both = hour[:, None, :] * kind[:, :, None]
    scale = due.sum(axis=(1, 2)) / np.maximum((due * both).sum(axis=(1, 2)), 1e-9)
    return np.asarray((both * np.where(scale > 0, scale, 1.0)[:, None, None]).reshape(-1, 48))


def _smoothed(by_hour: Floats) -> Floats:
    return np.asarray(by_hour @ _BESIDE)


def _uneven(seen: Floats, usual: Floats) -> Floats:
    """How much the rate of a day varies, (S,), drawn to what is common while there are few posts.

    Days beyond three standard deviations are drawn in: one fire is not the character of a series.
    """
    short = -seen.shape[1] % 24
    found, due = (
        np.concatenate([np.zeros((len(a), short)), a], axis=1).reshape(len(a), -1, 24).sum(axis=2)
        for a in (seen, usual)
    )
    chance = due * (1 + _CLUSTERED)
    off = np.minimum(found - due, 3 * np.sqrt(chance + _UNEVEN * due**2))
    own = (off**2 - chance).sum(axis=1) + _UNEVEN_WEIGHT * _UNEVEN
    return np.asarray(np.clip(own / ((due**2).sum(axis=1) + _UNEVEN_WEIGHT), _UNEVEN_FROM, _UNEVEN_TO))


def judged(
    baseline: Baseline, counts: Floats, grid: Grid, first: int, uplift: Floats | None, least: Floats
) -> tuple[Floats, Floats, Floats]:
    """What is usual of the columns from `first` on, half the width of its interval, and the score, (S, n)."""
    rate, per_hour = baseline.rate, grid.per_hour
    usual, due = _due(baseline.rhythm * rate[:, None], np.isfinite(counts), uplift, grid, first)
    came = np.stack(list(nested(without_copies(counts, rate, grid.step), _widths(per_hour), first)))
    most = _borne_out(came - due, _THRICE).max(axis=0)
    # Tails cost most of all. Where the floor has the last word whatever they say, they are not asked.
    found = np.zeros(usual.shape)
    asked = (most >= least[:, None]) | (as_score(found, rate, per_hour) < under(most, least))
    loose = np.broadcast_to(baseline.loose[:, None], usual.shape)
    found[asked] = _evidence(came[:, asked], due[:, asked], loose[asked])
    score = floored(as_score(found, rate, per_hour), most, least)
    return usual, 2 * deviation(usual, baseline.loose, per_hour), score


def _due(
    rhythm: Floats, known: Bools, uplift: Floats | None, grid: Grid, first: int
) -> tuple[Floats, Floats]:
    """The usual posts of each column from `first` on, (S, n), and those due in each window, (W, S, n).

    `rhythm` (S, 48): the usual posts of a column in each local hour. `known` (S, K): what was observed.
    """
    columns, widths = known.shape[1], _widths(grid.per_hour)
    hours = profile_hours(rhythm, grid, columns)
    of_column, of_window = _shares(hours.shape[1], columns, grid.phase, grid.per_hour, first)
    usual, due = hours @ of_column, hours @ of_window
    rows = np.flatnonzero(~known.all(axis=1) | (False if uplift is None else (uplift != 1).any(axis=1)))
    if len(rows):
        each = drawn(hours[rows], columns, grid.phase, grid.per_hour)
        if uplift is not None:
            each *= uplift[rows]
            usual[rows] = each[:, first:]
        due[:, rows] = np.stack(list(nested(np.where(known[rows], each, 0.0), widths, first)))
    return usual, due


@lru_cache(maxsize=64)  # asked again each hour
def _shares(hours: int, columns: int, phase: int, per_hour: int, first: int) -> tuple[Floats, Floats]:
    """What each hour gives to each column from `first` on, (H, n), and to its windows, (W, H, n).

    Where all was observed, that is the same for all series.
    """
    shares = drawn(np.eye(hours), columns, phase, per_hour)
    return shares[:, first:], np.stack(list(nested(shares, _widths(per_hour), first)))


def _widths(per_hour: int) -> tuple[int, ...]:
    return tuple(hours * per_hour for hours in WINDOWS)


def tail(posts: Floats, usual: Floats, loose: Floats) -> Floats:
    """Minus the decimal logarithm of the chance that so many posts or more come.

    Negative binomial of mean `usual`; its variance has a part for posts that bring others and one for an
    uneven rate.
    """
    found, some = np.zeros(posts.shape), posts > 0  # that no post or more comes is certain
    posts, usual = np.maximum(posts[some], 1e-6), np.maximum(usual[some], 1e-6)
    above = _CLUSTERED + np.broadcast_to(loose, some.shape)[some] * usual  # variance over mean, less one
    chance = betainc(posts, usual / above, above / (1 + above))
    found[some] = -np.log10(np.maximum(chance, 1e-30))
    return found


def _evidence(came: Floats, due: Floats, loose: Floats) -> Floats:
    """How seldom so many posts come, by what came and what was due in each window, (W, ...)."""
    found = _borne_out(tail(came, due, loose), _TWICE)
    return np.asarray(np.sort(found, axis=0)[-_BEST:].mean(axis=0))


def _borne_out(by_window: Floats, times: float) -> Floats:
    """Each window's, at most so many times that of the shorter one that must bear it out."""
    shorter = times * by_window[_BORNE_OUT_BY]
    return np.concatenate([by_window[:1], np.minimum(by_window[1:], shorter)])


def deviation(usual: Floats, loose: Floats, per_hour: int) -> Floats:
    """The standard deviation of one column, (S, n), as a share of that of an hour.

    Columns of an hour move together by about a quarter, so those of 12 columns make that of their sum when
    they are put together so; a single column of a sparse series is nought or one, and says nothing.
    """
    hour = usual * per_hour
    together = (0.75 * per_hour + 0.25 * per_hour**2) ** 0.5
    return np.asarray(np.sqrt(hour * (1 + _CLUSTERED) + loose[:, None] * hour**2) / together)


def as_score(found: Floats, rate: Floats, per_hour: int) -> Floats:
    """Evidence in the unit of the score of busy series: the same line lets through as many false alarms."""
    ring = _RING + _RING_MORE * np.log10(np.maximum(rate * 24 * per_hour, 1.0))
    return np.asarray(_ONCE_A_MONTH + _SLOPE * (found - ring[:, None]))
