"""How often a watch rings rightly: its alarms by month, the verdicts on them, and what these allow to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scipy.special import betaincinv
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import known_zone
from app.models import Incident, VerdictWord, Watch

_SURE = 0.9  # of the interval


@dataclass(frozen=True, slots=True)
class Count:
    """The alarms of some time, by what the team said of them."""

    alarms: int = 0
    fires: int = 0
    false_alarms: int = 0
    planned: int = 0

    @property
    def unjudged(self) -> int:
        """Those of which nobody said anything."""
        return self.alarms - self.fires - self.false_alarms - self.planned

    @property
    def precision(self) -> float | None:
        """Fires among the alarms that were judged to be one or none; None: nobody judged."""
        judged = self.fires + self.false_alarms
        return self.fires / judged if judged else None

    def interval(self) -> tuple[float, float] | None:
        """Where the precision lies with 90 % certainty, from 0 to 1; None: nobody judged.

        The equal-tailed interval of Jeffreys, which holds for a handful of alarms too: Brown, Cai and
        DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001).

        >>> low, high = Count(alarms=4, fires=3, false_alarms=1).interval()
        >>> round(low, 2), round(high, 2)
        (0.35, 0.95)
        """
        fires, false = self.fires, self.false_alarms
        if not fires + false:
            return None
        tail = (1 - _SURE) / 2
        low = float(betaincinv(fires + 0.5, false + 0.5, tail)) if fires else 0.0
        high = float(betaincinv(fires + 0.5, false + 0.5, 1 - tail)) if false else 1.0
        return low, high

    def __add__(self, other: "Count") -> "Count":
        """Both together."""
        return Count(
            self.alarms + other.alarms,
            self.fires + other.fires,
            self.false_alarms + other.false_alarms,
            self.planned + other.planned,
        )


def months_of(session: Session, watch: Watch, *, months: int, now: datetime) -> list[tuple[str, Count]]:
    """The alarms of the watch by month, "2026-11", on its own clock; the newest month last and not over."""
    zone = ZoneInfo(known_zone(watch.time_zone))
    named = month_names(now.astimezone(zone), months)
    query = select(Incident.burning_at, Incident.verdict).where(
        Incident.watch_id == watch.id,
        Incident.burning_at > now - timedelta(days=31 * (months + 1)),
        Incident.suppressed_by_kind.is_(False),
    )
    counts = dict.fromkeys(named, Count())
    for burnt, verdict in session.execute(query):
        month = f"{burnt.astimezone(zone):%Y-%m}" if burnt else ""
        if month in counts:
            counts[month] += counted(verdict)
    return list(counts.items())


def counted(verdict: VerdictWord | None) -> Count:
    """One alarm."""
    return Count(
        1,
        verdict is VerdictWord.fire,
        verdict is VerdictWord.false_alarm,
        verdict is VerdictWord.planned,
    )


def together(counts: Sequence[Count]) -> Count:
    """All of them."""
    return sum(counts, Count())


def month_names(local: datetime, months: int) -> list[str]:
    """The names of so many months, oldest first: "2026-10", and the one of that instant, "2026-11"."""
    last = local.year * 12 + local.month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last - months + 1, last + 1)]
