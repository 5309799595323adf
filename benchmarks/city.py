"""A city of brands, each with its watch: weeks of posts that were, and more of them every five minutes."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import cos, pi
from typing import Any

import numpy as np
from sqlalchemy import insert, select, text

from app import db
from app.clock import STEP
from app.models import Bucket, Coverage, Mention, Policy, Post, Source, Watch
from app.pipeline.ingest.count import observed
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import Runtime
from app.scheduler import cycle
from app.sources.base import Item
from benchmarks.ingest import vocabulary

END = datetime(2026, 11, 23, 6, tzinfo=UTC)  # of the history, a Monday
PER_DAY = (2, 4, 8, 16, 32)  # posts about a watch
FIRE = 20  # posts in five minutes
HOUR = timedelta(hours=1) // STEP  # buckets
CHUNK = 10_000
PLAIN = ("vu au marché", "goûté ce matin", "un peu cher", "comme d'habitude", "repris hier", "rien à redire")
ANGRY = (
    "ma fille est malade, intoxication ?", "odeur de solvant, une honte", "aux urgences cette nuit",
    "la marque ne répond pas", "rappel du lot, ne mangez plus", "trois voisins vomissent", "un scandale",
)  # fmt: skip
Row = dict[str, Any]


def history(url: str, watching: int, days: int, rng: np.random.Generator) -> int:
    """Watches that have learnt, with their posts, mentions and buckets; how many posts these are."""
    db.migrate(url)
    engine = db.connect(url, durable=False)
    begin = END - timedelta(days=days)
    stamps = {"created_at": begin, "updated_at": begin}
    with db.sessions_of(engine).begin() as session:
        policy = Policy(name="default", **stamps)
        source = Source(
            name="push", kind="push", settings={}, health="ok", health_since=begin, heard_until=END, **stamps
        )
        watches = [
            Watch(
                name=f"w{n}", query={"any_of": [f"brand{n}"]}, languages=[], policy=policy, scored_until=END,
                judged_since=begin + timedelta(days=3), **stamps,
            )
            for n in range(watching)
        ]  # fmt: skip
        session.add_all([source, *watches])
        session.flush()
        steps = days * timedelta(days=1) // STEP
        covered = [{"source_id": source.id, "at": begin + k * STEP, "coverage": 1.0} for k in range(steps)]
        session.execute(insert(Coverage), covered)
        night = np.array([_rhythm(begin + k * STEP) for k in range(steps)])
        posts: list[Row] = []
        mentions: list[Row] = []
        buckets: list[Row] = []
        for n, watch in enumerate(watches):
            counts = rng.poisson(PER_DAY[n % len(PER_DAY)] / (24 * HOUR) * night)
            for step in np.flatnonzero(counts).tolist():
                at, here = begin + step * STEP, int(counts[step])
                buckets.append({
                    "watch_id": watch.id, "at": at, "source_id": source.id, "mentions": here, "authors": here,
                    "counted_at": at + STEP,
                })  # fmt: skip
                for _ in range(here):
                    number = len(posts) + 1
                    posts.append(_post(number, source.id, n, at))
                    mentions.append({
                        "watch_id": watch.id, "post_id": number, "source_id": source.id, "at": at,
                        "author": posts[-1]["author"],
                    })  # fmt: skip
        for table, rows in ((Post, posts), (Mention, mentions), (Bucket, buckets)):
            for k in range(0, len(rows), CHUNK):
                session.execute(insert(table), rows[k : k + CHUNK])
        if engine.dialect.name == "postgresql":  # the numbers were given out here
            session.execute(
                text("SELECT setval(pg_get_serial_sequence('post', 'id'), :last)"), {"last": len(posts)}
            )
            session.commit()
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    engine.dispose()
    return len(posts)


def _rhythm(at: datetime) -> float:
    """How much is said at that time of day, in parts of the mean."""
    return 1 - 0.8 * cos(2 * pi * (at.hour + at.minute / 60 - 3) / 24)


def _post(number: int, source_id: int, brand: int, at: datetime) -> Row:
    return {
        "id": number, "source_id": source_id, "external_id": f"h{number}", "lang": "fr",
        "published_at": at, "first_seen_at": at, "bucket_at": at,
        "author": f"@u{number % 5_000}", "text": f"{PLAIN[number % len(PLAIN)]} brand{brand}",
    }  # fmt: skip


class City:
    """Posts come in and the chain runs, five minutes after five minutes."""

    def __init__(self, watching: int, *, times: float = 1.0) -> None:
        self.at = END
        self.brands = watching
        self.written = 0  # posts
        self._times = times  # as many ordinary ones as are usual
        self._weights = [PER_DAY[n % len(PER_DAY)] for n in range(watching)]
        self._matchers = Matchers()
        self._rng = random.Random(5)
        self._words = vocabulary(self._rng)

    def step(self, runtime: Runtime, burning: int | None) -> tuple[float, float]:
        """Store the posts of five minutes, some of a fire, and run the chain.

        The clock and the processor's seconds when the posts were there.
        """
        begin, self.at = self.at, self.at + STEP
        items = [*self._ordinary(begin), *(self._burning(begin, burning) if burning is not None else ())]
        with runtime.sessions.begin() as session:
            source = session.scalars(select(Source)).one()
            store(session, self._matchers.current(session), source.id, items, now=self.at)
            observed(session, source.id, begin, self.at)
            source.heard_until = self.at
        committed = time.perf_counter(), time.process_time()
        cycle(runtime)
        return committed

    def _ordinary(self, begin: datetime) -> Iterator[Item]:
        mean = self._times * sum(self._weights) / (24 * HOUR) * _rhythm(begin)
        brands = self._rng.choices(range(len(self._weights)), self._weights, k=round(mean))
        return (self._item(begin, f"{self._rng.choice(PLAIN)} brand{brand}") for brand in brands)

    def _burning(self, begin: datetime, brand: int) -> Iterator[Item]:
        for _ in range(FIRE):
            # In words of their own: what is said in the same words is a loudspeaker, and does not ring.
            sentence = f"{self._rng.choice(ANGRY)} {' '.join(self._rng.choices(self._words, k=5))}"
            yield self._item(begin, f"brand{brand} : {sentence}")

    def _item(self, begin: datetime, sentence: str) -> Item:
        self.written += 1
        published = begin + timedelta(seconds=self._rng.randrange(300))
        return Item(
            f"n{self.written}", sentence, published, author=f"@v{self._rng.randrange(9_000)}", lang="fr"
        )
