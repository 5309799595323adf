"""What a channel is told, and what it answers."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, SecretStr, computed_field, model_validator
from rich.console import Console

from app.channels.acts import Act, choose_message_action
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    Frozen,
    News,
    Outage,
    Standstill,
    with_new_names,
)
from app.channels.pace import Pace
from app.errors import ChannelError
from app.models import IncidentKind, KindTerm, Reason, State


class Sample(Frozen):
    """A post that is shown, and why. All its text was written by strangers: treat it as hostile."""

    post_id: int
    source: str
    author: str | None
    title: str
    text: str
    url: str | None
    lang: str | None
    published_at: datetime
    why: Literal["first", "most_relayed", "most_followed", "most_negative", "typical", "latest"]
    alike: int = 0  # near-duplicates folded into this one
    forgotten: Literal["", "author", "request", "age"] = ""  # for whose sake; empty: it is shown


class Share(Frozen):
    """A part of the mentions since the onset."""

    name: str
    mentions: int


class Repeated(Frozen):
    """One way in which posts were repeated; of near-duplicates, or of one account that posts and posts."""

    kind: Literal["relay", "burst", "syndication", "flood", "pair", "ring"]
    posts: int
    accounts: int
    seconds: float


class Topic(Frozen):
    """One thing that is said now and not usually."""

    words: tuple[str, ...]  # words and phrases as people write them: strangers did
    share: float  # part of the posts, from 0 to 1
    slope: float  # log2 of its rate in the later half of the time against the earlier: 1 is twice as much


class Voice(Frozen):
    """An account that people listen to."""

    name: str
    posts: int
    followers: int
    known: bool  # it spoke of this watch in the weeks before
    relays: bool  # it only passes on


class Voices(Frozen):
    """Who wrote the posts that were read."""

    posts: int
    signed: int = 0  # of the posts, those that tell whose they are
    accounts: int
    new: int  # of the accounts, those that did not speak of this watch in the weeks before
    relaying: int  # of the accounts, those that only pass on
    press: int  # of the posts, those from feeds and the press
    leading: tuple[Voice, ...]  # those with the most followers, at most three


class Alike(Frozen):
    """Earlier fires of the watch that looked like this one when they rang."""

    fires: int
    calmed: int  # died down without doubling, or were none
    grew: int


class Adds(Frozen):
    """What an incident adds to a story that another watch told already."""

    to: str  # name of the watch that told it
    posts: int  # of its mentions, those that no other watch of the story has
    words: tuple[str, ...] = ()  # what is said there and was not told: strangers wrote it


class Companion(Frozen):
    """Another watch that burns, or burnt, in the same fire, and was told in the same channel."""

    incident_id: int
    watch: str
    state: State  # at that instant


class Tipping(Frozen):
    """What speaks for a fire (above nought) or against it, in the unit of one unexplained excess."""

    term: KindTerm
    weight: float


class Swing(Frozen):
    """A source of which everything rose at once, and all watches that hear it with it."""

    source: str
    times: float  # the usual of what no watch asks for
    watches: int  # that are up


class Point(Frozen):
    """One point of the chart: mentions from `at` until the next point."""

    at: datetime
    observed: float | None  # None: not observed, which is not zero
    expected: float
    high: float


class Window(Frozen):
    """The hours before an alert that show what rang, where the last one says too little."""

    hours: int
    observed: float  # mentions in them
    expected: float


class Facts(Frozen):
    """The explanation of a transition, as it was known at that instant."""

    observed: float  # mentions in the hour before, and what was usual for it
    expected: float
    low: float
    high: float
    score: float
    threshold: float  # a fire from here on
    quiet_below: float  # mentions in that hour that would have kept it quiet
    onset_at: datetime
    window: Window | None = None  # in which it is seen; None: the hour says it by itself
    seen_at: datetime | None = None  # the end of that hour, if its posts came late; None: now
    heard: float | None = None  # part of it that was observed, if less than half: there was at least so much
    mentions: int  # since the onset, as all that follows
    authors: int
    loudest: Share | None  # the author with the most mentions
    sources: tuple[Share, ...]  # largest first
    amplified: int  # near-duplicates and relays in bulk
    repeated: tuple[Repeated, ...] = ()  # how, the largest first
    negative: int | None = None  # None: not read
    usual_negative_share: float | None = None
    kind: IncidentKind = IncidentKind.fire
    kind_because: tuple[Tipping, ...] = ()  # what speaks for the kind, the weightiest first
    swing: Swing | None = None  # the source that an artefact is put down to
    topics: tuple[Topic, ...] = ()  # what it is about, the largest first
    voices: Voices | None = None  # None: not read
    new_words: tuple[str, ...] = ()
    trend: Literal["growing", "steady", "slowing"] = "steady"
    doubling_minutes: float | None = None
    planned: tuple[str, ...] = ()  # planned events that raised the expectation
    deaf: tuple[str, ...] = ()  # sources that could not be heard
    advice: Literal["wait", "prepare", "convene"] = "prepare"
    advice_because: tuple[
        Literal[
            "few_authors", "one_source", "slowing", "amplified", "alike_calm", "many_authors",
            "several_sources", "growing", "large", "negative", "wide", "press", "alike_grew",
        ],
        ...,
    ] = ()  # fmt: skip
    joined: Voice | None = None  # who was not heard before; only of the transition that tells it
    alike: Alike | None = None  # None: no earlier fire looked like this
    adds: Adds | None = None  # None: no other watch told of it before
    points: tuple[Point, ...] = ()  # at most 20
    samples: tuple[Sample, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, data: Any) -> Any:  # noqa: ANN401 - whatever was stored
        return with_new_names(data, {"line": "threshold"})

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`threshold`, as it was called before 0.2", json_schema_extra={"deprecated": True}
    )
    @property
    def line(self) -> float:
        """What 0.1.0 wrote and reads: as it was called before."""
        return self.threshold


class Alert(Frozen):
    """One transition of an incident, with all that a channel needs to tell it."""

    delivery_id: int
    transition_id: int
    incident_id: int
    story_id: int  # the incident itself, or the first of those of several watches that are one fire
    watch_id: int
    watch: str
    objective: str
    language: Literal["en", "fr"]
    time_zone: str
    reason: Reason
    state: State  # after the transition
    level: int
    at: datetime
    by: str  # "tocsin" or a person
    note: str = ""
    opened_at: datetime
    burning_at: datetime | None
    out_at: datetime | None
    peak: float  # most mentions in an hour so far
    peak_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    verdict: str | None = None
    drill: bool = False  # nothing burns: the team is tried
    reminders: int = 0  # how often people were reminded of it, this time included
    instead_of: str = ""  # the channel that this one stands in for, as it fails
    suppressed_by_cooldown: bool = False  # it burns again within the cool-down: its news are not told aloud
    catches_up: bool = False  # after a time without a pass: told for the alerts before it as well
    suppressed_by_story: bool = False  # other watches told of the same fire here, or go on with it
    companions: tuple[Companion, ...] = ()  # the other watches of the story, as far as they were told here
    link: str | None = None  # to the incident, if people can reach the service
    facts: Facts

    def act(self, *, has_root: bool, repaints: bool = True) -> Act:
        """How it is told in a channel that has or has not the story's message; `repaints`: it can."""
        return choose_message_action(
            self.reason,
            has_root=has_root,
            suppressed=self.suppressed_by_cooldown,
            repaints=repaints,
            catches_up=self.state if self.catches_up else None,
            in_story=self.suppressed_by_story,
        )

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, data: Any) -> Any:  # noqa: ANN401 - whatever was stored
        return with_new_names(data, {"hushed": "suppressed_by_cooldown"})

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`suppressed_by_cooldown`, as it was called before 0.2",
        json_schema_extra={"deprecated": True},
    )
    @property
    def hushed(self) -> bool:
        """What 0.1.0 wrote and reads: as it was called before."""
        return self.suppressed_by_cooldown


def idempotency_key(alert: Alert | Announcement) -> str:
    """The same for each try of one delivery, and of no other delivery of any Tocsin."""
    match alert:
        case Alert():
            began, of = alert.opened_at, f"{alert.watch_id}/{alert.transition_id}"
        case News() | Outage():
            began, of = alert.since, f"{alert.notice_id}"
        case Bulletin() | ClockJump() | Standstill():
            began, of = alert.at, f"{alert.notice_id}"
    name = f"tocsin/{began.isoformat()}/{of}/{alert.delivery_id}"
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of earlier messages: of this story, and of this very delivery."""

    root: str | None = None  # the channel's handle of the story's first message
    attempts: int = 0  # tries of this delivery before this one
    attempted_at: datetime | None = None  # start of the last of them
    ambiguous: bool = True  # one of them may have arrived; False saves the look for it
    settled: tuple[str, ...] = ()  # recipients who have it, or never will, of a channel that has several
    leads: bool = True  # the story's first message shows this very watch
    shown: Alert | None = None  # else what that message is to show now; None: it stays as it is


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out."""

    external_id: str | None  # the handle of the message that this delivery made, if it made one
    calls: list[dict[str, Any]] = field(default_factory=list)  # exactly what was sent, in order
    recognised: bool = False  # it was there already, from an attempt that seemed to fail


class Partly(ChannelError):  # noqa: N818 - as above
    """Some of its recipients have it; the others are tried again, and alone."""

    def __init__(self, message: str, *, external_id: str, settled: Sequence[str]) -> None:
        super().__init__(message)
        self.external_id = external_id
        self.settled = list(settled)


class Refused(ChannelError):  # noqa: N818 - read in sentences, as its parents
    """The channel works, but will never take this one message: only this delivery is dead."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Channel(Protocol):
    """A place that alerts go to."""

    def tell(self, alert: Alert, earlier: Earlier, *, now: datetime) -> Sent:
        """Tell one transition; a ChannelError says whether trying again can help."""
        ...

    def say(self, news: Announcement, earlier: Earlier, *, now: datetime) -> Sent:
        """Tell what belongs to no incident; a ChannelError says whether trying again can help."""
        ...

    def check(self, *, now: datetime) -> str:
        """One line that says that it works and as whom; a ChannelError says what to mend."""
        ...


@runtime_checkable
class Editing(Protocol):
    """A channel in which what was sent can be changed."""

    def edit(self, handle: str, alert: Alert, *, first: bool, now: datetime) -> None:
        """Show in the message of that handle what is left to show; `first`: it is its story's message.

        A ChannelError says whether trying again can help.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What channels are built with; one for the whole service, so that all share the same pace."""

    http: httpx.Client
    console: Console = field(default_factory=Console)
    pace: Pace = field(default_factory=Pace)
    slack_token: SecretStr | None = None
    slack_acts: bool = False  # the Slack app tells us what people press
    slack_api_url: str = "https://slack.com/api/"
    private_hosts: tuple[str, ...] = ()  # inside the network, and allowed all the same


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel: its settings, what it needs, and how one is built."""

    name: str
    summary: str  # one sentence for people who choose
    settings: type[BaseModel]
    build: Callable[[Any, Dependencies, str | None], Channel]  # from its settings, the means, its secret
    secret: Literal["none", "optional", "made"] = "none"  # noqa: S105 - made: by Tocsin, shown once
    probed: bool = False  # its check reaches no person and no program of theirs: it may be made each day
