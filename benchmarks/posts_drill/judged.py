"""What rang in a posts drill, set beside what was lit there. Pure."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WARM_UP = timedelta(days=15)  # of a street, before anything is lit in it
GAP = timedelta(hours=24)  # rings closer than this are one
_TAKEN = 2.0  # days of a street that a story takes


@dataclass(frozen=True, slots=True)
class Event:
    """A story that was told in a street."""

    story: str
    fire: bool
    lit: datetime
    start: datetime  # its fifth post
    peak: datetime
    end: datetime

    @classmethod
    def of(cls, row: Mapping[str, str]) -> "Event":
        """An event as the drill writes it down."""
        times = (datetime.fromisoformat(row[name]) for name in ("lit", "start", "peak", "end"))
        return cls(row["story"], row["kind"] == "fire", *times)


@dataclass(frozen=True, slots=True)
class Street:
    """A street, and what was lit in it."""

    name: str
    begin: datetime
    end: datetime
    events: tuple[Event, ...]

    @property
    def months(self) -> float:
        """Of 30 days, in which nothing was lit."""
        days = (self.end - self.begin - WARM_UP) / timedelta(days=1)
        return (days - _TAKEN * len(self.events)) / 30


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one event."""

    event: Event
    delay: float  # minutes from its fifth post, infinite if it never rang

    @property
    def rung(self) -> bool:
        """Whether it rang at all."""
        return self.delay < math.inf

    @property
    def early(self) -> bool:
        """Whether it rang before its peak."""
        return self.rung and self.event.start + timedelta(minutes=self.delay) <= self.event.peak


@dataclass(slots=True)
class Result:
    """What a rule made of a drill."""

    told: list[Told] = field(default_factory=list)
    other: int = 0  # rings that no event explains
    months: float = 0.0

    def add(self, street: Street, alarms: Iterable[datetime], only: Collection[str] = ()) -> None:
        """Judge the alarms of a street, in order of time; of its stories only those named, if any are."""
        rings = rings_of(alarms)
        used: set[datetime] = set()
        for event in street.events:
            hits = [ring for ring in rings if event.lit <= ring <= event.end]
            used.update(ring for ring in rings if event.lit <= ring <= event.end + GAP)
            late = (hits[0] - event.start) / timedelta(minutes=1) if hits else math.inf
            if not only or event.story in only:
                self.told.append(Told(event, max(0.0, late)))
        self.other += sum(ring not in used and ring >= street.begin + WARM_UP for ring in rings)
        self.months += street.months

    def of(self, *, fire: bool) -> list[Told]:
        """The fires, or what was harmless."""
        return [one for one in self.told if one.event.fire is fire]

    def figures(self) -> tuple[float, float, float, float, float]:
        """Fires rung, before their peak (parts), median minutes, harmless rung (part), others a month."""
        fires, harmless = self.of(fire=True), self.of(fire=False)
        delays = sorted(one.delay for one in fires)
        return (
            sum(one.rung for one in fires) / max(1, len(fires)),
            sum(one.early for one in fires) / max(1, len(fires)),
            delays[len(delays) // 2] if delays else math.nan,
            sum(one.rung for one in harmless) / max(1, len(harmless)),
            self.other / self.months if self.months > 0 else math.nan,
        )

    def by_story(self) -> list[str]:
        """Each story with how often it rang, fires first."""
        found: dict[tuple[bool, str], list[bool]] = defaultdict(list)
        for one in self.told:
            found[not one.event.fire, one.event.story].append(one.rung)
        return [f"{story} {sum(rung)} of {len(rung)}" for (_, story), rung in sorted(found.items())]


def rings_of(alarms: Iterable[datetime]) -> list[datetime]:
    """The first alarm of each chain of alarms that follow one another within a day."""
    rings: list[datetime] = []
    last: datetime | None = None
    for alarm in alarms:
        if last is None or alarm - last > GAP:
            rings.append(alarm)
        last = alarm
    return rings


# Of the figures: what is wanted, and what would be better than anybody has shown.
MUST, AIM = (0.96, 0.32, 8.0, 0.06, 0.45), (0.98, 0.50, 3.0, 0.02, 0.20)
_MORE_IS_BETTER = (True, True, False, False, False)
_HEAD = ("rule", "fires rung", "before the peak", "median min", "harmless rung", "other rings a month")


def table(results: Mapping[str, Result], judged: str) -> str:
    """The rules beside each other in Markdown, with what is wanted, and whether the one `judged` has it."""
    rows: list[tuple[str, ...]] = [(name, *_written(result.figures())) for name, result in results.items()]
    rows += [("must", *_written(MUST)), ("aim", *_written(AIM))]
    got = results[judged].figures()
    held = ["yes" if _keeps(*one) else "no" for one in zip(got, MUST, _MORE_IS_BETTER, strict=True)]
    rows.append((f"{judged} has what it must", *held))
    lines: Sequence[Sequence[str]] = [_HEAD, ("---",) * len(_HEAD), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _keeps(got: float, wanted: float, more: bool) -> bool:
    return got >= wanted if more else got <= wanted


def _written(figures: tuple[float, float, float, float, float]) -> tuple[str, str, str, str, str]:
    rung, early, minutes, harmless, other = figures
    wait = "never" if minutes == math.inf else f"{minutes:.0f}"
    return f"{rung:.0%}", f"{early:.0%}", wait, f"{harmless:.0%}", f"{other:.2f}"
