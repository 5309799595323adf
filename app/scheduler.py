"""Runs the chain again and again: APScheduler for the beat, and at once for what cannot wait."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import perf_counter

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from app import metrics
from app.clock import utc_now
from app.db import is_gone
from app.logs import log
from app.pipeline import run_cycle
from app.pipeline.guard import Guard, LostError, retry_set_aside
from app.pipeline.incidents import pictures
from app.pipeline.ingest.collect import collect
from app.pipeline.reports import bulletins
from app.reading.pictures import installed
from app.runtime import Runtime
from app.watchdog import Watchdog

_PUBLISH_MINUTES = 5
_KEEP_SECONDS = 5
_LOOK_SECONDS = 60
_SLACK = timedelta(seconds=5)
_LISTEN_SECONDS = 5  # a source that is due waits no longer for its turn


def cycle(runtime: Runtime, watchdog: Watchdog | None = None) -> None:
    """One pass of the chain at the present instant; the watchdog learns whom to tell if it is the last."""
    began, now, lost = perf_counter(), runtime.now(), ""
    try:
        run_cycle(runtime.sessions, runtime.chain, now=now)
    except ExceptionGroup as errors:  # each is in the log already, and in the table of faults
        log().error("the pass was not whole", errors=len(errors.exceptions))
        lost = next((str(error) for error in errors.exceptions if isinstance(error, LostError)), "")
    except DBAPIError as error:
        if not is_gone(error):
            raise
        return  # it was none, and that is told by who misses the database, and then by who misses the passes
    metrics.cycle_seconds.observe(perf_counter() - began)
    runtime.vitals.passed(lost=lost)
    if runtime.vitals.failing() is None:  # a pass that could not be written down was none
        runtime.heartbeat.beat()
    metrics.last_cycle.set(now.timestamp())
    if watchdog is not None:
        watchdog.remember()


def listen(runtime: Runtime) -> None:
    """Begin the runs that are due, and wait for none of them."""
    runtime.streams.tend()
    now = runtime.now()
    collect(
        runtime.sessions,
        runtime.ingest,
        Guard(runtime.sessions, now=now),
        now=now,
        attend=runtime.chain.attend,
        patience=timedelta(0),
    )


def look(runtime: Runtime) -> None:
    """Look at the pictures of what burns. Apart from the passes: no message waits for a picture."""
    pictures.look(runtime.sessions, runtime.http, now=runtime.now())


def publish(runtime: Runtime) -> None:
    """Make the bulletins whose time has come; the next pass tells them.

    Apart from the passes: what a bulletin proposes is previewed, and a fire does not wait for that.
    """
    bulletins.publish(runtime.sessions, now=runtime.now())


@contextmanager
def start(runtime: Runtime, seconds: int) -> Iterator[None]:
    """Run the chain every so many seconds until the block is left; the pass under way is finished first.

    Between the passes sources are run when they are due, and the lines of streams are held; a jump of what is
    heard there has a pass at once.
    """
    with runtime.sessions.begin() as session:
        retry_set_aside(session, now=runtime.now())  # this may be another version
    chain = replace(runtime.chain, attend=runtime.streams.attend)
    runtime = replace(runtime, chain=chain)
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(4)})
    watchdog = Watchdog(runtime, seconds)
    watchdog.remember()
    shared = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(
        cycle,
        "interval",
        args=[runtime, watchdog],
        seconds=seconds,
        id="cycle",
        next_run_time=runtime.now(),
        **shared,
    )
    scheduler.add_job(publish, "interval", args=[runtime], minutes=_PUBLISH_MINUTES, id="publish", **shared)
    if runtime.settings.pictures and installed():
        scheduler.add_job(look, "interval", args=[runtime], seconds=_LOOK_SECONDS, id="look", **shared)
    if seconds > _LISTEN_SECONDS:
        scheduler.add_job(listen, "interval", args=[runtime], seconds=_LISTEN_SECONDS, id="listen", **shared)

    def wake() -> None:
        try:
            scheduler.modify_job("cycle", next_run_time=runtime.now())
        except JobLookupError:  # it is shutting down
            return
        log().info("woken", why="mentions jumped")

    runtime.streams.wake_with(wake)
    scheduler.start()
    log().info("listening", every_seconds=seconds)
    over = Event()
    keeper = Thread(target=_keep, args=(scheduler, watchdog, over), name="keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        scheduler.shutdown(wait=True)
        keeper.join()


def _keep(scheduler: BackgroundScheduler, watchdog: Watchdog, over: Event) -> None:
    """Look after the beat and the passes, on the monotonic clock, until it is over."""
    while not over.wait(_KEEP_SECONDS):
        try:
            bring_forward(scheduler.get_jobs(), utc_now())
            watchdog.look()
        except Exception:  # noqa: BLE001 - it looks again all the same
            log().exception("not looked after")


def bring_forward(jobs: Sequence[Job], now: datetime) -> None:
    """Run at once what waits longer than its interval: somebody set the clock back after its last turn."""
    for job in jobs:
        if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval + _SLACK:
            log().warning("the clock was set back", job=job.id, was_due=job.next_run_time.isoformat())
            job.modify(next_run_time=now)
