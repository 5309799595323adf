"""One try: a process of its own, in which a module is not what its file says, runs the tests."""

import contextlib
import gc
import importlib
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from benchmarks.mutation.mutants import Mutant

_FORKING = get_context("fork")  # a child has in memory what its parent has imported
_MEMORY = 8 << 30  # bytes of address space: a change may ask for any number of them
_HANG = 900  # seconds of the wall
# Nothing is kept or shown, and nobody looks for what was left lying about: that takes longer than most tests.
_QUICK = ("-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:unraisableexception")


@dataclass(frozen=True, slots=True)
class Tests:
    """Tests that pass on the module as it stands, and the seconds of processor that they take."""

    path: str
    seconds: float


class _Changed(MetaPathFinder, Loader):
    """Gives a module another program than that of its file."""

    def __init__(self, path: Path, program: CodeType) -> None:
        self._name = ".".join(path.with_suffix("").parts)
        self._path, self._program = path.resolve(), program

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Where the module is, if it is this one."""
        return spec_from_file_location(fullname, self._path, loader=self) if fullname == self._name else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:  # noqa: ARG002 - as all loaders have it
        """None: it is made as every module is."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed program as the module."""
        exec(self._program, module.__dict__)  # noqa: S102 - it is our own module


@cache
def rehearse(paths: tuple[str, ...]) -> list[Tests]:
    """The tests, the quickest first; whatever they import of others is kept in memory for all that follow."""
    found = []
    for path in paths:
        told, tells = _FORKING.Pipe(duplex=False)
        process = _FORKING.Process(target=_pass, args=(path, tells))
        process.start()
        tells.close()
        with contextlib.suppress(EOFError):
            seconds, modules = told.recv()
            found.append(Tests(path, seconds))
            for name in modules:
                with contextlib.suppress(Exception):  # some can only be imported after others
                    importlib.import_module(name)
        process.join()
        if process.exitcode:
            raise SystemExit(f"{path} does not pass as it is: nothing can be tried with it")
    gc.freeze()  # what is in memory now stays shared with all that are forked
    return sorted(found, key=lambda tests: tests.seconds)


def begin(mutant: Mutant, tests: Sequence[Tests]) -> ForkProcess:
    """A process that ends with 0 if the mutant survives: if all tests pass all the same."""
    process = _FORKING.Process(target=_try, args=(mutant, tests))
    process.start()
    return process


def _try(mutant: Mutant, tests: Sequence[Tests]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.meta_path.insert(0, _Changed(mutant.path, mutant.program()))
    for part in tests:
        process = _FORKING.Process(target=_limited, args=(part,))
        process.start()
        process.join(_HANG)
        if process.exitcode != 0:
            process.kill()
            sys.exit(1)


def _limited(tests: Tests) -> None:
    limit = int(30 + 10 * tests.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))  # or a loop would go on for ever
    _pass(tests.path)


def _is_ours(module: ModuleType) -> bool:
    """Whether it stands in this folder, and is none of the libraries that may be installed in it."""
    file = Path(getattr(module, "__file__", None) or sys.prefix)
    return file.is_relative_to(Path.cwd()) and not file.is_relative_to(sys.prefix)


def _pass(path: str, tells: Connection | None = None) -> None:
    """Run the tests of a path, say what they took, and end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    code = pytest.main([*_QUICK, path])
    if tells is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        others = [name for name, module in list(sys.modules.items()) if not _is_ours(module)]
        tells.send((used.ru_utime + used.ru_stime, others))
    sys.exit(int(code))
