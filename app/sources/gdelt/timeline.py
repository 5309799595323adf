"""The volume timeline of GDELT: how many articles match in each quarter of an hour, of how many in all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from app.sources.base import Volume
from app.sources.toolkit import loose

PARAMS: dict[str, str | int] = {"mode": "timelinevolraw", "format": "json"}
SLOT = timedelta(minutes=15)
FAR = timedelta(hours=71)  # beyond three days it gives no quarters of an hour
_AGAIN = timedelta(hours=2)  # articles are found late: the newest counts are asked for again
_FRESH = timedelta(minutes=4)  # articles that were heard so recently can wait for a question more
_SLACK = timedelta(minutes=1)  # it comes after the articles, which need not be late for it
_UNRIPE = 2  # the newest stretches are not complete
_RIPE = 4  # of these even the newest one is
_STEPS = {"15m": SLOT, "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Turn:
    """When the timeline was read, and whether it waits for the pace of its host."""

    at: datetime | None = None
    waits: bool = False

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> "Turn":
        """As a cursor of the same query keeps it."""
        kept = cursor.get("timeline")
        return cls(loose.instant(loose.inner(kept, "at")), bool(loose.inner(kept, "waits")))

    def cursor(self) -> dict[str, Any]:
        """For the cursor."""
        return {"timeline": {"at": self.at.isoformat() if self.at else None, "waits": self.waits}}

    def due(self, now: datetime) -> bool:
        """Whether there is something new to read."""
        return self.at is None or now - self.at >= SLOT - _SLACK

    def alone(self, heard: datetime | None, now: datetime) -> bool:
        """Whether this run is for the timeline: it waits, and the articles were heard a moment ago."""
        return self.waits and heard is not None and now - heard < _FRESH and self.due(now)

    def since(self, now: datetime) -> datetime:
        """From when on to ask."""
        return max(self.at - _AGAIN, now - FAR) if self.at else now - FAR

    def read(self, now: datetime) -> "Turn":
        """It was read."""
        return Turn(now)

    def waiting(self, *, waits: bool = True) -> "Turn":
        """It was not read, and waits or not."""
        return replace(self, waits=waits)


def volume_of(found: Mapping[str, Any], now: datetime) -> list[Volume]:
    """The stretches of an answer that are over, oldest first; nothing if it found nothing."""
    told: dict[datetime, tuple[int, int | None]] = {}
    for row in _rows(found):
        at, count = instant(row.get("date")), loose.whole(row.get("value"))
        if at is not None and at <= now and count is not None:
            told[at] = (count, loose.whole(row.get("norm")))
    times = sorted(told)
    if not times:
        return []
    step = _STEPS.get(loose.word(loose.inner(found, "query_details", "date_resolution")).lower())
    nearest = min((after - before for before, after in pairwise(times)), default=step or SLOT)
    step = min(step or nearest, nearest)
    ripe = max(times[-1] - _UNRIPE * step, now - _RIPE * step)
    return [Volume(at, step, *told[at]) for at in times if at <= ripe]


def instant(value: object) -> datetime | None:
    """An instant as GDELT ever wrote them: 20261105T031500Z, 20261105031500 or ISO 8601."""
    digits = re.sub(r"[TZ\s:-]", "", loose.word(value))
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return loose.instant(value)


def _rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    series = loose.rows(found.get("timeline"))
    for one in series:
        rows = loose.rows(one.get("data"))
        # Others of its timelines give percentages, or a tone.
        if "count" in loose.word(one.get("series")).lower() or any("norm" in row for row in rows):
            return rows
    return []
