"""The first page of the console, and the curve of a tile: 1,000 watches, a million posts.

    python -m benchmarks.console [--watches 1000] [--days 81] [--times 30] [--database postgresql://…]

Asked over the whole app, without a network in between. Beside it the least that such an answer takes: a page
that says one word. Wanted: 100 ms and 100 KB for the page. A database that is named must be empty.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from statistics import median

import numpy as np
from starlette.testclient import TestClient

from app import logs
from app.admin import people, sign_in
from app.admin.team_specs import PersonSpec
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.city import END, history

WANTED = 100  # milliseconds, and kilobytes


def signed_in(runtime: Runtime) -> str:
    """The cookie of somebody who is signed in."""
    with runtime.sessions.begin() as session:
        spec = PersonSpec(name="Léa", role="admin")
        lea = people.create(session, spec, by="benchmark", now=END)
        token = sign_in.make_link(session, lea.id, holds=timedelta(days=1), now=END)
        return sign_in.use_link(session, token, browser="benchmark", now=END).token


def took(what: Callable[[], object], times: int) -> tuple[float, float]:
    """(the middle, the most) of so many times, in milliseconds."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds), 1000 * max(seconds)


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--watches", type=int, default=1_000)
    arguments.add_argument("--days", type=int, default=81)
    arguments.add_argument("--times", type=int, default=30)
    arguments.add_argument("--database", default="")
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=given.database)
        posts = history(settings.database(), given.watches, given.days, np.random.default_rng(11))
        with open_runtime(settings, now=lambda: END) as runtime:
            cookie = {"Cookie": f"tocsin={signed_in(runtime)}"}
            with TestClient(create_app(nullcontext(runtime)), headers=cookie) as client:
                size = len(client.get("/").content)
                page = took(lambda: client.get("/").raise_for_status(), given.times)
                found = took(lambda: client.get("/?q=w99").raise_for_status(), given.times)
                numbers = iter(range(1, given.watches + 1))
                curve = took(lambda: client.get(f"/watches/{next(numbers)}/today.svg"), min(given.times, 10))
                again = took(lambda: client.get("/watches/1/today.svg"), given.times)
                least = took(lambda: client.get("/healthz"), given.times)
            base = runtime.engine.dialect.name
    print(
        f"now       {page[0]:10.1f} ms in the middle, {page[1]:.1f} at most, {size / 1000:.1f} KB; "
        f"{given.watches:,} watches, {posts:,} posts, {base}; wanted: {WANTED} ms, {WANTED} KB"
    )
    print(f"find      {found[0]:10.1f} ms, {found[1]:.1f} at most")
    print(f"curve     {curve[0]:10.1f} ms for one that is drawn, {again[0]:.1f} for one that was")
    print(f"limit     {least[0]:10.1f} ms for a page of one word")
    print(f"ratio     {page[0] / least[0]:10.0f} times the limit")


if __name__ == "__main__":
    main()
