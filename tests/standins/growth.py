"""How the work of a reader grows with what it is given, in the time of this process alone.

A busy machine makes both measurements longer and neither of them one of another kind: of four times as much,
what takes the square takes sixteen times as long, and what takes its share takes four.
"""

from collections.abc import Callable
from contextlib import suppress
from time import thread_time
from typing import TypeVar

from app.errors import AppError

Given = TypeVar("Given")
_WIDE = 10  # between four and sixteen
_SHORTEST = 0.01  # seconds; below it a measurement says nothing


def grows_with_its_share(read: Callable[[Given], object], make: Callable[[int], Given], size: int) -> bool:
    """Whether four times as much takes far less than sixteen times as long; errors for users are answers."""
    small, large = make(size), make(4 * size)
    return any(_time(read, large) < _WIDE * max(_time(read, small), _SHORTEST) for _ in range(3))


def _time(read: Callable[[Given], object], given: Given) -> float:
    began = thread_time()
    with suppress(AppError):
        read(given)
    return thread_time() - began
