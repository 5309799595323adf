"""Lives of a service that end with kill -9, one after the other."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent.parent


class Lives:
    """Raises one life at a time out of `nursery.py`; a context manager. What they say goes to a file."""

    def __init__(self, kind: str, world: str, environment: dict[str, str], folder: Path) -> None:
        self.said = folder / "lives.log"
        self._words = [sys.executable, "-m", "tests.faults.nursery", kind, world]
        self._folder = folder
        self._environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
        self._alone: subprocess.Popen[bytes] | None = None
        with self.said.open("ab") as said:
            self._nursery = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
                cwd=folder, env=self._environment,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._nursery.kill()
        self._nursery.communicate()
        if self._alone is not None:
            self._alone.kill()
            self._alone.wait()

    def birth(self) -> int:
        """A new life; the id of its process."""
        assert self._nursery.stdin is not None
        self._nursery.stdin.write("live\n")
        self._nursery.stdin.flush()
        return int(self._hear())

    def start(self) -> int:
        """A new life that is no child of the nursery, but started as people start it; its process."""
        with self.said.open("ab") as said:
            self._alone = subprocess.Popen(
                [*self._words, "--alone"], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                cwd=self._folder, env=self._environment,
            )  # fmt: skip
        return self._alone.pid

    def kill(self, life: int) -> None:
        """End it, and see that nothing else has ended it before."""
        with suppress(ProcessLookupError):
            os.kill(life, signal.SIGKILL)
        if self._alone is not None:
            end, self._alone = f"ended by {-self._alone.wait()}", None
        else:
            end = self._hear()
        assert end == f"ended by {signal.SIGKILL:d}", f"{end}: {self.said.read_text()[-3000:]}"

    def _hear(self) -> str:
        assert self._nursery.stdout is not None
        heard = self._nursery.stdout.readline().strip()
        assert heard, f"the nursery is closed: {self.said.read_text()[-3000:]}"
        return heard
