"""A process that gives birth to whole services, each in the world of one row of the matrix.

    python driver.py

For each line on its standard input, a JSON of `Order`, it forks a child that does what `tocsin serve` does,
and prints the child's id. Three things differ: its clocks are dials that the test turns, a pass is made when
the test asks for one, and what `without` names is taken out before it starts.
"""

import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from app import logs
from app.cli.serve import listen
from app.reading import glance
from app.runtime import open_runtime
from app.settings import Settings
from tests.faults.dial import Dial
from tests.faults.matrix.births import Order
from tests.faults.matrix.fault import nothing, replaced
from tests.faults.matrix.table import FAULTS

LOOKS_EVERY = 0.02  # seconds of real time between two looks of the watchdog, which reads the dials


class Beat:
    """Stands in the place of APScheduler: it makes each job's turn when the test asks for it."""

    def __init__(self, **_options: object) -> None:
        self._jobs: dict[str, tuple[Callable[..., None], list[Any]]] = {}
        self._under_way: set[str] = set()
        self._line: Connection | None = None

    def add_job(self, do: Callable[..., None], _trigger: str, *, args: list[Any], **more: object) -> None:
        self._jobs[str(more["id"])] = do, args

    def start(self) -> None:
        self._line = Client(("127.0.0.1", int(os.environ["CONTROL"])))
        threading.Thread(target=self._obey, daemon=True).start()

    def shutdown(self, *, wait: bool) -> None:
        """Nothing runs that is not asked for."""

    def get_jobs(self) -> list[object]:
        return []

    def modify_job(self, _id: str, **_more: object) -> None:
        """Whoever would be woken is asked by the test."""

    def _obey(self) -> None:
        assert self._line is not None
        with suppress(EOFError, OSError):
            while True:
                name = self._line.recv()
                threading.Thread(target=self._turn, args=(name,), daemon=True).start()

    def _turn(self, name: str) -> None:
        assert self._line is not None
        if name in self._under_way:  # as APScheduler does, of which one turn at a time is asked
            self._line.send("skipped")
            return
        self._under_way.add(name)
        try:
            do, args = self._jobs[name]
            do(*args)
        except Exception as error:  # noqa: BLE001 - APScheduler goes on too
            traceback.print_exc()
            said = f"raised {type(error).__name__}"
        else:
            said = "made"
        finally:
            self._under_way.discard(name)
        with suppress(OSError):
            self._line.send(said)


def serve(order: Order) -> None:
    """Be the service, until it is killed."""
    folder = Path(order.folder)
    os.chdir(folder)
    os.environ.update(order.environment, CONTROL=str(order.control))
    said = os.open(folder / "said.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    logs.configure("warning", "json")
    fault = FAULTS.get(order.row)
    if fault is not None and fault.sooner is not None:
        fault.sooner()
    if fault is not None and order.without:
        fault.mend.take_out()
    settings = Settings()
    clock, stopwatch = Dial(folder / "clock"), Dial(folder / "stopwatch")
    with open_runtime(settings, now=clock.read, monotonic=lambda: stopwatch.read().timestamp()) as runtime:
        listen(runtime, cycle_seconds=settings.cycle_seconds)


def prepare() -> None:
    """What differs from `tocsin serve`, for all who are born; and what each would load by itself."""
    glance.toned(["Ma fille est malade, une honte", "Very good"], ["fr", "en"])
    replaced(
        ("app.scheduler.BackgroundScheduler", Beat),
        ("app.scheduler._KEEP_SECONDS", LOOKS_EVERY),
        ("app.channels.pace.Pace.wait", nothing),  # a second is nothing to a dial
    )()


def main() -> None:
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who are killed
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                serve(Order(**json.loads(line)))
            except BaseException:  # noqa: BLE001 - a child must not go on as a driver, whatever happens
                traceback.print_exc()
            finally:
                os._exit(1)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
