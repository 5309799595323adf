"""How this process does, by what happened in it: for probes, which must not wait for a database.

Times are measured on a clock that only goes forward, whatever somebody does to that of the machine.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

_REMEMBERED = timedelta(minutes=5)  # a write that failed so long ago says nothing any more


class Vitals:
    """When the last pass was made, and whether the database takes what is written. Safe in threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._passed_at = monotonic()
        self._failed_at: float | None = None
        self._failing_since: float | None = None
        self._why = ""
        self._lost_at: float | None = None

    def passed(self) -> None:
        """A pass of the chain has ended."""
        with self._lock:
            self._passed_at = self._monotonic()

    def since_pass(self) -> timedelta:
        """How long ago the last pass ended, or the process began."""
        with self._lock:
            return timedelta(seconds=self._monotonic() - self._passed_at)

    def write_failed(self, why: str) -> None:
        """The database did not take something."""
        with self._lock:
            self._failed_at, self._why = self._monotonic(), why
            self._failing_since = self._failing_since or self._failed_at

    def wrote(self) -> None:
        """The database took something."""
        with self._lock:
            self._failed_at = self._failing_since = None

    def lost(self) -> bool:
        """The database cannot be reached; whether that is news."""
        with self._lock:
            news = self._lost_at is None
            self._lost_at = self._monotonic() if news else self._lost_at
            return news

    def found(self) -> timedelta | None:
        """The database answers; how long it could not be reached, if that is news."""
        if self._lost_at is None:  # as nearly always: each statement asks
            return None
        with self._lock:
            lost_at, self._lost_at = self._lost_at, None
            return None if lost_at is None else timedelta(seconds=self._monotonic() - lost_at)

    def failing_for(self) -> timedelta:
        """How long the database has taken nothing that was given to it; nought if it does."""
        if self.failing() is None:
            return timedelta(0)
        with self._lock:
            began = self._failing_since
            return timedelta(seconds=self._monotonic() - began) if began is not None else timedelta(0)

    def failing(self) -> str | None:
        """Why the last write failed; None if it did not, or so long ago that it says nothing any more."""
        with self._lock:
            if self._failed_at is None or self._monotonic() - self._failed_at > _REMEMBERED.total_seconds():
                return None
            return self._why
