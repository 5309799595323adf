"""Whether the clock was moved since the newest pass, or none was made for long: noted, set right, told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select, true
from sqlalchemy.orm import Session

from app import metrics
from app.db import Sessions
from app.logs import log
from app.models import Base, ClockMark, Notice
from app.pipeline.delivery.messages import CLOCK
from app.pipeline.delivery.outbox import enabled, enqueue_notice, first_told
from app.pipeline.timekeeping.set_right import NEVER, set_right
from app.pipeline.timekeeping.times import LONGEST, TIMES, TOLERANCE, Says

KEEP_TIME = "clock"  # the step
TOLD_FROM = timedelta(minutes=30)  # of a jump, or of a time without a pass
NOT_AGAIN = timedelta(hours=1)  # machines whose clocks differ tell of it no more often
_TROUBLE = timedelta(days=1)
_PAUSES = 4  # times the pause before: one that is longer is no beat
# Small tables, whose rows keep something waiting; of deliveries, those that wait.
_LOOKED_AT = ("channel", "delivery", "fault", "policy", "source", "subscription", "watch")


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump of time, when a pass noticed it."""

    at: datetime
    seconds: float  # negative: the clock was set back; else no pass was made for so long

    def is_trouble(self, now: datetime) -> bool:
        """Whether somebody should see to the clock: a machine that slept is none."""
        return self.seconds < 0 and now - self.at < _TROUBLE


def newest_jump(session: Session) -> Jump | None:
    """The newest jump that a pass noticed; None: there was none."""
    mark = session.get(ClockMark, 1)
    if mark is None or mark.jumped_at is None or mark.jumped_seconds is None:
        return None
    return Jump(mark.jumped_at, mark.jumped_seconds)


def keep_time(sessions: Sessions, *, now: datetime) -> timedelta | None:
    """How far time jumped since the newest pass: negative, the clock was set back; None: it did not.

    What stands in the future by now is set right before anything is done by it.
    """
    with sessions.begin() as session:
        mark = session.get(ClockMark, 1, with_for_update=True)
        told_at = mark.jumped_at if mark is not None else None
        ahead = _ahead(session, mark, now)
        jump = -ahead if ahead > TOLERANCE else _pause(mark, now)
        if ahead > TOLERANCE:
            set_right(session, now=now)
        _note(session, mark, jump, now)
    if jump is not None:  # what was set right stays so, whatever becomes of the telling
        _tell(sessions, told_at, jump, now)
    return jump


def _ahead(session: Session, mark: ClockMark | None, now: datetime) -> timedelta:
    """How far a time that is stored lies later than now allows; at most nought if none does."""
    latest = session.execute(_LATEST).one()._mapping  # noqa: SLF001 - its public name, whatever it looks like
    over = [
        at - now - (LONGEST.get(name) or timedelta(0))
        for name, at in latest.items()
        if isinstance(at, datetime)
    ]
    if mark is not None:
        over.append(mark.passed_at - now)
    return max(over, default=timedelta(0))


def _latest() -> Select[Any]:
    """The latest time in each of the columns that keep a source, a watch or a row of theirs waiting."""
    tables = []
    for name in _LOOKED_AT:
        table = Base.metadata.tables[name]
        wanted = [
            func.max(case((column < NEVER, column))).label(key)
            for column in table.columns
            if TIMES.get(key := f"{name}.{column.name}") in (Says.HAPPENED, Says.JUDGED, Says.DUE)
            and LONGEST.get(key, TOLERANCE) is not None
        ]
        waiting = table.c.due_at.is_not(None) if name == "delivery" else true()
        tables.append(select(*wanted).where(waiting).subquery(f"latest_{name}"))
    joined: Any = tables[0]
    for other in tables[1:]:
        joined = joined.join(other, true())
    return select(*(column for table in tables for column in table.c)).select_from(joined)


_LATEST = _latest()  # written down once: putting it together takes longer than asking


def _pause(mark: ClockMark | None, now: datetime) -> timedelta | None:
    """How long no pass was made, if that is no beat; whatever the reason was."""
    if mark is None or mark.pause_seconds is None:
        return None
    pause = now - mark.passed_at
    usual = timedelta(seconds=mark.pause_seconds)
    return pause if pause >= TOLD_FROM and pause > _PAUSES * usual else None


def _note(session: Session, mark: ClockMark | None, jump: timedelta | None, now: datetime) -> None:
    if mark is None:
        mark = ClockMark(id=1, passed_at=now)
        session.add(mark)
    elif jump is None:
        mark.pause_seconds = (now - mark.passed_at).total_seconds()
    mark.passed_at = now
    if jump is not None:
        mark.jumped_at, mark.jumped_seconds = now, jump.total_seconds()


def _tell(sessions: Sessions, told_at: datetime | None, jump: timedelta, now: datetime) -> None:
    seconds = round(jump.total_seconds())
    metrics.count(metrics.clock_jumps, "back" if seconds < 0 else "ahead")
    log().warning("the clock jumped" if seconds < 0 else "no pass was made for long", seconds=seconds)
    lately = told_at is not None and timedelta(0) <= now - told_at < NOT_AGAIN
    if abs(jump) < TOLD_FROM or lately:
        return
    notice = Notice(at=now, since=now - max(jump, timedelta(0)), health=CLOCK, facts={"seconds": seconds})
    with sessions.begin() as session:
        session.add(notice)
        session.flush()
        for channel in first_told(enabled(session)):
            enqueue_notice(session, notice, channel)
