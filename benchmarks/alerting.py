"""From the bucket over the threshold to the message at Slack's door: 1,000 watches, one of them on fire.

    python -m benchmarks.alerting [--watches 1000] [--alerts 12] [--days 28] [--database postgresql://…]

The whole pass of the chain runs, on a clock that steps by five minutes: from the commit of the bucket's posts
to the arrival of the request at a Slack on loopback. Every third alert is to fall into the first pass of an
hour, which learns the usual of all watches anew. Wanted: 2 s. A database that is named must be empty.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import numpy as np
from pydantic import SecretStr
from sqlalchemy import Engine, select

from app import db, logs
from app.clock import STEP
from app.models import Bucket, Incident, Mention, Post, Silence, State, Watch
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from benchmarks.city import HOUR, PER_DAY, City, history

WANTED = 2.0  # seconds


@dataclass(frozen=True)
class Came:
    """A request that arrived."""

    at: float
    worked: float  # seconds of the processor that this process had had by then
    method: str
    body: bytes


class Door:
    """A Slack that takes all that comes, and notes when it came and what it was."""

    def __init__(self) -> None:
        self.came: list[Came] = []
        self.port = 0

    @contextmanager
    def opened(self) -> Iterator[str]:
        """Its address, while it listens."""
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                """Take what comes over a connection until the caller hangs up."""
                with suppress(ConnectionError):
                    super().handle()

            def do_POST(self) -> None:
                at, worked = time.perf_counter(), time.process_time()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.came.append(Came(at, worked, self.path.rsplit("/", 1)[-1], body))
                answer = json.dumps(
                    {"ok": True, "channel": "C0BENCH", "ts": f"1.{len(door.came):06d}"}
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{self.port}/api/"
        finally:
            server.shutdown()
            server.server_close()


def _silence(runtime: Runtime, at: datetime) -> None:
    """Hear no more of what burns, so that each alert is the only thing that is told."""
    with runtime.sessions.begin() as session:
        for watch_id in session.scalars(select(Incident.watch_id).where(Incident.state == State.burning)):
            over = at + timedelta(days=9)
            session.add(
                Silence(watch_id=watch_id, starts_at=at, ends_at=over, why="", created_by="", created_at=at)
            )


def bare_post(door: Door) -> float:
    """Seconds for a bare request with the last alert to arrive."""
    body = next(came.body for came in reversed(door.came) if came.method == "chat.postMessage")
    took = []
    for _ in range(20):
        began = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", door.port)
        line.request("POST", "/api/bare", body, {"Content-Type": "application/json;charset=utf-8"})
        line.getresponse().read()
        took.append(door.came[-1].at - began)
        line.close()
    return median(took)


def bare_read(engine: Engine, at: datetime) -> tuple[float, int]:
    """(seconds, rows) of a bare read: the watches, the buckets of an hour, the posts of the fire."""
    hour = at - timedelta(hours=1)
    with db.sessions_of(engine)() as session:
        watch_id = session.scalars(select(Incident.watch_id).order_by(Incident.id.desc()).limit(1)).one()
    asked = (
        select(Watch.__table__),
        select(Bucket.__table__).where(Bucket.at >= hour),
        select(Post.__table__, Mention.__table__)
        .join(Mention, Mention.post_id == Post.id)
        .where(Mention.watch_id == watch_id, Mention.at >= hour),
    )
    plain = [str(one.compile(engine, compile_kwargs={"literal_binds": True})) for one in asked]
    took, rows = [], 0
    line = engine.raw_connection()
    for _ in range(20):
        began, rows = time.perf_counter(), 0
        for one in plain:
            cursor = line.cursor()
            cursor.execute(one)
            rows += len(cursor.fetchall())
        took.append(time.perf_counter() - began)
    line.close()
    return median(took), rows


@dataclass
class Seconds:
    """How long it took, by the clock unless it says otherwise."""

    quiet: list[float] = field(default_factory=list)  # passes with no alert
    alerts: list[float] = field(default_factory=list)  # until they arrived
    worked: list[float] = field(default_factory=list)  # the same of this process alone
    anew: int = 0  # how many alerts came in the first pass of an hour


def rounds(runtime: Runtime, city: City, door: Door, alerts: int) -> Seconds:
    """One fire after the other, until so many rang."""
    seconds = Seconds()
    lead = 3  # passes that a fire takes to ring: as the one before did

    def rang(brand: int | None) -> bool:
        known = len(door.came)
        committed, worked = city.step(runtime, brand)
        came = door.came[known:]
        if not came:
            seconds.quiet.append(time.perf_counter() - committed)
            return False
        assert came[0].method == "chat.postMessage", "nothing but an alert"
        seconds.alerts.append(came[0].at - committed)
        seconds.worked.append(came[0].worked - worked)
        seconds.anew += city.at.minute == STEP // timedelta(minutes=1)
        _silence(runtime, city.at)
        time.sleep(1.1)  # a channel is told once a second at most
        return True

    for number in range(2 * alerts):
        while number % 3 == 0 and (city.at.minute // 5 + lead) % HOUR != 1:
            rang(None)
        brand = number * len(PER_DAY) + 3  # of those about which people talk
        lead = next((passes for passes in range(1, HOUR) if rang(brand)), 0)
        if len(seconds.alerts) >= alerts:
            return seconds
    raise SystemExit(f"Only {len(seconds.alerts)} of {2 * alerts} fires rang.")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--watches", type=int, default=1_000)
    arguments.add_argument("--alerts", type=int, default=12)
    arguments.add_argument("--days", type=int, default=28)
    arguments.add_argument("--database", default="")
    given, _ = arguments.parse_known_args()
    logs.configure("error", "json")
    door = Door()
    with door.opened() as address, tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), database_url=given.database, slack_bot_token=SecretStr("xoxb-bench"),
            slack_channel="C0BENCH", slack_api_url=address, slack_signing_secret=SecretStr("bench"),
        )  # fmt: skip
        posts = history(settings.database(), given.watches, given.days, np.random.default_rng(11))
        city = City(given.watches)
        with open_runtime(settings, now=lambda: city.at) as runtime:
            base = runtime.engine.dialect.name
            committed, _ = city.step(runtime, None)
            first = time.perf_counter() - committed
            seconds = rounds(runtime, city, door, given.alerts)
            read, rows = bare_read(runtime.engine, city.at)
            sent = bare_post(door)
    limit, middle, most = sent + read, median(seconds.alerts), max(seconds.alerts)
    worked, quiet = seconds.worked, seconds.quiet
    print(
        f"alert     {middle:10.2f} s from the commit to Slack's door in the middle, {most:.2f} s at most, "
        f"of {len(seconds.alerts)}, {seconds.anew} of them in the first pass of an hour; "
        f"{given.watches:,} watches, {posts:,} posts, {base}; wanted: {WANTED:g}"
    )
    print(f"work      {median(worked):10.2f} s of the processor in it, {max(worked):.2f} s at most")
    print(f"quiet     {median(quiet):10.2f} s for a pass with no alert, {max(quiet):.2f} s at most")
    print(f"start     {first:10.2f} s for the first pass after a start, which reads all weeks")
    print(
        f"limit     {limit:10.4f} s: a bare request {sent:.4f} s, a bare read of {rows:,} rows {read:.4f} s"
    )
    print(f"ratio     {middle / limit:10.0f} times the limit")


if __name__ == "__main__":
    main()
