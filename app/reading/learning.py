"""What a team teaches of its own watch: a correction of the default judgement, used where it is better."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_matrix

from app.reading.folding import fold
from app.reading.lexicon import tokens
from app.reading.negativity import CLASSES, MOST_TOKENS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Tone = Literal["negative", "neutral", "positive"]

LEAST_LABELS = 40  # by people; fewer measure nothing
_MOST_WORDS = 2_000
_LEAST_POSTS = 2  # that hold a word, before anything is learnt of it
_FOLDS = 5
_REINS = 2.0  # how strongly a word is held to what the default says of it
_VERDICT = 0.2  # what a post of a judged incident weighs beside a labelled one


class Lesson(BaseModel):
    """A post and its tone: as a person labelled it, or as the verdict of its incident suggests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(description="as `readable` gives it")
    likely: tuple[float, float, float] = Field(description="the default's probabilities")
    tone: Tone = Field(description="what it is")
    weight: float = Field(1.0, gt=0, le=1, description="1: labelled by a person; less: from a verdict")


class Learnt(BaseModel):
    """A correction with its measured worth; as JSON it is a setting of the watch like any other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: dict[str, tuple[float, float, float]] = Field(description="what each word adds for each tone")
    always: tuple[float, float, float] = Field(description="what every post gets")
    labels: int = Field(description="posts that people labelled")
    before: float = Field(description="macro-F1 of the default on them")
    after: float = Field(description="macro-F1 with the correction, on posts that it was not fitted on")
    gain: float = Field(description="how much likelier the labels became, in nats a post")
    doubt: float = Field(description="standard error of the gain")

    @property
    def better(self) -> bool:
        """Whether the correction is worth using."""
        return self.gain > 2 * self.doubt and self.after > self.before

    def telling(self, tone: Tone, most: int = 10) -> tuple[str, ...]:
        """The words that it learnt to hear as this tone, the strongest first."""
        at = CLASSES.index(tone)
        ordered = sorted(self.words, key=lambda word: (-self.words[word][at], word))
        return tuple(word for word in ordered[:most] if self.words[word][at] > 0)


def of_verdict(
    verdict: Literal["fire", "false_alarm"], posts: Sequence[tuple[str, tuple[float, float, float]]]
) -> list[Lesson]:
    """What the verdict of an incident suggests of its posts: a fire's are negative, a false alarm's are not.

    Weakly: a fire has its jokes, a false alarm its grumbles. Praise in a fire stays what it is.
    """
    tone: Tone = "negative" if verdict == "fire" else "neutral"
    return [
        Lesson(text=text, likely=likely, tone=tone, weight=_VERDICT)
        for text, likely in posts
        if int(np.argmax(likely)) != CLASSES.index("positive")
    ]


def learn(lessons: Sequence[Lesson]) -> Learnt | None:
    """The correction that these lessons teach, measured by cross-validation; None where they are too few."""
    lessons = sorted(lessons, key=lambda lesson: (lesson.text, lesson.tone, lesson.weight))
    labelled = np.asarray([lesson.weight == 1.0 for lesson in lessons], bool)
    said = [_words(lesson.text) for lesson in lessons]
    # Copies of one post are not to be learnt from and measured on.
    seen: dict[str, int] = {}
    groups = np.asarray([seen.setdefault(" ".join(sorted(words)), len(seen)) for words in said])
    if labelled.sum() < LEAST_LABELS or len(set(groups[labelled])) < 2 * _FOLDS:
        return None
    prior = _logs(np.asarray([lesson.likely for lesson in lessons], float))
    tones = np.asarray([CLASSES.index(lesson.tone) for lesson in lessons])
    weights = np.asarray([lesson.weight for lesson in lessons])
    corrected = prior.copy()
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415 - a third of what each start took

    for train, held in GroupKFold(_FOLDS).split(prior, tones, groups):
        words, always = _fit([said[i] for i in train], prior[train], tones[train], weights[train])
        corrected[held] = prior[held] + _add([said[i] for i in held], words, always)
    tone = tones[labelled]
    before, after = prior[labelled], _logs(_softmax(corrected[labelled]))
    gains = after[np.arange(len(tone)), tone] - before[np.arange(len(tone)), tone]
    words, always = _fit(said, prior, tones, weights)
    return Learnt(
        words={word: _three(values) for word, values in words.items() if np.abs(values).max() >= 0.01},
        always=_three(always),
        labels=int(labelled.sum()),
        before=_f1(tone, before),
        after=_f1(tone, after),
        gain=float(gains.mean()),
        doubt=float(gains.std(ddof=1) / np.sqrt(len(gains))),
    )


def corrected(learnt: Learnt, texts: Sequence[str], likely: Floats) -> Floats:
    """The default's probabilities as the watch's team would have them."""
    if not texts:
        return likely
    words = {word: np.asarray(values) for word, values in learnt.words.items()}
    added = _add([_words(text) for text in texts], words, np.asarray(learnt.always))
    return _softmax(_logs(likely) + added)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in tokens(fold(text))[:MOST_TOKENS] if len(word) > 1 or not word.isascii())


def _fit(
    said: Sequence[frozenset[str]], prior: Floats, tones: Ints, weights: Floats
) -> tuple[dict[str, Floats], Floats]:
    """What each word adds to the logs of the default: a logistic regression that begins at the default."""
    counts = Counter(word for words in said for word in words)
    common = sorted((w for w, n in counts.items() if n >= _LEAST_POSTS), key=lambda w: (-counts[w], w))
    names = {word: i for i, word in enumerate(common[:_MOST_WORDS])}
    cells = [(row, names[word]) for row, words in enumerate(said) for word in words if word in names]
    rows, columns = np.asarray(cells, int).reshape(-1, 2).T
    x = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(said), len(names)))
    wanted = np.eye(3)[tones]

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(-1, 3)
        likely = _softmax(prior + x @ w[:-1] + w[-1])
        off = (likely - wanted) * weights[:, None]
        gradient = np.vstack([x.T @ off, off.sum(axis=0)]) + _REINS * w
        missed = -(weights * np.log(np.maximum((likely * wanted).sum(axis=1), 1e-12))).sum()
        return float(missed + 0.5 * _REINS * (w**2).sum()), gradient.ravel()

    from scipy.optimize import minimize  # noqa: PLC0415 - a tenth of what each start took

    w = minimize(loss, np.zeros(3 * (len(names) + 1)), jac=True, method="L-BFGS-B").x.reshape(-1, 3)
    return {word: w[i] for word, i in names.items()}, w[-1]


def _add(said: Sequence[frozenset[str]], words: dict[str, Floats], always: Floats) -> Floats:
    nothing = np.zeros(3)
    return np.asarray([sum((words.get(word, nothing) for word in sorted(each)), always) for each in said])


def _logs(likely: Floats) -> Floats:
    return np.log(np.clip(likely, 1e-6, 1.0))


def _softmax(logits: Floats) -> Floats:
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def _f1(tones: Ints, logits: Floats) -> float:
    from sklearn.metrics import f1_score  # noqa: PLC0415 - a third of what each start took

    return float(f1_score(tones, logits.argmax(axis=1), average="macro", zero_division=0))


def _three(values: Floats) -> tuple[float, float, float]:
    first, second, third = (round(float(value), 4) for value in values)
    return first, second, third
