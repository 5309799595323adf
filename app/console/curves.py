"""The curve of a tile as a picture of its own, so that a page of sixty tiles is there before its curves."""

from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.admin import scope
from app.admin.change import get_or_404
from app.api.access import Id, Now, Session
from app.channels.report.shared import plot
from app.channels.report.svg import svg
from app.clock import EPOCH, step_start
from app.console.access import Signed
from app.console.pages import HEADERS, PageRoute
from app.models import Watch
from app.pipeline.reports.curve import curve_of_today

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_KEPT = 2_000  # pictures
_DRESS = "<style>svg{color:#1d2330}@media(prefers-color-scheme:dark){svg{color:#e4e7ee}}</style>"
_NONE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 240"/>'


class Drawn:
    """The pictures of the five minutes that are going on; they are drawn one at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._at = EPOCH
        self._kept: dict[tuple[int, str, str], str] = {}

    def of(self, at: datetime) -> dict[tuple[int, str, str], str]:
        """Those of that instant."""
        if at != self._at or len(self._kept) >= _KEPT:
            self._at, self._kept = at, {}
        return self._kept


@router.get("/watches/{id}/today.svg")
def draw_today(request: Request, session: Session, now: Now, visitor: Signed, row_id: Id) -> Response:
    """The last 24 hours of a watch beside what is usual."""
    watch = get_or_404(session, Watch, row_id)
    words, at = visitor.words, step_start(now)
    drawn: Drawn = request.state.drawn
    key = (watch.id, words.language, str(words.local(at).tzinfo))
    with drawn.lock:
        kept = drawn.of(at)
        if key not in kept:
            with scope.as_house(session):  # what is usual may be borrowed from watches of others
                curve = curve_of_today(session, watch.id, now=now)
            shown = plot(curve, words)
            kept[key] = _NONE if shown is None else svg(shown).replace(">", f">{_DRESS}", 1)
    left = at + timedelta(minutes=5) - now
    headers = HEADERS | {"Cache-Control": f"private, max-age={max(1, int(left.total_seconds()))}"}
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(kept[key], media_type="image/svg+xml", headers=headers)
