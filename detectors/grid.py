"""When the columns of a table of counts are, in universal and in local time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

HOUR = timedelta(hours=1)
_ZERO = timedelta(0)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Grid:
    """The time of each column of an array of counts, and the time zone of each of its rows.

    `start` is the start of column 0, aware; `step` divides one hour, and `start` lies on a whole step of its
    hour; `zones` has one IANA name for each row: it decides the local hour of the day and the weekday.
    `rest` has the public holidays of each row, as local days since 1970; empty: none.

    >>> Grid.of(datetime.fromisoformat("2026-11-22T09:10:00+00:00"), timedelta(minutes=5), series=2).zones
    ('UTC', 'UTC')
    """

    start: datetime
    step: timedelta
    zones: tuple[str, ...]
    rest: tuple[frozenset[int], ...] = ()

    def __post_init__(self) -> None:
        if self.step <= timedelta(0) or HOUR % self.step:
            raise ValueError(f"a step must divide one hour, as 5 or 15 minutes do; {self.step} does not")
        if self.start.tzinfo is None:
            raise ValueError("the start of a grid must carry a time zone")
        if (self.start - _EPOCH) % self.step:
            raise ValueError(f"a grid of {self.step} cannot start at {self.start.isoformat()}")
        if self.rest and len(self.rest) != len(self.zones):
            raise ValueError(f"{len(self.rest)} calendars do not fit {len(self.zones)} time zones")

    @classmethod
    def of(cls, start: datetime, step: timedelta, *, series: int, zone: str = "UTC") -> "Grid":
        """A grid on which all series live in one time zone."""
        return cls(start, step, (zone,) * series)

    @property
    def per_hour(self) -> int:
        """Columns in one hour."""
        return HOUR // self.step

    @property
    def phase(self) -> int:
        """Columns between the full hour before the start and the start."""
        return (self.start - _EPOCH) % HOUR // self.step

    def at(self, column: int) -> datetime:
        """The start of a column."""
        return self.start + column * self.step

    def moved(self, columns: int) -> "Grid":
        """The same grid, its column 0 so many columns later."""
        return replace(self, start=self.at(columns))

    def only(self, rows: "Ints | slice") -> "Grid":
        """The same grid for some of its rows, in this order."""
        if isinstance(rows, slice):
            return replace(self, zones=self.zones[rows], rest=self.rest[rows])
        which = rows.tolist()
        rest = tuple(map(self.rest.__getitem__, which)) if self.rest else ()
        return replace(self, zones=tuple(map(self.zones.__getitem__, which)), rest=rest)

    def hour_number(self) -> int:
        """Full hours since 1970 at the start."""
        return (self.start - _EPOCH) // HOUR

    def slots(self, first: int, hours: int) -> list[tuple[Ints, Ints]]:
        """Rows that live by one calendar, and the slots of `hours` universal hours from number `first` on."""
        calendars = list(zip(self.zones, self.rest or [_NONE] * len(self.zones), strict=True))
        number = {calendar: place for place, calendar in enumerate(dict.fromkeys(calendars))}
        if len(number) > 1:
            places = np.fromiter(map(number.__getitem__, calendars), np.int64, len(calendars))
        else:  # as they nearly always do
            places = np.zeros(len(calendars), np.int64)
        return [
            (np.flatnonzero(places == place), _slots(zone, rest, first, hours))
            for (zone, rest), place in number.items()
        ]


_NONE: frozenset[int] = frozenset()


def slots_of(local: Ints, rest: frozenset[int] = _NONE) -> Ints:
    """The slot of each local hour: 0 to 23 on workdays, 24 to 47 on Saturdays, Sundays and days of rest.

    `local`: local hours since 1970, which began on a Thursday.
    """
    day = local // 24
    free = (day + 3) % 7 >= 5
    if rest:
        free |= np.isin(day, np.fromiter(rest, np.int64, len(rest)))
    return np.asarray(local % 24 + 24 * free, np.int64)


_BLOCK = 4096  # hours: half a year of clock changes is looked up at once


def _slots(zone: str, rest: frozenset[int], first: int, hours: int) -> Ints:
    """The slots of universal hours from number `first` on."""
    block, begin = divmod(first, _BLOCK)
    found = _slots_of_block(zone, rest, block)
    if begin + hours > _BLOCK:
        more = range(block + 1, (first + hours - 1) // _BLOCK + 1)
        found = np.concatenate([found, *(_slots_of_block(zone, rest, other) for other in more)])
    return found[begin : begin + hours]


@lru_cache(maxsize=1024)  # asked several times for each hour of each series
def _slots_of_block(zone: str, rest: frozenset[int], block: int) -> Ints:
    return slots_of(local_hours(zone, block * _BLOCK, _BLOCK), rest)


@lru_cache(maxsize=4096)
def _offsets(zone: str, block: int) -> Ints:
    """The local hour less the universal hour, for each hour of a block."""
    local = ZoneInfo(zone)
    starts = (_EPOCH + (block * _BLOCK + hour) * HOUR for hour in range(_BLOCK))
    return np.asarray([((at.astimezone(local).utcoffset() or _ZERO) // HOUR) for at in starts], np.int64)


def local_hours(zone: str, first: int, count: int) -> Ints:
    """The local hours, numbered since 1970, in which `count` successive universal hours begin.

    A clock change makes one number come twice, or leaves one out.

    >>> [int(hour) % 24 for hour in local_hours("Europe/Paris", 492_983, 4)]
    [0, 1, 3, 4]
    """
    hours = np.arange(first, first + count)
    if zone == "UTC":
        return hours
    blocks = range(first // _BLOCK, (first + count - 1) // _BLOCK + 1)
    offsets = np.concatenate([_offsets(zone, block) for block in blocks])
    begin = first - blocks[0] * _BLOCK
    return np.asarray(hours + offsets[begin : begin + count], np.int64)
