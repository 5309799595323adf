"""What a watch is judged by while it has not learnt: the usual of watches like it, or an absolute number.

Both are told with each alert, and end by themselves with the first days that the watch has heard.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.channels.facts import Learning
from app.clock import STEP, known_zone
from app.models import Bucket, Watch
from app.pipeline.scoring.counts import Floats, Series
from detectors import Baseline, threshold_for
from detectors.borrowed import LEAST_LENDERS, lend, scale
from detectors.grid import Ints
from detectors.windows import trailing_sums

MENTIONS_PER_HOUR = 10  # that ring for an emergency watch, unless it says otherwise
_HOUR = timedelta(hours=1) // STEP
_NEGATIVE = 0.5  # so many times as few ring if they are negative
_LEAST_NEGATIVE = 3
Fit = Callable[[Sequence[int]], Baseline]  # of rows


def like(watches: Sequence[Watch], watch: Watch, kinds: Mapping[int, str]) -> list[int]:
    """Rows of the other watches of its kind under the same policy, which listen to the same kinds of sources.

    `kinds`: of all sources, by their ids.
    """
    mine = _heard_by(watch, kinds)
    return [
        row
        for row, other in enumerate(watches)
        if other.id != watch.id
        and (other.kind, other.policy_id) == (watch.kind, watch.policy_id)
        and _heard_by(other, kinds) == mine
    ]


def _heard_by(watch: Watch, kinds: Mapping[int, str]) -> frozenset[str]:
    return frozenset(kinds[one] for one in watch.source_ids or kinds if one in kinds)


def completed(
    baseline: Baseline,
    watches: Sequence[Watch],
    rows: Sequence[int],
    counts: Floats,
    fit: Fit,
    kinds: Mapping[int, str],
    at: datetime,
) -> tuple[Baseline, dict[int, int]]:
    """(the baseline of the rows with what others lend to those that still learn, how many lent by watch).

    `counts` (rows, M): what it was fitted to, until `at`; `fit` gives the baseline of other rows, and
    `kinds` is as in `like`.
    """
    lent: dict[int, int] = {}
    for place in np.flatnonzero(~baseline.ready).tolist():
        watch = watches[rows[place]]
        others = [] if watch.emergency else like(watches, watch, kinds)
        if len(others) < LEAST_LENDERS:
            continue
        lenders = fit(others)
        lenders = lenders.of(np.flatnonzero(lenders.ready))
        if len(lenders.ready) < LEAST_LENDERS:
            continue
        times = scale(counts[place], _hours_of_day(watch, counts.shape[1], at), lenders, _HOUR)
        if times is not None:
            baseline = lend(baseline, place, lenders, times)
            lent[watch.id] = len(lenders.ready)
    return baseline, lent


def _hours_of_day(watch: Watch, columns: int, until: datetime) -> Ints:
    zone, hours = ZoneInfo(known_zone(watch.time_zone)), columns // _HOUR
    every = ((until - (hours - n) * timedelta(hours=1)).astimezone(zone).hour for n in range(hours))
    return np.fromiter(every, np.int64, hours)


def learning_of(
    watch: Watch, counts: Floats, lent: Mapping[int, int], at: datetime, warm_up: timedelta
) -> Learning:
    """How a watch is judged that has not learnt, and when it will have, if it is heard from now on."""
    left = warm_up - int(np.isfinite(counts).sum()) * STEP
    until = at + max(left, timedelta(0))
    if watch.emergency is not None:
        return Learning(basis="emergency", per_hour=per_hour_of(watch), until=until)
    if watch.id in lent:
        return Learning(basis="borrowed", like=lent[watch.id], until=until)
    return Learning(until=until)


def per_hour_of(watch: Watch) -> int:
    """The mentions in an hour that ring for an emergency watch."""
    return int((watch.emergency or {}).get("mentions_per_hour") or MENTIONS_PER_HOUR)


def emergency_scores(
    session: Session, series: Series, row: int, watch: Watch, first: int, last: int
) -> Floats:
    """The score of each column by what the hour up to it holds: at the threshold where that is enough.

    Mentions, or half as many that are negative. What was not heard may hold more, and takes nothing away.
    """
    back = max(0, first - _HOUR + 1)
    since, until = series.start + back * STEP, series.start + last * STEP
    negative = np.zeros(last - back)
    query = select(Bucket.at, func.sum(Bucket.negative)).where(
        Bucket.watch_id == watch.id, Bucket.at >= since, Bucket.at < until
    )
    for at, count in session.execute(query.group_by(Bucket.at)):
        negative[(at - since) // STEP] = count
    enough = per_hour_of(watch)
    mentions = trailing_sums(series.mentions[row, back:last][None], _HOUR)[0, first - back :]
    bad = trailing_sums(negative[None], _HOUR)[0, first - back :]
    fill = np.maximum(mentions / enough, bad / max(_NEGATIVE * enough, _LEAST_NEGATIVE))
    policy = watch.policy
    alarm = threshold_for(policy.alarms_per_month) if policy.threshold is None else policy.threshold
    return np.asarray(alarm * fill)
