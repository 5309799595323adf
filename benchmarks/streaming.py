"""A stream of 2,000 posts a second, matched against 1,000 watches, by one process on one core.

    python -m benchmarks.streaming [--rate 2000] [--watches 1000] [--seconds 30]

The far end talks as Jetstream does; what reads, matches, stores and counts is what the service is made of.
Wanted: no lag beyond the second in which posts are gathered, and less than one core.
"""

import argparse
import random
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import clock, logs, metrics, sources
from app.models import Mention, Policy, Post, Source
from app.pipeline.ingest.collect import collect
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.sources.base import Call
from app.sources.bluesky import jetstream
from benchmarks.far_end import microphone
from benchmarks.ingest import vocabulary, watches


class Nearby(jetstream.Jetstream):
    """Jetstream at another address."""

    url = ""

    def call(self, cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:
        """The same call to the far end of this benchmark."""
        return replace(super().call(cursor, now=now, tries=tries), url=self.url)


def fill(runtime: Runtime, count: int, words: list[str], rng: random.Random) -> int:
    """So many watches, and the stream, due now."""
    now = clock.utc_now()
    with runtime.sessions.begin() as session:
        policy = session.scalars(select(Policy)).one()
        for watch in watches(count, words, rng):
            watch.policy_id, watch.created_at, watch.updated_at = policy.id, now, now
            session.add(watch)
        source = Source(
            name="stream", kind="jetstream", settings={}, cadence_seconds=60, due_at=now, health_since=now,
            created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(source)
        session.flush()
        return source.id


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--rate", type=int, default=2_000)
    arguments.add_argument("--watches", type=int, default=1_000)
    arguments.add_argument("--seconds", type=int, default=30)
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    rng = random.Random(11)
    words = vocabulary(rng)
    nearby = replace(jetstream.KIND, listen=lambda settings, _secret: Nearby(settings))
    sources.KINDS = tuple(nearby if kind.name == "jetstream" else kind for kind in sources.KINDS)
    lags = []
    with microphone(words, given.rate) as url, tempfile.TemporaryDirectory() as folder:
        Nearby.url = url
        settings = Settings(data_dir=Path(folder), database_url="", allow_private_hosts=["127.0.0.1"])
        with open_runtime(settings) as runtime:
            source_id = fill(runtime, given.watches, words, rng)
            collect(runtime.sessions, runtime.ingest, now=clock.utc_now(), attend=runtime.streams.attend)
            time.sleep(3)
            spent, began = time.process_time(), time.monotonic()
            while time.monotonic() - began < given.seconds:
                time.sleep(1)
                with runtime.sessions() as session:
                    heard = session.get_one(Source, source_id).heard_until
                lags.append((clock.utc_now() - heard) / timedelta(seconds=1) if heard else 99.0)
            cores = (time.process_time() - spent) / (time.monotonic() - began)
            with runtime.sessions() as session:
                posts = session.scalars(select(func.count()).select_from(Post)).one()
                mentions = session.scalars(select(func.count()).select_from(Mention)).one()
    seen = metrics.post_to_bucket
    after = seen._sum.get() / max(1, sum(bucket.get() for bucket in seen._buckets))  # noqa: SLF001
    print(
        f"stream    {given.rate:10,} posts/s, {given.watches:,} watches, {cores:.2f} cores; "
        f"{posts:,} posts kept, {mentions:,} mentions"
    )
    print(f"lag       {max(lags):10.1f} s at most, a post is counted after {after:.1f} s; wanted: 3")


if __name__ == "__main__":
    main()
