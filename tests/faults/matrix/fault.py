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
    take_out: Callable[[], None]


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
    sooner: Callable[[], None] | None = None  # done to the process in any case, so that it takes seconds


def replaced(*changes: tuple[str, Any]) -> Callable[[], None]:
    """Puts each value in the place of what a dotted name stands for, wherever that was imported to."""

    def take_out() -> None:
        for path, value in changes:
            _replace(path, value)

    return take_out


def _replace(path: str, value: Any) -> None:  # noqa: ANN401 - a function, a constant, a method
    owner, _, name = path.rpartition(".")
    try:
        place: Any = import_module(owner)
    except ModuleNotFoundError:  # it is a class
        home, _, kind = owner.rpartition(".")
        setattr(_there(getattr(import_module(home), kind), name), name, value)
        return
    there = vars(_there(place, name))[name]
    for known, module in list(sys.modules.items()):
        if known.partition(".")[0] in {"app", "detectors"} and vars(module).get(name) is there:
            setattr(module, name, value)


def _there(place: Any, name: str) -> Any:  # noqa: ANN401 - a module or a class
    assert hasattr(place, name), f"there is no {name} in {place}: the row names what is gone"
    return place


def nothing(*_args: object, **_more: object) -> None:
    """In the place of a function whose doing is the mend."""
