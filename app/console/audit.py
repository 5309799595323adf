"""Audit: who changed what, with before and after; nobody can change it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from app.api.access import Now, Session
from app.channels.text import cut, line
from app.console.access import Signed, require_admin_of_any
from app.console.pages import PageRoute, render
from app.models import AuditEntry

router = APIRouter(prefix="/audit", route_class=PageRoute, include_in_schema=False)
_A_PAGE = 50


@router.get("")
def show_audit(
    request: Request,
    session: Session,
    now: Now,
    visitor: Signed,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> HTMLResponse:
    """The newest changes; `before`: those before that one."""
    require_admin_of_any(visitor, session)
    asked = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(_A_PAGE)
    if before is not None:
        asked = asked.where(AuditEntry.id < before)
    rows = session.scalars(asked).all()
    shown = [
        (
            visitor.words.clock(row.at, seen_from=now),
            cut(line(row.actor), 60),
            row.action.replace("_", " "),
            f"{row.subject.replace('_', ' ')} {row.subject_id or ''}".strip(),
            _changes(row.before, row.after),
        )
        for row in rows
    ]
    return render(request, "audit.html", rows=shown, next=rows[-1].id if len(rows) == _A_PAGE else None)


def _changes(before: Any, after: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - any documents
    """(the field, what it was, what it is) of each that differs."""
    was = before if isinstance(before, dict) else {}
    now = after if isinstance(after, dict) else {}
    return [
        (str(name), _shown(was.get(name)), _shown(now.get(name)))
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name)
    ]


def _shown(value: Any) -> str:  # noqa: ANN401 - any value
    return "–" if value in (None, "", [], {}) else cut(line(str(value)), 160)
