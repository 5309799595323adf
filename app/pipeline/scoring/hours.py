"""Reading the evidence of one watch: the hour before an instant, the onset, the chart."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from app.channels.facts import Point
from app.clock import STEP, step_start
from app.pipeline.scoring.counts import HEARD, Floats
from app.pipeline.scoring.scored_series import ScoredSeries

HOUR_STEPS = 12
_WINDOWS = (3, 6, 12, 24)  # hours that an excess may need to be seen in, where one says too little
_FEW, _TWICE = 5, 2  # mentions, and times the usual: an hour with as many says by itself that it burns
_ONSET_WITHIN = timedelta(hours=24)
_MOST_POINTS = 20
_CHART_STEPS = tuple(timedelta(minutes=m) for m in (15, 30, 60, 120))


@dataclass(frozen=True, slots=True)
class Hour:
    """Mentions in the hour before an instant, and what was usual for it."""

    observed: float
    expected: float
    low: float
    high: float
    heard: float  # part that was observed of what was hardly observed; 1: nothing was


def hour_before(scored: ScoredSeries, row: int, last: int) -> Hour:
    """The hour that ends where column `last` begins; columns of which nothing is known take no part."""
    return _before(scored, row, last, HOUR_STEPS)


def _before(scored: ScoredSeries, row: int, last: int, steps: int) -> Hour:
    first = max(0, last - steps)
    values = scored.series.known(first, last, [row])[0]
    heard = ~np.isnan(values)
    expected, low, high = (
        np.nan_to_num(scored.evidence(name, row, first, last)[heard]) for name in ("expected", "low", "high")
    )
    usual = float(expected.sum())
    down, up = joint_width(expected - low), joint_width(high - expected)
    observed = round(float(values[heard].sum()), 6)  # partly heard buckets were taken up in proportion
    covered = scored.series.coverage[row, first:last][heard]
    hardly = covered[covered < HEARD]
    part = float(hardly.mean()) if len(hardly) else 1.0
    return Hour(observed, usual, max(0.0, usual - down), usual + up, part)


def window_before(scored: ScoredSeries, row: int, last: int) -> tuple[int, Hour]:
    """(hours, what they hold) of the shortest time before column `last` that shows the excess by itself.

    The hour itself, where it does or nothing does. A slow fire rings on half a day of a few mentions each;
    "1 mention in an hour" over its alert would say nothing.
    """
    hour = hour_before(scored, row, last)
    if _is_clear(hour):
        return 1, hour
    for hours in _WINDOWS:
        if hours * HOUR_STEPS > last:
            break
        longer = _before(scored, row, last, hours * HOUR_STEPS)
        if _is_clear(longer):
            return hours, longer
    return 1, hour


def _is_clear(hour: Hour) -> bool:
    return hour.observed >= _FEW and hour.observed >= _TWICE * hour.expected


def joint_width(widths: Floats) -> float:
    """Width of the interval of a sum, from those of its five minutes."""
    # Neighbouring five minutes move together by about a quarter: between independent (0) and as one (1).
    return float(np.sqrt(0.75 * (widths**2).sum() + 0.25 * widths.sum() ** 2))


def onset(scored: ScoredSeries, row: int, last: int) -> datetime:
    """The start of the excess that goes on until column `last`, at most a day before it.

    Where a CUSUM chart of the excess over half-way between expected and high was last at its lowest
    (E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954).
    """
    first = max(0, last - _ONSET_WITHIN // STEP)
    values = scored.series.known(first, last, [row])[0]
    reference = (
        scored.evidence("expected", row, first, last) + scored.evidence("high", row, first, last)
    ) / 2
    before = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values - reference))])[:-1]
    lowest = len(before) - 1 - int(np.argmin(before[::-1]))
    return scored.series.start + (first + lowest) * STEP


def points(scored: ScoredSeries, row: int, last: int, began: datetime) -> tuple[Point, ...]:
    """The chart: at most 20 points that end at column `last` and begin some hours before the onset."""
    end = scored.series.start + last * STEP
    wanted = max(timedelta(hours=5), (end - began) + timedelta(hours=2))
    step = next((s for s in _CHART_STEPS if s * _MOST_POINTS >= wanted), _CHART_STEPS[-1])
    width = step // STEP
    drawn = []
    for k in range(_MOST_POINTS, 0, -1):
        first = last - k * width
        if first < 0:
            continue
        values = scored.series.known(first, first + width, [row])[0]
        usual = scored.evidence("expected", row, first, first + width)
        if np.isnan(usual).all():
            continue
        up = np.nan_to_num(scored.evidence("high", row, first, first + width) - usual)
        usual_sum = float(np.nan_to_num(usual).sum())
        drawn.append(
            Point(
                at=step_start(scored.series.start + first * STEP),
                observed=None if np.isnan(values).all() else float(np.nan_to_num(values).sum()),
                expected=usual_sum,
                high=usual_sum + joint_width(up),
            )
        )
    return tuple(drawn)
