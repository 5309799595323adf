"""The curve of a tile as a picture of its own, so that a page of sixty tiles is there before its curves."""

from datetime import datetime
from threading import Lock

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin import scope
from app.admin.change import get_or_404
from app.api.access import Id, Now, Session
from app.channels.report.facts import Curve
from app.channels.report.shared import plot
from app.channels.report.svg import svg
from app.clock import EPOCH, STEP, step_start
from app.console.access import Signed
from app.console.pages import HEADERS, PageRoute
from app.models import Watch
from app.pipeline.reports.curve import curves_of_today

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_TOGETHER = 60  # watches
_DRESS = "<style>svg{color:#1d2330}@media(prefers-color-scheme:dark){svg{color:#e4e7ee}}</style>"
_NONE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 240"/>'


class Drawn:
    """The curves of the five minutes that are going on; those of neighbours are read together, once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at = EPOCH
        self._kept: dict[int, Curve] = {}

    def curve(self, session: OrmSession, watch_id: int, *, now: datetime) -> Curve | None:
        """The last 24 hours of the watch; None: it has none."""
        at = step_start(now)
        with self._lock:
            if at != self._at:
                self._at, self._kept = at, {}
            if watch_id not in self._kept:
                first = watch_id - watch_id % _TOGETHER
                near = select(Watch.id).where(Watch.id >= first, Watch.id < first + _TOGETHER)
                with scope.as_house(session):  # what is usual may be borrowed from watches of others
                    self._kept |= curves_of_today(session, session.scalars(near).all(), now=now)
            return self._kept.get(watch_id)


@router.get("/watches/{id}/today.svg")
def draw_today(request: Request, session: Session, now: Now, visitor: Signed, row_id: Id) -> Response:
    """The last 24 hours of a watch beside what is usual."""
    watch = get_or_404(session, Watch, row_id)
    drawn: Drawn = request.state.drawn
    curve = drawn.curve(session, watch.id, now=now)
    shown = plot(curve, visitor.words) if curve else None
    picture = _NONE if shown is None else svg(shown).replace(">", f">{_DRESS}", 1)
    left = step_start(now) + STEP - now
    headers = HEADERS | {"Cache-Control": f"private, max-age={max(1, int(left.total_seconds()))}"}
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(picture, media_type="image/svg+xml", headers=headers)
