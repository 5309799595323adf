"""Streams: one held line each, their frames matched and stored as they come, the cursor with the posts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, Queue
from threading import Event, Lock, Thread
from time import monotonic

from app import metrics
from app.backoff import LINES, wait_after
from app.db import Sessions, only_read
from app.errors import AppError, SourceError
from app.http_client import Connection
from app.logs import log
from app.models import Source
from app.pipeline.ingest.match import Compiled, heard_item
from app.pipeline.ingest.minutes import Jumps, MinuteRun
from app.pipeline.ingest.record_run import IngestContext, failed, record_run
from app.sources.base import Call, Item, Stream
from app.sources.toolkit.gathering import Gathering

STORE_EVERY = timedelta(seconds=1)  # from a post to its bucket
_QUIET = timedelta(seconds=10)  # how far it was heard is written down so often when nothing is said
_HELD = timedelta(minutes=2)  # a line of which nothing was stored for so long is taken for dead
_FRAMES = 20_000  # that wait to be read: a server that is faster waits, too
_AT_ONCE = 5_000
_QUICKLY = 2  # calls that may fail before the source counts as failing: lines break, and are mended


@dataclass(frozen=True, slots=True)
class StreamContext:
    """What holding lines needs."""

    sessions: Sessions
    ingest: IngestContext
    listen: Callable[[Source], tuple[Stream, bool] | None]  # the stream, and whether it floods
    dial: Callable[[Call], Connection]
    now: Callable[[], datetime]


class Streams:
    """All lines that are held; one that broke for good is taken up again when its source is due."""

    def __init__(self, context: StreamContext) -> None:
        self._means = context
        self._lock = Lock()
        self._held: dict[int, _Held] = {}
        self._closed = False
        self._wake: Callable[[], None] = lambda: None

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Call this when mentions jump: a cycle should not wait."""
        self._wake = wake

    def _woken(self) -> None:
        self._wake()

    def attend(self, source: Source) -> bool:
        """Hold the line of this source from now on, if it is a stream; else False."""
        try:
            found = self._means.listen(source)
        except AppError:
            return False  # its run says what is wrong
        if found is None:
            return False
        with self._lock:
            held = self._held.get(source.id)
            if held is not None:
                held.stop()
            if not self._closed:
                held = _Held(self._means, source.id, source.updated_at, *found, self._woken)
                self._held[source.id] = held
                held.start()
        return True

    def tend(self) -> None:
        """Hang up where a source was switched off, changed or deleted."""
        if not self._held:
            return
        with self._means.sessions() as session:
            only_read(session)
            known = {source_id: session.get(Source, source_id) for source_id in self._held}
        with self._lock:
            for source_id, source in known.items():
                held = self._held[source_id]
                if source is None or not source.enabled or source.updated_at != held.changed:
                    held.stop()
                    del self._held[source_id]

    def close(self) -> None:
        """Hang up everywhere; what was heard is stored."""
        with self._lock:
            self._closed, all_held = True, list(self._held.values())
            self._held.clear()
        for held in all_held:
            held.stop()
        for held in all_held:
            held.join()


class _Held:
    """One line and its two threads: one takes frames in, the other reads, matches and stores them."""

    def __init__(
        self,
        context: StreamContext,
        source_id: int,
        changed: datetime,
        stream: Stream,
        floods: bool,
        wake: Callable[[], None],
    ) -> None:
        self.changed, self._wake = changed, wake
        self._means, self._source_id, self._stream, self._floods = context, source_id, stream, floods
        self._stopped = Event()
        self._connection: Connection | None = None
        self._thread = Thread(target=self._run, name=f"stream-{source_id}", daemon=True)
        self._tally = MinuteRun()
        self._jumps = Jumps()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._connection is not None:
            self._connection.close()

    def join(self) -> None:
        self._thread.join(timeout=10)

    def _run(self) -> None:
        tries = 0
        while not self._stopped.is_set():
            began = monotonic()
            try:
                self._listen(tries)
            except Exception as error:  # noqa: BLE001 - a thread that dies would leave the source deaf
                if self._stopped.is_set():
                    return
                tries = 1 if monotonic() - began > 60 else tries + 1
                self._broke(error, tries)
                self._stopped.wait(wait_after(LINES, tries).total_seconds())

    def _broke(self, error: Exception, tries: int) -> None:
        if not isinstance(error, SourceError):
            log().exception("stream crashed", source=self._source_id)
            error = SourceError(f"{type(error).__name__}: {error}")
        log().info("stream broke", source=self._source_id, tries=tries, why=str(error))
        if tries > _QUICKLY or error.permanent:
            now = self._means.now()
            with self._means.sessions.begin() as session:
                if session.get(Source, self._source_id) is not None:
                    failed(session, self._source_id, error, now, timedelta(0))
                    session.get_one(Source, self._source_id).due_at = now + _HELD

    def _listen(self, tries: int) -> None:
        """Call, fill the hole, and store what is said until the line breaks, which is a SourceError."""
        context, now = self._means, self._means.now()
        with context.sessions() as session:
            only_read(session)
            source = session.get_one(Source, self._source_id)
        call = self._stream.call(source.cursor, now=now, tries=tries)
        self._connection = connection = context.dial(call)
        frames: Queue[str | SourceError] = Queue(_FRAMES)
        Thread(target=self._take_in, args=(connection, frames), name=f"line-{source.id}", daemon=True).start()
        try:
            if not call.resumes:
                self._fill(source)
                with context.sessions() as session:
                    source = session.get_one(Source, self._source_id)
            gathering = Gathering(self._stream, source.cursor, source.heard_until, resumes=call.resumes)
            self._hold(gathering, frames)
        finally:
            connection.close()

    def _take_in(self, connection: Connection, frames: "Queue[str | SourceError]") -> None:
        try:
            for frame in connection:
                frames.put(frame)
                if self._stopped.is_set():
                    return
        except SourceError as error:
            frames.put(error)
        except Exception as error:  # noqa: BLE001 - the other thread is waiting to hear of it
            frames.put(SourceError(f"{type(error).__name__}: {error}"))

    def _hold(self, gathering: Gathering, frames: "Queue[str | SourceError]") -> None:
        stored = monotonic()
        due = stored + STORE_EVERY.total_seconds()
        ended: SourceError | None = None
        while ended is None and not self._stopped.is_set():
            compiled = self._compiled()
            ended = self._take(gathering, frames, compiled, due)
            here = monotonic()
            if len(gathering) or here - stored > _QUIET.total_seconds() or ended:
                self._store(gathering, alive=ended is None)
                stored = here
            due = monotonic() + STORE_EVERY.total_seconds()
        self._store(gathering, alive=False)
        if ended is not None:
            raise ended

    def _take(
        self,
        gathering: Gathering,
        frames: "Queue[str | SourceError]",
        compiled: Compiled,
        due: float,
    ) -> SourceError | None:
        """Read frames until it is time to store, or the line has ended with this error."""
        now, wanted = self._means.now(), self._wanted(compiled)
        for _ in range(_AT_ONCE):
            left = due - monotonic()
            try:
                frame = frames.get(timeout=left) if left > 0 else frames.get_nowait()
            except Empty:
                return None
            if isinstance(frame, SourceError):
                return frame
            if not frame:
                continue  # it is alive
            try:
                gathering.take(frame, now=now, wanted=wanted)
            except SourceError as error:
                return error
            if left <= 0:
                return None
        return None

    def _wanted(self, compiled: Compiled) -> Callable[[Item], bool] | None:
        if not self._floods:
            return None
        source_id = self._source_id
        return lambda item: bool(compiled.watches(source_id, heard_item(item)))

    def _compiled(self) -> Compiled:
        with self._means.sessions() as session:
            only_read(session)
            return self._means.ingest.matchers.current(session)

    def _store(self, gathering: Gathering, *, alive: bool) -> None:
        if not gathering.tells(alive=alive):
            return
        context, now = self._means, self._means.now()
        batch = gathering.batch(now=now, alive=alive)
        with context.sessions.begin() as session:
            source = session.get(Source, self._source_id)
            if source is None:
                self._stopped.set()
                return
            stored = record_run(
                session, context.ingest, source.id, batch, now, timedelta(0), recorded=False, careful=True
            )
            source.due_at = now + _HELD
            run = self._tally.add(batch, stored, source.id, now)
            if run is not None:
                session.add(run)
                metrics.count(metrics.runs, source.kind, run.status)
        after = context.now()
        for item in batch.items:
            if item.published_at is not None:
                waited = (after - item.published_at).total_seconds()
                metrics.post_to_bucket.observe(max(0.0, waited))
        metrics.stream_lag.labels(str(self._source_id)).set((after - batch.window_to).total_seconds())
        if self._jumps.add(stored.mentions, batch.window_to):
            self._wake()

    def _fill(self, source: Source) -> None:
        """What was said while nobody held the line, where the stream itself does not say it again."""
        context = self._means
        listening = context.ingest.open(source)
        for _ in range(20):
            if listening is None:
                return
            now = context.now()
            with context.sessions() as session:
                only_read(session)
                cursor = session.get_one(Source, source.id).cursor
            batch = listening.fetch(cursor, now=now)
            with context.sessions.begin() as session:
                record_run(session, context.ingest, source.id, batch, now, timedelta(0), careful=True)
            if batch.status != "partial":
                return
