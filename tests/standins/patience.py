"""How long a test waits for what must come: until it came, or until nobody can believe that it will."""

from collections.abc import Callable
from time import monotonic, sleep

HANG = 300  # seconds: a machine on which twenty others compute is slow, and yet never so slow


def until(done: Callable[[], bool], *, every: float = 0.02) -> None:
    """Return as soon as it is done; it is looked at after so many seconds each."""
    end = monotonic() + HANG
    while not done():
        assert monotonic() < end, "it hangs"
        sleep(every)
