"""How fast a channel may be told."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock


class Pace:
    """At most one message in each interval for each key; waits for its turn."""

    def __init__(
        self,
        interval: timedelta = timedelta(seconds=1),
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = interval.total_seconds()
        self._monotonic = monotonic
        # Who was killed a moment before this one began may have sent a message with its last breath.
        self._first = monotonic() + self._interval
        self._next: dict[str, float] = {}
        self._lock = Lock()
        self.sleep = sleep

    def wait(self, key: str) -> None:
        """Return when it is this caller's turn; turns are given in the order in which they are asked for."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get(key, self._first))
            self._next[key] = turn + self._interval
        if turn > now:
            self.sleep(turn - now)
