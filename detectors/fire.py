"""The fire detector: sustained excess over what is usual, capped so that one burst does not make a fire."""

from dataclasses import dataclass, fields
from datetime import timedelta

import numpy as np

from detectors.baseline import (
    Baseline,
    beyond,
    by_hour,
    level_of,
    noise_at,
    profile_at,
    profile_of,
    trailing_level,
    whole_hours,
)
from detectors.detector import Evidence
from detectors.flash import HALF_LIFE as BURST_HALF_LIFE
from detectors.flash import burst_unit, burst_width, flash_of, largest_of_day
from detectors.floor import FLOOR, floored
from detectors.grid import HOUR, Bools, Floats, Grid
from detectors.holes import without_holes
from detectors.noise import capped_at, noise_of
from detectors.sparse import WINDOWS as SPARSE_WINDOWS
from detectors.sparse import judged, sparse_part, usual_of
from detectors.windows import between, sustained, trailing_sums

MINUTE = timedelta(minutes=1)
_AT_HAND = 1 << 18  # values that a score looks at in one go: what is made of them stays in the cache
_CHUNK = 1 << 21  # values at once: a fit's memory stays near 200 MB however many series there are


@dataclass(frozen=True, slots=True)
class FireDetector:
    """Evidence of a fire from counts alone; pure: the same counts give the same numbers.

    Roots of counts are compared with a level and an hour of the day. What is left, in units of its spread,
    is capped, because real volumes are full of bursts of one to three columns; then it is averaged over
    several windows, each in units of how it behaved in ordinary times, and the windows are averaged. Where
    posts are few, exact tails of their number take over: see `sparse`.
    """

    memory: timedelta = timedelta(days=28)  # four of each weekday; nothing older has any influence
    warm_up: timedelta = timedelta(days=3)  # three nights and days tell a rhythm from an accident
    half_life: timedelta = timedelta(hours=16)  # of the level: a news day fades, a growing brand is followed
    cap: float = 3.0  # spreads: a burst counts no more than a busy minute, and what is over one spread half
    windows: tuple[timedelta, ...] = tuple(
        minutes * MINUTE
        for minutes in (30, 60, 120, 240, 300)  # the beginning, and what lasts
    )

    @property
    def reach(self) -> timedelta:
        """How much of the recent past `score` needs before its first column."""
        return max(*self.windows, max(SPARSE_WINDOWS) * HOUR)

    def fit(self, counts: Floats, learn: Bools, grid: Grid) -> Baseline:
        """The baseline that is valid from the end of the columns, a full hour.

        `counts` (S, M): mentions, NaN where nothing was observed. `learn` (S, M): False where an incident
        was open. Raises ValueError if the shapes differ or the columns do not end on a full hour.
        """
        if counts.shape != learn.shape or counts.shape[0] != len(grid.zones):
            raise ValueError(
                f"counts {counts.shape}, learn {learn.shape} and {len(grid.zones)} zones do not fit"
            )
        if (grid.phase + counts.shape[1]) % grid.per_hour:
            raise ValueError(
                f"the columns must end on a full hour, not at {grid.at(counts.shape[1]).isoformat()}"
            )
        spare = max(0, counts.shape[1] - self.memory // grid.step)
        counts, learn, grid = counts[:, spare:], learn[:, spare:], grid.moved(spare)
        parts = _parts(counts, _CHUNK)
        return _together([self._fit(counts[part], learn[part], grid.only(part)) for part in parts])

    def _fit(self, counts: Floats, learn: Bools, grid: Grid) -> Baseline:
        per_hour, series = grid.per_hour, len(counts)
        counts, learn = whole_hours(counts, np.nan, per_hour), whole_hours(learn, False, per_hour)
        grid = grid.moved(-grid.phase)
        observed = without_holes(counts, np.isfinite(counts), per_hour)
        roots = np.sqrt(counts.clip(0.0))
        known = observed if learn.all() else observed & (learn | beyond(observed & ~learn, per_hour))
        hours = roots.shape[1] // per_hour
        hourly, weight = by_hour(roots, observed, per_hour)
        # The rhythm is made of medians, which a fire does not move; the level is a mean, which it would.
        learnt, trust = (hourly, weight) if known is observed else by_hour(roots, known, per_hour)
        profile, level, slow = np.empty((series, 48)), *np.empty((2, series, hours + 1))
        for rows, slot in grid.slots(grid.hour_number(), hours):
            profile[rows] = profile_of(hourly[rows], weight[rows], slot)
            above = hourly[rows] - profile[np.ix_(rows, slot)]
            slow[rows] = trailing_level(above, weight[rows], BURST_HALF_LIFE, 1.0)
            level[rows] = level_of(
                above,
                weight[rows],
                learnt[rows] - profile[np.ix_(rows, slot)],
                trust[rows],
                self.half_life / HOUR,
            )
        by_day = profile_at(profile, grid, roots.shape[1])
        usual = np.maximum(by_day + np.repeat(level[:, :-1], per_hour, axis=1), 0.0)
        left = np.where(observed, roots - usual, 0.0)
        even = left / noise_at(usual)
        recent = np.maximum(by_day + np.repeat(slow[:, :-1], per_hour, axis=1), 0.0)
        burst = trailing_sums(np.where(observed, roots - recent, 0.0), burst_width(per_hour))
        # Evidence is judged by how it moved in all these weeks, incidents too: a line learnt from the quiet
        # hours alone would ring ever more often.
        rate, rhythm, loose = usual_of(counts, observed, known, grid)
        busy = sparse_part(rate, per_hour) < 1
        spread, mean, unit = noise_of(even, observed, busy, self._widths(per_hour), self._cap(grid))
        return Baseline(
            hour_number=grid.hour_number() + hours,
            level=level[:, -1],
            burst_level=slow[:, -1],
            profile=profile,
            spread=spread,
            usual=mean,
            unit=unit,
            burst_unit=burst_unit(burst, observed),
            burst_max=largest_of_day(burst, per_hour),
            rate=rate,
            rhythm=rhythm,
            loose=loose,
            ready=observed.sum(axis=1) >= self.warm_up / grid.step,
        )

    def _cap(self, grid: Grid) -> float:
        """The cap for a step: many capped minutes make a higher sum, and a wide bucket hides bursts."""
        return float(self.cap * (grid.step / (5 * MINUTE)) ** 0.25)

    def _widths(self, per_hour: int) -> tuple[int, ...]:
        return tuple(dict.fromkeys(max(1, round(window / HOUR * per_hour)) for window in self.windows))

    def score(
        self,
        baseline: Baseline,
        counts: Floats,
        grid: Grid,
        *,
        first: int,
        uplift: Floats | None = None,
        floor: Floats | None = None,
    ) -> Evidence:
        """The evidence of each column from `first` on, each from the columns up to itself.

        `counts` (S, K): columns of the hour that the baseline was fitted for, before them `reach` of recent
        past (what is not there counts as not observed). `uplift` (S, K), at least 1: how often the usual a
        planned event expects. `floor` (S,): an excess of fewer mentions over the windows is no fire; 5 if
        not given.
        """
        least = np.full(len(counts), FLOOR) if floor is None else np.asarray(floor, np.float64)
        parts = _parts(counts, _AT_HAND)
        if len(parts) == 1:  # nothing to put together
            return self._score(baseline, counts, grid, first, uplift, least)
        found = [
            self._score(
                baseline.of(part),
                counts[part],
                grid.only(part),
                first,
                None if uplift is None else uplift[part],
                least[part],
            )
            for part in parts
        ]
        return Evidence(*(np.concatenate([getattr(p, f.name) for p in found]) for f in fields(Evidence)))

    def _score(
        self,
        baseline: Baseline,
        counts: Floats,
        grid: Grid,
        first: int,
        uplift: Floats | None,
        least: Floats,
    ) -> Evidence:
        busy = max(0, first - max(*self.windows, HOUR) // grid.step)
        evidence = self._busy(
            baseline,
            counts[:, busy:],
            grid.moved(busy),
            first - busy,
            None if uplift is None else uplift[:, busy:],
            least,
        )
        part = sparse_part(baseline.rate, grid.per_hour)
        if not part.any():
            return evidence
        rows = slice(None) if part.all() else np.flatnonzero(part)
        few = self._sparse(
            baseline.of(rows),
            counts[rows],
            grid.only(rows),
            first,
            None if uplift is None else uplift[rows],
            least[rows],
        )
        for name in ("expected", "low", "high", "score"):
            ours = getattr(evidence, name)
            ours[rows] += part[rows, None] * (getattr(few, name) - ours[rows])
        return evidence

    def _busy(
        self,
        baseline: Baseline,
        counts: Floats,
        grid: Grid,
        first: int,
        uplift: Floats | None,
        least: Floats,
    ) -> Evidence:
        """The evidence where posts are many: roots and their spread."""
        series, columns = counts.shape
        known = np.isfinite(counts)
        roots = np.sqrt(counts.clip(0.0))
        profile = profile_at(baseline.profile, grid, columns)
        usual = np.maximum(profile + baseline.level[:, None], 0.0)
        recent = np.maximum(profile + baseline.burst_level[:, None], 0.0)
        if uplift is not None:
            usual, recent = usual * np.sqrt(uplift), recent * np.sqrt(uplift)
        spread = noise_at(usual) * baseline.spread[:, None]
        left = np.where(known, roots - usual, 0.0)
        capped = capped_at(left / spread, self._cap(grid))
        expected = usual**2 + spread**2
        excess = np.where(known, counts - expected, 0.0).cumsum(axis=1)
        total, most = np.zeros((2, series, columns - first))
        present = np.zeros((series, columns - first), np.int64)
        widths = self._widths(grid.per_hour)
        for i, (width, (evidence, heard)) in enumerate(
            zip(widths, sustained(capped, known, widths), strict=True)
        ):
            in_units = (evidence[:, first:] - baseline.usual[:, i, None]) / baseline.unit[:, i, None]
            total += np.where(heard[:, first:], in_units, 0.0)
            present += heard[:, first:]
            most = np.maximum(most, between(excess, width)[:, first:])
        score = np.where(present > 0, total / np.maximum(present, 1), np.nan)
        score = floored(score, most, least)
        burst = trailing_sums(np.where(known, roots - recent, 0.0), burst_width(grid.per_hour))
        hour = max(0, (baseline.hour_number - grid.hour_number()) * grid.per_hour - grid.phase)
        flash = flash_of(burst[:, hour:], baseline.burst_max, baseline.burst_unit, first - hour)
        learning = ~baseline.ready[:, None]
        return Evidence(
            expected=expected[:, first:],
            low=np.maximum(usual - 2 * spread, 0.0)[:, first:] ** 2,
            high=(usual + 2 * spread)[:, first:] ** 2,
            flash=np.where(learning | ~known[:, first:], np.nan, flash),
            score=np.where(learning, np.nan, score),
        )

    def _sparse(
        self,
        baseline: Baseline,
        counts: Floats,
        grid: Grid,
        first: int,
        uplift: Floats | None,
        least: Floats,
    ) -> Evidence:
        """The evidence where posts are few: tails of their number; no flash."""
        usual, width, score = judged(baseline, counts, grid, first, uplift, least)
        return Evidence(
            expected=usual,
            low=np.maximum(usual - width, 0.0),
            high=usual + width,
            flash=np.zeros_like(usual),
            score=score,
        )


def _parts(counts: Floats, values: int) -> list[slice]:
    """Rows that have no more than so many values, or a single row: one part at least.

    >>> _parts(np.zeros((5, 100)), 250)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    >>> _parts(np.zeros((2, 100)), 99), _parts(np.zeros((1, 100)), 99), _parts(np.zeros((0, 0)), 99)
    ([slice(0, 1, None), slice(1, 2, None)], [slice(0, 1, None)], [slice(0, 99, None)])
    """
    rows = max(1, values // max(1, counts.shape[1]))
    return [slice(at, at + rows) for at in range(0, max(1, len(counts)), rows)]


def _together(parts: list[Baseline]) -> Baseline:
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Baseline)
        if field.name != "hour_number"
    }
    return Baseline(hour_number=parts[0].hour_number, **joined)
