"""What is said of an alert: the hour before it, or as many hours as it takes to see why it rang."""

from datetime import UTC, datetime

import numpy as np
import pytest

from app.pipeline.scoring.counts import Series
from app.pipeline.scoring.coverage import CoverageModel
from app.pipeline.scoring.hours import HOUR_STEPS, window_before
from app.pipeline.scoring.scored_series import ScoredSeries

HOURS = 26


def scored(*mentions: float, usual: float) -> ScoredSeries:
    """A day of so many mentions in each of its last hours, none before, and `usual` expected in each."""
    columns = HOURS * HOUR_STEPS
    counts = np.zeros((1, columns))
    for i, count in enumerate(mentions):
        counts[0, columns - (len(mentions) - i) * HOUR_STEPS] = count
    nothing = np.zeros((2, 0), np.int64)
    model = CoverageModel({1: 0}, {}, nothing, {})
    series = Series((1,), datetime(2026, 11, 9, tzinfo=UTC), counts, np.ones((1, columns)), model)
    made = ScoredSeries.of(series, 0, ())
    for name in ("expected", "low", "high"):
        made.kept[name][:, :columns] = usual / HOUR_STEPS
    return made


@pytest.mark.parametrize(
    ("mentions", "usual", "hours", "observed"),
    [
        ((40,), 8.0, 1, 40),  # the hour says it
        ((2, 2, 1), 0.1, 3, 5),  # a slow fire: "1 mention in an hour" would say nothing
        ((1,) * 11, 0.1, 6, 6),
        ((1, 0, 1, 0, 1, 0, 1, 0, 1), 0.1, 12, 5),
        ((1, 1), 0.1, 1, 1),  # nothing shows it: the hour it is
        ((15,) * 24, 8.0, 1, 15),  # so does no window of it: not twice the usual
    ],
)
def test_the_shortest_window_that_shows_the_excess_is_the_one_that_is_said(
    mentions: tuple[float, ...], usual: float, hours: int, observed: float
) -> None:
    found, seen = window_before(scored(*mentions, usual=usual), 0, HOURS * HOUR_STEPS)
    assert (found, seen.observed) == (hours, observed)
    assert seen.expected == pytest.approx(usual * hours)
