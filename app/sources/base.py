"""What a source gives, and what a kind of source is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Item:
    """A post as its source gave it. `published_at` is None where the source did not say when.

    `precision`: how well it is known; "first_seen": not at all, and it was there before that instant.
    """

    external_id: str  # unique in its source, at most 512 characters
    text: str
    published_at: datetime | None
    precision: Literal["exact", "day", "first_seen"] = "exact"
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
class Volume:
    """How much was said in a stretch of time, as a source counts it itself."""

    at: datetime  # its start
    step: timedelta  # its length
    count: int  # posts or articles that match
    total: int | None = None  # all that the source looked at meanwhile, if it says so


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
    latest_in: timedelta | None = None  # when to come back at the latest, or posts may be lost
    hub: tuple[str, str] | None = None  # a hub that tells of what is new, and the topic to ask it for
    deleted: list[str] = field(default_factory=list)  # external ids that their source took back
    cost: float = 0.0  # what the run cost, in USD
    volume: Sequence[Volume] = ()  # counts for stretches that are over; a later run may correct them
    aside: bool = False  # it asked for volume only: nothing follows for how well the source is heard


@dataclass(frozen=True, slots=True)
class StepBack:
    """What one step of a look back is to ask for: what was said before `until`, and not before `since`."""

    since: datetime
    until: datetime
    now: datetime
    mark: Mapping[str, Any] = field(default_factory=dict)  # what the step before left; empty at first
    cursor: Mapping[str, Any] = field(default_factory=dict)  # that of the live runs, to be read only


@dataclass(frozen=True, slots=True)
class Past:
    """What one step of a look back found of the time before a source was made."""

    items: Sequence[Item]
    reached: datetime  # all from here to where the step began was asked for
    mark: Mapping[str, Any] | None  # where the next step goes on; None: nothing older is to be had
    # 0 to 1: the part of that stretch that was seen; 0: what was found says nothing of how much was said
    coverage: float = 1.0
    requests: int = 1
    volume: Sequence[Volume] = ()
    note: str = ""  # what a person should know


@dataclass(frozen=True, slots=True)
class Budget:
    """What a source may use in a time, and what it has used of it."""

    what: str  # "USD for posts of X"
    used: float
    of: float
    resets_at: datetime

    @property
    def left(self) -> float:
        """What is left."""
        return max(0.0, self.of - self.used)


class Source(Protocol):
    """A place that posts come from."""

    def fetch(self, cursor: dict[str, Any], *, now: datetime) -> Batch:
        """What came since the cursor; a SourceError says why nothing could be heard."""
        ...


@runtime_checkable
class LooksBack(Protocol):
    """A source that can be asked for the time before it was made."""

    def look_back(self, step: StepBack) -> Past:
        """One step back in time, of one request or two.

        A SourceError says why nothing could be had; the same step is tried again later.
        """
        ...


@runtime_checkable
class Recounts(Protocol):
    """A source that can be asked for posts that are known, as they are now."""

    def recount(self, external_ids: Sequence[str], *, now: datetime) -> list[Item]:
        """Those of the posts that it shows, with how often they are liked, shared and answered by now."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """How a stream is called: what is set here is done by whoever holds the line."""

    url: str  # ws and wss: a websocket; http and https: server-sent events
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: timedelta = timedelta(seconds=30)  # not a word for so long: hang up, and call again
    resumes: bool = True  # goes on from the cursor; False: `fetch` of the same kind fills the hole


@dataclass(frozen=True, slots=True)
class Heard:
    """What one frame of a stream says; most say nothing of interest."""

    items: Sequence[Item] = ()
    deleted: Sequence[str] = ()  # external ids that were taken back
    position: tuple[int, str] | None = None  # rises along the stream: (time_us, "") or (len(id), id)
    at: datetime | None = None  # when the source says that this happened; None: now
    note: str = ""  # what a person should know: "the stream began again later than the cursor"


class Stream(Protocol):
    """A source that goes on speaking: how it is called, and what its frames say. It calls nobody itself."""

    def call(self, cursor: dict[str, Any], *, now: datetime, tries: int) -> Call:
        """How to call from here on, a little rewound; after `tries` failures in a row, perhaps elsewhere."""
        ...

    def read(self, frame: str) -> Heard:
        """What a frame says: one message of a websocket, or the lines of one server-sent event.

        A SourceError if the stream ends with it; a frame that cannot be read says nothing, in a note.
        """
        ...

    def cursor(self, before: dict[str, Any], position: tuple[int, str]) -> dict[str, Any]:
        """The cursor once everything up to this position is stored."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: its settings, what it needs, and how one is built."""

    name: str
    summary: str  # one sentence for people who choose
    settings: type[BaseModel]
    # None: posts are brought to us, or come in a stream only
    build: Callable[[Any, httpx.Client, str | None], Source] | None
    cadence: timedelta
    # needed: nothing is heard without it; made: Tocsin makes it and shows it once
    secret: Literal["none", "optional", "needed", "made"] = "none"  # noqa: S105 - a word, not a secret
    gives: str = ""  # what comes with a post, or beside the posts: engagement, reach, volume
    needs: str = ""  # one sentence: the contract, key or approval without which nothing comes
    price: str = ""  # empty: free
    budget: Callable[[Any, Mapping[str, Any], datetime], Budget | None] | None = (
        None  # by settings, cursor, now
    )
    starts: bool = True  # False: is added switched off, until a person has what it needs
    # The stream of these settings and this secret, or None where they ask for none; `build` fills the holes.
    listen: Callable[[Any, str | None], Stream | None] | None = None
    looks_back: timedelta = timedelta(0)  # how far a `LooksBack` can; 0: not at all
    recounts: int = 0  # posts that a `Recounts` is asked for at a time; 0: it cannot be
    floods: bool = False  # it brings all that is said there: only what a watch asks for is stored
    # The posts of a body that was brought, and what could not be read of it: of kinds that ask for nothing.
    brought: Callable[[Any, bytes], tuple[Sequence[Item], Sequence[str]]] | None = None
    hub: bool = False  # a hub may tell of what is new: its batches name it
    # A secret of the right shape that opens nothing: to replay saved answers without one.
    stand_in: Callable[[], str] | None = None
    # The settings that ask for this address, or None if it is not one of this kind: to replay saved answers.
    from_url: Callable[[str], Mapping[str, Any] | None] | None = None
