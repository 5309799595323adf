"""The program itself, as a process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.cli.nursery import ROOT, Born, Nursery
from tests.standins.patience import HANG, until

Process = subprocess.Popen[str] | Born


@dataclass
class Shell:
    """Runs `tocsin` in a folder of its own, with the settings of `environment`."""

    folder: Path
    nursery: Nursery
    environment: dict[str, str] = field(default_factory=dict)
    afresh: bool = False  # each process imports the program itself, as at the keyboard; else it is forked
    started: list[Process] = field(default_factory=list)

    def start(self, *words: str) -> Process:
        return self.start_code("from app.cli import main; main()", *words)

    def start_code(self, code: str, *words: str) -> Process:
        """A process of our own that runs what is written here."""
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
        environment |= self.environment
        process: Process
        if self.afresh:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *words], cwd=self.folder, env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        else:
            process = self.nursery.bear(code, words, self.folder, environment)
        self.started.append(process)
        return process

    def run(self, *words: str) -> tuple[int, str, str]:
        """(exit code, standard output, standard error) of a command that ends by itself."""
        process = self.start(*words)
        out, err = process.communicate(timeout=HANG)
        assert process.returncode is not None
        return process.returncode, out, err

    def serve(self) -> str:
        """Start the service; its address, once it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.environment |= {"TOCSIN_PORT": str(port), "TOCSIN_CYCLE_SECONDS": "5"}
        process = self.start("serve")
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, process.communicate()[1]
            try:
                return httpx.get(f"{address}/healthz", trust_env=False, timeout=HANG).is_success
            except httpx.HTTPError:
                return False

        until(answers, every=0.1)
        return address

    def stop(self) -> tuple[str, str]:
        """Ask the last one to stop; what it said."""
        process = self.started[-1]
        process.send_signal(signal.SIGTERM)
        return process.communicate(timeout=HANG)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def shell(tmp_path: Path, nursery: Nursery) -> Iterator[Shell]:
    shell = Shell(tmp_path, nursery)
    yield shell
    for process in shell.started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written
