"""Where so much is said in an hour or in three that it is worth reading, before the volume is that of a fire.

The score waits for what lasts, so that volume alone is right. What is said can decide sooner, of a few posts.
"""

from datetime import timedelta
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrc

from app.clock import STEP
from app.models import Watch
from app.pipeline.scoring.counts import Floats
from app.pipeline.scoring.learnt import SMOKE
from app.pipeline.scoring.planned import uplift
from app.pipeline.scoring.scored_series import ScoredSeries
from detectors import threshold_for

Bools = NDArray[np.bool_]

_HOURS = tuple(timedelta(hours=hours) // STEP for hours in (1, 3))  # columns of each window
_REACH = max(_HOURS)
# A team that accepts one false alarm a month is told by few posts; to one that accepts half of that, or has
# called so many false that its threshold rose as high, the volume alone speaks.
_WHOLE, _NONE = threshold_for(1.0), threshold_for(0.5)
# Of a Poisson number of posts at twice the usual, at the threshold of one false alarm a month; a watch of a
# lower threshold is armed as much more often.
_CHANCE = 0.03
_TIMES = 2.0
# A stir that did not ring may have made its own hours seem busy ones: more than this times the mean of the
# week is not believed.
_WEEK, _TIMES_OF_WEEK = timedelta(days=7) // STEP, 4.0
_LEAST_USUAL = 0.02  # posts an hour, where next to none are usual
_PART_OF_FLOOR = 0.6  # of the excess below which nothing burns: three posts of five


def armed_from(threshold: float) -> float:
    """The score that a watch of that threshold must have to be armed.

    >>> armed_from(threshold_for(1.0)), armed_from(threshold_for(4.0)), armed_from(5.0)
    (0.0, 0.0, 5.0)
    """
    part = (threshold - _WHOLE) / (_NONE - _WHOLE)
    return threshold * min(1.0, max(0.0, part))


def would_ring_at(score: float) -> float:
    """The highest threshold at which what had that score rings by either key; the inverse of `armed_from`.

    >>> would_ring_at(0.0) == threshold_for(1.0), would_ring_at(5.0)
    (True, 5.0)
    """
    if score >= _NONE:
        return score
    return (_WHOLE + sqrt(_WHOLE**2 + 4 * max(0.0, score) * (_NONE - _WHOLE))) / 2


def armed(scored: ScoredSeries, watch: Watch, first: int, last: int, *, threshold: float) -> Bools:
    """Of the series' columns from `first` to before `last`, whether the volume arms the watch, (columns,).

    `threshold` is the score at which the watch rings. One that has not learnt what is usual is never armed.
    """
    row = scored.row(watch.id)
    never = np.zeros(last - first, np.bool_)
    if watch.id in scored.learning:
        return never
    scores = np.nan_to_num(scored.scores(row, first, last)[0], nan=-np.inf)
    enough = scores >= armed_from(threshold)
    return enough & ((scores >= SMOKE * threshold) | _is_rare(scored, watch, first, last, threshold))


def _is_rare(scored: ScoredSeries, watch: Watch, first: int, last: int, threshold: float) -> Bools:
    """Whether twice the usual would seldom bring as many posts as came in the last hour, or three."""
    back, row = max(0, first - _REACH), scored.row(watch.id)
    least = _PART_OF_FLOOR * watch.policy.floor
    never = np.zeros(last - first, np.bool_)
    if scored.series.mentions[row, back:last].sum() < least:
        return never
    usual = scored.evidence("expected", row, back, last)
    known = ~np.isnan(usual)
    if not known.any():
        return never
    # After a start only the last hour was judged: it stands for what was usual in those before.
    usual = np.where(known, usual, usual[known].mean())
    counts = scored.series.known(back, last, [row])[0]
    heard = ~np.isnan(counts)
    raised = uplift(scored.events, scored.series, back, last, [row])[0]
    seen, due, times = (_summed(np.where(heard, of, 0.0)) for of in (counts, usual, raised))
    ends = np.arange(first, last) + 1 - back
    chance = min(1.0, _CHANCE ** (threshold / _WHOLE))
    believed = _TIMES_OF_WEEK * _of_week(scored, row, first, last)
    found = never
    for steps in _HOURS:
        begins = np.maximum(0, ends - steps)
        posts = seen[ends] - seen[begins]
        mean = np.minimum(_TIMES * (due[ends] - due[begins]), believed * (times[ends] - times[begins]))
        mean = np.maximum(mean, _TIMES * _LEAST_USUAL * steps * STEP / timedelta(hours=1))
        rare = pdtrc(np.maximum(0.0, np.ceil(posts) - 1), mean) <= chance
        found = found | (rare & (posts - mean / _TIMES >= least))
    return found


def _of_week(scored: ScoredSeries, row: int, first: int, last: int) -> Floats:
    """The mean of the posts in the columns of the seven days until each column, of those that were heard."""
    back = max(0, first - _WEEK)
    counts = scored.series.known(back, last, [row])[0]
    heard = ~np.isnan(counts)
    ends = np.arange(first, last) + 1 - back
    begins = np.maximum(0, ends - _WEEK)
    posts, columns = _summed(np.where(heard, counts, 0.0)), _summed(heard.astype(float))
    return np.asarray((posts[ends] - posts[begins]) / np.maximum(1.0, columns[ends] - columns[begins]))


def _summed(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])
