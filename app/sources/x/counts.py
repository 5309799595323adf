"""The counts of X: how many posts match in each quarter of an hour, for the price of one post."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.clock import step_start
from app.sources.base import Volume
from app.sources.toolkit import loose

QUARTER = timedelta(minutes=15)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_WHOLE = (_MINUTE, timedelta(hours=1), _DAY)  # what it counts by; at the ends of a span it may count less
_AGAIN = timedelta(hours=1)  # its index is late, and posts are deleted
_REACH = timedelta(days=6, hours=23)
_LATE = timedelta(minutes=1)  # it counts nothing of the last seconds


@dataclass(frozen=True, slots=True)
class CountProgress:
    """Until when posts are counted, and until when they were last asked for."""

    until: datetime | None = None
    tried: datetime | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> "CountProgress":
        """As the cursor keeps it."""
        until, tried = (loose.instant(loose.inner(cursor, "counted", name)) for name in ("until", "tried"))
        return cls(until, tried)

    def cursor(self) -> dict[str, Any]:
        """For the cursor."""
        until, tried = (at.isoformat() if at else None for at in (self.until, self.tried))
        return {"until": until, "tried": tried}

    def span(self, now: datetime) -> tuple[datetime, datetime] | None:
        """What to ask for, in whole quarters of an hour; None if there is nothing new yet."""
        end = step_start(now - _LATE, QUARTER)
        if self.tried and self.tried >= end:
            return None
        start = max(self.until - _AGAIN, end - _REACH) if self.until else end - _DAY
        return (start, end) if start < end else None


def counted_in(query: str, start: datetime, end: datetime) -> dict[str, str]:
    """The question for the posts of a span."""
    return {
        "query": query,
        "granularity": "minute",
        "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{end:%Y-%m-%dT%H:%M:%SZ}",
    }


def a_day_of(price: float, now: datetime) -> float:
    """What the counts of the rest of the day cost."""
    return price * -(-(_DAY - (now - step_start(now, _DAY))) // QUARTER)


def volume_of(found: Mapping[str, Any]) -> list[Volume]:
    """What is counted whole, oldest first: minutes as quarters of an hour, hours and days as they are."""
    minutes: dict[datetime, int] = {}
    longer: list[Volume] = []
    for row in loose.rows(found.get("data")):
        start, end = loose.instant(row.get("start")), loose.instant(row.get("end"))
        count = loose.whole(row.get("tweet_count", row.get("post_count")))
        if start is None or end is None or count is None or end - start not in _WHOLE:
            continue
        if end - start == _MINUTE:
            minutes[start] = count
        else:
            longer.append(Volume(start, end - start, count))
    quarters: dict[datetime, list[int]] = {}
    for at, count in minutes.items():
        quarters.setdefault(step_start(at, QUARTER), []).append(count)
    whole = [
        Volume(at, QUARTER, sum(counts))
        for at, counts in quarters.items()
        if len(counts) == QUARTER // _MINUTE
    ]
    return sorted(whole + longer, key=lambda one: one.at)
