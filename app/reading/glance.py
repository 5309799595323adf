"""What posts say at a first glance, cheap enough for every post that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.reading.language import language
from app.reading.learning import Learnt, corrected
from app.reading.negativity import CLASSES, judge
from app.reading.occasions import occasions
from app.reading.readable import readable

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_NEGATIVE, _POSITIVE = CLASSES.index("negative"), CLASSES.index("positive")


@dataclass(frozen=True, slots=True)
class Toned:
    """n posts as they are read, with their probabilities."""

    texts: tuple[str, ...]
    likely: Floats  # (n, 3): negative, neutral, positive

    @property
    def negative(self) -> Bools:
        """Whether each post is more likely negative than anything else, (n,)."""
        return np.asarray(self.likely.argmax(axis=1) == _NEGATIVE, np.bool_)

    @property
    def positive(self) -> Bools:
        """Whether each is more likely positive, (n,)."""
        return np.asarray(self.likely.argmax(axis=1) == _POSITIVE, np.bool_)

    def taught(self, learnt: Learnt | None, rows: Sequence[int] | None = None) -> "Toned":
        """The same, or the rows of it, as a watch's team would have them."""
        asked = self if rows is None else self.only(rows)
        return Toned(asked.texts, corrected(learnt, asked.texts, asked.likely)) if learnt else asked

    def only(self, rows: Sequence[int]) -> "Toned":
        """The posts of these rows."""
        return Toned(tuple(self.texts[row] for row in rows), self.likely[list(rows)])


@dataclass(frozen=True, slots=True)
class Glance:
    """Of each of n posts, (n,)."""

    negative: Bools
    positive: Bools
    harm: Bools  # negative, or with words of harm done
    launch: Bools  # with words of a launch, and no harm
    feast: Bools  # with words of a match, a show or a calendar day, and none of harm

    @property
    def parts(self) -> tuple[int, int, int]:
        """How many tell of harm, of a launch, and of a feast."""
        return int(self.harm.sum()), int(self.launch.sum()), int(self.feast.sum())


def toned(texts: Sequence[str], tags: Sequence[str | None]) -> Toned:
    """Posts with their tone; `tags` are the languages that their sources gave."""
    read = [_read(text, given) for text, given in zip(texts, tags, strict=True)]
    texts = tuple(text for text, _ in read)
    return Toned(texts, judge(texts, [of for _, of in read]))


@lru_cache(maxsize=8192)  # the same posts are read again and again while a fire goes on
def _read(text: str, given: str | None) -> tuple[str, str | None]:
    """The text as it is read, and its language.

    Only the commonest words are asked for the language: what they leave open is read with both lists.
    """
    read = readable(text)
    return read, language(read, given)


def glance_of(tone: Toned) -> Glance:
    """Tone and occasion of posts whose tone is known.

    >>> posts = ["Yoghurts recalled, two children ill", "New: our skyr is out today!"]
    >>> seen = glance_of(toned(posts, ["en", "en"]))
    >>> seen.harm.tolist(), seen.launch.tolist()
    ([True, False], [False, False])
    """
    said = occasions(tone.texts)
    harm = tone.negative | said[:, 1]
    # What is said of a match sounds angry ("beaten", "attack"): only words of harm take it from its occasion.
    return Glance(tone.negative, tone.positive, harm, said[:, 0] & ~harm, said[:, 2] & ~said[:, 1])
