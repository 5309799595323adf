"""Which of many posts may have much in common, found without comparing each with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# MinHash (Broder 1997) in bands of two: of two posts that share four tenths of their words and pairs of
# words, 99.6 % meet in a band. Who meets is then compared exactly. In numpy it takes a third of the time of
# rensa, the fastest library tried, whose digests are made from and into objects.
_BANDS, _ROWS, _SEED = 32, 2, 4417


@dataclass(frozen=True, slots=True)
class Words:
    """The words of all posts, one behind the other."""

    distinct: tuple[str, ...]
    of: Ints  # which word each is
    start: Ints  # where each post begins, and the end
    digest: NDArray[np.uint64]  # of each distinct word


def told_apart(posts: Sequence[Sequence[str]]) -> Words:
    """The words of posts as numbers, blind to the order of the posts in what they hash to."""
    seen: dict[str, int] = {}
    of = [seen.setdefault(word, len(seen)) for post in posts for word in post]
    start = np.cumsum([0, *(len(post) for post in posts)])
    digest = np.asarray([crc32(word.encode("utf-8", "replace")) for word in seen], np.uint64)
    return Words(tuple(seen), np.asarray(of, np.int64), start, digest)


def met(words: Words, least: int) -> Ints:
    """(pairs, 2) of the posts of at least so many words that share a band."""
    lengths = np.diff(words.start)
    index = np.flatnonzero(lengths >= least)
    if len(index) < 2:
        return np.zeros((0, 2), np.int64)
    long = np.repeat(lengths >= least, lengths)
    one = words.digest[words.of[long]]
    # The pairs of words of a post stand behind its words; its last word has none behind it.
    ends = np.cumsum(lengths[index]) - 1
    two = one * np.uint64(0x9E3779B97F4A7C15) + np.roll(one, -1)
    two[ends] = two[np.maximum(ends - 1, 0)]
    rng = np.random.default_rng(_SEED)
    mixed = [_mixed(both) for both in (one, two)]
    starts = np.r_[0, ends[:-1] + 1]
    found = []
    for _ in range(_BANDS):
        rows = []
        for odd in rng.integers(1, 2**63, _ROWS, np.uint64) << np.uint64(1) | np.uint64(1):
            lowest = [np.minimum.reduceat(tokens * odd >> np.uint64(32), starts) for tokens in mixed]
            rows.append(np.minimum(*lowest))
        key = rows[0] << np.uint64(32) | rows[1]
        order = np.argsort(key, kind="stable")
        together = key[order[1:]] == key[order[:-1]]
        # Each with the one before it and with the first of its bucket: a chain, and a star against drift.
        start = np.maximum.accumulate(np.where(np.r_[True, ~together], np.arange(len(order)), 0))
        later = np.flatnonzero(together) + 1
        found += [
            np.stack([order[later - 1], order[later]], axis=1),
            np.stack([order[start[later]], order[later]], axis=1),
        ]
    return np.sort(index[np.concatenate(found)], axis=1)


def _mixed(digest: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The digests with all bits depending on all bits."""
    digest = (digest ^ (digest >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return digest ^ (digest >> np.uint64(29))
