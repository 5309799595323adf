"""What a row of the matrix is: a fault, what must be seen of it, and the mend without which it is not."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests.faults.matrix.house import House
from tests.faults.matrix.world import TOLD_IN

PASSES = 2  # within so many it is told
FRESH = TOLD_IN + PASSES  # the same of a fire that begins with the fault


@dataclass(frozen=True)
class Proof:
    """Something that people or machines see, and whether it is there."""

    says: str
    holds: Callable[[House], bool]


@dataclass(frozen=True)
class Mend:
    """What makes the difference, and how it is taken out of a process before the service starts."""

    says: str
    take_out: "Replaced"


@dataclass(frozen=True)
class Fault:
    """One row: what happens to a running service, and what is seen of it within two passes."""

    name: str
    inject: Callable[[House], None]
    seen: Proof
    mend: Mend
    morning: str = "quiet"  # or burning: see `Quarter`
    passes: int = PASSES
    within: str = ""  # in the place of two passes, where these are no measure
    hangs: bool = False  # it does, without its mend: then nobody waits for long
    only: str = ""  # the one kind of database that it can befall
    sooner: Callable[[], None] | None = None  # done to the process in any case, so that it takes seconds


class Replaced:
    """Puts each value in the place of what a dotted name stands for, wherever that was imported to."""

    def __init__(self, *changes: tuple[str, Any]) -> None:
        self._changes = changes

    def __call__(self) -> None:
        for path, value in self._changes:
            place, name = _found(path)
            there = vars(place)[name]
            setattr(place, name, value)
            if isinstance(place, type):
                continue
            for known, module in list(sys.modules.items()):
                if known.partition(".")[0] in {"app", "detectors"} and vars(module).get(name) is there:
                    setattr(module, name, value)

    def missing(self) -> list[str]:
        """The names that stand for nothing any more."""
        return [path for path, _ in self._changes if not hasattr(*_found(path))]


def replaced(*changes: tuple[str, Any]) -> Replaced:
    """What a row takes out: dotted names, and what stands in their places then."""
    return Replaced(*changes)


def _found(path: str) -> tuple[Any, str]:
    """The module or the class that the last word is a name in."""
    owner, _, name = path.rpartition(".")
    try:
        return import_module(owner), name
    except ModuleNotFoundError:
        home, _, kind = owner.rpartition(".")
        return getattr(import_module(home), kind), name


def nothing(*_args: object, **_more: object) -> None:
    """In the place of a function whose doing is the mend."""
