"""Listening: 2,000 sources, shared out to 100 watches, asked every minute by one process.

    python -m benchmarks.polling [--sources 2000] [--watches 100] [--seconds 200]

The far end answers after 100 ms. The whole service runs, cycles included. Wanted: no run more than 30 s late,
and less than 400 MB.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import clock, logs, scheduler
from app.models import Policy, Post, Run, Source, Watch
from app.pipeline.ingest.record_run import IngestContext
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.far_end import feeds

LATE, MEMORY = 30.0, 400.0


def fill(runtime: Runtime, count: int, watching: int, url: str) -> None:
    """So many sources, all due now, and watches that share them."""
    now = clock.utc_now()
    stamps = {"created_at": now, "updated_at": now}
    with runtime.sessions.begin() as session:
        policy = session.scalars(select(Policy)).one()
        watches = [
            Watch(
                name=f"w{number}", query={"any_of": [f"brand{number}"]}, languages=[], policy_id=policy.id,
                sources=[], **stamps,
            )
            for number in range(watching)
        ]  # fmt: skip
        session.add_all(watches)
        for number in range(count):
            source = Source(
                name=f"s{number}", kind="rss", cadence_seconds=60,
                settings={"url": f"{url}/{number}-{number % watching}"},
                due_at=now, health_since=now, **stamps,
            )  # fmt: skip
            watches[number % watching].sources.append(source)


@contextmanager
def timed(runtime: Runtime) -> Iterator[tuple[Runtime, list[float]]]:
    """The runtime, and how many seconds after its time each run began."""
    late: list[float] = []
    opened = runtime.ingest.open

    def opening(source: Source) -> Any:  # noqa: ANN401 - whatever it opens
        if source.due_at is not None:
            late.append((clock.utc_now() - source.due_at).total_seconds())
        return opened(source)

    context: IngestContext = replace(runtime.ingest, open=opening)
    yield replace(runtime, chain=replace(runtime.chain, ingest=context)), late


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--sources", type=int, default=2_000)
    arguments.add_argument("--watches", type=int, default=100)
    arguments.add_argument("--seconds", type=int, default=200)
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    with feeds() as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url="", allow_private_hosts=["127.0.0.1"])
        with open_runtime(settings) as plain, timed(plain) as (runtime, late):
            fill(runtime, given.sources, given.watches, url)
            spent = time.process_time()
            with scheduler.start(runtime, 60):
                time.sleep(given.seconds)
            spent = time.process_time() - spent
            with runtime.sessions() as session:
                posts = session.scalars(select(func.count()).select_from(Post)).one()
                failed = session.scalars(select(func.count()).where(Run.status == "failed")).one()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    late.sort()
    cores = spent / given.seconds
    minutes = timedelta(seconds=given.seconds) / timedelta(minutes=1)
    print(
        f"poll      {len(late) / minutes:10,.0f} runs a minute of {given.sources:,} sources for "
        f"{given.watches:,} watches, "
        f"{posts:,} posts, {failed} failed, {cores:.2f} cores"
    )
    print(
        f"late      {late[len(late) // 2]:10.1f} s in the middle, {late[-1]:.1f} s at most; wanted: {LATE:g}"
    )
    print(f"memory    {memory:10,.0f} MB; wanted: less than {MEMORY:g}")


if __name__ == "__main__":
    main()
