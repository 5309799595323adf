"""How long a server wants to be left alone, in each dialect that servers say it in."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = timedelta(days=1)  # a Retry-After of years is a mistake, and would silence a source for good
_RESETS = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_EPOCH = 1e9  # larger numbers are instants (Bluesky, X), smaller ones are seconds from now (Reddit)
_MILLISECONDS = 1e11
_DRAFT = re.compile(r"(?:^|[;,\s])(?:reset|t)\s*=\s*(\d{1,9})(?![\d.])")  # RateLimit: "default";r=0;t=30


def retry_after(value: str, *, now: datetime) -> timedelta | None:
    """The pause that a Retry-After header asks for, in seconds or until a date; at most a day.

    >>> retry_after("120", now=datetime(2026, 11, 22, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return _until(until, now)


def reset_in(value: str, *, now: datetime) -> timedelta | None:
    """The pause until a limit is lifted: given as seconds left, as an instant since 1970, or as a date.

    >>> reset_in("2026-11-22T00:05:00.070144Z", now=datetime(2026, 11, 22, tzinfo=UTC))
    datetime.timedelta(seconds=300, microseconds=70144)
    """
    value = value.strip()
    try:
        number = float(value)
    except ValueError:
        try:
            return _until(datetime.fromisoformat(value), now)
        except ValueError:
            return retry_after(value, now=now)
    if not 0 <= number < 1e15:  # this is false for NaN, too
        return None
    if number > _EPOCH:
        number = number / (1_000 if number > _MILLISECONDS else 1)
        return _until(datetime.fromtimestamp(number, UTC), now)
    return timedelta(seconds=min(number, _LONGEST.total_seconds()))


def pause(headers: Mapping[str, str], content: bytes, *, now: datetime) -> timedelta | None:
    """The pause that an answer asks for, in whichever way it says so; None if it does not say."""
    said = retry_after(headers.get("retry-after", ""), now=now)
    resets = (reset_in(headers[name], now=now) for name in _RESETS if headers.get(name))
    if said is None:
        said = next((reset for reset in resets if reset is not None), None)
    if said is None and (match := _DRAFT.search(headers.get("ratelimit", ""))):
        said = min(timedelta(seconds=int(match[1])), _LONGEST)
    return _in_the_body(content) if said is None else said


def used_up(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """The pause until calls are allowed again, where a good answer says that this one was the last."""
    left = next((headers[name] for name in _REMAINING if headers.get(name)), "")
    try:
        if float(left) >= 1:
            return None
    except ValueError:
        return None
    return pause(headers, b"", now=now)


def _in_the_body(content: bytes) -> timedelta | None:
    try:  # as Discourse says it
        seconds = json.loads(content)["extras"]["wait_seconds"]
        return min(timedelta(seconds=max(float(seconds), 0)), _LONGEST)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError):
        return None


def _until(instant: datetime, now: datetime) -> timedelta:
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return min(max(instant - now, timedelta()), _LONGEST)
