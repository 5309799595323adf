"""The series of a watch over HTTP: what was observed beside what was usual."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session as OrmSession

from app.admin import scope
from app.admin.change import get_or_404
from app.admin.fields import Instant
from app.api.access import Id, Now, Session, Viewer
from app.api.paging import Page
from app.api.views import View
from app.errors import BadInput
from app.models import Incident, Watch
from app.pipeline.scoring import series

router = APIRouter(prefix="/watches", tags=["watches"])
_LONGEST = timedelta(days=31)
_USUAL, _SHOWN = timedelta(days=1), timedelta(hours=30)


class PointView(View):
    """Five minutes of a watch."""

    at: datetime = Field(description="their start")
    observed: float | None = Field(
        description="mentions; empty: not observed, which is not zero", examples=[4]
    )
    expected: float | None = Field(description="what is usual then", examples=[1.8])
    low: float | None = Field(examples=[0])
    high: float | None = Field(examples=[5.2])
    score: float | None = Field(description="evidence of a fire; empty while learning", examples=[0.4])
    flash: float | None = Field(description="evidence of a burst; empty while learning", examples=[0.9])
    coverage: float = Field(description="part that was really observed, 0 to 1", examples=[1])
    amplified: int = Field(description="mentions that repeat what was said within a day before", examples=[1])
    negative: int = Field(description="mentions that are negative", examples=[2])


def points_of(session: OrmSession, incident: Incident, *, now: datetime) -> list[PointView]:
    """The series around an incident: a day before its onset to an hour after its end, the newest 30 hours."""
    until = min(now, incident.out_at + timedelta(hours=1)) if incident.out_at else now
    since = max(incident.onset_at - _USUAL, until - _SHOWN)
    return _points(session, incident.watch_id, since, until, now)


@router.get("/{id}/series")
def read_series(
    _who: Viewer,
    session: Session,
    now: Now,
    row_id: Id,
    since: Annotated[Instant | None, Query(description="a day before `until`, if not given")] = None,
    until: Annotated[Instant | None, Query(description="now, if not given; at most 31 days later")] = None,
) -> Page[PointView]:
    """Observed, expected, low, high and score in steps of five minutes, oldest first, in one page."""
    until = min(until or now, now)
    since = since or until - _USUAL
    if not since < until:
        raise BadInput("since must be earlier than until, and than now")
    if until - since > _LONGEST:
        raise BadInput(f"at most {_LONGEST.days} days are shown at once: move since or until")
    get_or_404(session, Watch, row_id)
    return Page(items=_points(session, row_id, since, until, now), next=None)


def _points(
    session: OrmSession, watch_id: int, since: datetime, until: datetime, now: datetime
) -> list[PointView]:
    with scope.as_house(session):  # what is usual may be borrowed from watches of others
        drawn = series.series(session, watch_id, since=since, until=until, now=now)
    return [PointView.model_validate(point) for point in drawn]
