"""Reports: those of the last fires, those of weeks and months, and the team's own figures by month."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from app.admin.report_list import ListedReport, latest_reports
from app.api.access import Now, Session
from app.channels.document import Inline
from app.channels.report.shared import reliability
from app.channels.text import cut, line
from app.channels.wording.standing import STATES, VERDICTS
from app.channels.wording.words import Words, mark
from app.console.access import Signed, is_responder
from app.console.bars import LOOKS, bars, swatch
from app.console.pages import PageRoute, go_to, render
from app.models import DRILL, State, Watch
from app.pipeline.reports.lead_times import Lead, MonthFigures, figures_by_month
from app.pipeline.reports.story_report import precision_of

router = APIRouter(prefix="/reports", route_class=PageRoute, include_in_schema=False)
_A_PAGE, _MONTHS = 12, 12
_FEW = 5  # alerts: a median of fewer says little
_PARTS = {
    "fires": mark("fires"),
    "false_alarms": mark("false alarms"),
    "planned": mark("planned events"),
    "unjudged": mark("not judged"),
}


@router.get("")
def list_reports(
    request: Request,
    session: Session,
    now: Now,
    visitor: Signed,
    watch: Annotated[str, Query(max_length=12)] = "",
    of: Annotated[Literal["", "week", "month"], Query()] = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """The newest fires and the figures; with a watch and a period, on to its report."""
    words = visitor.words
    named = select(Watch.id, Watch.name).where(Watch.kind != DRILL).order_by(Watch.name)
    watches = {str(number): cut(line(name), 80) for number, name in session.execute(named)}
    chosen = watch if watch in watches else ""
    if of and chosen:
        return go_to(f"/reports/watches/{chosen}?period={of}")
    listed = latest_reports(session, most=_A_PAGE + 1, before=before)
    shown = [_shown(one, words) for one in listed[:_A_PAGE]]
    return render(
        request,
        "reports.html",
        latest=shown[0] if shown and before is None else None,
        reports=shown,
        after=listed[_A_PAGE - 1].incident_id if len(listed) > _A_PAGE else None,
        first=before is None,
        watches=list(watches.items()),
        chosen=chosen,
        figures=_figures(session, words, int(chosen) if chosen else None, now),
        may_act=is_responder(visitor, session),
    )


def _shown(one: ListedReport, words: Words) -> dict[str, Any]:
    verdict = VERDICTS.get(one.verdict.value) if one.verdict else None
    wrote = ""
    if one.edited_at is not None:
        wrote = words.say("{who}, {at}", who=cut(line(one.edited_by), 40), at=words.day(one.edited_at))
    return {
        "href": f"/reports/fires/{one.incident_id}",
        "watch": cut(line(one.watch), 80),
        "at": words.day(one.began),
        "state": words.say(STATES[one.state]) if one.state is not State.out else "",
        "verdict": words.say(verdict) if verdict else words.say("not judged yet"),
        "wrote": wrote,
    }


def _figures(session: OrmSession, words: Words, watch_id: int | None, now: datetime) -> dict[str, Any]:
    """The last twelve months in words, in bars and in a table."""
    months, whole = figures_by_month(session, months=_MONTHS, zone=words.zone, now=now, watch_id=watch_id)
    known = [one.alerts for one in (whole.to_alert, whole.to_taken, whole.to_press)]
    # Months before the first alert say nothing.
    begun = next((n for n, one in enumerate(months) if one.count.alarms), len(months))
    return {
        "alerts": whole.count.alarms,
        "right": reliability(precision_of(whole.count), words),
        "said": list(filter(None, _leads(whole, words))),
        "few": any(0 < one < _FEW for one in known),
        "bars": bars(
            [(words.short_month(one.month), _counts(one)) for one in months],
            words.say("Alerts by month: the same figures stand in the table below."),
        ),
        "legend": [(swatch(look), words.say(said)) for look, said in _PARTS.items()],
        "rows": [_row(one, words) for one in reversed(months[begun:])],
    }


def _leads(whole: MonthFigures, words: Words) -> list[Inline]:
    """How long things took, each with the number of alerts that it is known of."""
    return [
        words.write_count(
            "*{span}* from the start to the alert ({n} alert)",
            "*{span}* from the start to the alert, in the median of {n} alerts",
            whole.to_alert.alerts,
            span=_span(whole.to_alert, words),
        )
        if whole.to_alert.alerts
        else (),
        words.write_count(
            "*{span}* from the alert until somebody had it in hand ({n} alert)",
            "*{span}* from the alert until somebody had it in hand, in the median of {n} alerts",
            whole.to_taken.alerts,
            span=_span(whole.to_taken, words),
        )
        if whole.to_taken.alerts
        else (),
        words.write_count(
            "*{span}* ahead of the press, where it picked the matter up later ({n} alert)",
            "*{span}* ahead of the press, in the median of the {n} alerts that it picked up later",
            whole.to_press.alerts,
            span=_span(whole.to_press, words),
        )
        if whole.to_press.alerts
        else (),
    ]


def _counts(one: MonthFigures) -> list[int]:
    return [int(getattr(one.count, look)) for look in LOOKS]


def _row(one: MonthFigures, words: Words) -> tuple[str, list[str]]:
    """(the month, its figures) of the table."""
    counts = [one.count.alarms, *_counts(one)]
    leads = [one.to_alert, one.to_taken, one.to_press]
    return words.month(one.month), [words.number(n) for n in counts] + [_timed(lead, words) for lead in leads]


def _timed(lead: Lead, words: Words) -> str:
    if not lead.alerts:
        return "–"
    return words.say("{span} (of {n})", span=_span(lead, words), n=words.number(lead.alerts))


def _span(lead: Lead, words: Words) -> str:
    return words.span(timedelta(minutes=lead.minutes or 0))
