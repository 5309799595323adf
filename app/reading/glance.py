"""What posts say at a first glance, cheap enough for every post that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.reading.clean import readable
from app.reading.language import by_words, tag
from app.reading.negativity import judge
from app.reading.occasions import occasions

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Glance:
    """Of each of n posts, (n,)."""

    negative: Bools
    positive: Bools
    harm: Bools  # negative, or with words of harm done
    launch: Bools  # with words of a launch, and no harm

    @property
    def parts(self) -> tuple[int, int]:
        """How many tell of harm, and how many of a launch."""
        return int(self.harm.sum()), int(self.launch.sum())


def negative(texts: Sequence[str], tags: Sequence[str | None]) -> Bools:
    """Whether each post is negative, (n,); `tags` are the languages that their sources gave."""
    return np.asarray(_tone([readable(text) for text in texts], tags) == 0, np.bool_)


def glance(texts: Sequence[str], tags: Sequence[str | None]) -> Glance:
    """Tone and occasion of each post.

    >>> seen = glance(["Yoghurts recalled, two children ill", "New: our skyr is out today!"], ["en", "en"])
    >>> seen.harm.tolist(), seen.launch.tolist()
    ([True, False], [False, False])
    """
    read = [readable(text) for text in texts]
    tone = _tone(read, tags)
    said = occasions(read)
    harm = (tone == 0) | said[:, 1]
    return Glance(tone == 0, tone == 2, harm, said[:, 0] & ~harm)


def _tone(read: Sequence[str], tags: Sequence[str | None]) -> NDArray[np.int64]:
    # Only the commonest words are asked for the language: what they leave open is read with both lists.
    languages = [tag(given) or by_words(text) for given, text in zip(tags, read, strict=True)]
    return np.asarray(judge(read, languages).argmax(axis=1))
