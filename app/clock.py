"""The one place that reads the clock, and the five-minute grid that everything is counted on."""

from datetime import UTC, datetime, timedelta

STEP = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def floor(at: datetime, step: timedelta = STEP) -> datetime:
    """The start of the bucket that `at` falls into.

    >>> floor(datetime(2026, 11, 22, 9, 14, 59, tzinfo=UTC)).isoformat()
    '2026-11-22T09:10:00+00:00'
    """
    return EPOCH + (at - EPOCH) // step * step
