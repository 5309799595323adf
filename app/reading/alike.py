"""Near-duplicates: the same post in other clothes, and the same article through several feeds."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.pages import page
from app.reading.folding import fold
from app.reading.minhash import Words, met, told_apart
from app.reading.readable import readable
from app.reading.retouch import Said, exchanged

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SAME = 0.68  # Jaccard index of the words
_WITHIN, _LEAST_WITHIN, _HALF = 0.88, 8, 0.4  # a long post inside a comment on it
_LINKED = 0.5  # of two posts that lead to the same page
_FEW = 4  # words; what is shorter is the same only if it is equal
_MOST_WORDS = 80  # that are compared
_AT_ONCE = 200_000  # pairs

_RELAYED = re.compile(r"(?i)\b(?:rt|mt|via|qt)\s+@user\s*:?|[“«\"]\s*@user\s*:")
_HERALD = re.compile(
    r"(?i)^\W*(?:urgent|breaking(?: news)?|alerte?(?: info)?|exclu(?:sif|sive)?|vid[ée]o|direct|live|flash"
    r"|info|just in|update|mise à jour|watch|lire)\W*[:|·\-–—!»\]]\W*"
)
# The outlet behind a headline: some words that begin with a capital, a number or end like a site.
_OUTLET = re.compile(
    r"\s+[|·–—-]\s+(?:(?:[A-ZÀ-Ý0-9][\w.&'’-]*|de|du|des|la|le|les|l|of|the|and|et)(?:\s+|$)){1,6}$"
    r"|\s+\((?:AFP|AP|Reuters)\)$"
)
_BEHIND = re.compile(r"\s[|·–—(-]")  # asked first: few posts have one
_CUT = re.compile(r"(?:…|\.\.\.)\W*(?:http\W*)?$")
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d")
_MARKS = re.compile(r"#|@user|\bhttp\b")
# Neither holds a word that means something else in the other language, as "dont" does.
_DENYING = """
not no never cannot nobody nothing none without denies denied
ne pas jamais aucun aucune rien sans non dement dementent
"""
_COUNTING = """
two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred thousand million
deux trois quatre cinq sept huit neuf dix onze douze quinze vingt trente cent mille
"""
_DENIALS, _COUNTED = frozenset(_DENYING.split()), frozenset(_COUNTING.split())
_NOT = re.compile(r"(?i)n['’]t\b")
# Without spaces between words, two characters take the place of a word.
_RUN = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{3,}")


@dataclass(frozen=True, slots=True)
class _Core:
    """What two copies of a post have in common."""

    words: tuple[str, ...]  # folded
    capital: tuple[bool, ...]  # which are written with one; empty where that says nothing
    cut: bool  # it ends in the middle


def groups(texts: Sequence[str], urls: Sequence[str | None] = ()) -> Ints:
    """The group of near-duplicates that each of n posts is in, (n,); groups count from 0 in order of posts.

    Folded: relays with or without a comment, a hashtag or an emoji more, other links, what was cut, headlines
    with and without their outlet, typos, a word or two of the same meaning. Not folded: what differs in a
    number, a denial, a name, or in what it says in the same place of the sentence, as a template does that
    many people fill in (`retouch`). `urls`, if given: the page that each post leads to or None; two posts
    about the same page need less in common. Made for 2 to 200,000 posts.
    """
    n = len(texts)
    if n == 0:
        return np.zeros(0, np.int64)
    by_text = {text: core(text) for text in dict.fromkeys(texts)}
    cores = [by_text[text] for text in texts]
    first, which = _distinct(cores, texts)
    kept = [cores[i] for i in first]
    pages = [page(urls[i]) if urls else None for i in first]
    words = told_apart([one.words for one in kept])
    alike = _same(kept, words, pages, _candidates(kept, words, pages))
    labels = np.asarray(_joined(kept, words, pages, *alike), np.int64)[which]
    return np.asarray(np.unique(labels, return_inverse=True)[1], np.int64)


def core(text: str) -> _Core:
    """The words of a post that its copies share: without who relays it, heralds, outlets, links and names."""
    return core_of(readable(text))


def core_of(read: str) -> _Core:
    """The same of a text that is readable already."""
    read = _without_relays(read)
    cut = ("…" in read or "..." in read) and _CUT.search(read) is not None
    bare = _without_frame(read)
    written = _WORD.findall(bare)[:_MOST_WORDS]
    words = tuple(fold(" ".join(written)).split())
    capital = [] if bare.islower() else [word[0].isupper() for word in written]
    if cut and len(words) > _FEW:
        words, capital = words[:-1], capital[:-1]  # the last one may be half a word
    # In a headline with capitals everywhere, in shouting and where there is none, a capital says nothing.
    if len(capital) == len(words) and 1 <= sum(capital[1:]) <= 0.6 * len(capital):
        return _Core(words, tuple(capital), cut)
    return _Core(words, (), cut)


def _without_relays(read: str) -> str:
    """What is passed on, without who passes it on; a relay that says too little keeps what stands before."""
    relayed = list(_RELAYED.finditer(read)) if "@user" in read else []
    if not relayed:
        return read
    text = read[relayed[-1].end() :]
    return text if len(_WORD.findall(text)) >= _FEW else read[: relayed[-1].start()] + text


def _without_frame(read: str) -> str:
    """The text without marks, heralds and outlets; "n't" is a word, and signs without spaces go by two."""
    marked = "#" in read or "@user" in read or "http" in read
    bare = _HERALD.sub("", _MARKS.sub(" ", read) if marked else read)
    if _BEHIND.search(bare):
        headline = _OUTLET.sub("", bare)
        bare = headline if len(_WORD.findall(headline)) >= _FEW else bare
    if "'" in bare or "’" in bare:
        bare = _NOT.sub(" not", bare)
    return bare if bare.isascii() else _RUN.sub(_by_two, bare)


def relays(text: str) -> bool:
    """Whether a post says that it passes on another one's, and whose."""
    return "@" in text and _RELAYED.search(readable(text)) is not None


def _by_two(run: re.Match[str]) -> str:
    return f" {' '.join(map(''.join, pairwise(run[0])))} "


def _names(cores: Sequence[_Core]) -> frozenset[str]:
    """Words that are names: written with a capital inside of sentences, and seldom without."""
    big: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for one in cores:
        if one.capital:
            big.update(word for word, up in zip(one.words[1:], one.capital[1:], strict=True) if up)
            small.update(word for word, up in zip(one.words, one.capital, strict=True) if not up)
    return frozenset(word for word, count in big.items() if count > small[word])


def _distinct(cores: Sequence[_Core], texts: Sequence[str]) -> tuple[list[int], Ints]:
    """(index of the first of each wording, which wording each is); without words, the signs are compared."""
    seen: dict[tuple[str, ...] | str, int] = {}
    first: list[int] = []
    which = np.empty(len(cores), np.int64)
    for i, one in enumerate(cores):
        at = seen.setdefault(one.words or fold(texts[i]), len(first))
        if at == len(first):
            first.append(i)
        which[i] = at
    return first, which


def _linked(pages: Sequence[str | None]) -> Ints:
    """(pairs, 2) of those that lead to the same page: each with the first."""
    seen: dict[str, int] = {}
    found = [(seen.setdefault(where, i), i) for i, where in enumerate(pages) if where]
    return np.asarray([pair for pair in found if pair[0] != pair[1]], np.int64).reshape(-1, 2)


def _candidates(cores: Sequence[_Core], words: Words, pages: Sequence[str | None]) -> Ints:
    if len(cores) < 2:
        return np.zeros((0, 2), np.int64)
    found = np.concatenate([met(words, _FEW), _linked(pages)])
    once = np.unique(found[:, 0] * len(cores) + found[:, 1])
    return np.stack(np.divmod(once, len(cores)), axis=1)


def _same(
    cores: Sequence[_Core], words: Words, pages: Sequence[str | None], pairs: Ints
) -> tuple[Ints, Floats]:
    """(the pairs that have enough in common, how much)."""
    if not len(pairs):
        return pairs, np.zeros(0)
    held = csr_matrix(
        (np.ones(len(words.of), np.int32), words.of, words.start),
        shape=(len(cores), max(1, len(words.digest))),
    )
    held.sum_duplicates()
    held.data[:] = 1
    sizes = np.asarray(held.sum(axis=1)).ravel()
    shared = np.concatenate(
        [
            np.asarray(held[part[:, 0]].multiply(held[part[:, 1]]).sum(axis=1)).ravel()
            for part in np.array_split(pairs, len(pairs) // _AT_ONCE + 1)
        ]
    )
    left, right = sizes[pairs[:, 0]], sizes[pairs[:, 1]]
    least = np.minimum(left, right)
    index, within = shared / np.maximum(1, left + right - shared), shared / np.maximum(1, least)
    cut = np.asarray([c.cut for c in cores])
    seen: dict[str, int] = {}
    led = np.asarray([seen.setdefault(where, i) if where else -1 - i for i, where in enumerate(pages)])
    linked = led[pairs[:, 0]] == led[pairs[:, 1]]
    near = (
        (index >= _SAME)
        | (within >= _WITHIN) & (index >= _HALF) & (least >= _LEAST_WITHIN)
        | (within >= _WITHIN) & (cut[pairs[:, 0]] | cut[pairs[:, 1]]) & (least >= _FEW)
        | linked & (index >= _LINKED)
    )
    return pairs[near], index[near]


def _joined(
    cores: Sequence[_Core], words: Words, pages: Sequence[str | None], pairs: Ints, index: Floats
) -> list[int]:
    """The first member of the group that each is in: pairs are joined as far as their groups do not differ.

    What was cut before a number fits to two posts that differ in it; it goes to one and does not join both.
    """
    proper = _names(cores)
    numbers = _COUNTED.union(filter(_NUMBER.search, words.distinct))
    decided = {i: _deciding(cores[i], proper, numbers) for i in np.unique(pairs).tolist()}
    group, model = list(range(len(cores))), list(range(len(cores)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for left, right in pairs[np.argsort(-index, kind="stable")].tolist():
        one, other = sorted((root(left), root(right)))
        if one == other or _differ(decided[model[one]], decided[model[other]]):
            continue
        linked = pages[left] is not None and pages[left] == pages[right]  # one article, told in two ways
        if not linked and exchanged(decided[model[one]].words, decided[model[other]].words):
            continue
        group[other] = one
        # The member that says most of what decides speaks for the group.
        model[one] = max(model[one], model[other], key=lambda i: (decided[i].said, -i))
    return [root(i) for i in range(len(cores))]


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What makes two posts of two that are alike."""

    numbers: frozenset[str]
    names: frozenset[str]
    denied: bool
    cut: bool
    words: Said

    @property
    def said(self) -> tuple[int, int]:
        return len(self.numbers) + len(self.names) + self.denied - self.cut, len(self.words.content)


def _deciding(one: _Core, proper: frozenset[str], numbers: frozenset[str]) -> _Deciding:
    words = frozenset(one.words)
    denied = not words.isdisjoint(_DENIALS)
    return _Deciding(words & numbers, words & proper, denied, one.cut, Said.of(one.words, numbers))


def _differ(one: _Deciding, other: _Deciding) -> bool:
    if one.numbers - other.numbers and other.numbers - one.numbers:
        return True
    if one.names - other.names and other.names - one.names:
        return True
    return one.denied != other.denied and not (one.cut or other.cut)
