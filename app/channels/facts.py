"""What is known of an incident when it is told: the explanation, drawn by each channel in its own way."""

from datetime import datetime
from typing import Any, Literal

from pydantic import computed_field, model_validator

from app.channels.frozen import Frozen
from app.channels.notices import with_new_names
from app.models import IncidentKind, KindTerm, State

Says = Literal["", "harm", "negative", "launch", "feast", "positive"]


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
    spoken: str = ""  # the language that it plainly is in; empty: nobody knows
    says: Says = ""  # what it is like, at a glance


class Called(Frozen):
    """Somebody who is called."""

    name: str
    slack_user: str | None = None  # their id in Slack, by which they are mentioned there


class Share(Frozen):
    """A part of the mentions since the onset."""

    name: str
    mentions: int


class Recent(Frozen):
    """The newest mentions of an incident that is too long to be read as a whole."""

    since: datetime
    mentions: int


class Repeated(Frozen):
    """One way in which posts were repeated; of near-duplicates, or of one account that posts and posts."""

    kind: Literal["relay", "burst", "syndication", "flood", "pair", "ring"]
    posts: int
    accounts: int
    seconds: float


class Picture(Frozen):
    """The picture that most posts show, each perhaps in another size or with words written on it."""

    posts: int
    sources: int


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


class Apart(Frozen):
    """Posts since the onset that match and are not taken to be about the watch, as its team taught."""

    posts: int  # that are set aside, and no mentions
    again: int = 0  # of the mentions, those that count again: with them it rings


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


class Learning(Frozen):
    """How a watch is judged that has not learnt what is usual for it."""

    basis: Literal["none", "borrowed", "emergency"] = "none"  # none: it is not judged
    like: int = 0  # watches that lend what is usual for them
    per_hour: int | None = None  # mentions in an hour that ring, whatever may be usual
    until: datetime  # when it will have learnt, if it is heard from now on


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
    apart: Apart | None = None  # None: nothing is set aside
    recent: Recent | None = None  # those from which is told who speaks and what is said; None: from all
    authors: int  # at least so many, if only the newest mentions were read
    loudest: Share | None  # the author with the most mentions, of those that were read
    sources: tuple[Share, ...]  # largest first
    amplified: int  # near-duplicates and relays in bulk
    repeated: tuple[Repeated, ...] = ()  # how, the largest first
    picture: Picture | None = None  # None: no picture is in several posts, or none was looked at
    negative: int | None = None  # None: not read
    usual_negative_share: float | None = None
    kind: IncidentKind = IncidentKind.fire
    kind_because: tuple[Tipping, ...] = ()  # what speaks for the kind, the weightiest first
    second_key: bool = False  # what is said is that of a fire: it rings before the volume does
    swing: Swing | None = None  # the source that an artefact is put down to
    topics: tuple[Topic, ...] = ()  # what it is about, the largest first
    voices: Voices | None = None  # None: not read
    new_words: tuple[str, ...] = ()
    trend: Literal["growing", "steady", "slowing"] = "steady"
    doubling_minutes: float | None = None
    planned: tuple[str, ...] = ()  # planned events that raised the expectation
    learning: Learning | None = None  # None: what is usual is its own
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
