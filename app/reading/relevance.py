"""What a team teaches of what its watch is about: posts that only share its name are told apart.

A logistic regression on words and on how they begin, the rarer the heavier, fitted on posts that people
labelled. It is made to be wrong on one side: what it does not know, what speaks for both, and what speaks of
harm, is about the watch.
"""

import base64
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf, log, sqrt

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from app.reading.folding import fold
from app.reading.lexicon import tokens

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEAST_EACH = 20  # labels of either kind; fewer measure nothing
LEAST_FOUND = 0.3  # of what is not about the watch; a model that finds less is not used
MOST_TEXTS = 3_000  # of a watch, whose words are known
_MOST_TOKENS = 80  # of a post
_MOST_SIGNS = 3_000
_FOLDS = 10
_INVERSE_PENALTY = 10.0  # the larger, the more a word may say
_AGREE = 0.66  # part of what a post's words say that must speak against it: few known words decide nothing
_MOST_NEW = 1  # new words in a post that may be set aside; none while something burns
_LEAST_LETTERS, _LETTERS = 3, 4  # of a word that is read, and of one that says something
_STEM = 5  # letters by which a word is known again
_BITS = 1 << 16


class Example(BaseModel):
    """A post, and whether it is about the watch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(description="as `readable` gives it")
    about: bool


class Relevance(BaseModel):
    """What tells posts that are not about a watch, and its measured worth; a setting of the watch as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signs: dict[str, tuple[float, float]] = Field(
        description="of each word and beginning of a word what it adds, and how rare it is"
    )
    rarest: float = Field(description="how rare is what stands in none of the posts")
    always: float = Field(description="what every post gets")
    threshold: float = Field(description="from where on a post is set aside")
    known: str = Field(description="stems of the words that the watch's posts had until then, as hashed bits")
    about: int = Field(description="labelled posts about the watch")
    noise: int = Field(description="labelled posts that are not")
    found: float = Field(
        description="part of the noise that is set aside, on posts that it was not fitted on"
    )
    lost: float = Field(description="part of what is about the watch that is set aside, measured so")

    @property
    def useful(self) -> bool:
        """Whether it is worth using."""
        return self.found >= LEAST_FOUND and self.lost <= 0.01

    def telling(self, *, about: bool, most: int = 10) -> tuple[str, ...]:
        """The whole words that mark what is about the watch, or what is not, the strongest first."""
        sign = -1 if about else 1
        words = {name[2:]: sign * worth for name, (worth, _) in self.signs.items() if name.startswith("w:")}
        ordered = sorted(words, key=lambda word: (-words[word], word))
        return tuple(word for word in ordered[:most] if words[word] > 0)


def learn_relevance(examples: Sequence[Example], texts: Iterable[str]) -> Relevance | None:
    """What these posts teach, measured by cross-validation; None where they are too few.

    `texts`: posts of the watch, labelled or not, as `readable` gives them: words in none of them are new.
    """
    examples = sorted(set(examples), key=lambda example: (example.text, example.about))
    noise = np.asarray([not example.about for example in examples], bool)
    said = [_signs(example.text) for example in examples]
    # Copies of one post are not to be learnt from and measured on.
    seen: dict[str, int] = {}
    groups = np.asarray([seen.setdefault(" ".join(sorted(signs)), len(seen)) for signs in said], int)
    if min(len(set(groups[noise])), len(set(groups[~noise]))) < LEAST_EACH:
        return None
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - a third of a start

    stored = [*dict.fromkeys(map(_signs, texts)), *said]
    among = Counter(sign for signs in stored for sign in signs)
    rare = {sign: log((len(stored) + 1) / (count + 1)) for sign, count in among.items()}
    rarest = log(len(stored) + 1)
    held = np.zeros(len(examples))
    for train, rest in StratifiedGroupKFold(_FOLDS).split(held, noise, groups):
        always, signs = _fit([said[i] for i in train], noise[train], rare)
        held[rest] = [_value(always, signs, rarest, said[i]) for i in rest]
    ours = held[~noise]
    threshold = max(0.0, float(ours.max())) + 1e-3
    always, signs = _fit(said, noise, rare)
    return Relevance(
        signs={name: (round(worth, 3), round(how_rare, 3)) for name, (worth, how_rare) in signs.items()},
        rarest=round(rarest, 3),
        always=round(always, 3),
        threshold=round(threshold, 3),
        known=_bits(sign for sign in among if sign.startswith("s:")),
        about=int((~noise).sum()),
        noise=int(noise.sum()),
        found=float((held[noise] > threshold).mean()),
        lost=float((ours > threshold).mean()),
    )


def set_aside(learnt: Relevance, texts: Sequence[str], harm: Bools, *, wary: bool = False) -> Bools:
    """Which posts are not about the watch, (n,); `harm`: those that are negative or speak of harm.

    Those never are, nor is a post with two words that are new since it was learnt; with `wary`, while
    something burns, one new word is enough for a post to count.
    """
    known = base64.b64decode(learnt.known)
    found = np.zeros(len(texts), np.bool_)
    for i in np.flatnonzero(~harm).tolist():
        signs = _signs(texts[i])
        if _value(learnt.always, learnt.signs, learnt.rarest, signs) > learnt.threshold:
            new = sum(sign.startswith("s:") and not _holds(known, sign) for sign in signs)
            found[i] = new <= (0 if wary else _MOST_NEW)
    return found


def _words(text: str) -> list[str]:
    return [
        word
        for word in tokens(fold(text))[:_MOST_TOKENS]
        if len(word) >= _LEAST_LETTERS or not word.isascii()
    ]


def _signs(text: str) -> frozenset[str]:
    """The words of a post, and the beginnings of those that have endings."""
    words = _words(text)
    stems = [f"s:{word[:_STEM]}" for word in words if len(word) >= _LETTERS and word.isalpha()]
    return frozenset([f"w:{word}" for word in words] + stems)


def _fit(
    said: Sequence[frozenset[str]], noise: Bools, rare: Mapping[str, float]
) -> tuple[float, dict[str, tuple[float, float]]]:
    """What is added always, and for each sign, with how rare it is."""
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415 - a third of a start
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    turned = DictVectorizer()
    x = turned.fit_transform([_weighed(signs, rare, 0.0) for signs in said])
    model = LogisticRegression(C=_INVERSE_PENALTY, class_weight="balanced", max_iter=2_000).fit(x, noise)
    weights = sorted(
        zip(turned.get_feature_names_out(), model.coef_[0], strict=True), key=lambda one: -abs(one[1])
    )
    kept = {str(name): (float(worth), rare[name]) for name, worth in weights[:_MOST_SIGNS]}
    return float(model.intercept_[0]), kept


def _weighed(signs: frozenset[str], rare: Mapping[str, float], rarest: float) -> dict[str, float]:
    """How much each sign counts in its post: the rarer the more, and all together 1."""
    each = {sign: rare.get(sign, rarest) for sign in sorted(signs)}
    size = sqrt(sum(value * value for value in each.values())) or 1.0
    return {sign: value / size for sign, value in each.items()}


def _value(
    always: float, signs: Mapping[str, tuple[float, float]], rarest: float, said: frozenset[str]
) -> float:
    """How much a post looks like no post about the watch; -inf where what it says speaks for both."""
    each = _weighed(said, {sign: signs[sign][1] for sign in said if sign in signs}, rarest)
    worth = [signs[sign][0] * value for sign, value in each.items() if sign in signs]
    against = sum(value for value in worth if value > 0)
    if not against > _AGREE * sum(map(abs, worth)):
        return -inf
    return always + sum(worth)


def _bits(stems: Iterable[str]) -> str:
    """The stems as one row of bits, which is short whatever people write."""
    held = bytearray(_BITS // 8)
    for stem in stems:
        at = zlib.crc32(stem.encode()) % _BITS
        held[at // 8] |= 1 << at % 8
    return base64.b64encode(held).decode("ascii")


def _holds(known: bytes, stem: str) -> bool:
    at = zlib.crc32(stem.encode()) % _BITS
    return bool(known[at // 8] >> at % 8 & 1)
