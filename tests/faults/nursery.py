"""A process that gives birth to services: each life runs in the world's time until it is killed.

    python -m tests.faults.nursery KIND WORLD_URL [--alone], with the settings in the environment

For each line on its standard input it forks a child and prints the child's id; all is imported once, so that
a life begins in milliseconds. It is one thread, so that forking is safe.

What a child has from its parent, and a process that is started has not: modules, and what they learnt while
they were imported; caches of what is always the same (how a table is mapped, the words of a lexicon); the
seed of hashes. All else is made after the fork by what lives: engines, threads, clients, keys, settings,
logs. Python and OpenSSL draw random numbers anew in each child, and the monotonic clock is the machine's.
With `--alone` it is itself the one life, begun as people begin it: some are, lest a fork hide what a start
does.
"""

import ctypes
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable

from tests.faults.mouth import mouth
from tests.faults.whole import whole

_PR_SET_PDEATHSIG = 1  # of Linux
KINDS: dict[str, Callable[[], Callable[[str], None]]] = {"whole": whole, "mouth": mouth}


def main() -> None:
    _die_with_parent()
    live = KINDS[sys.argv[1]]()
    if "--alone" in sys.argv:
        live(sys.argv[2])
        return
    assert threading.active_count() == 1, "a thread would be cut off by a fork; OpenBLAS looks after its own"
    gc.freeze()  # what is here stays: children need neither look through it nor copy it
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _die_with_parent()
                os.dup2(2, 1)  # the nursery's own line to the test
                live(sys.argv[2])
            except BaseException:  # noqa: BLE001 - a child must not go on as a nursery, whatever happens
                traceback.print_exc()
            finally:
                os._exit(1)
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(f"ended by {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "ended by itself")


def _die_with_parent() -> None:
    """Be killed when the one who gave birth is: a service whose test is gone would serve for ever."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
