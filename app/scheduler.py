"""Runs the chain again and again: APScheduler for the beat, an event for what cannot wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from time import perf_counter

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app import metrics
from app.logs import log
from app.pipeline import run_cycle
from app.runtime import Runtime


def cycle(runtime: Runtime) -> None:
    """One pass of the chain at the present instant."""
    began, now = perf_counter(), runtime.now()
    run_cycle(runtime.sessions, runtime.chain, now=now)
    metrics.cycle_seconds.observe(perf_counter() - began)
    metrics.last_cycle.set(now.timestamp())


@contextmanager
def start(runtime: Runtime, seconds: int) -> Iterator[None]:
    """Run the chain every so many seconds until the block is left; the pass under way is finished first."""
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    scheduler.add_job(
        cycle,
        "interval",
        args=[runtime],
        seconds=seconds,
        id="cycle",
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
        next_run_time=runtime.now(),
    )
    scheduler.start()
    log().info("listening", every_seconds=seconds)
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
