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
        with self.said.open("ab") as said:
            self._nursery = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/faults/nursery.py"), kind, world],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._nursery.kill()
        self._nursery.communicate()

    def birth(self) -> int:
        """A new life; the id of its process."""
        assert self._nursery.stdin is not None
        self._nursery.stdin.write("live\n")
        self._nursery.stdin.flush()
        return int(self._hear())

    def kill(self, life: int) -> None:
        """End it, and see that nothing else has ended it before."""
        with suppress(ProcessLookupError):
            os.kill(life, signal.SIGKILL)
        end = self._hear()
        assert end == f"ended by {signal.SIGKILL:d}", f"{end}: {self.said.read_text()[-3000:]}"

    def _hear(self) -> str:
        assert self._nursery.stdout is not None
        heard = self._nursery.stdout.readline().strip()
        assert heard, f"the nursery is closed: {self.said.read_text()[-3000:]}"
        return heard
