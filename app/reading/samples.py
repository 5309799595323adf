"""Sample posts chosen, not sampled: each for a reason, with near-duplicates folded into one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from app.reading.folding import fold

Why = Literal["first", "most_relayed", "most_followed", "typical", "latest"]

MOST = 5
_ALIKE = 0.8  # cosine of TF-IDF words and pairs of words
_OTHER_TOPIC = 0.35  # two posts this little alike are shown as two topics
_NOISE = re.compile(r"https?://\S+|\brt @\w+:?|@\w+|[^\w\s#]")


@dataclass(frozen=True, slots=True)
class Text:
    """What choosing needs of a post."""

    post_id: int
    author: str | None
    text: str  # title and text
    published_at: datetime
    relayed: int = 0  # shares and replies
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen post, why it is shown, and how many near-duplicates it stands for."""

    post_id: int
    why: Why
    alike: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sample posts, and how many of the posts looked at were copies of others."""

    choices: tuple[Choice, ...]
    copies: int


def choose(texts: Sequence[Text], most: int = MOST) -> Chosen:
    """The first, the most relayed, the most followed, and the most typical of each topic; then the latest.

    One post for each group of near-duplicates and, as far as there are enough, for each author.
    """
    if not texts:
        return Chosen((), 0)
    vectors = _vectors([t.text for t in texts])
    similar = (vectors @ vectors.T).toarray() if vectors is not None else np.eye(len(texts))
    group = _groups(texts, similar)
    sizes = np.bincount(group)
    taken: dict[int, Why] = {}

    def take(index: int, why: Why) -> None:
        author = texts[index].author
        known = any(group[i] == group[index] or (author and texts[i].author == author) for i in taken)
        if len(taken) < most and not known:
            taken[index] = why

    order = sorted(range(len(texts)), key=lambda i: (texts[i].published_at, texts[i].post_id))
    take(order[0], "first")
    relayed = max(order, key=lambda i: texts[i].relayed)
    if texts[relayed].relayed > 0:
        take(relayed, "most_relayed")
    followed = max(order, key=lambda i: texts[i].followers)
    if texts[followed].followers > 0:
        take(followed, "most_followed")
    for index in _typical(similar, group, sizes, most):
        take(index, "typical")
    for index in reversed(order):
        take(index, "latest")
    choices = tuple(Choice(texts[i].post_id, why, int(sizes[group[i]]) - 1) for i, why in taken.items())
    return Chosen(choices, int((sizes - 1).sum()))


def words(text: str) -> str:
    """The text without links, names and signs: what two copies have in common."""
    return _NOISE.sub(" ", fold(text)).strip()


def _vectors(texts: list[str]) -> Any:  # noqa: ANN401 - a scipy matrix; no type stubs
    try:
        return TfidfVectorizer(
            preprocessor=words, tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True
        ).fit_transform(texts)
    except ValueError:  # not one word in all of them: only emoji, only links
        return None


def _groups(texts: Sequence[Text], similar: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The group of near-duplicates that each post is in."""
    close = similar >= _ALIKE
    by_text: dict[str, int] = {}
    for i, text in enumerate(texts):
        twin = by_text.setdefault(words(text.text) or fold(text.text), i)
        close[i, twin] = close[twin, i] = True
    labels: npt.NDArray[np.int64] = connected_components(close, directed=False)[1].astype(np.int64)
    return labels


def _typical(
    similar: npt.NDArray[np.float64], group: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], most: int
) -> list[int]:
    """Posts that are most like the others, each of another topic than those before it."""
    likeness = similar.mean(axis=1) + 0.001 * sizes[group]
    typical: list[int] = []
    for index in np.argsort(-likeness, kind="stable"):
        if all(similar[index, other] < _OTHER_TOPIC for other in typical):
            typical.append(int(index))
        if len(typical) == most:
            break
    return typical
