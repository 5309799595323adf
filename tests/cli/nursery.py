"""Where commands come from: one process that has all of the program imported, and forks.

    python -m tests.cli.nursery FD

An order comes over the socket FD as JSON, with three ends of pipes: standard output, standard error, and
where the id of the new process is written, and what it ended with. It is one thread, so that forking is safe;
a command begins in milliseconds, not in seconds, and is a process of its own all the same.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from select import select
from threading import Thread
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
_LONGEST = 1 << 16  # bytes of an order


class Nursery:
    """Started with the first order."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None

    def bear(self, code: str, words: tuple[str, ...], folder: Path, environment: dict[str, str]) -> "Born":
        """A new process in that folder, which runs the code."""
        if self._line is None:
            self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-m", "tests.cli.nursery", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
            theirs.close()
        pipes = [os.pipe() for _ in range(3)]
        order = {"code": code, "words": words, "folder": str(folder), "environment": environment}
        socket.send_fds(self._line, [json.dumps(order).encode()], [end for _, end in pipes])
        for _, end in pipes:
            os.close(end)
        return Born(*(os.fdopen(end, encoding="utf-8") for end, _ in pipes))

    def close(self) -> None:
        """No more of them."""
        if self._line is not None:
            self._line.close()  # it hears of that
            self._process.wait()


class Born:
    """A process, in the manner of `subprocess.Popen`."""

    def __init__(self, out: IO[str], err: IO[str], life: IO[str]) -> None:
        self._out, self._err, self._life = out, err, life
        self.pid = int(life.readline())
        self.returncode: int | None = None

    def poll(self, timeout: float = 0.0) -> int | None:
        """What it ended with; None: it lives."""
        if self.returncode is None and select([self._life], [], [], timeout)[0]:
            self.returncode = int(self._life.readline())
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """(standard output, standard error) until its end."""
        said = ["", ""]

        def read(place: int, end: IO[str]) -> None:
            with end:
                said[place] = end.read()

        readers = [Thread(target=read, args=each, daemon=True) for each in enumerate((self._out, self._err))]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired("tocsin", timeout or 0.0)
        while self.poll(timeout=1.0) is None:
            pass
        self._life.close()
        return said[0], said[1]


def _main() -> None:
    from app.cli.commands import COMMANDS, load

    for listed in COMMANDS:
        load(listed.name)
    gc.freeze()  # what is here stays: children need neither look through it nor copy it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    while True:
        order, ends, _, _ = socket.recv_fds(line, _LONGEST, 3)
        if not order:
            return
        if os.fork() == 0:
            line.close()
            _see_through(json.loads(order), ends)
            return
        for end in ends:
            os.close(end)


def _see_through(order: dict[str, object], ends: list[int]) -> None:
    """Fork the process, and tell of its end; returns in the process alone, once its code has run."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child:
        for end in ends[:2]:
            os.close(end)
        os.write(ends[2], f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(ends[2], f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.close(ends[2])
    for number, end in zip((1, 2), ends, strict=False):
        os.dup2(end, number)
        os.close(end)
    os.chdir(str(order["folder"]))
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    sys.argv = ["-c", *order["words"]]  # type: ignore[misc]
    exec(str(order["code"]), {"__name__": "__main__"})  # noqa: S102 - the test's own


if __name__ == "__main__":
    _main()
