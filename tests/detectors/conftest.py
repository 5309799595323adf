from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detectors import Grid
from detectors.grid import Floats

STEP = timedelta(minutes=5)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 288


@pytest.fixture
def grid() -> Callable[..., Grid]:
    """A five-minute grid that starts on a Monday."""

    def make(series: int = 1, zone: str = "UTC", step: timedelta = STEP, start: datetime = MONDAY) -> Grid:
        return Grid.of(start, step, series=series, zone=zone)

    return make


@pytest.fixture
def brand() -> Callable[..., Floats]:
    """Counts of brands with a rhythm of the day, quiet nights and overdispersion."""

    def make(days: int, usual: float = 10.0, series: int = 1, seed: int = 1, per_day: int = DAY) -> Floats:
        rng = np.random.default_rng(seed)
        hour = np.arange(days * per_day) % per_day / per_day * 24
        mean = usual * (1 + 0.8 * np.sin((hour - 9) / 24 * 2 * np.pi))
        return rng.poisson(rng.gamma(8.0, mean / 8.0, (series, len(mean)))).astype(np.float64)

    return make
