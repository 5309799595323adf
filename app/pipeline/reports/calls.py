"""The team's own figures: how fast fires were taken in hand, and who was called how often, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import DRILL, Incident, Policy, Reason, Rota, Transition, VerdictWord, Watch
from app.pipeline.oncall.duty import read_duty
from app.pipeline.oncall.rota import Night, is_night

_MINUTE = timedelta(minutes=1)
_WITHIN = 15  # minutes
_USUAL_NIGHT = Night.model_validate({"since": "22:00", "until": "07:00", "from_level": 1})


@dataclass(slots=True)
class Load:
    """What one person was called for."""

    name: str
    calls: int = 0  # mentions in alerts too; several ways at once are one call
    at_night: int = 0
    taken: int = 0  # fires that they took in hand
    false_alarms: int = 0  # fires that they were called for, and that were none


@dataclass(slots=True)
class CallFigures:
    """How the fires of a time were answered."""

    fires: int = 0  # that somebody was called for
    taken: int = 0
    lapsed: int = 0  # acknowledgements that nothing followed
    unanswered: int = 0  # everybody was called before somebody had it, or nobody ever had it
    median_minutes: float | None = None  # from the alert until somebody had it
    within: int = 0  # of those taken, in a quarter of an hour
    people: list[Load] = field(default_factory=list)  # the most called first


@dataclass(slots=True)
class _Fire:
    """The calls of one incident."""

    verdict: VerdictWord | None
    alerted_at: datetime | None = None
    taken_after: timedelta | None = None
    unanswered: bool = False
    called: set[str] = field(default_factory=set)


def call_figures(
    session: Session, rota: Rota, since: datetime, until: datetime, *, watch_id: int | None = None
) -> CallFigures:
    """The figures of the fires that the rota called people for in that time; drills are not among them.

    `watch_id`: of the fires of one watch alone.
    """
    duty = read_duty(session, rota, since=since, until=since)
    night = duty.night
    query = (
        select(
            Transition.incident_id, Incident.verdict, Transition.at, Transition.reason, Transition.by,
            Transition.standing,
        )
        .join(Incident, Incident.id == Transition.incident_id)
        .join(Watch, Watch.id == Incident.watch_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .where(
            Policy.rota == rota.name, Watch.kind != DRILL, Transition.at >= since, Transition.at < until
        )
        .order_by(Transition.id)
    )  # fmt: skip
    if watch_id is not None:
        query = query.where(Incident.watch_id == watch_id)
    fires: dict[int, _Fire] = {}
    loads: dict[str, Load] = {}
    figures = CallFigures()
    for incident_id, verdict, at, reason, by, standing in session.execute(query):
        fire = fires.setdefault(incident_id, _Fire(verdict))
        called = _called(standing)
        if called and fire.alerted_at is None:
            fire.alerted_at = at
        for name in called:
            load = loads.setdefault(name, Load(name))
            load.calls += 1
            load.at_night += is_night(night or _USUAL_NIGHT, duty.plan.zone, at)
            load.false_alarms += verdict is VerdictWord.false_alarm and name not in fire.called
            fire.called.add(name)
        figures.lapsed += reason is Reason.lapsed
        fire.unanswered |= isinstance(standing, dict) and bool(standing.get("unanswered"))
        if reason is Reason.acknowledged and fire.alerted_at is not None and fire.taken_after is None:
            fire.taken_after = at - fire.alerted_at
            loads.setdefault(by, Load(by)).taken += 1
    return _counted(figures, [fire for fire in fires.values() if fire.alerted_at], loads)


def _counted(figures: CallFigures, fires: Sequence[_Fire], loads: dict[str, Load]) -> CallFigures:
    waited = [fire.taken_after / _MINUTE for fire in fires if fire.taken_after is not None]
    figures.fires, figures.taken = len(fires), len(waited)
    figures.unanswered = sum(fire.unanswered for fire in fires)
    figures.median_minutes = round(median(waited), 1) if waited else None
    figures.within = sum(minutes <= _WITHIN for minutes in waited)
    figures.people = sorted(loads.values(), key=lambda load: (-load.calls, load.name))
    return figures


def _called(standing: Any) -> list[str]:  # noqa: ANN401 - whatever was stored
    """The names of those whom a transition called."""
    called = standing.get("called") if isinstance(standing, dict) else None
    return [one["name"] for one in called or () if isinstance(one, dict) and "name" in one]
