"""Posts in: parse, match against 1,000 watches, store and count, beside a bare executemany of the same rows.

    python -m benchmarks.ingest [--posts 50000] [--watches 1000]

The limit is what SQLite takes of the very rows that came out, into the same tables with the same indices,
with nothing read, matched or counted. Wanted: a sixth of it at least before posts are read for their tone,
half of that speed with it, and matching alone at 20,000 posts/s.
"""

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np

from app import db
from app.models import Policy, Source, Watch
from app.pipeline.ingest import mentions
from app.pipeline.ingest.match import Matchers, compile_watches, heard_item
from app.pipeline.ingest.store import store
from app.reading.glance import Toned
from app.sources.push.source import parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BATCH = 1_000  # posts in one push: as many as one may hold
TABLES = ("post", "mention", "bucket")


def bodies(posts: int, words: list[str], rng: random.Random) -> list[bytes]:
    """Batches as a sender would push them: short posts of ordinary words over three hours."""
    made = []
    for first in range(0, posts, BATCH):
        batch = []
        for number in range(first, min(posts, first + BATCH)):
            at = NOW - timedelta(hours=3) + timedelta(seconds=number * 10_000 / posts)
            batch.append(
                {
                    "id": f"p{number}",
                    "published_at": at.isoformat(),
                    "text": " ".join(rng.choices(words, k=18)),
                    "author": f"@u{rng.randrange(5000)}",
                    "url": f"https://posts.example/{number}",
                    "lang": "fr",
                    "likes": rng.randrange(9),
                }
            )
        made.append(json.dumps({"posts": batch}).encode())
    return made


def vocabulary(rng: random.Random) -> list[str]:
    """Made-up words with accents, as long as real ones."""
    letters = "abcdefghijklmnoprstuvéèàç"
    return ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(120_000)]


def watches(count: int, words: list[str], rng: random.Random) -> list[Watch]:
    """Each with three terms to find and one to leave out."""
    made = []
    for number in range(count):
        *wanted, refused = rng.sample(words, 4)
        query = {"any_of": [*wanted, f"#{wanted[0]}"], "none_of": [refused]}
        made.append(Watch(name=f"w{number}", query=query, languages=[], created_at=NOW, updated_at=NOW))
    return made


def ingest(url: str, pushed: list[bytes], watching: list[Watch]) -> float:
    """Seconds for all of it, through the code that the service runs."""
    db.migrate(url)
    engine = db.connect(url)
    sessions = db.sessions_of(engine)
    with sessions.begin() as session:
        policy = Policy(name="default", created_at=NOW, updated_at=NOW)
        source = Source(
            name="push", kind="push", settings={}, health_since=NOW, created_at=NOW, updated_at=NOW
        )
        for watch in watching:
            watch.policy = policy
        session.add_all([source, *watching])
        session.flush()
        source_id = source.id
    matchers = Matchers()
    with sessions() as session:
        matchers.current(session)
    began = time.perf_counter()
    for body in pushed:
        items = parse(body).items
        with sessions.begin() as session:
            store(session, matchers.current(session), source_id, items, now=NOW)
    spent = time.perf_counter() - began
    engine.dispose()
    return spent


def _unread(texts: Sequence[str], _tags: Sequence[str | None]) -> Toned:
    return Toned(tuple(texts), np.tile([0.0, 1.0, 0.0], (len(texts), 1)))


def _undigested(_read: str, _author: str | None, _url: str | None) -> None:
    return None


def bare(path: Path, filled: Path) -> tuple[float, dict[str, int]]:
    """Seconds to put the same rows into the same tables of a new file, in transactions of the same size."""
    source, target = sqlite3.connect(filled), sqlite3.connect(path, isolation_level=None)
    rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=FULL")
    batches = max(1, len(rows["post"]) // BATCH)
    began = time.perf_counter()
    for k in range(batches):
        target.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            part = rows[table][k * len(rows[table]) // batches : (k + 1) * len(rows[table]) // batches]
            if part:
                marks = ",".join("?" * len(part[0]))
                target.executemany(f"INSERT INTO {table} VALUES ({marks})", part)  # noqa: S608
        target.execute("COMMIT")
    spent = time.perf_counter() - began
    source.close()
    target.close()
    return spent, {table: len(kept) for table, kept in rows.items()}


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--posts", type=int, default=50_000)
    arguments.add_argument("--watches", type=int, default=1_000)
    given = arguments.parse_args()
    rng = random.Random(11)
    words = vocabulary(rng)
    watching = watches(given.watches, words, rng)
    for number, watch in enumerate(watching):
        watch.id = number + 1
    pushed = bodies(given.posts, words, rng)
    items = [item for body in pushed for item in parse(body).items]
    compiled = compile_watches(watching)
    began = time.perf_counter()
    found = sum(len(compiled.watches(1, heard_item(i))) for i in items)
    matching = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        filled, unread, empty = (Path(folder) / f"{name}.db" for name in ("filled", "unread", "empty"))
        whole = ingest(f"sqlite:///{filled}", pushed, watches(given.watches, words, random.Random(12)))
        with mock.patch.multiple(mentions, toned=_unread, digest=_undigested):
            without = ingest(f"sqlite:///{unread}", pushed, watches(given.watches, words, random.Random(12)))
        db.migrate(f"sqlite:///{empty}")
        limit, rows = bare(empty, filled)
    print(f"match     {len(items) / matching:10,.0f} posts/s, {given.watches:,} watches, {found:,} mentions")
    print(f"ingest    {len(items) / whole:10,.0f} posts/s: parse, match, store, count; rows {rows}")
    print(
        f"unread    {len(items) / without:10,.0f} posts/s: the same without reading; "
        f"{without / whole:.2f} of this speed is left, wanted: at least 0.5"
    )
    print(f"limit     {len(items) / limit:10,.0f} posts/s: bare executemany of the same rows")
    print(f"ratio     {limit / without:10.3f} of the limit without reading; wanted: at least {1 / 6:.3f}")
    print(f"          {limit / whole:10.3f} with it")


if __name__ == "__main__":
    main()
