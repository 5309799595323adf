"""How much a pass of the chain goes through: functions, files, statements of SQL, transactions that write.

    python -m benchmarks.trace [--statements]

One watch with 28 days behind it, on SQLite, told to a Slack on loopback. A quiet pass is one of five minutes
in which nothing is up; the alert is the pass in which its fire rings. Figures before and after a change say
what it takes off the way from a post to a message; they do not depend on the machine.
"""

import argparse
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import numpy as np
from pydantic import SecretStr
from sqlalchemy import Engine, event

from app import logs
from app.runtime import open_runtime
from app.settings import Settings
from benchmarks.alerting import Door
from benchmarks.city import City, history

_OURS = tuple(str(Path(__file__).resolve().parents[1] / folder) for folder in ("app", "detectors"))
_MOST_PASSES = 24  # until the fire rings
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@dataclass
class Trace:
    """What one pass went through."""

    functions: set[CodeType] = field(default_factory=set)
    statements: list[str] = field(default_factory=list)
    writing: int = 0  # transactions that may write

    def __str__(self) -> str:
        files = {code.co_filename for code in self.functions}
        return (
            f"{len(self.functions):5} functions {len(files):4} files {len(self.statements):5} statements "
            f"{self.writing:4} write transactions"
        )


class Tracer:
    """Counts while it is told to."""

    def __init__(self, engine: Engine) -> None:
        self._trace: Trace | None = None
        event.listen(engine, "before_cursor_execute", self._executed)

    @contextmanager
    def counting(self) -> Iterator[Trace]:
        """What happens in the block, in every thread that `watch_threads` knows."""
        trace = self._trace = Trace()
        try:
            yield trace
        finally:
            self._trace = None

    def watch_threads(self) -> None:
        """Hear of every call in this thread and in those that begin from now on."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def _called(self, frame: FrameType, what: str, _argument: object) -> None:
        if self._trace is not None and what == "call" and frame.f_code.co_filename.startswith(_OURS):
            self._trace.functions.add(frame.f_code)

    def _executed(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if self._trace is None:
            return
        self._trace.writing += statement.startswith("BEGIN IMMEDIATE")
        if not statement.startswith(_CONTROL):
            self._trace.statements.append(" ".join(statement.split()))


def main() -> None:
    """Print the figures of a quiet pass, and of the one that rings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trace", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--statements", action="store_true", help="print each statement, and how often it was made"
    )
    given = parser.parse_args()
    logs.configure("error", "json")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/tocsin.db"
        history(url, 1, 28, np.random.default_rng(5))
        city, door = City(1), Door()
        with door.opened() as slack:
            settings = Settings(
                data_dir=Path(folder), database_url=url, slack_bot_token=SecretStr("xoxb-1-bench"),
                slack_channel="C0BENCH", slack_api_url=slack,
            )  # fmt: skip
            with open_runtime(settings, now=lambda: city.at) as runtime:
                tracer = Tracer(runtime.engine)
                tracer.watch_threads()
                for _ in range(3):  # what is read once after a start is no part of a pass
                    city.step(runtime, None)
                with tracer.counting() as quiet:
                    city.step(runtime, None)
                _print("quiet pass", quiet, shown=given.statements)
                for _ in range(_MOST_PASSES):
                    with tracer.counting() as ringing:
                        city.step(runtime, 0)
                    if any(came.method == "chat.postMessage" for came in door.came):
                        _print("alert", ringing, shown=given.statements)
                        return
    raise SystemExit("The fire did not ring.")


def _print(name: str, trace: Trace, *, shown: bool) -> None:
    print(f"{name:12}{trace}")
    if shown:
        for statement, times in Counter(trace.statements).most_common():
            print(f"{times:5} × {statement[:160]}")


if __name__ == "__main__":
    main()
