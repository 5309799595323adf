"""What a channel is told that belongs to no incident: news of listening and telling, and bulletins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from app.channels.crisis import StakeholderUpdate
from app.channels.frozen import Frozen
from app.models import State

LANGUAGES = ("en", "fr")  # of what people are told


def known_language(*wishes: str) -> str:
    """The first of the languages that Tocsin speaks; English if it speaks none of them.

    >>> known_language("", "xx", "fr")
    'fr'
    """
    return next((wish for wish in wishes if wish in LANGUAGES), "en")


class News(Frozen):
    """A change of a source's health: it goes deaf, or is heard again."""

    notice_id: int
    delivery_id: int
    source_id: int
    source: str
    kind: str
    health: Literal["ok", "degraded", "down"]
    at: datetime
    since: datetime  # of the trouble
    why: str = ""
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # the channel that this one stands in for, as it fails


class ClockJump(Frozen):
    """The clock of the service was set back, or no pass of the chain was made for long."""

    notice_id: int
    delivery_id: int
    seconds: int  # how far time jumped: negative, the clock was set back
    at: datetime  # when it was noticed
    since: datetime  # when the pass before was made; when it was noticed, if the clock was set back
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news


class Standstill(Frozen):
    """No pass of the chain ends any more: told by the process itself, past the queue; or passes go on."""

    notice_id: int = 0
    delivery_id: int = 0
    at: datetime
    since: datetime  # when the last pass ended
    goes_on: bool = False
    why: str = ""  # the database takes nothing: what it says
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news; who would stand in is told itself


class Outage(Frozen):
    """A channel cannot be told, or can be again: told where people are reached all the same."""

    notice_id: int
    delivery_id: int
    channel_id: int
    channel: str
    kind: str
    works: bool  # again
    at: datetime
    since: datetime  # of the trouble
    why: str = ""
    stands_in: bool = False  # who is told this stands in for it
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news


class Restore(Frozen):
    """The database was restored from a backup: what was told of it since is known no more."""

    notice_id: int
    delivery_id: int
    at: datetime
    since: datetime  # when the backup was taken
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news


class SetAside(Frozen):
    """Posts that are not about a watch are set aside from now on; or far more of them are than usual."""

    notice_id: int
    delivery_id: int
    watch_id: int
    watch: str
    begins: bool
    found: float | None = None  # where it begins: part of what is not about it that is set aside, as measured
    lost: float | None = None  # part of what is about it, measured so
    observed: int | None = None  # else: posts set aside in the hour before, and what was usual for it
    usual: float | None = None
    at: datetime
    since: datetime
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news


class Handed(Frozen):
    """An incident that is not over, as whoever comes on duty finds it."""

    incident_id: int
    watch: str
    state: State
    by: str | None = None  # who has it


class PlannedNext(Frozen):
    """A planned event of the shift."""

    name: str
    starts_at: datetime


class HandOver(Frozen):
    """Another person is on duty from now on, or nobody is: what burns, what is planned, what is deaf."""

    notice_id: int
    delivery_id: int
    rota: str
    on_duty: str | None = None  # name; empty: a gap
    slack_user: str | None = None  # of whoever is on duty
    then: tuple[str, ...] = ()  # names of those who are called next
    open: tuple[Handed, ...] = ()
    planned: tuple[PlannedNext, ...] = ()
    deaf: tuple[str, ...] = ()  # names of sources
    at: datetime
    since: datetime
    until: datetime  # the end of the shift
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news


class Trial(Frozen):
    """A test message: somebody wants to know whether it arrives."""

    notice_id: int = 0
    delivery_id: int = 0
    channel: str
    by: str  # who wants to know
    at: datetime
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # nobody stands in for one


class LostAlert(Frozen):
    """An alert that was told in the time that a restore lost, of a fire that was not found again."""

    watch: str
    since: datetime  # when the backup was taken
    at: datetime  # when it was restored
    language: Literal["en", "fr"]
    time_zone: str


class Proposed(Frozen):
    """A change that waits for a yes or a no, with what it would have done."""

    proposal_id: int
    wish: Literal["quieter", "warier"]
    alarms_per_month: float | None = None  # the budget that is proposed
    threshold: float | None = None  # or the score
    days: float  # that were previewed
    today: int  # alarms in them as the policy is set
    proposed: int
    spared: int  # false alarms that would not have rung
    minutes_earlier: float | None = None  # negative: later


class Month(Frozen):
    """A month of a watch: its alarms and what was said of them."""

    watch: str
    alarms: int
    fires: int
    false_alarms: int
    planned: int
    unjudged: int
    precision: float | None  # from 0 to 1; None: nobody judged
    low: float | None  # ends of its interval, with 90 % certainty
    high: float | None
    budget: float  # false alarms a month that are accepted
    proposed: Proposed | None = None


class Smoke(Frozen):
    """Signs of a day that were too weak to ring."""

    watch: str
    signs: int
    incident_id: int  # of the strongest one
    at: datetime
    observed: float  # mentions in the hour before
    expected: float
    about: tuple[str, ...] = ()  # words of what was said most


class Untold(Frozen):
    """An incident that is kept quiet, as its volume is taken for worthless; and why."""

    watch: str
    incident_id: int
    at: datetime
    kind: Literal["artefact", "amplified"]
    onset_at: datetime
    observed: float  # mentions in the hour before
    expected: float
    because: tuple[str, ...] = ()  # the terms that speak for the kind
    source: str | None = None  # that an artefact is put down to
    times: float | None = None  # what is usual, of what no watch asks for in it
    watches: int = 1  # that are up, this one included


class Bulletin(Frozen):
    """What is told at a fixed time, the alarms of a month or the smoke of a day; or what is kept quiet."""

    notice_id: int
    delivery_id: int
    kind: Literal["month", "day", "untold"]
    period: str  # 2026-11 or 2026-11-25; empty: of no period
    at: datetime
    language: Literal["en", "fr"]
    time_zone: str
    instead_of: str = ""  # as of news
    months: tuple[Month, ...] = ()
    smoke: tuple[Smoke, ...] = ()
    untold: tuple[Untold, ...] = ()


Announcement = (
    News
    | Bulletin
    | ClockJump
    | Standstill
    | Outage
    | Restore
    | SetAside
    | HandOver
    | StakeholderUpdate
    | Trial
)


def subject_of(news: Announcement) -> str:
    """What a notice is about, by which the same news is known again although its number is another."""
    match news:
        case News():
            return f"source {news.source_id} {news.health}"
        case Outage():
            return f"channel {news.channel_id} {'works' if news.works else 'fails'}"
        case SetAside():
            return f"watch {news.watch_id} {'sets aside' if news.begins else 'sets much aside'}"
        case Bulletin():
            watches = ", ".join(sorted({untold.watch for untold in news.untold}))
            return f"{news.kind} {news.period or watches}"[:200]
        case StakeholderUpdate():
            return f"incident {news.incident_id} {news.at.isoformat()}"
        case HandOver():
            return f"rota {news.rota} {news.at.isoformat()}"[:200]
        case ClockJump() | Standstill() | Restore() | Trial():
            return f"{type(news).__name__.lower()} {news.at.isoformat()}"


def with_new_names(data: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever was stored
    """What an earlier version wrote, with its fields also under the names of today.

    >>> with_new_names({"line": 2.7}, {"line": "threshold"})
    {'line': 2.7, 'threshold': 2.7}
    """
    if not isinstance(data, dict):
        return data
    return data | {new: data[old] for old, new in names.items() if old in data and new not in data}
