"""The one place that reads the clock, the five-minute grid that all is counted on, and time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

STEP = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def step_start(at: datetime, step: timedelta = STEP) -> datetime:
    """The start of the bucket that `at` falls into.

    >>> step_start(datetime(2026, 11, 22, 9, 14, 59, tzinfo=UTC)).isoformat()
    '2026-11-22T09:10:00+00:00'
    """
    return EPOCH + (at - EPOCH) // step * step


def known_zone(name: str) -> str:
    """The time zone, or UTC where this machine knows none of that name: a watch must not go silent for it.

    >>> known_zone("Europe/Paris"), known_zone("Europe/Atlantis")
    ('Europe/Paris', 'UTC')
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return "UTC"
