"""A Slack that fails at random, in each of its ways, and in whose midst the one who calls it is killed."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from tests.faults.day import Day
from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import (
    CUT,
    TAKEN_THEN_CUT,
    TAKEN_THEN_SILENT,
    Failure,
    Json,
    http,
    limited,
    says,
)

KILLED = Failure(headers={"the caller": "killed"})
TAKEN_THEN_KILLED = Failure(headers={"the caller": "killed"}, taken=True)

# Of a thousand calls, how many fail so.
FATES: tuple[tuple[str, Failure | None, int], ...] = (
    ("429", None, 20),  # made when it happens: how long to wait is drawn too
    ("500", Failure(500, {"ok": False, "error": "internal_error"}), 8),
    ("taken, 500", Failure(500, {"ok": False, "error": "internal_error"}, taken=True), 10),
    ("fatal_error", says("fatal_error"), 6),
    ("taken, internal_error", says("internal_error", taken=True), 8),
    ("502", http(502), 8),
    ("taken, 502", http(502, taken=True), 10),
    ("taken, 200 of a proxy", http(200, taken=True), 6),
    ("cut", CUT, 12),
    ("taken, cut", TAKEN_THEN_CUT, 15),
    ("taken, silent", TAKEN_THEN_SILENT, 3),  # takes real time each
    ("killed", KILLED, 6),
    ("taken, killed", TAKEN_THEN_KILLED, 10),
)
PATIENCE = 15  # seconds that a caller waits for an answer


class StormySlack(SlackStandin):
    """Fails at random by a seed, as strict as ever, and notes when it was called too fast."""

    def __init__(self, day: Day, seed: int, channels: tuple[str, ...], scopes: tuple[str, ...]) -> None:
        super().__init__(channels=channels, scopes=scopes, now=day.now, tolerance=0.001)
        self.kill_caller: Callable[[], None] = lambda: None
        self.spare = False  # the caller's life
        self.fates: Counter[str] = Counter()
        self.arrivals: dict[str, list[datetime]] = {channel: [] for channel in channels}
        self.too_fast: list[tuple[str, datetime]] = []
        self.too_soon: list[tuple[str, datetime]] = []
        self._day = day
        self._rng = random.Random(seed)
        self._draws = threading.Lock()
        self._resting: dict[
            str, tuple[datetime, int]
        ] = {}  # until when it says 429 again, and to whom it did
        self._troubles: dict[str, tuple[datetime, str]] = {}

    def trouble(self, channel: str, error: str, until: datetime) -> None:
        """Let a channel be out of order until the first moment after `until` at which nothing is told."""
        self._troubles[channel] = until, error

    def mend(self) -> None:
        """Mend the channels that are to be; called while nobody is in the midst of telling."""
        self.settle(all_sent=False)  # or what a slow machine left behind would come late in the day's time
        now = self._now()
        self._troubles = {c: (until, error) for c, (until, error) in self._troubles.items() if until > now}

    def answer(self, method: str, body: Json, token: str) -> Failure:
        if method == "chat.postMessage":
            self.arrivals[body["channel"]].append(self._now())
        answer = super().answer(method, body, token)
        if answer.status == 429 and method == "chat.postMessage":
            seconds = timedelta(seconds=int(answer.headers["Retry-After"]))
            self._resting[body["channel"]] = self._now() + seconds, _delivery_of(body)
        if "the caller" in answer.headers:
            self.kill_caller()
        with self._draws:
            latency = self._rng.uniform(0.05, 0.3)
        # What was asked for is done at once; it is the answer that takes its time.
        self._day.go_on(PATIENCE if answer.silent else latency)
        return answer

    def _next_failure(self, method: str) -> Failure | None:  # noqa: ARG002 - all alike
        with self._draws:
            drawn = self._rng.randrange(1000)
            for name, failure, weight in FATES:
                drawn -= weight
                if drawn < 0:
                    if self.spare and failure is not None and "the caller" in failure.headers:
                        return None
                    self.fates[name] += 1
                    return failure or limited(self._rng.randint(1, 30))
        return None

    def _do(self, method: str, body: Json) -> Failure:
        trouble = self._troubles.get(body.get("channel", ""))
        # What is in an archived channel can still be read.
        if trouble and (trouble[1] != "is_archived" or method.startswith("chat.")):
            self.fates[trouble[1]] += 1
            return says(trouble[1])
        return super()._do(method, body)

    def _paced(self, body: Json) -> Failure | None:
        now, channel = self._now(), body["channel"]
        until, whom = self._resting.get(channel, (now, 0))
        if until > now:
            if whom == _delivery_of(body):
                self.too_soon.append((channel, now))
            return limited(ceil((until - now).total_seconds()))
        refused = super()._paced(body)
        if refused:
            self.too_fast.append((channel, now))
        return refused


def _delivery_of(body: Json) -> int:
    return int(body["metadata"]["event_payload"]["delivery_id"])
