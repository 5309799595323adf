"""How a team carried a crisis, as plain values: for messages, pages and reports."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.channels.frozen import Frozen
from app.models import LogKind, LogState, State, StatementAct


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log. The text is the team's own: draw it as text."""

    id: int
    incident_id: int
    at: datetime
    by: str
    kind: LogKind
    text: str
    state: LogState
    owner: str = ""  # of a task: who does it
    due_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what to which wording of a statement."""

    at: datetime
    by: str
    act: StatementAct
    version: int
    text: str  # the wording; where it was said; empty of an approval


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A statement as it stands, with its trace, oldest first. Of its wordings the newest counts."""

    id: int
    incident_id: int
    template: str
    language: str
    version: int
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The newest wording."""
        return self.wording(self.version)

    def wording(self, version: int) -> str:
        """The text of that version; empty if there is none."""
        texts = (StatementAct.drafted, StatementAct.edited)
        return next((one.text for one in self.steps if one.version == version and one.act in texts), "")

    @property
    def approvals(self) -> tuple[Step, ...]:
        """Who approved the newest wording; none: it may not be said yet."""
        return tuple(one for one in self.of(StatementAct.approved) if one.version == self.version)

    def of(self, act: StatementAct) -> tuple[Step, ...]:
        """The steps of that kind, of all wordings."""
        return tuple(one for one in self.steps if one.act is act)


@dataclass(frozen=True, slots=True)
class RoomLine:
    """Who does what, by name, and the conversation in Slack; empty where nobody, or nothing, was named."""

    lead: str = ""
    spokesperson: str = ""
    scribe: str = ""
    slack_channel: str = ""
    name: str = ""  # of the conversation, where Tocsin made it


@dataclass(frozen=True, slots=True)
class Course:
    """What a team decided, said and did in a story, the oldest first."""

    log: tuple[LogLine, ...] = ()
    statements: tuple[StatementLine, ...] = ()
    room: RoomLine | None = None
    first_post_at: datetime | None = field(default=None, kw_only=True)
    alert_at: datetime | None = field(default=None, kw_only=True)
    acknowledged_at: datetime | None = field(default=None, kw_only=True)

    @property
    def tasks(self) -> tuple[LogLine, ...]:
        """The tasks of the log."""
        return tuple(line for line in self.log if line.kind is LogKind.task)

    @property
    def first_approved_at(self) -> datetime | None:
        """When the first statement was approved."""
        return self._first(StatementAct.approved)

    @property
    def first_said_at(self) -> datetime | None:
        """When the first statement was published, as a person noted it."""
        return self._first(StatementAct.said)

    def _first(self, act: StatementAct) -> datetime | None:
        return min((step.at for one in self.statements for step in one.of(act)), default=None)

    def minutes_to(self, at: datetime | None) -> float | None:
        """From the first post to that instant; None if one of them is not known."""
        if at is None or self.first_post_at is None:
            return None
        return (at - self.first_post_at).total_seconds() / 60


class Decided(Frozen):
    """A decision, as stakeholders are told it."""

    at: datetime
    text: str


class SaidOnce(Frozen):
    """A statement that was published, in its approved wording."""

    text: str
    where: str


class StakeholderUpdate(Frozen):
    """What stakeholders are told of a fire while it burns, and once more at its end."""

    notice_id: int
    delivery_id: int
    incident_id: int
    watch: str
    drill: bool = False
    number: int  # the first, the second, …
    last: bool = False  # it is out
    state: State
    began_at: datetime
    mentions: int
    last_hour: int
    peak: float  # most mentions in an hour
    about: tuple[str, ...] = ()  # words of what is said most: strangers wrote them
    with_it: tuple[str, ...] = ()  # names of other watches in the same fire
    taken_by: str | None = None  # who has it
    decided: tuple[Decided, ...] = ()
    said: tuple[SaidOnce, ...] = ()
    next_at: datetime | None = None
    at: datetime
    since: datetime
    language: Literal["en", "fr"]
    time_zone: str
    link: str | None = None
    instead_of: str = ""  # the channel that this one stands in for, as it fails
