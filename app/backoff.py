"""How long to wait after so many failures in a row: one rule, and a named policy for each kind of far end."""

from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

LONGEST_ASKED = timedelta(
    days=1
)  # no far end is left alone for longer, whatever it asks for or says of itself
_MOST_STEPS = 64  # more would overflow, and are longer than any longest wait


@dataclass(frozen=True, slots=True)
class Backoff:
    """A policy: the wait after the first failure, which grows with each further one up to the longest."""

    first: timedelta
    longest: timedelta
    growth: float = 2.0  # of the wait, from one failure to the next
    spread: float = 0.0  # part of the wait that may come on top, so that not all come back together


CHANNELS = Backoff(timedelta(seconds=15), timedelta(minutes=15))
FAULTS = Backoff(timedelta(minutes=1), timedelta(minutes=15))  # rows that a step cannot work off
HOSTS = Backoff(timedelta(minutes=5), timedelta(hours=1))  # far ends that no source of ours gets an answer of
HUBS = Backoff(timedelta(hours=6), timedelta(hours=6))  # of feeds, which are asked themselves meanwhile
LINES = Backoff(timedelta(seconds=1), timedelta(minutes=1))  # held open: streams, and Slack's socket


def of_source(cadence: timedelta) -> Backoff:
    """The policy of a source that is asked once in each cadence."""
    return Backoff(cadence, min(64 * cadence, timedelta(hours=1)), spread=0.2)


def wait_after(
    policy: Backoff, failures: int, *, retry_after: timedelta | None = None, seed: int | None = None
) -> timedelta:
    """How long to wait after so many failures in a row; `retry_after` if the far end asked, at most a day.

    With a seed up to the policy's spread longer, always the same for the same seed and number.

    >>> [str(wait_after(LINES, failures)) for failures in (1, 2, 3, 7, 1000)]
    ['0:00:01', '0:00:02', '0:00:04', '0:01:00', '0:01:00']
    """
    if retry_after:
        return min(retry_after, LONGEST_ASKED)
    grown = policy.first.total_seconds() * policy.growth ** min(max(failures, 1) - 1, _MOST_STEPS)
    longer = 0.0 if seed is None else crc32(f"{seed}:{failures}".encode()) / 2**32 * policy.spread
    return timedelta(seconds=min(grown, policy.longest.total_seconds()) * (1 + longer))
