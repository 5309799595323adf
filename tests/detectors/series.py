"""Series without chance that can be described in a sentence: ordinary days, and what befalls a brand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from detectors import FireDetector, Grid
from detectors.grid import Floats

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Change = Callable[[Floats, "Series"], None]
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


def more(begin: float, end: float, factor: float = 1.0, plus: float = 0.0, every: int = 1) -> Change:
    """Between two hours of the last day, so many times the posts and so many more; or only now and then."""

    def change(counts: Floats, series: Series) -> None:
        at = slice(series.at(begin), series.at(end), every)
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


A_DOZEN_DAYS = "a busy brand by the hour, learnt for nine days"
FOUR_WEEKS = tuple((24.0 * day, 24.0 * day + 70) for day in (-28, -21, -14, -7))
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
    "a busy brand of which every other column is heard": Series(3000, change=unheard(-29 * 24, 24, 2)),
    "a busy brand that burns and goes unheard for five hours less a quarter": Series(
        2000, change=all_of(more(9, 17, 2), unheard(10, 14.75))
    ),
    "a busy brand learnt for nine days, of whose weekend half a Sunday was heard": Series(
        1000, days=12, detector=FireDetector(memory=timedelta(days=9)), change=unheard(-144, -108)
    ),
    "a busy brand with a memory of three days, in all of which it burnt": Series(
        1000, days=8, detector=FireDetector(memory=timedelta(days=3)), change=more(-72, 24, 3),
        kept_out=((-72, 0),),
    ),
    "a brand of which one hour was ever heard": Series(300, step=HOUR, change=unheard(-29 * 24, 23)),
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
    "a brand of three posts a day that burnt for three days of each week": Series(
        3, change=all_of(*(more(*burnt, 1, 1, 12) for burnt in FOUR_WEEKS)), kept_out=FOUR_WEEKS
    ),
    "a young brand of twelve posts a day, loud last week, whose event of the afternoon was planned": Series(
        12, days=20, change=all_of(more(-150, -110, 1, 1, 4), posts_at(*FORTY_MINUTES, 12, 12.5, 13, 14)),
        uplift=(12, 18, 3.0),
    ),
    "a brand of twelve posts a day in a planned event of three days": Series(
        12, change=posts_at(*FORTY_MINUTES), uplift=(-48, 24, 2.0)
    ),
    "a brand that nobody ever mentioned, until a crowd gathers": Series(0, change=growing(11, 13)),
}  # fmt: skip
