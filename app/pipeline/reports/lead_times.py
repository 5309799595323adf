"""How early and how rightly a team's watches ring, month by month, from the rows alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import DRILL, Incident, Reason, Transition, Unreadable, Watch
from app.pipeline.reports.precision import Count, counted, month_names, together

_MINUTE = timedelta(minutes=1)
Pair = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Lead:
    """The time from one thing to another, of several alerts: its median, and of how many it is known."""

    minutes: float | None  # None: of none
    alerts: int


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What a month was like: its alerts, the verdicts on them, and the times."""

    month: str  # 2026-11; empty: of several months
    count: Count
    to_alert: Lead  # from the start, the first five minutes of the excess
    to_taken: Lead  # from the alert to the acknowledgement
    to_press: Lead  # from the alert to the press, where the press picked it up after the alert


def median_minutes(pairs: Iterable[Pair]) -> Lead:
    """The median time from the first of two instants to the second, where both are known."""
    minutes = [(later - earlier) / _MINUTE for earlier, later in pairs if earlier and later]
    return Lead(round(median(minutes), 1) if minutes else None, len(minutes))


def figures_by_month(
    session: Session, *, months: int, zone: str, now: datetime, watch_id: int | None = None
) -> tuple[list[MonthFigures], MonthFigures]:
    """(those of each month, oldest first and the newest not over; those of all of them together).

    Of one watch, or of all that the session sees; each alert counts in its month by the clock of `zone`.
    """
    rang = (
        Incident.burning_at > now - timedelta(days=31 * (months + 1)),
        Incident.burning_at <= now,
        Incident.suppressed_by_kind.is_(False),
        Watch.kind != DRILL,
        *([] if watch_id is None else [Watch.id == watch_id]),
    )
    press = (
        select(Transition.incident_id, func.min(Transition.at))
        .join(Incident, Incident.id == Transition.incident_id)
        .join(Watch, Watch.id == Incident.watch_id)
        .where(*rang, Transition.reason == Reason.press, Transition.at > Incident.burning_at)
    )
    first = session.execute(press.group_by(Transition.incident_id))
    picked_up = {number: at for number, at in first if not isinstance(at, Unreadable)}
    alerts = (
        select(
            Incident.id, Incident.onset_at, Incident.burning_at, Incident.acknowledged_at, Incident.verdict
        )
        .join(Watch, Watch.id == Incident.watch_id)
        .where(*rang)
    )  # fmt: skip
    clock = ZoneInfo(zone)
    by_month: dict[str, list[Any]] = {name: [] for name in month_names(now.astimezone(clock), months)}
    for row in session.execute(alerts):
        if any(isinstance(value, Unreadable) for value in row):
            continue
        by_month.get(f"{row.burning_at.astimezone(clock):%Y-%m}", []).append(row)  # or before the first
    every = [row for rows in by_month.values() for row in rows]
    found = [_figures(month, rows, picked_up) for month, rows in by_month.items()]
    return found, _figures("", every, picked_up)


def _figures(month: str, rows: Sequence[Any], picked_up: dict[int, datetime]) -> MonthFigures:
    return MonthFigures(
        month,
        together([counted(row.verdict) for row in rows]),
        median_minutes((row.onset_at, row.burning_at) for row in rows),
        median_minutes((row.burning_at, row.acknowledged_at) for row in rows),
        median_minutes((row.burning_at, picked_up.get(row.id)) for row in rows),
    )
