"""A day that goes by only when somebody waits."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Delivery
from tests.faults.answering import Answering
from tests.faults.dial import Dial

PASS = timedelta(seconds=5)  # at least, from one pass to the next


@dataclass(frozen=True)
class Event:
    """What happens at an instant."""

    at: datetime
    do: Callable[[Session, datetime], None]


class Day(Answering):
    """The clock of a world in which only waiting takes time; what is to happen by then happens first."""

    def __init__(self, sessions: Sessions, begin: datetime, end: datetime, clock: Path) -> None:
        super().__init__()
        self.end = end
        self._dial = Dial.hang(clock, begin)
        self.over = threading.Event()
        self.between_passes: Callable[[], None] = lambda: None
        self.failure: Exception | None = None
        self._sessions = sessions
        self._events: deque[Event] = deque()
        self._lock = threading.RLock()

    def plan(self, events: Iterable[Event]) -> None:
        """What is to happen, in any order; before the day begins."""
        self._events.extend(sorted(events, key=lambda event: event.at))

    def now(self) -> datetime:
        return self._dial.read()

    def answer(self, path: str) -> bytes:
        word, _, number = path.strip("/").partition("/")
        if word == "sleep":
            self.go_on(float(number))
        elif word == "passed":
            self.between_passes()
            self._until(self._next())
        return b""

    def go_on(self, seconds: float) -> None:
        """Let so much time go by."""
        with self._lock:
            self._until(self.now() + timedelta(seconds=seconds))

    def waiting(self) -> bool:
        """Whether something is still to be told."""
        with self._sessions() as session:
            return (
                session.scalars(select(Delivery.id).where(Delivery.due_at.is_not(None))).first() is not None
            )

    def _next(self) -> datetime:
        """When something is due or happens next."""
        now = self.now()
        with self._sessions() as session:
            due = session.scalars(select(func.min(Delivery.due_at)).where(Delivery.due_at > now)).one()
        coming = [due] if due else []
        if self._events:
            coming.append(self._events[0].at)
        return max(min(coming, default=now), now + PASS)

    def _until(self, to: datetime) -> None:
        with self._lock:
            while self._events and self._events[0].at <= to:
                event = self._events.popleft()
                self._show(event.at)
                try:
                    with self._sessions.begin() as session:
                        event.do(session, event.at)
                except Exception as failure:
                    self.failure = failure
                    self.over.set()
                    raise
            self._show(to)
            if to >= self.end and not self._events:
                self.over.set()

    def _show(self, at: datetime) -> None:
        self._dial.show(max(at, self.now()))  # several may let time go by at once; it never goes back
