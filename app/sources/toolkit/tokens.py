"""Access tokens that were lent to us, kept in memory until shortly before they end, and nowhere else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

_EARLY = timedelta(minutes=2)  # a token must outlive the run that begins with it
_MOST = 200


class Tokens:
    """One token for each key; threads may ask at once."""

    def __init__(self) -> None:
        self._lent: dict[str, tuple[str, datetime, timedelta]] = {}  # with when, and for how long
        self._lock = Lock()

    def get(self, key: str, borrow: Callable[[], tuple[str, timedelta]], *, now: datetime) -> str:
        """The token of that key; `borrow` gives a new one and how long it is good for."""
        with self._lock:
            token, lent_at, lasts = self._lent.get(key, ("", now, timedelta(0)))
        if timedelta(0) <= now - lent_at < lasts - _EARLY:  # lent in the future: the clock was wrong
            return token
        token, lasts = borrow()
        with self._lock:
            if len(self._lent) >= _MOST:
                self._lent.clear()
            self._lent[key] = token, now, lasts
        return token

    def clear(self) -> None:
        """Throw all away."""
        with self._lock:
            self._lent.clear()

    def forget(self, key: str) -> None:
        """Throw the token away: it was refused."""
        with self._lock:
            self._lent.pop(key, None)
