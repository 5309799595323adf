"""A few series that can be described in a sentence, and what the detectors make of them to nine digits.

    python -m tests.detectors.golden

writes golden.json anew: do so only where scores are meant to change, and say in the commit why they do. A
change that the file does not show is none; one that it shows moves lines, budgets and the benchmarks too.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from detectors import (
    Baseline,
    Evidence,
    FireDetector,
    Grid,
    alarms_at,
    calm_for,
    delay_at,
    scan,
    threshold_for,
    walk,
)
from detectors.feed import EPOCH, Arrival, Judgement, feed
from detectors.grid import Bools, Floats

FILE = Path(__file__).with_name("golden.json")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVIDENCE = tuple(f.name for f in fields(Evidence))
LINE, CALM = threshold_for(1.0), calm_for(threshold_for(1.0))
Change = Callable[[Floats, "Series"], None]
Kept = dict[str, dict[str, list[float | None]]]
SHIPPED = FireDetector()


@dataclass(frozen=True, slots=True)
class Series:
    """Counts without chance: a rhythm of hours and weekdays, and what comes and goes without a pattern.

    `usual` posts a day on workdays, half of them at weekends, most at six in the evening and least twelve
    hours away from it. `days` of them, of which the last is judged, from `start` on in steps of `step`.
    """

    usual: float
    days: int = 30
    start: str = "2026-03-02T00:00+00:00"  # a Monday
    step: timedelta = 5 * MINUTE
    zone: str = "UTC"
    rest: frozenset[int] = frozenset()
    change: Change = field(default=lambda _counts, _series: None)
    detector: FireDetector = SHIPPED
    kept_out: tuple[tuple[float, float], ...] = ()  # hours as of the last day, in which an incident was open
    # Hours of the last day, from and to, and how often the usual a planned event expects.
    uplift: tuple[float, float, float] | None = None
    floor: float | None = None

    def at(self, hours: float) -> int:
        """The column so many hours into the last day."""
        return round((self.days - 1) * DAY / self.step + hours * HOUR / self.step)

    def grid(self) -> Grid:
        return Grid(datetime.fromisoformat(self.start), self.step, (self.zone,), (self.rest,))

    def counts(self) -> Floats:
        columns = np.arange(self.days * DAY // self.step, dtype=np.float64)
        hour = columns * (self.step / HOUR)
        rhythm = 1 - 0.8 * np.abs((hour - 18 + 12) % 24 - 12) / 12
        mean = self.usual * (self.step / DAY) * rhythm / 0.6 * np.where(hour // 24 % 7 >= 5, 0.5, 1.0)
        busy = 0.5 + _without_pattern(hour // 1, 3**0.5)  # some hours have more than others
        share = _without_pattern(columns, (1 + 5**0.5) / 2)
        # What is left over of a post comes as often as it is large.
        counts = np.floor(mean * busy * (0.5 + _without_pattern(columns, 2**0.5)) + share)[None]
        self.change(counts, self)
        return counts


def _without_pattern(number: Floats, times: float) -> Floats:
    """What is behind the point of so many times a number: between 0 and 1, evenly and in no order."""
    return np.asarray(number * times % 1.0, np.float64)


def more(begin: float, end: float, factor: float = 1.0, plus: float = 0.0) -> Change:
    """Between two hours of the last day, so many times the posts, and so many more in each column."""

    def change(counts: Floats, series: Series) -> None:
        at = slice(series.at(begin), series.at(end))
        counts[:, at] = np.floor(counts[:, at] * factor) + plus

    return change


def growing(begin: float, end: float) -> Change:
    """Between two hours of the last day one post more, then two, then three."""

    def change(counts: Floats, series: Series) -> None:
        at = np.arange(series.at(begin), series.at(end))
        counts[:, at] += 1 + at - at[0]

    return change


def unheard(begin: float, end: float, every: int = 1) -> Change:
    """Between two hours of the last day nobody listened; or only for a part of the columns."""

    def change(counts: Floats, series: Series) -> None:
        counts[:, series.at(begin) : series.at(end) : every] = np.nan

    return change


def all_of(*changes: Change) -> Change:
    def change(counts: Floats, series: Series) -> None:
        for each in changes:
            each(counts, series)

    return change


def posts_at(*hours: float, posts: float = 1.0) -> Change:
    """Single posts, so many hours into the last day."""

    def change(counts: Floats, series: Series) -> None:
        for hour in hours:
            counts[0, series.at(hour)] += posts

    return change


SCANNED, A_DOZEN_DAYS = "the whole of ", "a busy brand by the hour, learnt for nine days"
BUDGETS = "budgets and their lines"
FORTY_MINUTES = tuple(11 + minutes / 60 for minutes in (0, 5, 15, 20, 30, 35, 40))
SERIES = {
    "a busy brand on an ordinary day": Series(4000),
    "a busy brand that burns for six hours from ten on": Series(4000, change=more(10, 16, 2)),
    "a busy brand with a burst of five minutes, and one twice as high an hour later": Series(
        2500, change=all_of(more(9, 9.08, 1, 60), more(10, 10.08, 1, 150), more(11, 11.08, 1, 160))
    ),
    "a busy brand that burnt for two days two weeks ago": Series(
        1000, change=all_of(more(-14 * 24, -12 * 24, 4), more(8, 12, 2)), kept_out=((-14 * 24, -12 * 24),)
    ),
    "a busy brand that has burnt for five days: a new level": Series(
        1000, change=all_of(more(-6 * 24, -24, 3), more(8, 12, 2)), kept_out=((-6 * 24, -24),)
    ),
    "a busy brand that went unheard last night and every other column since": Series(
        3000, change=all_of(unheard(-8, 2), unheard(2, 20, 2), more(12, 15, 2))
    ),
    "a busy brand whose source fell silent without a word for a day": Series(
        1500, change=all_of(more(-72, -48, 0), more(10, 13, 1.7))
    ),
    "a busy brand, young: four days": Series(3000, days=5, change=more(10, 13, 2)),
    "a busy brand in its first three days": Series(3000, days=3),
    "a busy brand in Paris as clocks change, with a holiday": Series(
        2000, start="2026-03-01T23:00+00:00", days=29, zone="Europe/Paris",
        rest=frozenset({20_530, 20_538}), change=more(10, 13, 1.6),
    ),
    "a busy brand whose event of the day was planned": Series(
        3000, change=more(12, 18, 3), uplift=(11.5, 18, 2.5)
    ),
    "a busy brand by the minute, from ten past on": Series(
        5000, days=6, start="2026-03-04T00:10+00:00", step=MINUTE, change=more(10, 12, 2)
    ),
    A_DOZEN_DAYS: Series(
        4000, days=14, step=HOUR, detector=FireDetector(memory=timedelta(days=9)),
        change=all_of(more(-90, -80, 3), more(10, 15, 2)),
    ),
    "a brand of 60 posts a day that both ways judge": Series(60, change=more(10, 14, 1, 1)),
    "a brand of 85 posts a day with a memory of nine days": Series(
        85, days=12, change=more(10, 12, 1, 2), detector=FireDetector(memory=timedelta(days=9))
    ),
    "a brand of eight posts a day and seven stories in forty minutes": Series(
        8, change=posts_at(*FORTY_MINUTES)
    ),
    "a brand of eight posts a day, copies in one column": Series(8, change=posts_at(11, posts=30)),
    "a brand of eight posts a day, unheard in part, its event planned": Series(
        8, change=all_of(unheard(-30, -20), unheard(3, 9, 3), posts_at(*FORTY_MINUTES)), uplift=(10, 14, 4.0)
    ),
    "a brand of 20 posts a day by the quarter of an hour, six over a morning": Series(
        20, step=15 * MINUTE, change=posts_at(7, 8, 8.25, 9, 10, 11, 11.5), floor=3.0
    ),
    "a brand of two posts a day that burnt last week": Series(
        2, change=all_of(more(-190, -186, 1, 1), posts_at(*FORTY_MINUTES)), kept_out=((-190, -184),)
    ),
    "a brand that nobody ever mentioned, until a crowd gathers": Series(0, change=growing(11, 13)),
}  # fmt: skip


def judged(series: Series) -> tuple[Baseline, Evidence]:
    """What was learnt before the last day, and the evidence of that day."""
    counts, grid, begin = series.counts(), series.grid(), series.at(0)
    uplift = None
    if series.uplift:
        since, until, times = series.uplift
        uplift = np.ones(counts.shape)
        uplift[:, series.at(since) : series.at(until)] = times
    floor = None if series.floor is None else np.asarray([series.floor])
    learn = np.ones(counts.shape, np.bool_)
    for since, until in series.kept_out:
        learn[:, series.at(since) : series.at(until)] = False
    whole = begin - (grid.phase + begin) % grid.per_hour
    learnt = series.detector.fit(counts[:, :whole], learn[:, :whole], grid)
    parts = walk(series.detector, counts, learn, grid, first=begin, uplift=uplift, floor=floor)
    evidence = [part for _, part in parts]
    return learnt, Evidence(
        *(np.concatenate([getattr(part, name) for part in evidence], axis=1) for name in EVIDENCE)
    )


def fed(series: Series) -> list[Judgement]:
    """The whole of a series as rows come one by one; of the last day one comes late, and one in two parts."""
    counts, begin = series.counts()[0], series.at(0)
    first = (datetime.fromisoformat(series.start) - EPOCH) // series.step
    rows = [Arrival(first + column, value) for column, value in enumerate(counts)]
    late = rows.pop(begin + 7)
    rows[begin + 9 : begin + 9] = [late, Arrival(late.column, 9.0)]
    return [said for _, said in feed(series.detector, rows, series.step, threshold=LINE, calm=CALM)]


def kept_of(name: str) -> Kept:
    """What is kept of a series: what was learnt, and some columns and the sum of what was said of its day."""
    if name == BUDGETS:
        return budgets()
    if name.startswith(SCANNED):
        return _scanned_and_fed(SERIES[name.removeprefix(SCANNED)])
    learnt, evidence = judged(SERIES[name])
    return {
        "learnt": {f.name: _few(np.ravel(getattr(learnt, f.name)), 6) for f in fields(Baseline)},
        "judged": {name: _few(getattr(evidence, name)[0]) for name in EVIDENCE},
    }


def _scanned_and_fed(series: Series) -> Kept:
    """The whole of a series, with alarms kept out of what is learnt: at once, and row by row."""
    found = scan(series.detector, series.counts(), series.grid(), threshold=LINE, calm=CALM)
    rows = np.asarray(fed(series)).T
    return {
        "judged": {name: _few(getattr(found.evidence, name)[0]) for name in EVIDENCE}
        | {"alarm": _few(found.alarm[0]), "open": _few(found.open[0])},
        "row by row": {name: _few(row) for name, row in zip(EVIDENCE, rows, strict=True)},
    }


def budgets() -> Kept:
    """The lines of budgets from 0.1 to 30 alarms a month, and what is said of lines from nought to four."""
    lines = np.linspace(0.0, 4.0, 161)
    delays = [delay_at(line) for line in lines]
    return {
        "lines": {
            "alarms a month": _few(np.asarray([threshold_for(a) for a in np.geomspace(0.1, 30.0, 160)]), 20)
        },
        "at lines": {
            "alarms a month": _few(np.asarray([alarms_at(line) for line in lines]), 20),
            "minutes": _few(np.asarray([np.nan if delay is None else delay for delay in delays]), 20),
            "calm": _few(np.asarray([calm_for(line) for line in lines]), 4),
        },
    }


def everything() -> dict[str, Kept]:
    """What the file holds."""
    return {name: kept_of(name) for name in (*SERIES, SCANNED + A_DOZEN_DAYS, BUDGETS)}


def _few(row: Floats | Bools, parts: int = 12) -> list[float | None]:
    """So many values of a row, the sum of it with each counted otherwise, and how many values there are."""
    row = row.astype(np.float64)
    apart = max(1, len(row) // parts)
    some = row[apart // 3 :: apart] if len(row) > parts else row
    total = np.nansum(row * (1 + np.arange(len(row)) % 7 / 7))
    return [
        None if np.isnan(value) else float(f"{value:.13g}")
        for value in (*some, total, np.isfinite(row).sum())
    ]


def written(kept: dict[str, Kept]) -> str:
    """JSON with a line for each row of numbers."""
    series = (
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(part)}: {{\n"
            + ",\n".join(f"    {json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
            + "\n  }"
            for part, rows in parts.items()
        )
        + "\n}"
        for name, parts in kept.items()
    )
    return "{\n" + ",\n".join(series) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(written(everything()), encoding="utf-8")
