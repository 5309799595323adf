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
        self._lost = ""
        self._losing_since: float | None = None
        self._gone_at: float | None = None

    def passed(self, *, lost: str = "") -> None:
        """A pass of the chain has ended; `lost`: why what went wrong in it could not even be written down.

        Where a file may not grow, small writes still find room: that one succeeds says nothing then.
        """
        with self._lock:
            self._passed_at = self._monotonic()
            self._lost = lost
            self._losing_since = (self._losing_since or self._passed_at) if lost else None

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

    def gone(self) -> bool:
        """The database cannot be reached; whether that is news."""
        with self._lock:
            news = self._gone_at is None
            self._gone_at = self._monotonic() if news else self._gone_at
            return news

    def back(self) -> timedelta | None:
        """The database answers; how long it could not be reached, if that is news."""
        if self._gone_at is None:  # as nearly always: each statement asks
            return None
        with self._lock:
            gone_at, self._gone_at = self._gone_at, None
            return None if gone_at is None else timedelta(seconds=self._monotonic() - gone_at)

    def failing_for(self) -> timedelta:
        """How long the database has taken nothing that was given to it; nought if it does."""
        failing = self.failing() is not None
        with self._lock:
            known = (self._failing_since if failing else None, self._losing_since)
            began = [since for since in known if since is not None]
            return timedelta(seconds=self._monotonic() - min(began)) if began else timedelta(0)

    def failing(self) -> str | None:
        """Why the last write failed, or the last pass; None if neither did, or the write so long ago.

        What failed long ago says nothing any more.
        """
        with self._lock:
            if self._lost:
                return self._lost
            if self._failed_at is None or self._monotonic() - self._failed_at > _REMEMBERED.total_seconds():
                return None
            return self._why
