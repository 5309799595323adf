"""A million posts searched: how long a page of mentions takes, on SQLite or on PostgreSQL.

    python -m benchmarks.mentions [--posts 1000000] [--watches 200] [--database postgresql://…]

Words are as unequal as in a language: the commonest is in every third post, most are in a few. One watch has
half of all mentions, the others share the rest. Wanted: every page within 300 ms.
"""

import argparse
import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from app import db
from app.admin.mentions import found, wanted
from app.models import Mention, Policy, Post, Source, Watch
from benchmarks.ingest import vocabulary

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS = 90
LENGTH = 18  # words of a post
AT_ONCE = 5_000


def rows(posts: int, watches: int, rng: random.Random) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Posts with the mention that each is, oldest first."""
    words = vocabulary(rng)
    weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))
    for number in range(1, posts + 1):
        at = NOW - timedelta(days=DAYS) * (1 - number / posts)
        bucket = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
        watch = 1 if rng.random() < 0.5 else rng.randint(2, watches)
        author = f"@u{rng.randrange(50_000)}"
        said = rng.choices(words, cum_weights=weights, k=LENGTH)
        yield (
            {
                "id": number, "source_id": 1, "external_id": f"p{number}", "published_at": at,
                "precision": "exact", "first_seen_at": at, "bucket_at": bucket, "author": author,
                "title": "", "text": " ".join(said), "url": f"https://posts.example/{number}",
                "lang": rng.choice(("fr", "fr", "en")),
            },
            {
                "watch_id": watch, "post_id": number, "source_id": 1, "at": bucket, "author": author,
                "reach": 0, "negative": rng.random() < 0.1, "amplified": False, "wording": None,
                "again": False,
            },
        )  # fmt: skip


def fill(engine: Engine, posts: int, watches: int) -> tuple[float, list[str]]:
    """(seconds to store them; some words, the commonest first)."""
    rng = random.Random(5)
    with db.sessions_of(engine).begin() as session:
        stamps = {"created_at": NOW, "updated_at": NOW}
        policy = Policy(name="default", **stamps)
        session.add(Source(name="push", kind="push", settings={}, health_since=NOW, **stamps))
        session.add_all(
            Watch(name=f"w{n}", query={"any_of": []}, languages=[], policy=policy, **stamps)
            for n in range(watches)
        )
    began = time.perf_counter()
    made = rows(posts, watches, rng)
    while part := list(itertools.islice(made, AT_ONCE)):
        with engine.begin() as connection:
            connection.execute(insert(Post), [post for post, _ in part])
            connection.execute(insert(Mention), [mention for _, mention in part])
    spent = time.perf_counter() - began
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return spent, vocabulary(random.Random(5))


def asked(words: list[str]) -> dict[str, dict[str, Any]]:
    """What people look for, by what it is: w1 has half of all mentions, w150 a few thousand."""
    common, other, rare = words[0], words[1], words[20_000]
    return {
        "all": {},
        "of w1": {"watches": (1,)},
        "common word": {"q": common},
        "common word, w1": {"q": common, "watches": (1,)},
        "common word, w150": {"q": common, "watches": (150,)},
        "word of 1 %, w1": {"q": words[100], "watches": (1,)},
        "word of 0.1 %, w1": {"q": words[1_000], "watches": (1,)},
        "rare word, w1": {"q": rare, "watches": (1,)},
        "no word, w1": {"q": "zzzz", "watches": (1,)},
        "common phrase": {"q": f'"{common} {other}"'},
        "rare phrase of common words": {"q": f'"{common} {other} {words[2]}"'},
        "without a word, w1": {"q": f"-{common}", "watches": (1,)},
        "beginning, w1": {"q": f"{common[:2]}*", "watches": (1,)},
        "common word, two months old": {"q": common, "watches": (1,), "until": NOW - timedelta(days=60)},
        "author": {"author": "@u77"},
        "negative, w1": {"tone": "negative", "watches": (1,)},
        "language, w1": {"language": "en", "watches": (1,)},
    }


def measured(sessions: db.Sessions, looks: dict[str, Any]) -> tuple[float, int]:
    """(milliseconds of the quicker of two first pages, how many mentions it holds)."""
    spent, rows = [], []
    for _ in range(2):
        with sessions() as session:
            db.only_read(session)
            began = time.perf_counter()
            rows = found(session, wanted(session, **looks), limit=51)
            spent.append(time.perf_counter() - began)
    return min(spent) * 1_000, len(rows)


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--posts", type=int, default=1_000_000)
    arguments.add_argument("--watches", type=int, default=200)
    arguments.add_argument("--database", help="an empty one; a file of SQLite if none is given")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'mentions.db'}"
        db.migrate(url)
        engine = db.connect(url, durable=False)
        spent, words = fill(engine, given.posts, given.watches)
        print(f"{given.posts:,} posts stored in {spent:.0f} s")
        for name, looks in asked(words).items():
            milliseconds, many = measured(db.sessions_of(engine), looks)
            print(f"{name:30} {milliseconds:7.0f} ms  {many} found")
        engine.dispose()


if __name__ == "__main__":
    main()
