"""Who carries it: how many, known or new, with what reach, and how much of it one voice makes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

LEADING = 3


@dataclass(frozen=True, slots=True)
class Voiced:
    """What this needs of a post."""

    author: str | None
    at: datetime
    followers: int = 0
    relays: bool = False  # passes on what another said
    press: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """An account."""

    name: str
    posts: int
    followers: int  # the most that a post of it told; 0: not told
    known: bool  # it spoke of this watch before
    relays: bool  # it only passes on


@dataclass(frozen=True, slots=True)
class Voices:
    """The accounts of n posts; `signed` of them tell whose they are."""

    accounts: int
    signed: int
    new: int  # accounts that did not speak of this watch before
    relaying: int  # accounts that only pass on
    press: int  # posts of newspapers, radio and television
    loudest: Voice | None
    leading: tuple[Voice, ...]  # those with the most followers, at most three


def voices(posts: Sequence[Voiced], known: Collection[str]) -> Voices:
    """Who wrote n posts; `known`: the accounts, of these, that spoke of the watch before."""
    said: Counter[str] = Counter(post.author for post in posts if post.author)
    followers: Counter[str] = Counter()
    own: set[str] = set()
    for post in posts:
        if post.author:
            followers[post.author] = max(followers[post.author], post.followers)
            own.update([] if post.relays else [post.author])
    known = frozenset(known)

    def voice(name: str) -> Voice:
        return Voice(name, said[name], followers[name], name in known, name not in own)

    by_reach = sorted(
        (name for name in said if followers[name] > 0), key=lambda name: (-followers[name], name)
    )
    loudest = min(said, key=lambda name: (-said[name], name), default=None)
    return Voices(
        accounts=len(said),
        signed=said.total(),
        new=len(said.keys() - known),
        relaying=len(said.keys() - own),
        press=sum(post.press for post in posts),
        loudest=None if loudest is None else voice(loudest),
        leading=tuple(map(voice, by_reach[:LEADING])),
    )
