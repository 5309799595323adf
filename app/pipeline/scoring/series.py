"""The series of a watch as people look at it: observed beside what was usual, with the evidence."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from math import isnan

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import STEP, step_start
from app.errors import NotFound
from app.models import WITH_SOURCES, Bucket, PlannedEvent, Source, Watch
from app.pipeline.scoring.counts import HEARD
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.planned import events_between
from app.pipeline.scoring.scored_series import ScoredSeries
from app.pipeline.scoring.sketch import SketchingEngine
from detectors import FireDetector

Parts = Mapping[datetime, tuple[int, int]]


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
    drawn: list[SeriesPoint] = []
    since, until = step_start(since), step_start(min(until, now))
    parts = _parts(session, [watch_id], since, until)[watch_id]
    scoring = ScoringEngine(FireDetector())
    sources, events = _heard_by(session, scoring, since, until)
    here = lambda: nullcontext(session)  # noqa: E731 - one session for all that is asked
    for scored, first, last in scoring.advance(here, [watch], sources, events, since=since, until=until):
        drawn += _points(scored, 0, first, last, parts)
    return drawn


def sketches(
    session: Session, watch_ids: Sequence[int], *, since: datetime, until: datetime, now: datetime
) -> dict[int, list[SeriesPoint]]:
    """The points of several watches, all by what was usual when they begin: for small pictures of a day.

    Of many it takes little longer than of one: what is heard of the sources is read once.
    """
    asked = select(Watch).where(Watch.id.in_(watch_ids)).options(WITH_SOURCES).order_by(Watch.id)
    watches = session.scalars(asked).unique().all()
    since, until = step_start(since), step_start(min(until, now))
    if not watches or since >= until:
        return {}
    parts = _parts(session, watch_ids, since, until)
    scoring = SketchingEngine(FireDetector())
    sources, events = _heard_by(session, scoring, since, until)
    here = lambda: nullcontext(session)  # noqa: E731 - the same
    scored, first, last = scoring.sketch(here, watches, sources, events, since=since, until=until)
    return {watch.id: _points(scored, row, first, last, parts[watch.id]) for row, watch in enumerate(watches)}


def _heard_by(
    session: Session, scoring: ScoringEngine, since: datetime, until: datetime
) -> tuple[Sequence[Source], Sequence[PlannedEvent]]:
    sources = session.scalars(select(Source).where(Source.enabled).order_by(Source.id)).all()
    return sources, events_between(session, since - scoring.reach, until)


def _points(scored: ScoredSeries, row: int, first: int, last: int, parts: Parts) -> list[SeriesPoint]:
    """The points of a row from column `first` to before `last`."""
    values, coverage = scored.series.values(first, last)[row], scored.series.coverage[row, first:last]
    evidence = {
        name: scored.evidence(name, row, first, last)
        for name in ("expected", "low", "high", "flash", "score")
    }
    drawn = []
    for column in range(last - first):
        at = scored.series.start + (first + column) * STEP
        amplified, negative = parts.get(at, (0, 0))
        heard = float(coverage[column])
        drawn.append(
            SeriesPoint(
                at=at,
                observed=None if heard < HEARD else _known(values[column]),
                coverage=heard,
                amplified=amplified,
                negative=negative,
                **{name: _known(found[column]) for name, found in evidence.items()},
            )
        )
    return drawn


def _parts(
    session: Session, watch_ids: Sequence[int], since: datetime, until: datetime
) -> Mapping[int, Parts]:
    """By watch, (amplified, negative) of the buckets that have mentions."""
    query = (
        select(Bucket.watch_id, Bucket.at, func.sum(Bucket.amplified), func.sum(Bucket.negative))
        .where(Bucket.watch_id.in_(watch_ids), Bucket.at >= since, Bucket.at < until)
        .group_by(Bucket.watch_id, Bucket.at)
    )
    found: dict[int, dict[datetime, tuple[int, int]]] = {watch_id: {} for watch_id in watch_ids}
    for watch_id, at, amplified, negative in session.execute(query):
        found[watch_id][at] = int(amplified), int(negative)
    return found


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
