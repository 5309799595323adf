"""Sensitivity: how many false alarms a month a watch may ring, tried on its own past before it is set."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.admin import policies, scope, watches
from app.admin.change import checked, get_or_404
from app.admin.policies import audit_view
from app.admin.policy_specs import PolicySpec
from app.api.access import Id, Now, Parts, Session
from app.channels.report.shared import plot
from app.channels.report.svg import Dot, svg
from app.channels.text import cut, line
from app.channels.wording.words import Words, mark
from app.clock import step_start
from app.console.access import Acting, Signed, require_admin
from app.console.pages import PageRoute, go_to, render
from app.console.previews import Previews
from app.models import WHOLE, Watch
from app.pipeline.reports.curve import curve_of_past
from app.pipeline.simulation.compare import Alarm, Preview
from app.pipeline.simulation.preview import BUDGETS, preview

_FRESH = timedelta(hours=1)  # so long a preview is shown again
router = APIRouter(prefix="/watches", route_class=PageRoute, include_in_schema=False)
_STEPS = (  # of the slider, in false alarms a month
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    6.0,
    8.0,
    12.0,
)
_WHAT = {
    "kept": mark("rings in either case"),
    "gained": mark("would ring, and does not today"),
    "lost": mark("rings today, and would not"),
}
_VERDICTS = {
    "fire": mark("it was a fire"),
    "false_alarm": mark("it was a false alarm"),
    "planned": mark("it was planned"),
}


@router.get("/{id}/sensitivity")
def show_sensitivity(
    request: Request,
    session: Session,
    runtime: Parts,
    now: Now,
    visitor: Signed,
    row_id: Id,
    step: Annotated[int | None, Query(ge=0, lt=len(_STEPS))] = None,
    done: str = "",
) -> HTMLResponse:
    """The slider; with a step, what the watch would have rung in the last 28 days."""
    watch = get_or_404(session, Watch, row_id, *WHOLE)
    policy, words = watch.policy, visitor.words
    base = policies.base_of(session, policy)
    others = [line(row.name) for row in policies.users(session, base) if row.id != row_id]
    chosen = step if step is not None else _nearest(policy.alarms_per_month)
    values: dict[str, Any] = {
        "watch": line(watch.name),
        "row_id": row_id,
        "policy": line(base.name),
        "own": "alarms_per_month" in (policy.overrides or {}),
        "others": others,
        "budget": words.rate(policy.alarms_per_month),
        "by_threshold": policy.threshold is not None,
        "step": chosen,
        "says": [words.rate(one) for one in _STEPS],
        "may_change": visitor.may(session, "admin", watch.team_id),
        "may_change_all": visitor.may(session, "admin", base.team_id),
        "done": bool(done),
        "wrong": "",
        "seen": None,
        "pending": False,
        "part": 0,
    }
    if step is None:
        return render(request, "sensitivity.html", **values)
    changes: dict[str, Any] = {"alarms_per_month": _STEPS[step], "threshold": None}
    checked(PolicySpec, audit_view(session, policy) | changes)
    sessions = scope.bound_like(session, runtime.sessions)
    previews: Previews = request.state.previews
    key = (row_id, step, policy.id, policy.updated_at, watch.updated_at, step_start(now, _FRESH))

    def play(came: Callable[[float], None]) -> Preview:
        return preview(runtime.sessions, row_id, changes, budgets=BUDGETS, now=now, progress=came)

    playing = previews.ask(key, play)
    values["pending"] = not playing.is_over
    values["part"] = round(playing.part * 100)
    if playing.is_over:
        seen, values["wrong"] = playing.outcome()
        if seen is not None:
            values["seen"] = _shown(seen, words)
            values["curve"] = _curve(sessions, row_id, seen, words, now)
    return render(request, "sensitivity.html", **values)


@router.post("/{id}/sensitivity")
def set_budget(
    session: Session,
    now: Now,
    visitor: Acting,
    row_id: Id,
    step: Annotated[int, Form(ge=0, lt=len(_STEPS))],
    whom: Annotated[Literal["watch", "all"], Form()],
) -> Response:
    """Set the budget: of the policy, for all that ring by it, or what this watch overrides of it."""
    watch = get_or_404(session, Watch, row_id, *WHOLE)
    require_admin(visitor, session, watch.team_id)
    changes: dict[str, Any] = {"alarms_per_month": _STEPS[step], "threshold": None}
    base = policies.base_of(session, watch.policy)
    own = policies.own(watch, changes)
    if whom == "all":
        require_admin(visitor, session, base.team_id)
        policies.update(session, base.id, changes, by=visitor.name, now=now)
        own.pop("alarms_per_month")  # it goes with the others
    watches.update(session, row_id, {"overrides": own}, by=visitor.name, now=now)
    return go_to(f"/watches/{row_id}/sensitivity?done=1")


def _nearest(budget: float) -> int:
    return min(range(len(_STEPS)), key=lambda n: abs(_STEPS[n] - budget))


def _shown(seen: Preview, words: Words) -> dict[str, Any]:
    """The preview in words."""
    rows = []
    for change in seen.changes:
        alarm = _alarm(seen, change.today, change.proposed)
        earlier = change.minutes_earlier
        said = words.say(_WHAT[change.what])
        if change.what == "kept" and earlier:
            said = (
                words.say("{n} min earlier", n=words.number(earlier))
                if earlier > 0
                else words.say("{n} min later", n=words.number(-earlier))
            )
        verdict = words.say(_VERDICTS[alarm.verdict]) if alarm.verdict in _VERDICTS else ""
        sample = cut(line(alarm.facts.samples[0].text), 120) if alarm.facts.samples else ""
        rows.append(
            (change.what, words.moment(alarm.alerted_at), said, words.number(alarm.peak), verdict, sample)
        )
    prices = [
        (
            words.rate(one.alarms_per_month),
            words.number(one.alarms),
            words.number(one.gained),
            words.number(one.lost),
        )
        for one in seen.prices
    ]
    return {
        "sentence": words.say(
            "In {days} days: {today} as it is set, {proposed} as proposed.",
            days=words.number(seen.days),
            today=words.count("{n} alarm", "{n} alarms", len(seen.today.alarms)),
            proposed=words.number(len(seen.proposed.alarms)),
        ),
        "rows": rows,
        "prices": prices,
    }


def _alarm(seen: Preview, today: int | None, proposed: int | None) -> Alarm:
    return seen.today.alarms[today] if today is not None else seen.proposed.alarms[proposed or 0]


def _curve(sessions: Any, row_id: int, seen: Preview, words: Words, now: datetime) -> str:  # noqa: ANN401
    with sessions() as session, scope.as_house(session):
        drawn = plot(curve_of_past(session, row_id, since=seen.since, until=seen.until, now=now), words)
    if drawn is None:
        return ""
    dots = [
        Dot(_alarm(seen, change.today, change.proposed).alerted_at, change.what) for change in seen.changes
    ]
    return svg(drawn, dots)
