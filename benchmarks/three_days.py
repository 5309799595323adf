"""Whether memory stays flat: 72 hours of passes, with the posts of a month and one fire after another.

    python -m benchmarks.three_days [--watches 100] [--hours 72]

The whole pass of the chain runs every five minutes on a clock that is dialled, told to a webhook on loopback;
the posts of thirty days come in those hours, beside the fires. Counted after each hour: the memory that the
process holds (where /proc tells it), and the blocks that Python has, with the caches that have a bound
emptied before. Wanted: after a day, no more than a hundredth of them is added in the days after it.
"""

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete

from app import logs
from app.models import Channel
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.alerting import Door
from benchmarks.city import HOUR, City, history

MONTH = 30  # days of posts
WARM = 24  # hours after which nothing may be added
WANTED = 0.01  # of the blocks
_EVERY = 6  # hours: one brand after the other burns for an hour
_STATM = Path("/proc/self/statm")
_PAGE = 4096
_CACHED = type(cache(len))  # what a function with a cache is


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds after an hour."""

    hour: int
    posts: int  # that came by then
    blocks: int  # of Python's, without what bounded caches hold
    cached: int  # entries of these
    resident: int  # bytes; 0 where the system does not tell


@contextmanager
def opened(folder: Path, watches: int, hours: int, door: Door) -> Iterator[tuple[Runtime, City]]:
    """A city with a month behind it, in which as many posts come in these hours, told at the door alone."""
    with door.opened() as address:
        settings = Settings(data_dir=folder, allow_private_hosts=["127.0.0.1"])
        history(settings.database(), watches, 28, np.random.default_rng(11))
        city = City(watches, times=MONTH * 24 / hours)
        with open_runtime(settings, now=lambda: city.at) as runtime:
            with runtime.sessions.begin() as session:
                session.execute(delete(Channel))
                session.add(
                    Channel(
                        name="hook", kind="webhook", settings={"url": f"{address}hook"},
                        secret=runtime.vault.seal("s" * 32), created_at=city.at, updated_at=city.at,
                    )
                )  # fmt: skip
            yield runtime, city


def caches() -> list[Any]:
    """Those of our own functions."""
    every = [one for one in gc.get_objects() if isinstance(one, _CACHED)]
    return [one for one in every if getattr(one, "__module__", "").startswith(("app.", "detectors."))]


def live(
    runtime: Runtime,
    city: City,
    hours: int,
) -> Iterator[Held]:
    """Live so many hours; what is held after each."""
    for hour in range(1, hours + 1):
        burning = hour // _EVERY % city.brands if hour % _EVERY == 1 else None
        for _ in range(HOUR):
            city.step(runtime, burning)
        yield _held(runtime, hour, city.written)


def _held(runtime: Runtime, hour: int, posts: int) -> Held:
    ours = caches()
    cached = sum(one.cache_info().currsize for one in ours)
    resident = int(_STATM.read_text().split()[1]) * _PAGE if _STATM.exists() else 0
    if hour % 6 == 0:  # what is emptied is to be filled again meanwhile
        for one in ours:
            if one.cache_info().maxsize is not None:
                one.cache_clear()
        runtime.engine.clear_compiled_cache()
    gc.collect()
    return Held(hour, posts, sys.getallocatedblocks(), cached, resident)


def growth(held: list[Held]) -> float:
    """By what part the blocks grew after the first day, at the hours in which the caches were emptied."""
    emptied = [one for one in held if one.hour % 6 == 0 and one.hour >= WARM]
    return emptied[-1].blocks / emptied[0].blocks - 1


def main() -> None:
    """Print what is held every six hours, and by how much it grew."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--watches", type=int, default=100)
    arguments.add_argument("--hours", type=int, default=72)
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    held, door = [], Door()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), given.watches, given.hours, door) as (runtime, city),
    ):
        for one in live(runtime, city, given.hours):
            held.append(one)
            door.came.clear()  # it is no part of the service
            if one.hour % 6 == 0:
                print(
                    f"hour {one.hour:5}{one.posts:10,} posts, {one.blocks:,} blocks, "
                    f"{one.cached:,} entries in caches before they were emptied, "
                    f"{one.resident / 1e6:.0f} MB"
                )
    day, last = next(one for one in held if one.hour == WARM), held[-1]
    print(
        f"memory    {growth(held):10.2%} of the blocks added after the first day, "
        f"{(last.resident - day.resident) / 1e6:+.0f} MB; wanted: {WANTED:.0%}"
    )


if __name__ == "__main__":
    main()
