"""The series of a watch as people look at it: observed beside what was usual, with the evidence."""

from dataclasses import dataclass
from datetime import datetime
from math import isnan

from sqlalchemy.orm import Session

from app.clock import STEP, floor
from app.errors import NotFound
from app.models import Watch
from app.pipeline.counts import HEARD
from app.pipeline.detect import Judge
from detectors import FireDetector


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """Five minutes of a watch; None where nothing was observed, or is known yet."""

    at: datetime
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    flash: float | None
    score: float | None
    coverage: float


def series(
    session: Session, watch_id: int, *, since: datetime, until: datetime, now: datetime
) -> list[SeriesPoint]:
    """The points from `since` to `until`, judged from the stored counts as they are now."""
    watch = session.get(Watch, watch_id)
    if watch is None:
        raise NotFound(f"there is no watch {watch_id}")
    drawn = []
    judge = Judge(FireDetector())
    for judged, first, last in judge.advance(
        session, [watch], since=floor(since), until=floor(min(until, now))
    ):
        values = judged.series.values(first, last)[0]
        for column in range(first, last):
            evidence = {
                name: _known(judged.evidence(name, 0, column, column + 1)[0])
                for name in ("expected", "low", "high", "flash", "score")
            }
            drawn.append(
                SeriesPoint(
                    at=judged.series.start + column * STEP,
                    observed=None
                    if judged.series.coverage[0, column] < HEARD
                    else _known(values[column - first]),
                    coverage=float(judged.series.coverage[0, column]),
                    **evidence,
                )
            )
    return drawn


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
