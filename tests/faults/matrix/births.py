"""Where services come from: one process that has all of it imported, and forks."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from json import dumps
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.standins.patience import until

ROOT = Path(__file__).resolve().parents[3]
LOOK = 0.2  # seconds between two looks at whether it lives


@dataclass(frozen=True)
class Order:
    """What a service is started with."""

    folder: str  # its own: the clocks hang there, and what it says goes there
    control: int  # the port at which the test waits for it
    environment: Mapping[str, str]
    row: str  # its name; empty: that of none
    without: bool = False  # its mend is taken out


@dataclass(frozen=True)
class Life:
    """A service that runs."""

    process: int
    line: Connection  # over which it is told to make a pass
    port: int


class Births:
    """A context manager; what is said by those who do not even start goes to a file in the folder."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "driver.log"
        with self._said.open("ab") as said:
            self._driver = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.matrix.driver"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._driver.kill()
        self._driver.communicate()

    def give(self, folder: Path, environment: Mapping[str, str], row: str, *, without: bool) -> Life:
        """A new life, once its scheduler runs and it listens."""
        port = _free_port()
        with socket.create_server(("127.0.0.1", 0)) as waiting:
            environment = {**environment, "TOCSIN_PORT": str(port)}
            order = Order(str(folder), waiting.getsockname()[1], environment, row, without)
            assert self._driver.stdin is not None
            assert self._driver.stdout is not None
            self._driver.stdin.write(dumps(asdict(order)) + "\n")
            self._driver.stdin.flush()
            said = self._driver.stdout.readline().strip()
            assert said, f"the driver is closed: {self._said.read_text()[-3000:]}"
            line = _called(waiting, int(said), folder)
        until(lambda: _listens(port))
        return Life(int(said), line, port)


def _called(waiting: socket.socket, process: int, folder: Path) -> Connection:
    """The line to a service that has called, unless it is dead before."""
    waiting.settimeout(LOOK)
    while True:
        try:
            caller, _ = waiting.accept()
        except TimeoutError:
            assert _lives(process), f"it did not even start: {(folder / 'said.log').read_text()[-3000:]}"
        else:
            caller.setblocking(True)
            return Connection(caller.detach())


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
