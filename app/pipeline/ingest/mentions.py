"""Mentions as rows: which watches a post is a mention of, and how it sounds to each of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.pipeline.ingest.match import Compiled, heard_row
from app.reading.amplification import digest
from app.reading.glance import Toned, toned
from app.reading.occasions import occasions
from app.reading.own_words import without
from app.reading.relevance import set_aside


@dataclass(frozen=True, slots=True)
class Rows:
    """Posts that match watches, as rows to insert."""

    mentions: list[dict[str, Any]] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)  # not about the watch, as its team taught


def mention_rows(compiled: Compiled, posts: Iterable[Mapping[Any, Any]]) -> Rows:
    """The mentions that these posts are; only what is mentioned is read."""
    found = [
        (post, watches) for post in posts if (watches := compiled.watches(post["source_id"], heard_row(post)))
    ]
    tags = [post["lang"] for post, _ in found]
    tone = toned([f"{post['title']} {post['text']}" for post, _ in found], tags)
    heard = dict(_as_heard(compiled, [watches for _, watches in found], tone, tags))
    aside = set(_aside(compiled, [watches for _, watches in found], tone, heard))
    rows = Rows()
    for i, ((post, watches), bad) in enumerate(zip(found, tone.negative.tolist(), strict=True)):
        wording = digest(tone.texts[i], post["author"], post["url"])
        for watch_id in watches:
            row = {
                "watch_id": watch_id,
                "post_id": post["id"],
                "source_id": post["source_id"],
                "at": post["bucket_at"],
            }
            apart = (watch_id, i) in aside
            since = compiled.again.get(watch_id)
            if apart and (since is None or row["at"] < since):
                rows.aside.append(row)
                continue
            said = {
                "author": post["author"],
                "reach": post["reach"] or post["followers"] or 0,
                "negative": heard.get((watch_id, i), bad),
                "amplified": False,
                "wording": wording,
                "again": apart,
            }
            rows.mentions.append(row | said)
    return rows


def _aside(
    compiled: Compiled,
    mentions: Sequence[list[int]],
    tone: Toned,
    heard: Mapping[tuple[int, int], bool],
) -> Iterator[tuple[int, int]]:
    """(watch, row) of what is not about the watch; what is negative or speaks of harm always is."""
    for watch_id, learnt in compiled.relevance.items():
        rows = [i for i, watches in enumerate(mentions) if watch_id in watches]
        if not rows:
            continue
        texts = [tone.texts[row] for row in rows]
        bad = np.asarray([heard.get((watch_id, row), bool(tone.negative[row])) for row in rows], np.bool_)
        harm = bad | occasions(texts)[:, 1]
        found = set_aside(learnt, texts, harm, wary=watch_id in compiled.burning)
        yield from ((watch_id, row) for row, apart in zip(rows, found.tolist(), strict=True) if apart)


def _as_heard(
    compiled: Compiled, mentions: Sequence[list[int]], tone: Toned, tags: Sequence[str | None]
) -> Iterator[tuple[tuple[int, int], bool]]:
    """((watch, row), negative) for the watches whose names have a tone, or whose teams taught what is."""
    for watch_id in {*compiled.own_words, *compiled.taught}:
        rows = [i for i, watches in enumerate(mentions) if watch_id in watches]
        if not rows:
            continue
        learnt, names = compiled.taught.get(watch_id), compiled.own_words.get(watch_id)
        if names is None:
            heard = tone.taught(learnt, rows)
        else:
            texts = [without(names, tone.texts[row]) for row in rows]
            heard = toned(texts, [tags[row] for row in rows]).taught(learnt)
        for row, bad in zip(rows, heard.negative.tolist(), strict=True):
            yield (watch_id, row), bad
