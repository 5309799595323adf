"""What is repeated and by whom: copies, bursts of accounts, accounts that act together, floods of one."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu
from scipy.sparse.csgraph import connected_components

from app.pages import page
from app.reading.alike import core, core_of, groups, relays

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
# relay: copies that name or link what they pass on, as people do, or a few over hours; burst: many accounts
# within minutes, or a crowd, that say it as their own; syndication: one text in several outlets, that each
# chose to print it; flood: one account; pair and ring: two and more accounts that repeat the same texts again
# and again.
PatternKind = Literal["relay", "burst", "syndication", "flood", "pair", "ring"]

_SAID = 5  # words; thanks and greetings are no copies of each other
_SOON, _MANY = timedelta(minutes=10), 5  # accounts in so short a time do not do it by chance
_OUTLETS = 3
_FLOOD, _FLOOD_PART = 5, 0.2  # posts of one account, and their part of all
_CROWD = 20  # accounts that say the same as their own do not do it by chance in hours either
_TOGETHER, _OFTEN = 3, 5  # texts that two accounts both repeated; that those of a ring did
_MUCH = 0.7  # part of what either of them repeated
_FEW_PAIRS = 3
_EACH, _TEXTS = 5, 3  # copies of half of all texts, and the least number of texts: nobody speaks, all repeat
_MOST_ACCOUNTS = 3_000  # that are looked at for pairs: those that repeat most


@dataclass(frozen=True, slots=True)
class AuthoredText:
    """What this needs of a post."""

    author: str | None
    at: datetime
    text: str
    url: str | None = None
    relays: bool = False  # the source says that it passes on another post; a text that says so needs no word


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which posts were repeated."""

    kind: PatternKind
    posts: int
    accounts: int
    seconds: float  # from the first to the last; of a quick burst, of its densest ten minutes
    first: int  # index of the post that was repeated, or that came first


@dataclass(frozen=True, slots=True)
class Amplification:
    """Of n posts, in the order in which they were given."""

    organic: Bools  # (n,): not a repetition
    pushed: Bools  # (n,): repeated in a way that honest people do not
    group: Ints  # (n,): near-duplicates share a number
    patterns: tuple[Pattern, ...]  # the largest first

    @property
    def share(self) -> float:
        """The part that repeats, from 0 to 1."""
        return 1.0 - float(self.organic.mean()) if len(self.organic) else 0.0


def wording(text: str) -> str | None:
    """What exact copies of a post have in common; None where so little is said that it proves nothing."""
    words = core(text).words
    return " ".join(words) if len(words) >= _SAID else None


def digest(read: str, author: str | None, url: str | None) -> int | None:
    """What a post as it is read, and its exact copies, are known by: 64 bits with a sign; None: by nothing.

    A post of an account by its words; one of an outlet, which names no account, by its page: other outlets
    that print the same text chose to.
    """
    if author:
        words = core_of(read).words
        text = " ".join(words) if len(words) >= _SAID else None
    else:
        text = page(url)
    return None if text is None else _hashed(f"{'a' if author else 'p'}:{text}")


def _hashed(text: str) -> int:
    made = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(made, "big", signed=True)


def amplified(posts: Sequence[AuthoredText]) -> Amplification:
    """Which posts repeat others, and in what manner; the order of the posts makes no difference.

    The first of each text is organic, and so is each outlet's of a text that several print; what one account
    adds to a flood is not. What people pass on from each other, naming or linking it, is not pushed; bursts,
    floods, rings, what one account says twice and copies where nearly every text has some are.
    """
    n = len(posts)
    organic, pushed = np.ones(n, np.bool_), np.zeros(n, np.bool_)
    group = groups([post.text for post in posts], [post.url for post in posts])
    order = sorted(range(n), key=lambda i: (posts[i].at, posts[i].author or "", posts[i].text))
    members: dict[int, list[int]] = defaultdict(list)
    for i in order:
        members[int(group[i])].append(i)
    patterns: list[Pattern] = []
    repeated = [found for found in members.values() if len(found) > 1 and _tells(posts, found)]
    for found in repeated:
        patterns.append(pattern := _pattern(posts, found))
        organic[found[1:]] = pattern.kind == "syndication"
        pushed[found[1:]] = pattern.kind == "burst"
        if pattern.kind == "relay":
            pushed[_again(posts, found)] = True
    if _all_repeated(posts, members.values()):
        pushed |= ~organic
    for found in _flood(posts, order):
        organic[found[1:]] = False
        pushed[found[1:]] = True
        patterns.append(_of("flood", posts, found))
    for kind, found in _together(posts, repeated):
        patterns.append(_of(kind, posts, found))
        if kind == "ring":
            pushed[[i for i in found if not organic[i]]] = True
    return Amplification(
        organic, pushed, group, tuple(sorted(patterns, key=lambda p: (-p.posts, p.kind, p.first)))
    )


def _tells(posts: Sequence[AuthoredText], found: Sequence[int]) -> bool:
    """Whether that posts say the same is no chance: enough is said, of one page, or by a crowd at once."""
    if wording(posts[found[0]].text):
        return True
    if _one_page(posts, found):
        return True
    return (
        len(core(posts[found[0]].text).words) > 1 and len(_accounts(posts, _densest(posts, found))) >= _CROWD
    )


def _all_repeated(posts: Sequence[AuthoredText], texts: Collection[Sequence[int]]) -> bool:
    """Whether half of all texts are repeated often, and not in the name of who said them."""
    own = sorted(sum(not _names_it(posts[i]) for i in copies) for copies in texts)
    return len(own) >= _TEXTS and own[len(own) // 2] > _EACH


def _names_it(post: AuthoredText) -> bool:
    return post.relays or relays(post.text)


def _passes_on(post: AuthoredText) -> bool:
    """Whether a post says whose words these are, or leads to them, as shared headlines do."""
    return _names_it(post) or "://" in post.text


def _one_page(posts: Sequence[AuthoredText], found: Sequence[int]) -> bool:
    pages = {page(posts[i].url) for i in found}
    return len(pages) == 1 and None not in pages


def _again(posts: Sequence[AuthoredText], found: Sequence[int]) -> list[int]:
    """What an account repeats that it said already."""
    said: set[str] = set()
    again = []
    for i in found:
        author = posts[i].author
        if author in said:
            again.append(i)
        elif author:
            said.add(author)
    return again


def _accounts(posts: Sequence[AuthoredText], found: Sequence[int]) -> set[str]:
    return {author for i in found if (author := posts[i].author)}


def _of(kind: PatternKind, posts: Sequence[AuthoredText], found: Sequence[int]) -> Pattern:
    seconds = (posts[found[-1]].at - posts[found[0]].at).total_seconds()
    return Pattern(kind, len(found), len(_accounts(posts, found)), seconds, found[0])


def _pattern(posts: Sequence[AuthoredText], found: Sequence[int]) -> Pattern:
    """How one text was repeated; `found` in order of time."""
    hosts = [where.split("/")[0] for i in found if (where := page(posts[i].url)) and "/" in where]
    # Posts of a network have their addresses there; outlets have each their own.
    if len(set(hosts)) >= _OUTLETS and len(set(hosts)) >= 0.5 * len(found):
        return _of("syndication", posts, found)
    # Thousands pass on one post within minutes where it moves them, and say whose it is.
    own = [i for i in found if not _passes_on(posts[i])]
    best = _densest(posts, own)
    if len(_accounts(posts, best)) >= _MANY and len(best) >= 0.5 * len(found):
        return _of("burst", posts, best)
    if len(_accounts(posts, own)) >= _CROWD and len(own) >= 0.5 * len(found) and not _one_page(posts, found):
        return _of("burst", posts, own)
    return _of("relay", posts, found)


def _densest(posts: Sequence[AuthoredText], found: Sequence[int]) -> Sequence[int]:
    """Those of the ten minutes that hold most."""
    at, most, start = 0, 0, 0
    for end, i in enumerate(found):
        while posts[i].at - posts[found[start]].at > _SOON:
            start += 1
        if end + 1 - start > most:
            at, most = start, end + 1 - start
    return found[at : at + most]


def _flood(posts: Sequence[AuthoredText], order: Sequence[int]) -> list[list[int]]:
    by_author: dict[str, list[int]] = defaultdict(list)
    for i in order:
        author = posts[i].author
        if author:
            by_author[author].append(i)
    least = max(_FLOOD, _FLOOD_PART * len(posts))
    return [found for _, found in sorted(by_author.items()) if len(found) >= least]


def _together(
    posts: Sequence[AuthoredText], texts: Sequence[Sequence[int]]
) -> list[tuple[PatternKind, list[int]]]:
    """What accounts that act together repeated: the rings, and of the pairs outside of them the closest."""
    said: dict[str, dict[int, int]] = defaultdict(dict)  # account: text: its first post of it
    for text, copies in enumerate(texts):
        for i in copies:
            if author := posts[i].author:
                said[author].setdefault(text, i)
    often = sorted(
        (author for author, mine in said.items() if len(mine) >= _TOGETHER), key=lambda a: (-len(said[a]), a)
    )[:_MOST_ACCOUNTS]
    if len(often) < 2:
        return []
    rows = [row for row, author in enumerate(often) for _ in said[author]]
    columns = [text for author in often for text in said[author]]
    held = csr_matrix((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(often), len(texts)))
    pairs = triu(held @ held.T, k=1).tocoo()
    sizes = np.asarray(held.sum(axis=1)).ravel()
    much = pairs.data >= _MUCH * (sizes[pairs.row] + sizes[pairs.col] - pairs.data)
    ringed = much & (pairs.data >= _OFTEN)
    ring = connected_components(
        csr_matrix(
            (pairs.data[ringed], (pairs.row[ringed], pairs.col[ringed])), shape=(len(often), len(often))
        )
    )[1]
    found: list[tuple[PatternKind, list[int]]] = []
    for label in np.flatnonzero(np.bincount(ring) > 1):
        who = np.flatnonzero(ring == label)
        found.append((_kind(len(who)), [i for row in who for i in said[often[row]].values()]))
    alone = np.flatnonzero((pairs.data >= _TOGETHER) & (ring[pairs.row] != ring[pairs.col]))
    for k in alone[np.argsort(-pairs.data[alone], kind="stable")][:_FEW_PAIRS]:
        mine, theirs = said[often[pairs.row[k]]], said[often[pairs.col[k]]]
        found.append(("pair", [one[text] for text in mine.keys() & theirs.keys() for one in (mine, theirs)]))
    return [(kind, sorted(which, key=lambda i: (posts[i].at, i))) for kind, which in found]


def _kind(accounts: int) -> PatternKind:
    return "ring" if accounts > 2 else "pair"
