"""What a channel is told, and what it answers."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, SecretStr, computed_field, model_validator
from rich.console import Console

from app.channels.act_links import ActLinks
from app.channels.acts import Act, choose_message_action
from app.channels.crisis import StakeholderUpdate
from app.channels.document import Document
from app.channels.facts import Called, Companion, Facts
from app.channels.frozen import Frozen
from app.channels.notices import (
    Announcement,
    Bulletin,
    ClockJump,
    HandOver,
    LostAlert,
    News,
    Outage,
    Restore,
    SetAside,
    Standstill,
    Trial,
    with_new_names,
)
from app.channels.pace import Pace
from app.errors import ChannelError
from app.models import Reason, State


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
    called: tuple[Called, ...] | None = None  # who is called by name; None: no rota says who
    unanswered: bool = False  # everybody was called before, and nobody has it
    personal: bool = False  # it goes to one person's own channel, as a call
    reader: str = ""  # the name of that person
    instead_of: str = ""  # the channel that this one stands in for, as it fails
    suppressed_by_cooldown: bool = False  # it burns again within the cool-down: its news are not told aloud
    catches_up: bool = False  # after a time without a pass: told for the alerts before it as well
    suppressed_by_story: bool = False  # other watches told of the same fire here, or go on with it
    companions: tuple[Companion, ...] = ()  # the other watches of the story, as far as they were told here
    link: str | None = None  # to the incident, if people can reach the service
    facts: Facts

    def act(self, *, has_root: bool, repaints: bool = True) -> Act:
        """How it is told in a channel that has or has not the story's message; `repaints`: it can."""
        if self.personal:  # whoever is called is told aloud, whatever came before
            return Act.broadcast if has_root else Act.root
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
        case Bulletin() | ClockJump() | Standstill() | Restore() | SetAside() | HandOver() | Trial():
            began, of = alert.at, f"{alert.notice_id}"
        case StakeholderUpdate():
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
    found: str | None = None  # the handle of the message that told this very thing before a restore
    subject: str = ""  # of the story's first message, where the channel has subjects


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
class SentReport:
    """A report on its way to a channel: what it says in short, and the whole of it as a PDF."""

    id: str  # of this sending, and of no other
    subject: str
    document: Document
    language: str
    file_name: str
    pdf: bytes


@runtime_checkable
class TakesReports(Protocol):
    """A channel that can carry a file beside what it is told."""

    def send_report(self, report: SentReport, *, now: datetime) -> str:
        """Send it once, at once; the sentence says what went where, and what of it did not.

        A ChannelError says why nothing went, and what to do.
        """
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is written about nothing that burns."""

    id: str  # of this letter, and of no other
    document: Document  # its summary is its subject
    language: str
    to: str  # one of the channel's addresses


@runtime_checkable
class WritesLetters(Protocol):
    """A channel that can write to one of its addresses alone."""

    def write(self, letter: Letter, *, now: datetime) -> None:
        """Write it once, at once; a ChannelError says why it did not go, and what to do."""
        ...


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message of ours that stands in a channel."""

    handle: str
    thread: str | None  # the handle of the message that it is below
    at: datetime
    identity: dict[str, Any]  # what it carries of what it tells


@runtime_checkable
class Remembering(Protocol):
    """A channel that can be asked what it was told."""

    def told_since(self, since: datetime, threads: Sequence[str], *, now: datetime) -> list[ToldMessage]:
        """Our messages since then, in the channel, below those and below what is found; oldest first.

        Nothing, if we may not look. A ChannelError says whether trying again can help.
        """
        ...

    def give_up(self, handle: str, lost: LostAlert, *, now: datetime) -> None:
        """Let the message of that handle say that nobody knows any more what it told."""
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
    house: str = ""  # by which the messages of this service are told from those of another
    private_hosts: tuple[str, ...] = ()  # inside the network, and allowed all the same
    act_links: ActLinks | None = None  # by which readers act; None: people cannot reach the service
    channel: str = ""  # the name of the one that is built


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel: its settings, what it needs, and how one is built."""

    name: str
    summary: str  # one sentence for people who choose
    settings: type[BaseModel]
    build: Callable[[Any, Dependencies, str | None], Channel]  # from its settings, the means, its secret
    secret: Literal["none", "optional", "needed", "made"] = "none"  # noqa: S105 - made: by Tocsin, shown once
    secret_flaw: Callable[[str], str | None] = lambda _secret: None  # what is wrong with one, behind its name
    takes_reports: bool = False  # its channels are TakesReports
    probed: bool = False  # its check reaches no person and no program of theirs: it may be made each day
