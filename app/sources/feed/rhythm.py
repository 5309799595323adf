"""How soon a feed must be asked again, so that a known post is still in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.sources.base import Item

SOONEST = timedelta(seconds=60)
_SPARE = 2  # half of the feed may be new at the next run, so that twice as much is no gap
_FEWEST = 5  # a feed of fewer posts shows what there is, not the end of a row
_LONGEST = timedelta(days=1)


def turnover(page: Sequence[Item], fresh: int, *, since: datetime | None, now: datetime) -> timedelta | None:
    """The time in which half of the page is replaced, at its fastest of late; None if it does not say.

    `fresh` posts on it are new since the last run.
    """
    rates = []
    if since and now > since and fresh:
        rates.append(fresh / (now - since).total_seconds())
    times = sorted((i.published_at for i in page if i.published_at and i.published_at <= now), reverse=True)
    counts = {len(times), -(-len(times) // 2)}  # the whole page, and its newer half
    rates += [
        count / (now - times[count - 1]).total_seconds()
        for count in counts
        if count > 1 and now > times[count - 1]
    ]
    fastest = max(rates, default=0.0)
    if len(page) < _FEWEST or fastest <= 0:
        return None
    half = timedelta(seconds=min(len(page) / _SPARE / fastest, _LONGEST.total_seconds()))
    return max(half, SOONEST)


def calmer(before: timedelta | None) -> timedelta | None:
    """The time that is left to a feed that was found unchanged."""
    return min(before * 2, _LONGEST) if before else None
