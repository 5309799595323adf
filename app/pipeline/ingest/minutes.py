"""The minutes of a stream: kept as one run each, and watched for a jump."""

from collections import defaultdict
from datetime import datetime, timedelta

from app.clock import STEP, step_start
from app.models import Run, RunStatus
from app.pipeline.ingest.store import Stored
from app.sources.base import Batch

_RECORD_EVERY = timedelta(minutes=1)
_JUMP = 5  # mentions in five minutes below which nothing is worth a cycle of its own


class MinuteRun:
    """What a minute of a stream brought, to be kept as one run."""

    def __init__(self) -> None:
        self._run: Run | None = None

    def add(self, batch: Batch, stored: Stored, source_id: int, now: datetime) -> Run | None:
        """The run of the last minute, once it is over or something was missed; else None."""
        run = self._run
        if run is None:
            run = self._run = Run(
                source_id=source_id, started_at=now, window_from=batch.window_from, status=RunStatus.empty,
                received=0, stored=0, edited=0, coverage=1.0, note="", cost=0.0,
            )  # fmt: skip
        run.received += stored.received
        run.stored += stored.stored
        run.edited += stored.edited
        run.window_to, run.ended_at = batch.window_to, now
        run.note = "; ".join(filter(None, [run.note, batch.note]))[:1_000]
        if batch.status == "partial":
            run.status = RunStatus.partial
        elif run.status is RunStatus.empty and run.received:
            run.status = RunStatus.ok
        # A clock that was set back ends the minute, too.
        if timedelta(0) <= now - run.started_at < _RECORD_EVERY and batch.status != "partial":
            return None
        self._run = None
        return run


class Jumps:
    """Whether the five minutes that just ended had far more mentions of a watch than those before."""

    def __init__(self) -> None:
        self._counts: dict[datetime, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._until: datetime | None = None

    def add(self, mentions: list[tuple[int, datetime]], until: datetime) -> bool:
        """True at the end of a bucket in which the mentions of a watch jumped: a cycle should not wait."""
        for watch_id, at in mentions:
            self._counts[at][watch_id] += 1
        ended, self._until = self._until, step_start(until)
        if ended is None or ended >= self._until:
            return False
        before = [self._counts.get(ended - n * STEP, {}) for n in range(1, 13)]
        jumped = any(
            count >= max(_JUMP, 2 * max(counts.get(watch_id, 0) for counts in before))
            for watch_id, count in self._counts.get(ended, {}).items()
        )
        for old in [at for at in self._counts if at < ended - 13 * STEP]:
            del self._counts[old]
        return jumped
