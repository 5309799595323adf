"""Threads that run sources side by side: a slow one keeps its thread, and holds up nobody else."""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from threading import Lock

from sqlalchemy.orm import Session

from app.db import Sessions


class WriteBatcher:
    """Stores what several threads have to store in one transaction: the disk is waited for once.

    SQLite has one writer: who waits in line here need not ask again and again whether it is their turn.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._waiting: deque[_Work] = deque()

    def store(self, sessions: Sessions, source_id: int, work: Callable[[Session], None]) -> None:
        """Do the work on the source in a transaction, perhaps with that of others.

        What it raises is raised here alone.
        """
        mine = _Work(source_id, work)
        self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                self._all(sessions, [self._waiting.popleft() for _ in range(len(self._waiting))])
        if mine.error is not None:
            raise mine.error

    def _all(self, sessions: Sessions, waiting: list["_Work"]) -> None:
        try:
            with sessions.begin() as session:
                # Each locks its source: who needs several takes them in the order of their ids.
                for one in sorted(waiting, key=attrgetter("source_id")):
                    one.do(session)
        except Exception as error:  # noqa: BLE001 - it is raised where it belongs
            if len(waiting) == 1:
                waiting[0].error = error
            else:
                for one in waiting:
                    self._all(sessions, [one])
        for one in waiting:
            one.done = True


@dataclass(slots=True)
class _Work:
    source_id: int
    do: Callable[[Session], None]
    done: bool = False
    error: Exception | None = None


class WorkerPool:
    """A pool for the life of the service; each source is run by one thread at a time."""

    def __init__(self, threads: int = 24) -> None:
        self.together = WriteBatcher()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="source")
        self._lock = Lock()
        self._running: dict[int, Future[None]] = {}

    def busy(self) -> set[int]:
        """Ids of the sources whose run is not over."""
        with self._lock:
            return {source_id for source_id, future in self._running.items() if not future.done()}

    def run(
        self, work: Mapping[int, Callable[[], None]], *, patience: timedelta
    ) -> dict[int, Exception | None]:
        """Begin a run for each source id, and wait for them, but only so long: others go on by themselves.

        Those that have ended since the last time, each with its error if it had one.
        """
        with self._lock:
            for source_id, run in work.items():
                if source_id not in self._running:
                    self._running[source_id] = self._pool.submit(run)
            begun = [self._running[source_id] for source_id in work]
        wait(begun, patience.total_seconds())
        with self._lock:
            over = [source_id for source_id, future in self._running.items() if future.done()]
            ended = [(source_id, self._running.pop(source_id)) for source_id in over]
        return {source_id: _error_of(future) for source_id, future in ended}

    def close(self) -> None:
        """Wait until the runs under way have stored what they heard."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _error_of(future: Future[None]) -> Exception | None:
    error = future.exception()
    if error is not None and not isinstance(error, Exception):
        raise error  # the process is told to end
    return error
