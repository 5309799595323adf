"""What a source gives, and what a kind of source is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import httpx
from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Item:
    """A post as its source gave it. `published_at` is None where the source did not say when."""

    external_id: str  # unique in its source, at most 512 characters
    text: str
    published_at: datetime | None
    precision: Literal["exact", "day"] = "exact"
    title: str = ""
    author: str | None = None
    url: str | None = None
    lang: str | None = None
    edited_at: datetime | None = None
    likes: int | None = None
    shares: int | None = None
    replies: int | None = None
    reach: int | None = None
    followers: int | None = None
    extra: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run brought. The cursor is stored in one transaction with the items, never before them."""

    items: list[Item]
    cursor: dict[str, Any]
    window_from: datetime | None  # what was looked at
    window_to: datetime
    status: Literal["ok", "empty", "unchanged", "partial"]
    coverage: float = 1.0  # 0 to 1: the part of the window that was really observed
    note: str = ""  # what a person should know: "gap: none of the known items is left in the feed"
    next_in: timedelta | None = None  # when to come back, if the source has a wish
    deleted: list[str] = field(default_factory=list)  # external ids that their source took back


class Source(Protocol):
    """A place that posts come from."""

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """What came since the cursor; a SourceError says why nothing could be heard."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: its settings, what it needs, and how one is built."""

    name: str
    summary: str  # one sentence for people who choose
    settings: type[BaseModel]
    build: Callable[[Any, httpx.Client, str | None], Source] | None  # None: posts are brought to us
    cadence: timedelta
    # needed: nothing is heard without it; made: Tocsin makes it and shows it once
    secret: Literal["none", "optional", "needed", "made"] = "none"  # noqa: S105 - a word, not a secret
    gives: str = ""  # what comes with a post, or beside the posts: engagement, reach, volume
    needs: str = ""  # one sentence: the contract, key or approval without which nothing comes
    price: str = ""  # empty: free
    starts: bool = True  # False: is added switched off, until a person has what it needs
