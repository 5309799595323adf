"""A process that gives birth to services: each life runs the chain in the world's time until it is killed.

    python nursery.py WORLD_URL, with the settings in the environment

For each line on its standard input it forks a child and prints the child's id; all is imported once, so that
a life begins in milliseconds. It is one thread, so that forking is safe.
"""

import os
import sys
from datetime import datetime

import httpx

from app import logs
from app.pipeline import run_cycle
from app.runtime import open_runtime
from app.settings import Settings


def live(world: str) -> None:
    logs.configure("error", "json")
    with open_runtime(Settings(), now=lambda: now(world)) as runtime:
        while True:
            run_cycle(runtime.sessions, runtime.chain, now=now(world))
            httpx.get(f"{world}/done", timeout=30)


def now(world: str) -> datetime:
    return datetime.fromisoformat(httpx.get(f"{world}/now", timeout=30).text)


def main() -> None:
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(sys.argv[1])
            finally:
                os._exit(1)
        _say(child)
        os.waitpid(child, 0)
        _say("gone")


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
