"""A Slack of which three calls in ten fail, each in one of the ways in which calls fail."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from tests.standins.slack import SlackStandin
from tests.standins.slack_failures import CUT, TAKEN_THEN_CUT, Failure, http, limited, says

_ERROR = {"ok": False, "error": "internal_error"}

# Of a hundred calls, how many fail so. Of those that were taken the caller does not know it.
FATES: tuple[tuple[str, Failure, int], ...] = (
    ("429", limited(1), 6),
    ("500", Failure(500, _ERROR), 4),
    ("taken, 500", Failure(500, _ERROR, taken=True), 4),
    ("fatal_error", says("fatal_error"), 2),
    ("taken, 502 of a proxy", http(502, taken=True), 4),
    ("cut", CUT, 5),
    ("taken, cut", TAKEN_THEN_CUT, 5),
)


class FailingSlack(SlackStandin):
    """Fails at random by a seed, as strict as ever."""

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        super().__init__(now=now)
        self.fates: Counter[str] = Counter()
        self._rng = random.Random(seed)

    def _next_failure(self, method: str) -> Failure | None:  # noqa: ARG002 - all alike
        drawn = self._rng.randrange(100)
        for name, failure, weight in FATES:
            drawn -= weight
            if drawn < 0:
                self.fates[name] += 1
                return failure
        return None
