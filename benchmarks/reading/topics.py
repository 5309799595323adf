"""Topics of an excess on a set of our own: what people say in six fires at once, in two languages.

Each window mixes three or four of the subjects below, in parts that differ, with the chatter of usual days. A
subject is put in twelve ways, of which each post takes one or two, with words around them. No word comes from
elsewhere. The peer is what a notebook would do: TF-IDF of the window's posts and KMeans with as many clusters
as there are subjects, which it is told and Tocsin is not.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from app.reading.topics import DatedText, topics

_FILE = Path(__file__).with_name("subjects.txt")
_BRAND = "Vélinor"
_AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the subjects of a window."""

    subjects: float  # part of those with a tenth of the posts that have a topic of their own
    pure: float  # of the posts with a topic, the part that is of its subject
    placed: float  # of the posts of a subject, the part in the topic of that subject
    named: float  # of the topics, the part whose every name comes from what their subject says


@cache
def _ways() -> dict[str, dict[str, tuple[str, ...]]]:
    """Language: section: what is said."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for section in _FILE.read_text(encoding="utf-8").split("\n[")[1:]:
        heading, *lines = section.strip().split("\n")
        language, name = heading.rstrip("]").split()
        found.setdefault(language, {})[name] = tuple(lines)
    return found


def _subjects(language: str) -> list[str]:
    return sorted(_ways()[language].keys() - {"around", "usual"})


def window(
    language: str, posts: int, rng: random.Random
) -> tuple[list[DatedText], list[str | None], list[str]]:
    """(posts, the subject of each, usual posts)."""
    ways = _ways()[language]
    subjects = rng.sample(_subjects(language), rng.choice((3, 4)))
    parts = [rng.uniform(0.5, 2.0) for _ in subjects]
    now: list[DatedText] = []
    labels: list[str | None] = []
    for k in range(posts):
        chatter = rng.random() < 0.2
        subject = None if chatter else rng.choices(subjects, parts)[0]
        texts = [*rng.sample(ways[subject or "usual"], rng.choice((1, 2))), rng.choice(ways["around"])]
        rng.shuffle(texts)
        texts.insert(rng.randrange(len(texts)), _BRAND)
        now.append(DatedText(", ".join(texts), _AT + timedelta(seconds=7200 * k / posts)))
        labels.append(subject)
    usual = [
        f"{_BRAND} {', '.join(rng.sample(ways['usual'], 2))} {rng.choice(ways['around'])}" for _ in range(300)
    ]
    return now, labels, usual


def measure(language: str, posts: int, seeds: Sequence[int]) -> tuple[Found, Found]:
    """Tocsin and the peer, as means over windows."""
    ours, theirs = [], []
    for seed in seeds:
        now, labels, usual = window(language, posts, random.Random(f"{language}{posts}{seed}"))
        found_topics = topics(now, usual, leave_out=[_BRAND])
        said = {name: " ".join(_ways()[language][name]).lower() for name in _subjects(language)}
        ours.append(
            _judged(
                labels, [topic.posts for topic in found_topics], [topic.words for topic in found_topics], said
            )
        )
        clusters, words = _kmeans([post.text for post in now], len({*labels} - {None}))
        theirs.append(_judged(labels, clusters, words, said))
    return _mean(ours), _mean(theirs)


def _kmeans(texts: Sequence[str], k: int) -> tuple[list[list[int]], list[list[str]]]:
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, stop_words=[_BRAND.lower()])
    vectors = vectorizer.fit_transform(texts)
    model = KMeans(n_clusters=k, n_init=3, random_state=0).fit(vectors)
    names = vectorizer.get_feature_names_out()
    best = [[str(names[i]) for i in np.argsort(-centre)[:3]] for centre in model.cluster_centers_]
    return [np.flatnonzero(model.labels_ == label).tolist() for label in range(k)], best


def _judged(
    labels: Sequence[str | None],
    found: Sequence[Sequence[int]],
    words: Sequence[Sequence[str]],
    said: dict[str, str],
) -> Found:
    sizes = Counter(label for label in labels if label)
    wanted = {subject for subject, size in sizes.items() if size >= 0.1 * len(labels)}
    of, right, named = [], 0, 0
    for posts, names in zip(found, words, strict=True):
        (subject, most), *_ = Counter(labels[i] for i in posts).most_common(1)
        of.append(subject)
        right += most
        named += subject is not None and all(name.lower() in said[subject] for name in names)
    placed = sum(
        max(
            (sum(labels[i] == s for i in posts) for posts, t in zip(found, of, strict=True) if t == s),
            default=0,
        )
        for s in sizes
    )
    total = sum(map(len, found))
    return Found(
        len(wanted & set(of)) / max(1, len(wanted)),
        right / max(1, total),
        placed / max(1, sum(sizes.values())),
        named / max(1, len(found)),
    )


def _mean(found: Sequence[Found]) -> Found:
    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in found]))

    return Found(mean("subjects"), mean("pure"), mean("placed"), mean("named"))


def speed(posts: int) -> float:
    """Seconds for a window of so many different posts."""
    rng = random.Random(posts)
    now, _, usual = window("en", posts, rng)
    now = [DatedText(f"{post.text} {rng.randrange(10**6)}", post.at) for post in now]
    began = time.perf_counter()
    topics(now, usual, leave_out=[_BRAND])
    return time.perf_counter() - began


def table() -> str:
    """Both languages and three sizes, beside the peer, in Markdown."""
    lines = [
        "| language | posts | rule | subjects found | purity | posts placed | names of the subject |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for language in _ways():
        for posts in (20, 200, 2_000):
            for name, found in zip(
                ("Tocsin", "TF-IDF, KMeans"), measure(language, posts, range(20)), strict=True
            ):
                figures = [f"{f:.0%}" for f in (found.subjects, found.pure, found.placed, found.named)]
                lines.append(f"| {language} | {posts:,} | {name} | {' | '.join(figures)} |")
    times = ", ".join(f"{posts:,} posts {speed(posts):.2f} s" for posts in (20, 2_000, 200_000))
    return "\n".join([*lines, "", f"Time: {times}."])
