"""The whole service, `tocsin serve` itself, in the time of a world that goes on when it hears of a pass."""

import sys
from collections.abc import Callable
from functools import partial, partialmethod
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

import app.cli  # noqa: F401 - which `tocsin` imports when it runs
import tocsin
from app.channels.pace import Pace
from app.clock import utc_now
from app.reading import glance
from app.runtime import open_runtime
from tests.faults.dial import Clock
from tests.faults.matrix.fault import replaced

BEAT = 0.05  # seconds of real time from the begin of a pass to that of the next, if it is over by then


class Hurried(BackgroundScheduler):  # type: ignore[misc] # APScheduler has no types
    """APScheduler, which makes the next pass as soon as it can."""

    def add_job(self, func: Callable[..., None], trigger: str, **more: Any) -> Any:  # noqa: ANN401 - its own
        if more["id"] == "cycle":
            more |= {"seconds": BEAT, "next_run_time": utc_now()}  # it reads no dial
        return super().add_job(func, trigger, **more)


def whole() -> Callable[[str], None]:
    """What a life does: `tocsin serve`, whose heartbeat tells the world that a pass is over.

    Four things differ from what people start: the clock is a dial, a pass follows on the other, the pause
    between two messages is one of the world's time, and what is read of a text is loaded already.
    """
    # What each would load when it first reads a text.
    glance.toned(["Ma fille est malade, une honte", "Very good"], ["fr", "en"])

    def live(world: str) -> None:
        clock = Clock(world)
        pace = partialmethod(Pace.__init__, sleep=clock.sleep, monotonic=clock.monotonic)
        replaced(
            ("app.runtime.open_runtime", partial(open_runtime, now=clock.now)),
            ("app.channels.pace.Pace.__init__", pace),
            ("app.scheduler.BackgroundScheduler", Hurried),
        )()
        sys.argv = ["tocsin", "serve"]
        tocsin.main()

    return live
