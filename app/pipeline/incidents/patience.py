"""How long a watch waits for what its sources have not told yet, before a bucket is judged without it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

from app.models import Source, SourceHealth, Watch
from app.pipeline.scoring.counts import HEARD
from app.pipeline.scoring.scored_series import ScoredSeries

LATE = timedelta(minutes=10)  # a source may answer so long after its cadence
LONGEST_WAIT = timedelta(hours=6)


def patience(watches: Sequence[Watch], sources: Sequence[Source]) -> dict[int, timedelta]:
    """How long each watch waits: the slowest cadence of its sources, and more."""
    cadences = {
        s.id: timedelta(seconds=s.cadence_seconds) for s in sources if s.health is not SourceHealth.down
    }
    owned = {s.id: s.team_id for s in sources if s.team_id is not None}
    slowest = {
        team: max((c for s, c in cadences.items() if owned.get(s) in (None, team)), default=timedelta(0))
        for team in {watch.team_id for watch in watches}
    }
    waits = {}
    for watch in watches:
        own = [cadences[source] for source in watch.source_ids if source in cadences]
        wait = max(own, default=timedelta(0)) if watch.source_ids else slowest[watch.team_id]
        waits[watch.id] = min(wait + LATE, LONGEST_WAIT)
    return waits


def heard_until(
    scored: ScoredSeries, row: int, first: int, last: int, since: datetime, *, alarm: Callable[[], float]
) -> int:
    """The column before which all is known, or given up on because it is from before `since`.

    Where what was seen crosses the threshold by itself, nothing more is waited for.
    """
    young = scored.series.column(since)
    for column in range(max(first, young), last):
        if scored.series.coverage[row, column] < HEARD:
            crossed = _crossed(scored, row, column, last, alarm)
            return column if crossed is None else crossed + 1
    return last


def _crossed(scored: ScoredSeries, row: int, first: int, last: int, alarm: Callable[[], float]) -> int | None:
    seen = scored.scores(row, first, last)[0]
    if not (seen > 0).any():
        return None  # most often: the threshold need not be asked for
    columns = np.flatnonzero(seen >= alarm())
    return first + int(columns[0]) if len(columns) else None
