"""A clock that only moves when somebody waits."""

from datetime import datetime, timedelta


class StillClock:
    """Stands at an instant; `sleep` moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
