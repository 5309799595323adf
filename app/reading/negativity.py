"""Whether a post is negative, neutral or positive: words of our own lists, weighed as they are said."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.reading.folding import fold
from app.reading.irony import believed
from app.reading.lexicon import Lexicon, lexicon, tokens

Floats = npt.NDArray[np.float64]
CLASSES = ("negative", "neutral", "positive")
MOST_TOKENS = 300  # of a post; what comes after says no more

_BEFORE = 3  # words that a negation or an intensifier reaches over
_NEGATIONS, _AFTER = (
    {of: frozenset(words.split()) for of, words in lists.items()}
    for lists in (
        {
            "en": "not no never t none nobody nothing neither nor without cannot hardly dont cant isnt",
            "fr": "ne n pas jamais aucun aucune rien sans ni guere",
        },
        {"en": "", "fr": "pas jamais guere"},  # j'aime pas
    )
)
_STRONGER, _WEAKER, _BUT = (
    frozenset(words.split())
    for words in (
        """very so really extremely absolutely totally completely such fucking damn too most incredibly tres
        trop vraiment tellement si hyper ultra super grave totalement completement extremement""",
        "slightly somewhat kinda bit almost little peu presque plutot assez moins vaguement",
        "but however though mais cependant pourtant sauf",
    )
)
_SOFTENED, _BOOSTED, _TURNED = 0.6, 1.35, -0.6
_IRONIC, _DOUBTED, _LEFT = 0.7, 0.1, 0.25  # of praise: what counts as blame, what stays praise, and the most
_PUT_RIGHT = 0.5  # of what sounds bad, where praise is meant: it was put right


def judge(texts: Sequence[str], languages: Sequence[str | None]) -> Floats:
    """(n, 3) probabilities of negative, neutral and positive, of texts as `readable` gives them."""
    if not texts:
        return np.zeros((0, 3))
    codes = ["fr" if language == "fr" else "en" for language in languages]
    said = np.asarray([_said(text, code) for text, code in zip(texts, codes, strict=True)])
    logits: Floats = said @ _WEIGHTS
    logits[:, 1] += [_NEUTRAL[code] for code in codes]
    likely: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def heard(words: list[str], language: str) -> tuple[float, float]:
    """How bad and how good the tokens of a folded text sound, in French or English."""
    return _heard(words[:MOST_TOKENS], lexicon(language), language)[:2]


def sounds(text: str) -> float:
    """How the words of a name sound by themselves, in either language: above 0 good, below bad."""
    heard = [_heard(tokens(fold(text)), lexicon(of), of)[:2] for of in ("en", "fr")]
    return max((good - bad for bad, good in heard), key=abs)


# Of each feature of `_said` what it adds for negative, neutral and positive. Set by hand, with a look at one
# half of the tweets that benchmarks/reading measures with; it reports the other half beside.
_WEIGHTS = np.asarray(
    [
        [1.1, 0.0, -0.6],  # how bad the words are
        [-0.6, 0.0, 1.0],  # how good they are
        [0.15, -0.3, 0.4],  # it calls out !
        [0.2, 0.0, -0.1],  # it asks ?
    ]
)
_NEUTRAL = {"en": 1.0, "fr": 0.4}  # what silence weighs: English posts chat, with words that mean little


@lru_cache(maxsize=8192)  # the same posts are read again and again while a fire goes on
def _said(text: str, of: str) -> tuple[float, float, int, int]:
    """What a text says, as the numbers that are weighed."""
    words = tokens(fold(text))[:MOST_TOKENS]
    bad, good, calls, asks = _heard(words, lexicon(of), of)
    if good > 0:
        praise = believed(words, bad, good)
        if praise in {"blame", "doubtful"}:
            # Blame is what is meant; where it may be, at least no praise.
            bad, good = bad + (good * _IRONIC if praise == "blame" else 0.0), min(good * _DOUBTED, _LEFT)
        elif praise == "meant":
            bad *= _PUT_RIGHT
    return min(bad, 8.0) ** 0.7, min(good, 8.0) ** 0.7, min(calls, 2), min(asks, 2)


def _heard(words: list[str], known: Lexicon, of: str) -> tuple[float, float, int, int]:
    """Sums of what sounds bad and good, and how often the text calls out and asks."""
    bad = good = 0.0
    calls = asks = skip = 0
    value, phrases = known.value, known.phrases
    for i, word in enumerate(words):
        if skip:
            skip -= 1
            continue
        if word[0] in "!?":
            calls += "!" in word
            asks += "?" in word
            continue
        if word in _BUT:
            bad, good = bad * _SOFTENED, good * _SOFTENED  # what follows is what is meant
            continue
        strength = 0.0
        if word in phrases:
            for rest, of_phrase in phrases[word]:
                if tuple(words[i + 1 : i + 1 + len(rest)]) == rest:
                    strength, skip = of_phrase, len(rest)
                    break
        if not skip:
            strength = value(word)
            if strength:
                strength = _as_said(strength, words, i, of)
        if strength < 0:
            bad -= strength
        else:
            good += strength
    return bad, good, calls, asks


def _as_said(strength: float, words: list[str], i: int, of: str) -> float:
    """The strength of a word among those around it: denied, made stronger, made weaker."""
    before = words[max(0, i - _BEFORE) : i]
    if not words[i][0].isalnum():
        return strength  # a sign is never denied: "nothing for us :("
    if not _NEGATIONS[of].isdisjoint(before) or (i + 1 < len(words) and words[i + 1] in _AFTER[of]):
        return strength * _TURNED if strength > 0 else strength * -0.2
    if not _STRONGER.isdisjoint(before[-2:]):
        return strength * _BOOSTED
    return strength * _SOFTENED if not _WEAKER.isdisjoint(before[-2:]) else strength
