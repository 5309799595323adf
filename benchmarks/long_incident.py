"""An incident of ten days and 200,000 posts beside one of an hour: what it costs to tell and to show.

    python -m benchmarks.long_incident [--posts 200000] [--days 10] [--database postgresql://…]

Both burn at the same rate in the same database, with a month of ordinary days before them: the explanation
(all that an alert says, with the posts read anew), the message of the end from its transition to Slack's door
on loopback, the incident over the API with its timeline, posts and series, and the page that people open from
the message. Wanted: each within twice that of the fresh one. A database that is named must be empty.
"""

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
from pydantic import SecretStr
from sqlalchemy import event, select
from starlette.testclient import TestClient

from app import logs
from app.admin import keys
from app.admin.team_specs import KeySpec
from app.main import create_app
from app.models import Incident, Reason
from app.pipeline.delivery.notify import notify
from app.pipeline.incidents.incidents import last_facts, record
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.alerting import Door
from benchmarks.city import END, history
from benchmarks.two_fires import Fires, incident_with_watch, seed

WANTED = 2.0  # times the fresh one's
_TIMES = 7  # each is measured so often
_WEEKS = 28  # days of history


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing takes."""

    seconds: float  # of the processor
    clock: float  # seconds at least, by the clock: what the database takes is in it, and what others do
    peak: int  # bytes of memory
    size: int  # bytes of what comes out
    statements: int


@dataclass
class Clock:
    """The service's: it stands still but for the ends that are told, each a minute after the one before."""

    at: datetime = END

    def __call__(self) -> datetime:
        """What it shows."""
        return self.at


class Bench:
    """The same things done for both incidents."""

    def __init__(self, fires: Fires, clock: Clock, door: Door, client: TestClient) -> None:
        self._fires, self._clock, self._door, self._client = fires, clock, door, client
        self._runtime: Runtime = fires.runtime
        self._statements = 0
        event.listen(self._runtime.engine, "before_cursor_execute", self._asked)

    def _asked(self, *_call: object) -> None:
        self._statements += 1

    def explanation(self, incident_id: int) -> int:
        """Bytes of the facts, read anew."""
        with self._runtime.sessions() as session:
            return len(self._fires.explained(session, incident_id).model_dump_json())

    def end_message(self, incident_id: int) -> int:
        """Bytes that Slack is sent of the end, from the transition on."""
        came = len(self._door.came)
        self._clock.at += timedelta(minutes=1)
        at = self._clock.at
        with self._runtime.sessions.begin() as session:
            incident: Incident = session.scalars(incident_with_watch(incident_id)).one()
            record(session, incident, Reason.went_out, at=at, facts=last_facts(session, incident))
        notify(self._runtime.sessions, self._runtime.chain.delivery, now=at)
        assert len(self._door.came) > came, "it was told"
        return sum(len(request.body) for request in self._door.came[came:])

    def incident(self, incident_id: int) -> int:
        """Bytes of the incident over the API."""
        return self._got(f"/api/v1/incidents/{incident_id}")

    def page(self, incident_id: int) -> int:
        """Bytes of the page that the link in a message opens."""
        return self._got(f"/incidents/{incident_id}/{self._runtime.page_key(incident_id)}")

    def _got(self, path: str) -> int:
        answer = self._client.get(path)
        answer.raise_for_status()
        return len(answer.content)

    def cost(self, work: Callable[[int], int], incident_id: int) -> Cost:
        """Of one thing, in the middle of some times; the memory apart, since measuring it takes time."""
        work(incident_id)
        took, waited, size, statements = [], [], 0, 0
        for _ in range(_TIMES):
            self._statements, began, clock = 0, time.process_time(), time.perf_counter()
            size = work(incident_id)
            took.append(time.process_time() - began)
            waited.append(time.perf_counter() - clock)
            statements = self._statements
        tracemalloc.start()
        work(incident_id)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return Cost(median(took), min(waited), peak, size, statements)


def main() -> None:
    """Print the figures of both, beside each other."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--posts", type=int, default=200_000)
    arguments.add_argument("--days", type=int, default=10)
    arguments.add_argument("--database", default="")
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    clock, door = Clock(), Door()
    with door.opened() as address, tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), database_url=given.database, slack_bot_token=SecretStr("xoxb-bench"),
            slack_channel="C0BENCH", slack_api_url=address,
        )  # fmt: skip
        history(settings.database(), 2, _WEEKS, np.random.default_rng(11))
        with open_runtime(settings, now=clock) as runtime:
            fires = seed(runtime, posts=given.posts, lasted=timedelta(days=given.days))
            with runtime.engine.begin() as connection:  # as the database does by itself within a minute
                connection.exec_driver_sql("ANALYZE")
            with runtime.sessions.begin() as session:
                spec = KeySpec(name="bench", role="viewer")
                token = keys.create(session, spec, by="bench", now=END)[1]
                mentions = {
                    number: session.scalars(select(Incident.mentions).where(Incident.id == number)).one()
                    for number in (fires.fresh, fires.long)
                }
            app = create_app(nullcontext(runtime))
            with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
                bench = Bench(fires, clock, door, client)
                print(
                    f"fresh     {mentions[fires.fresh]:10,} posts in an hour; long: "
                    f"{mentions[fires.long]:,} in {given.days} days; {runtime.engine.dialect.name}"
                )
                for name, work in (
                    ("explain", bench.explanation), ("incident", bench.incident), ("page", bench.page),
                    ("end", bench.end_message),
                ):  # fmt: skip
                    _print(name, bench.cost(work, fires.fresh), bench.cost(work, fires.long))


def _print(name: str, fresh: Cost, long: Cost) -> None:
    worst = max(long.seconds / fresh.seconds, long.peak / fresh.peak, long.size / fresh.size)
    print(
        f"{name:10}{worst:10.2f} times the fresh one's at most; wanted: {WANTED:g}; fresh and long: "
        f"{fresh.seconds * 1000:.0f} and {long.seconds * 1000:.0f} ms of the processor, "
        f"{fresh.clock * 1000:.0f} and {long.clock * 1000:.0f} ms by the clock at least, "
        f"{fresh.peak / 1e6:.1f} and {long.peak / 1e6:.1f} MB, {fresh.size:,} and {long.size:,} bytes, "
        f"{fresh.statements} and {long.statements} statements"
    )


if __name__ == "__main__":
    main()
