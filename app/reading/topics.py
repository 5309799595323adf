"""What an excess is about: what is said now and not usually, in topics named as people put it."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from math import log2, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.reading.folding import fold
from app.reading.language import COMMONEST
from app.reading.novelty import LEAST_USUAL, silent_words
from app.reading.readable import readable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Phrase = tuple[str, ...]  # words as they are compared

MOST = 4
_READ = 3_000  # posts, evenly spaced; more would name the same
_LEAST_READ, _LEAST_HOLDING = 8, 3  # distinct posts to have topics at all; that hold a term
_TELLING, _TERMS = 1.64, 50  # z-score of a term, and how many are looked at
_APART = 0.9  # cosine distance of where two terms stand, above which they are two topics
_LEAST_SHARE = 0.04
_PHRASES, _LONGEST = 3, 5  # of a name; words of a phrase
_WHOLE = 0.6  # part of the posts of a word in which a longer phrase stands, for that to take its place

_TOKEN = re.compile(r"[^\W_](?:[\w&]|['’.-](?=\w))*|[.,!?;:…|·()\"«»“”/]+|#")
_COMMON = frozenset(fold(word) for words in COMMONEST.values() for word in words.split())
# What reports are made of, and how links and names are read.
_REPORTING = """
user http via say says said saying tell tells told announce announces announced announcing announcement
report reports reported reportedly new news update updates make makes made use used using need want know
think look looking way thing things time times day days week month year today tomorrow yesterday people
still amid ahead dit dire disent annonce annoncer annoncent annoncé annoncée nouveau nouvelle nouveaux
nouvelles info infos thanks thank hello please hey yeah yes okay sorry guys really good great bad lol love
hope help wow merci bonjour salut bonsoir svp bon bonne super vrai vraie ouais selon jour jours semaine mois
année aujourd'hui demain heure heures chose choses gens vraiment lire voir veut
"""
_NEVER = frozenset(fold(word) for word in _REPORTING.split())


@dataclass(frozen=True, slots=True)
class DatedText:
    """What this needs of a post."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that is said."""

    words: tuple[str, ...]  # words and phrases, the most telling first, as people write them
    share: float  # part of the posts, from 0 to 1
    slope: float  # log2 of its rate in the later half of the time against the earlier: 1 is twice as much
    posts: tuple[int, ...]  # indices of those that were read


@dataclass(frozen=True, slots=True)
class _Read:
    """A post in words."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    breaks: frozenset[int]  # before which words a sentence begins


def topics(
    now: Sequence[DatedText], usual: Sequence[str], *, leave_out: Collection[str] = (), most: int = MOST
) -> tuple[Topic, ...]:
    """What n posts say that the usual ones do not, the largest topic first; a post is of one topic or none.

    Terms are chosen by their log-odds against the usual posts (Monroe, Colaresi and Quinn, "Fightin' Words",
    Political Analysis 16:4, 2008) and clustered by the posts that hold them. Copies count once for the names
    and each for the share. `leave_out`: the terms of the watch, which all posts hold. Of more than 3,000
    posts as many are read, evenly spaced.
    """
    if len(now) < _LEAST_READ:
        return ()
    index = [int(i) for i in np.linspace(0, len(now) - 1, min(len(now), _READ))]
    read = [_read(now[i].text) for i in index]
    first: dict[tuple[str, ...], int] = {}
    own = [first.setdefault(post.folded, k) for k, post in enumerate(read)]
    distinct = sorted(set(own))
    if len(distinct) < _LEAST_READ:
        return ()
    known = {part for term in leave_out for part in fold(term).split()}
    terms = _telling([read[k] for k in distinct], [_read(text) for text in usual[-_READ:]], known)
    if not terms:
        return ()
    holds = _holding(read, list(terms))
    cluster = _clusters(holds[distinct])
    of = _assigned(holds, cluster, np.asarray(list(terms.values())))
    times = [now[i].at for i in index]
    found_topics = []
    for label in range(int(cluster.max()) + 1):
        mine = np.flatnonzero(of == label)
        once = sorted({own[k] for k in mine.tolist()})
        if len(mine) < _LEAST_SHARE * len(read) or len(once) < _LEAST_HOLDING:
            continue
        telling = {name: z for (name, z), topic in zip(terms.items(), cluster, strict=True) if topic == label}
        if words := _named([read[k] for k in once], telling, known):
            posts = tuple(index[k] for k in mine)
            found_topics.append(Topic(words, len(mine) / len(read), _slope(times, mine), posts))
    return tuple(sorted(found_topics, key=lambda topic: (-topic.share, topic.words))[:most])


def _holding(read: Sequence[_Read], names: Sequence[str]) -> csr_matrix:
    """(posts, terms): 1 where the post holds the term."""
    where = {name: j for j, name in enumerate(names)}
    pairs = [(k, where[word]) for k, post in enumerate(read) for word in set(post.folded) if word in where]
    rows, columns = (np.asarray(side, np.int64) for side in zip(*pairs, strict=True))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(read), len(names)))


def _assigned(holds: csr_matrix, cluster: Ints, z: Floats) -> Ints:
    """The topic of each post, that of its most telling terms; -1: none."""
    member = csr_matrix((z, (np.arange(len(z)), cluster)), shape=(len(z), cluster.max() + 1))
    weight = np.asarray((holds @ member).todense())
    return np.where(weight.max(axis=1) > 0, weight.argmax(axis=1), -1)


@lru_cache(maxsize=8192)  # the same posts are read again and again while a fire goes on
def _read(text: str) -> _Read:
    written: list[str] = []
    breaks: set[int] = set()
    for match in _TOKEN.finditer(readable(text)[:1_000]):
        part = match[0]
        if part[0].isalnum():
            written.append(part)
        elif part != "#":
            breaks.add(len(written))
    return _Read(tuple(written), tuple(map(_bare, written)), frozenset(breaks))


def _bare(word: str) -> str:
    """The word as it is compared, without the article that French hangs on it and the s of a plural."""
    folded = fold(word)
    if "'" in folded:
        head, _, tail = folded.partition("'")
        if len(head) <= 2 and len(tail) > 2:
            folded = tail
        elif tail == "s":
            folded = head
    return folded[:-1] if len(folded) > 4 and folded.endswith("s") and folded[-2] not in "su" else folded


def _silent(word: str) -> bool:
    return len(word) < 3 or word in _silence() or any(char.isdigit() for char in word)


@cache
def _silence() -> frozenset[str]:
    """Words that name nothing, as they are compared."""
    silent = silent_words() | _COMMON
    return frozenset(_bare(word) for word in (*silent, *_NEVER)) | silent | _NEVER


def _telling(now: Sequence[_Read], usual: Sequence[_Read], known: Collection[str]) -> dict[str, float]:
    """The words of now, with the z-score of their log-odds against the usual, the most telling first."""
    here, there = (Counter(word for post in posts for word in set(post.folded)) for posts in (now, usual))
    left_out = {_bare(word) for word in known} | set(known)
    names = sorted(
        word
        for word, count in here.items()
        if count >= _LEAST_HOLDING and not _silent(word) and word not in left_out
    )
    if not names:
        return {}
    count, before = (np.asarray([of[name] for name in names], float) for of in (here, there))
    all_now, all_before = float(here.total()), float(there.total())
    if len(usual) < LEAST_USUAL:  # nothing to compare with: what many say
        return _most(names, np.sqrt(count))
    # The prior is what both say together, worth ten posts.
    prior = 10 * (count + before) / (len(now) + len(usual)) + 0.01
    total = float(prior.sum()) + 0.01 * len(here)
    odds = np.log((count + prior) / (all_now + total - count - prior))
    usual_odds = np.log((before + prior) / (all_before + total - before - prior))
    z = (odds - usual_odds) / np.sqrt(1 / (count + prior) + 1 / (before + prior))
    return _most(names, z)


def _most(names: Sequence[str], z: Floats) -> dict[str, float]:
    order = [int(i) for i in np.argsort(-z, kind="stable")[:_TERMS] if z[i] >= _TELLING]
    return {names[i]: float(z[i]) for i in order}


def _clusters(holds: csr_matrix) -> Ints:
    """The topic of each term, by the posts in which they stand together."""
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 - a third of what each start took

    if holds.shape[1] == 1:
        return np.zeros(1, np.int64)
    together = np.asarray((holds.T @ holds).todense())
    size = np.sqrt(np.diag(together))
    distance = 1 - together / np.outer(size, size)
    np.fill_diagonal(distance, 0.0)
    cluster = AgglomerativeClustering(
        n_clusters=None, distance_threshold=_APART, metric="precomputed", linkage="average"
    )
    return np.asarray(cluster.fit_predict(np.clip(distance, 0.0, 1.0)), np.int64)


def _named(posts: Sequence[_Read], telling: dict[str, float], known: Collection[str]) -> tuple[str, ...]:
    """The phrases that stand for a topic."""
    held: Counter[Phrase] = Counter()
    shapes: dict[Phrase, Counter[str]] = defaultdict(Counter)
    left_out = {_bare(word) for word in known}
    for post in posts:
        seen = set()
        for start, end in _spans(post, left_out):
            phrase = post.folded[start:end]
            if not telling.keys().isdisjoint(phrase):
                shapes[phrase][" ".join(post.written[start:end])] += 1
                seen.add(phrase)
        held.update(seen)
    return tuple(_as_written(shapes[phrase]) for phrase in _best(held, telling, len(posts)))


def _spans(post: _Read, left_out: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where phrases stand in a post (start, end): within a sentence, with words at both ends that name."""
    for start, word in enumerate(post.folded):
        if word in left_out or _silent(word):
            continue
        for end in range(start + 1, min(len(post.folded), start + _LONGEST) + 1):
            last = post.folded[end - 1]
            if last in left_out or (end - 1 in post.breaks and end - 1 > start):
                break
            # "lot 4417" is a name; a number by itself is none.
            if not _silent(last) or (last.isdigit() and len(last) > 2):
                yield start, end


def _best(held: Counter[Phrase], telling: dict[str, float], posts: int) -> list[Phrase]:
    """The phrases that tell most, no two with a word in common, each in the longest form that most use."""
    least = max(2, 0.05 * posts)
    worth = {
        phrase: sqrt(count) * sum(telling.get(word, 0.0) for word in set(phrase)) / sqrt(len(phrase))
        for phrase, count in held.items()
        if count >= least
    }
    chosen: list[Phrase] = []
    for phrase in sorted(worth, key=lambda p: (-worth[p], p)):
        said = {word for other in chosen for word in other if not _silent(word)}
        if said.isdisjoint(phrase):
            free = [p for p in worth if held[p] >= _WHOLE * held[phrase] and said.isdisjoint(p)]
            longer = [p for p in free if _inside(phrase, p)]
            chosen.append(max(longer, key=lambda p: (len(p), held[p], p)) if longer else phrase)
        if len(chosen) == _PHRASES:
            break
    return chosen


def _inside(phrase: Phrase, longer: Phrase) -> bool:
    n = len(phrase)
    return len(longer) > n and any(longer[i : i + n] == phrase for i in range(len(longer) - n + 1))


def _as_written(shapes: Counter[str]) -> str:
    """The commonest way of writing it; shouting and the capital of a sentence count for half."""

    def rank(shape: str) -> tuple[float, str]:
        return (shapes[shape] * (0.5 if shape.isupper() and len(shape) > 4 else 1.0), shape)

    best = max(shapes, key=rank)
    small = best[:1].lower() + best[1:]
    best = small if shapes.get(small, 0) >= 0.25 * shapes[best] else best
    return re.sub(r"^(?:[dlnscjmt]|qu)['’](?=\w{3})", "", best, flags=re.IGNORECASE)


def _slope(times: Sequence[datetime], mine: Ints) -> float:
    """Its share of the later half of the time against the earlier one."""
    at = np.asarray([moment.timestamp() for moment in times])
    middle = (at.min() + at.max()) / 2
    late = at[mine] >= middle
    return log2((float(late.sum()) + 1) / (float((~late).sum()) + 1))
