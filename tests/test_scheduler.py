"""The beat of the service, when somebody moves the clock of the machine."""

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from app.clock import utc_now
from app.scheduler import bring_forward


@pytest.fixture
def scheduler() -> Iterator[BackgroundScheduler]:
    made = BackgroundScheduler(timezone=UTC)
    made.start(paused=True)
    yield made
    made.shutdown()


@pytest.mark.parametrize(
    ("waits", "at_once"),
    [(timedelta(seconds=59), False), (timedelta(seconds=61), False), (timedelta(hours=1), True)],
)
def test_what_waits_longer_than_its_interval_runs_at_once(
    scheduler: BackgroundScheduler, waits: timedelta, at_once: bool
) -> None:
    now = utc_now()
    job = scheduler.add_job(print, "interval", seconds=60, id="cycle", next_run_time=now + waits)
    bring_forward([job], now)
    assert job.next_run_time == (now if at_once else now + waits)


def test_what_is_over_is_left_alone(scheduler: BackgroundScheduler) -> None:
    job = scheduler.add_job(print, "interval", seconds=60, id="cycle")
    job.pause()
    bring_forward([job], utc_now())
    assert job.next_run_time is None
