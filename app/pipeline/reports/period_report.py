"""The report of a week or a month of a watch, from the rows alone."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.channels.report.facts import CallLoad, IncidentLine, PeriodReport
from app.clock import known_zone
from app.errors import BadInput, NotFound
from app.models import Bucket, Incident, PlannedEvent, Rota, Watch, unreadable
from app.pipeline.reports.calls import CallFigures, call_figures
from app.pipeline.reports.carried import carried
from app.pipeline.reports.curve import curve_of_days
from app.pipeline.reports.lead_times import median_minutes
from app.pipeline.reports.precision import counted, together
from app.pipeline.reports.story_report import open_change, precision_of

_DAY = timedelta(days=1)
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WELL_KNOWN = 3  # events


def period_report(session: Session, watch_id: int, period: str, *, now: datetime) -> PeriodReport:
    """The report of the watch's week (2026-W48) or month (2026-11), as known at `now`.

    `period`: or "week" and "month", for the last one that is over. NotFound: there is no such watch;
    BadInput: that is no period, or it has not begun.
    """
    watch = session.get(Watch, watch_id)
    if watch is None:
        raise NotFound(f"there is no watch {watch_id}")
    zone = ZoneInfo(known_zone(watch.time_zone))
    first, after, before, name = _begun(watch, period, now)
    since, until = _midnight(first, zone), _midnight(after, zone)
    end = min(until, now)
    found = carried(session, watch_id, [(since, end)], now=now)
    incidents = _incidents(session, watch_id, since, end)
    mentions_before, negative_before = _before(session, watch, _midnight(before, zone), since)
    figures = _calls(session, watch, since, end)
    days = [_midnight(first + n * _DAY, zone) for n in range((after - first).days)]
    return PeriodReport(
        watch_id=watch.id,
        watch=watch.name,
        objective=watch.objective,
        time_zone=zone.key,
        kind="week" if "W" in name else "month",
        period=name,
        since=since,
        until=until,
        at=now,
        mentions=found.mentions,
        mentions_before=mentions_before,
        negative=found.negative,
        negative_before=negative_before,
        authors=found.authors,
        curve=curve_of_days(session, watch_id, days=[day for day in days if day < end], until=end, now=now),
        incidents=tuple(map(_line, incidents)),
        precision=precision_of(together([counted(one.verdict) for one in incidents])),
        budget=watch.policy.alarms_per_month,
        alert_minutes=median_minutes([(one.onset_at, one.burning_at) for one in incidents]).minutes,
        acknowledge_minutes=median_minutes(
            [(one.burning_at, one.acknowledged_at) for one in incidents]
        ).minutes,
        unanswered=figures.unanswered
        if figures is not None
        else sum(one.acknowledged_at is None for one in incidents),
        loads=tuple(CallLoad(one.name, one.calls, one.at_night, one.taken) for one in figures.people)
        if figures is not None
        else (),
        voices=found.voices,
        sources=found.sources,
        set_aside=found.set_aside,
        planned=_planned(session, watch_id, since, end),
        proposed=open_change(session, watch_id, now=now),
    )


def period_name(watch: Watch, period: str, *, now: datetime) -> str:
    """The name of the watch's week or month, 2026-W48 or 2026-11; BadInput as for its report."""
    return _begun(watch, period, now)[3]


def periods_of(session: Session, watch: Watch, *, weeks: int, months: int, now: datetime) -> list[str]:
    """The names of its last weeks, then of its last months, newest first: this one, and back to its first.

    Before its first mention nothing is known to have been counted for it.
    """
    oldest = session.scalar(select(func.min(Bucket.at)).where(Bucket.watch_id == watch.id)) or now
    zone = ZoneInfo(known_zone(watch.time_zone))
    today = now.astimezone(zone).date()
    found = []
    for made, most, day in (
        (_week, weeks, today - timedelta(days=today.weekday())), (_month, months, today.replace(day=1)),
    ):  # fmt: skip
        for _ in range(most):
            _, after, before, name = made(day)
            if _midnight(after, zone) <= oldest:
                break
            found.append(name)
            day = before  # noqa: PLW2901 - one back
    return found


def _begun(watch: Watch, period: str, now: datetime) -> tuple[date, date, date, str]:
    """As `_dates`, on the watch's clock; BadInput if it has not begun."""
    zone = ZoneInfo(known_zone(watch.time_zone))
    dates = _dates(period, now.astimezone(zone).date())
    if _midnight(dates[0], zone) >= now:
        raise BadInput(f"{dates[3]} has not begun: choose one that has")
    return dates


def _dates(period: str, today: date) -> tuple[date, date, date, str]:
    """(its first day, the day after it, the first day of the one before, its name)."""
    try:
        if period == "week":
            this = today - timedelta(days=today.weekday())
            return _week(this - timedelta(days=7))
        if period == "month":
            return _month((today.replace(day=1) - _DAY).replace(day=1))
        if found := _WEEK.fullmatch(period):
            return _week(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := _MONTH.fullmatch(period):
            return _month(date(int(found[1]), int(found[2]), 1))
    except (ValueError, OverflowError):
        pass
    raise BadInput(f"{period[:40]!r} is no week or month: give one as 2026-W48 or 2026-11")


def _week(monday: date) -> tuple[date, date, date, str]:
    year, number, _ = monday.isocalendar()
    week = timedelta(days=7)
    return monday, monday + week, monday - week, f"{year:04}-W{number:02}"


def _month(first: date) -> tuple[date, date, date, str]:
    after = (first + timedelta(days=32)).replace(day=1)
    return first, after, (first - _DAY).replace(day=1), f"{first:%Y-%m}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _incidents(session: Session, watch_id: int, since: datetime, end: datetime) -> Sequence[Incident]:
    """Those that alerted people in that time, oldest first."""
    query = select(Incident).where(
        Incident.watch_id == watch_id,
        Incident.burning_at >= since,
        Incident.burning_at < end,
        Incident.suppressed_by_kind.is_(False),
    )
    return [one for one in session.scalars(query.order_by(Incident.burning_at)) if not unreadable(one)]


def _line(incident: Incident) -> IncidentLine:
    assert incident.burning_at is not None  # noqa: S101 - says so to the type checker
    return IncidentLine(
        incident.id,
        incident.burning_at,
        incident.acknowledged_at,
        incident.acknowledged_by or "",
        incident.out_at,
        incident.peak,
        incident.mentions,
        incident.verdict,
    )


def _before(
    session: Session, watch: Watch, since: datetime, until: datetime
) -> tuple[int | None, int | None]:
    """(mentions, negative ones) of the period before; None if it is not known as a whole."""
    oldest = select(func.min(Bucket.at)).where(Bucket.watch_id == watch.id)
    first = session.scalar(oldest)
    if first is None or first > since + _DAY:
        return None, None
    query = select(
        func.coalesce(func.sum(Bucket.mentions), 0), func.coalesce(func.sum(Bucket.negative), 0)
    ).where(Bucket.watch_id == watch.id, Bucket.at >= since, Bucket.at < until)
    mentions, negative = session.execute(query).one()
    return int(mentions), int(negative)


def _calls(session: Session, watch: Watch, since: datetime, until: datetime) -> CallFigures | None:
    """How its fires were answered; None: the watch has no rota, or one that cannot be read."""
    rota = session.scalars(select(Rota).where(Rota.name == watch.policy.rota)).first()
    if rota is None or unreadable(rota):
        return None
    return call_figures(session, rota, since, until, watch_id=watch.id)


def _planned(session: Session, watch_id: int, since: datetime, until: datetime) -> tuple[str, ...]:
    query = select(PlannedEvent.name).where(
        PlannedEvent.starts_at < until,
        PlannedEvent.ends_at > since,
        or_(PlannedEvent.watch_id == watch_id, PlannedEvent.watch_id.is_(None)),
    )
    return tuple(session.scalars(query.order_by(PlannedEvent.starts_at).limit(_WELL_KNOWN)))
