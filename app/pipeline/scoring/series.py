"""The series of a watch as people look at it: observed beside what was usual, with the evidence."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from math import isnan

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import STEP, step_start
from app.errors import NotFound
from app.models import WITH_SOURCES, Bucket, Source, Watch
from app.pipeline.scoring.counts import HEARD
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.planned import events_between
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
    amplified: int = 0  # of the mentions, those that repeat what was said within a day before
    negative: int = 0


def series(
    session: Session, watch_id: int, *, since: datetime, until: datetime, now: datetime
) -> list[SeriesPoint]:
    """The points from `since` to `until`, judged from the stored counts as they are now."""
    # A query and no `get`: that would leave a watch that is known already without its sources.
    asked = select(Watch).where(Watch.id == watch_id).options(WITH_SOURCES)
    watch = session.scalars(asked).one_or_none()
    if watch is None:
        raise NotFound(f"there is no watch {watch_id}")
    drawn = []
    since, until = step_start(since), step_start(min(until, now))
    parts = _parts(session, watch_id, since, until)
    scoring = ScoringEngine(FireDetector())
    sources = session.scalars(select(Source).where(Source.enabled).order_by(Source.id)).all()
    here = lambda: nullcontext(session)  # noqa: E731 - one session for all that is asked
    events = events_between(session, since - scoring.reach, until)
    for scored, first, last in scoring.advance(here, [watch], sources, events, since=since, until=until):
        values = scored.series.values(first, last)[0]
        for column in range(first, last):
            evidence = {
                name: _known(scored.evidence(name, 0, column, column + 1)[0])
                for name in ("expected", "low", "high", "flash", "score")
            }
            at = scored.series.start + column * STEP
            amplified, negative = parts.get(at, (0, 0))
            drawn.append(
                SeriesPoint(
                    at=at,
                    observed=None
                    if scored.series.coverage[0, column] < HEARD
                    else _known(values[column - first]),
                    coverage=float(scored.series.coverage[0, column]),
                    amplified=amplified,
                    negative=negative,
                    **evidence,
                )
            )
    return drawn


def _parts(
    session: Session, watch_id: int, since: datetime, until: datetime
) -> dict[datetime, tuple[int, int]]:
    """(amplified, negative) of the buckets that have mentions."""
    query = (
        select(Bucket.at, func.sum(Bucket.amplified), func.sum(Bucket.negative))
        .where(Bucket.watch_id == watch_id, Bucket.at >= since, Bucket.at < until)
        .group_by(Bucket.at)
    )
    return {at: (int(amplified), int(negative)) for at, amplified, negative in session.execute(query)}


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
