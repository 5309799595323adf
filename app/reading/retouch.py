"""Whether one of two posts that share most of their words is the other retouched, or says another thing.

Many people fill in the same sentence, each with a place, a product, a day of their own; and some take one
post and touch it up. Both share nearly all of their words. What tells them apart is what stands in the same
place of the sentence: where each has a word of content there that the other has not, capitals or not, they
are two posts. No such words are

- words without content of their own (articles, prepositions, auxiliaries), and in scripts without spaces the
  signs that take their part;
- one word mistyped or with another ending, and words of one group of lexicon/exchanged.txt;
- what only one of the two has, as a comment, a cut or a forgotten word, and what both have before or behind
  the sentence that they share, as comments and hashtags. What follows an article or a preposition belongs to
  the sentence: "... acheté à lyon" is not "... acheté à nantes".
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product

from app.reading.folding import fold, is_word
from app.reading.language import COMMONEST

_SHORT = 2  # letters; so short a word has no content in any language that puts spaces between words
_TYPED, _LONG = 5, 8  # letters of a word that may be mistyped, and of one with another letter in it
_STEM, _ENDING = 4, 3
_STAR = 4  # letters that a star of the list stands for
_BESIDE = 2  # words in a row that may be exchanged near the ends; more there is a comment

# Of the commonest words of one language, those that say something in another one.
_SAY = "die war hat door haar son sin den come per com tot rien jamais fait"
_MORE = """
    nobody one someone somebody anyone anybody everyone everybody something anything nothing none
    personne aucun aucune nul quelqu chacun on y
    am been being did done got having isnt my off onto them they've this through under until upon while within
    a afin ainsi alors apres assez aujourd aussi autre autres avoir ayant beaucoup bon cela celle celui cet
    ceux chaque deja donc dont durant etais etait etaient etant ete etes eu eux font hui ici la lors meme mes
    nom ont parce peut plusieurs pris puis quel quelle quelque sauf selon seule seulement soit sommes sous
    tant telle tellement toute toutes vers via voici voila vos
"""
SILENT = frozenset(fold(" ".join((*COMMONEST.values(), _MORE))).replace("'", " ").split()) - frozenset(
    _SAY.split()
)
# After these something must come: an article, a preposition or a form of "to be".
_BINDING = """
    at in on of to from by with for near the a an my your our is am are was were be feel
    au aux de du des d en dans chez sur par pour avec pres le la les l un une mon ma mes suis est sont etait
    etais el los las una del al con por di il lo gli dei alla der das ein eine im zu von van het een bij
    do da um uma em no na
"""
_BINDERS = frozenset(_BINDING.split())
# Chinese and Japanese signs that have no content of their own.
_PARTICLES = frozenset("的了吗呢吧啊也都就很在是和与着过嘛呀哦我你他她们这那把被给")


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a post, and which of them have content."""

    words: tuple[str, ...]
    all: frozenset[str]
    content: frozenset[str]

    @classmethod
    def of(cls, words: tuple[str, ...], numbers: Collection[str] = ()) -> "Said":
        """Of folded words; numbers are compared elsewhere."""
        every = frozenset(words)
        content = (word for word in every if word not in numbers and _has_content(word))
        return cls(words, every, frozenset(content))


def exchanged(one: Said, other: Said) -> bool:
    """Whether each says something in the same place that the other does not.

    >>> say = lambda text: Said.of(tuple(text.split()))
    >>> exchanged(say("je suis malade depuis hier"), say("je suis gueri depuis hier"))
    True
    >>> exchanged(say("je suis malade depuis hier"), say("wow je suis souffrante depuis hier"))
    False
    """
    mine, theirs = one.content - other.all, other.content - one.all
    if not mine or not theirs:
        return False
    here, there = _in_place(one, other, mine), _in_place(other, one, theirs)
    if not here or not there:
        return False
    for word, again in product(here, there):
        if word in here and again in there and _alike(word, again):
            here, there = here - {word}, there - {again}
    if not here or not there:
        return False
    unspaced = [word for word in (*here, *there) if not is_word(word[0])]
    if len(unspaced) < len(here) + len(there):
        return True
    left, right = frozenset("".join(here)), frozenset("".join(there))
    return any(map(_tells, left - right)) and any(map(_tells, right - left))


def _in_place(one: Said, other: Said, own: frozenset[str]) -> frozenset[str]:
    """Those of the own words that stand inside of what both say."""
    shared = [word in other.all for word in one.words]
    pairs = [i for i in range(len(shared) - 1) if shared[i] and shared[i + 1]]
    first, last = (pairs[0], pairs[-1] + 1) if pairs else (len(shared), -1)
    found: set[str] = set()
    for begin, end in _stretches(shared):
        before, after = begin > 0, end < len(shared)
        inside = first < begin and end <= last
        few = before and after and end - begin <= _BESIDE
        if inside or few:
            found.update(one.words[begin:end])
        elif before and one.words[begin - 1] in _BINDERS:
            found.add(one.words[begin])
    return own & found


def _stretches(shared: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(begin, end) of each stretch of words that are not shared."""
    begin = 0
    for i, both in enumerate((*shared, True)):
        if both:
            if begin < i:
                yield begin, i
            begin = i + 1


@lru_cache(maxsize=65_536)
def _has_content(word: str) -> bool:
    if not is_word(word[0]):
        return any(map(_tells, word))
    return len(word) > _SHORT and word not in SILENT


def _tells(char: str) -> bool:
    """Whether a sign of a script without spaces has content: hiragana are endings and particles."""
    return not "\u3040" <= char <= "\u309f" and char not in _PARTICLES


@lru_cache(maxsize=65_536)
def _alike(one: str, other: str) -> bool:
    """Whether two words are one mistyped, one with another ending, or stand for each other."""
    if not is_word(one[0]) or not is_word(other[0]):
        return False
    return _is_ending(one, other) or _is_typo(one, other) or not _groups(one).isdisjoint(_groups(other))


_ENDINGS = frozenset(
    (
        "",
        "s",
        "e",
        "es",
        "x",
        "d",
        "ed",
        "r",
        "er",
        "ers",
        "ing",
        "n",
        "en",
        "nt",
        "ent",
        "ez",
        "i",
        "is",
        "it",
    )
)


def _is_ending(one: str, other: str) -> bool:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    if one[same:] and other[same:]:
        return same > _STEM and {one[same:], other[same:]} <= _ENDINGS
    return same >= _STEM - 1 and {one[same:], other[same:]} <= _ENDINGS


def _is_typo(one: str, other: str) -> bool:
    """Two letters the wrong way round, one too many or too few inside, or another one inside a long word."""
    short, long = sorted((one, other), key=len)
    if len(long) < _TYPED or len(long) - len(short) > 1 or one[0] != other[0]:
        return False
    differ = [i for i in range(len(short)) if short[i] != long[i]]
    at = differ[0] if differ else len(short)
    if differ == [at, at + 1] and len(short) == len(long):
        return short[at] == long[at + 1] and short[at + 1] == long[at]
    if one[-1] != other[-1]:
        return False
    return short[at:] == long[at + 1 :] if len(short) < len(long) else len(differ) == 1 and len(long) >= _LONG


@lru_cache(maxsize=65_536)
def _groups(word: str) -> frozenset[int]:
    """The groups of the list that a word is of."""
    found = set(_listed()[0].get(word, ()))
    for end in range(max(2, len(word) - _STAR), len(word) + 1):
        found |= _listed()[1].get(word[:end], frozenset())
    return frozenset(found)


@cache
def _listed() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]:
    """The list: groups by whole words, and by what a star follows."""
    whole: dict[str, frozenset[int]] = {}
    stems: dict[str, frozenset[int]] = {}
    text = (files("app.reading.lexicon") / "exchanged.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines()):
        for word in re.split(r",\s*", line) if line and not line.startswith("#") else ():
            table = stems if word.endswith("*") else whole
            stem = word.rstrip("*")
            table[stem] = table.get(stem, frozenset()) | {number}
    return whole, stems
