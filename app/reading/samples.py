"""Sample posts chosen, not sampled: each for a reason, with near-duplicates folded into one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from app.reading.folding import fold

Why = Literal["first", "most_relayed", "most_followed", "most_negative", "typical", "latest"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST = 5
_FRESH = 2  # of the latest, beside those that are shown already
_SURELY = 0.6  # probability: less is not shown as the most negative
_OTHER_TOPIC = 0.35  # cosine; two posts this little alike are shown as two topics
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


def choose(
    texts: Sequence[Text],
    group: Ints,
    *,
    topics: Sequence[Sequence[int]] = (),
    organic: Bools | None = None,
    negative: Floats | None = None,
    shown: Sequence[tuple[int, Why]] = (),
    most: int = MOST,
) -> tuple[Choice, ...]:
    """The first, the most relayed, followed and negative, the most typical of each topic; then the latest.

    One post for each group of near-duplicates, (n,), and, as far as there are enough, for each author. What
    is not `organic`, (n,), copies and floods, is held back. `negative`: how likely each post is that, (n,).
    `topics`: the indices of the posts of each. What is `shown` already, posts with their reasons, keeps its
    place; new ones take free places, and two of the latest come behind.
    """
    if not texts:
        return ()
    vectors = _vectors([t.text for t in texts])
    similar = (vectors @ vectors.T).toarray() if vectors is not None else np.eye(len(texts))
    sizes = np.bincount(group)
    own = np.ones(len(texts), np.bool_) if organic is None or not organic.any() else organic
    taken: dict[int, Why] = {}

    def take(index: int, why: Why, most: int = most) -> None:
        author = texts[index].author
        known = any(group[i] == group[index] or (author and texts[i].author == author) for i in taken)
        if len(taken) < most and not known:
            taken[index] = why

    where = {text.post_id: i for i, text in enumerate(texts)}
    taken |= {where[post_id]: why for post_id, why in shown[:most] if post_id in where}
    held = [int(i) for i in np.flatnonzero(own)]
    order = sorted(held, key=lambda i: (texts[i].published_at, texts[i].post_id))
    for index, why in _outstanding(texts, order, negative):
        take(index, why)
    for index in [*_of_topics(similar, topics, own), *_typical(similar, group, sizes, own, most)]:
        take(index, "typical")
    # What was said last of a topic says more than what was said last of anything.
    spoken = {i for posts in topics for i in posts}
    for index in sorted(order, key=lambda i: (i in spoken, texts[i].published_at, i), reverse=True):
        take(index, "latest", most + _FRESH if shown else most)
    return tuple(Choice(texts[i].post_id, why, int(sizes[group[i]]) - 1) for i, why in taken.items())


def _outstanding(
    texts: Sequence[Text], order: Sequence[int], negative: Floats | None
) -> Iterator[tuple[int, Why]]:
    """The posts that stand out by themselves, of those in the order of their times."""
    yield order[0], "first"
    relayed = max(order, key=lambda i: texts[i].relayed)
    if texts[relayed].relayed > 0:
        yield relayed, "most_relayed"
    followed = max(order, key=lambda i: texts[i].followers)
    if texts[followed].followers > 0:
        yield followed, "most_followed"
    if negative is not None:
        worst = max(order, key=lambda i: negative[i])
        if negative[worst] >= _SURELY:
            yield worst, "most_negative"


def words(text: str) -> str:
    """The text without links, names and signs: what two copies have in common."""
    return _NOISE.sub(" ", fold(text)).strip()


def _vectors(texts: list[str]) -> Any:  # noqa: ANN401 - a scipy matrix; no type stubs
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - a third of what each start took

    try:
        return TfidfVectorizer(
            preprocessor=words, tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True
        ).fit_transform(texts)
    except ValueError:  # not one word in all of them: only emoji, only links
        return None


def _of_topics(similar: Floats, topics: Sequence[Sequence[int]], own: Bools) -> list[int]:
    """Of each topic the post that is most like the others of it."""
    found = []
    for posts in topics:
        mine = [i for i in posts if own[i]]
        if mine:
            found.append(mine[int(similar[np.ix_(mine, mine)].mean(axis=1).argmax())])
    return found


def _typical(similar: Floats, group: Ints, sizes: Ints, own: Bools, most: int) -> list[int]:
    """Posts that are most like the others, each of another topic than those before it."""
    likeness = similar.mean(axis=1) + 0.001 * sizes[group]
    typical: list[int] = []
    for index in np.argsort(-likeness, kind="stable"):
        if own[index] and all(similar[index, other] < _OTHER_TOPIC for other in typical):
            typical.append(int(index))
        if len(typical) == most:
            break
    return typical
