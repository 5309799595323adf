"""What a report tells, before it is put into words: plain values, in no language and no format.

All that strangers wrote stands in it as they wrote it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.channels.facts import Sample, Share
from app.channels.notices import Proposed
from app.models import IncidentKind, LogKind, LogState, State, VerdictWord

EventKind = Literal[
    "first_post", "onset", "smouldered", "alert", "kept_quiet", "told", "called", "unanswered",
    "acknowledged", "lapsed", "snoozed", "grew", "flared", "spread", "turned", "press", "joined", "soured",
    "slowed", "contained", "out", "closed", "judged", "silence", "deaf", "heard_again",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a story."""

    at: datetime
    kind: EventKind
    by: str = ""  # a person; empty: Tocsin
    names: tuple[str, ...] = ()  # of channels, people or sources, as the kind has it
    note: str = ""  # what a person wrote, or a verdict
    until: datetime | None = None
    observed: float | None = None  # mentions in the hour before, and what was usual for it
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Mentions from `at` on, for one step of the curve."""

    at: datetime
    observed: float | None  # None: not observed, which is not zero
    expected: float | None  # None: not learnt yet
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CurveMark:
    """An instant that is drawn into the curve."""

    at: datetime
    kind: EventKind


@dataclass(frozen=True, slots=True)
class Curve:
    """Mentions over time beside what was usual: (points,) of `step_minutes` each, oldest first."""

    step_minutes: int
    points: tuple[CurvePoint, ...]
    marks: tuple[CurveMark, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceCount:
    """An account that wrote of it."""

    name: str
    source: str
    posts: int
    followers: int | None  # None: its source does not say
    relays: bool  # all that it wrote repeats others


@dataclass(frozen=True, slots=True)
class SourceHeard:
    """A source: what it brought, and how well it was heard meanwhile."""

    name: str
    mentions: int
    heard: float  # part of the time, from 0 to 1
    late: int  # of its posts, those that came more than an hour after they were written


@dataclass(frozen=True, slots=True)
class TopicShare:
    """What part of the posts is about: words of strangers."""

    words: tuple[str, ...]
    share: float  # from 0 to 1


@dataclass(frozen=True, slots=True)
class CalledPerson:
    """Somebody who was called, by name."""

    name: str
    calls: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Unreached:
    """A channel that an alert of the story did not reach."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class CompanionWatch:
    """Another watch that burnt in the same fire."""

    incident_id: int
    watch: str
    onset_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that the team decided, said, checked or did, as its log has it."""

    at: datetime
    by: str
    text: str
    kind: LogKind = LogKind.decision
    state: LogState = LogState.noted


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the team: who approved which wording, and since when it was said to be out."""

    at: datetime
    by: str
    approved_by: str
    text: str
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Precision:
    """Alarms of a time, and what the team said of them."""

    alarms: int
    fires: int
    false_alarms: int
    planned: int
    unjudged: int
    low: float | None = None  # ends of the precision's interval, with 90 % certainty; None: nobody judged
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TeamWords:
    """What the team wrote into the report itself."""

    summary: str = ""
    to_change: str = ""
    remarks: str = ""
    by: str = ""  # whoever wrote last
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoryReport:
    """A fire, from its first post to its end, as it was known at `at`.

    Decisions and statements are those of the crisis room; without one there are none.
    """

    incident_id: int
    watch_id: int
    watch: str
    objective: str
    time_zone: str
    drill: bool
    at: datetime
    state: State
    kind: IncidentKind
    alerted: bool  # people were alerted
    verdict: VerdictWord | None
    verdict_by: str
    verdict_note: str
    first_post_at: datetime | None  # None: no time of a post is known well enough
    onset_at: datetime
    alert_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    out_at: datetime | None
    peak: float  # most mentions in an hour
    peak_at: datetime
    usual: float | None  # mentions in the hour of the alert, else of the first sign
    mentions: int
    negative: int
    usual_negative_share: float | None
    amplified: int
    authors: int  # at least so many
    press: int  # of the posts that were read, those from feeds and the press
    timeline: tuple[Event, ...]
    left_out: int  # events that a reader can do without
    curve: Curve
    voices: tuple[VoiceCount, ...]
    hosts: tuple[Share, ...]  # hosts that the posts stand on, the largest first
    sources: tuple[SourceHeard, ...]
    topics: tuple[TopicShare, ...]
    samples: tuple[Sample, ...]
    forgotten: int  # posts that were shown in alerts, and are forgotten since
    set_aside: int
    called: tuple[CalledPerson, ...]
    unreached: tuple[Unreached, ...]
    companions: tuple[CompanionWatch, ...]
    precision: Precision
    proposed: Proposed | None
    words: TeamWords = TeamWords()
    decisions: tuple[Decision, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def statement_at(self) -> datetime | None:
        """When the first statement was said to be out; None: none was."""
        return min((one.said_at for one in self.statements if one.said_at), default=None)


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident of a week or a month."""

    incident_id: int
    alert_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    out_at: datetime | None
    peak: float
    mentions: int
    verdict: VerdictWord | None


@dataclass(frozen=True, slots=True)
class CallLoad:
    """What one person was called for."""

    name: str
    calls: int
    at_night: int
    taken: int


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """A week or a month of a watch, as it was known at `at`."""

    watch_id: int
    watch: str
    objective: str
    time_zone: str
    kind: Literal["week", "month"]
    period: str  # 2026-W48, 2026-11
    since: datetime
    until: datetime
    at: datetime
    mentions: int
    mentions_before: int | None  # in the period before; None: it was not listened to for the whole of it
    negative: int
    negative_before: int | None
    authors: int
    curve: Curve
    incidents: tuple[IncidentLine, ...]
    precision: Precision
    budget: float  # false alarms a month that are accepted
    alert_minutes: float | None  # median from the onset to the alert; None: there was none
    acknowledge_minutes: float | None  # median from the alert to the acknowledgement
    unanswered: int  # fires that nobody took, or only after everybody was called
    loads: tuple[CallLoad, ...]
    voices: tuple[VoiceCount, ...]
    sources: tuple[SourceHeard, ...]
    set_aside: int
    planned: tuple[str, ...]  # names of events that were known of
    proposed: Proposed | None


Report = StoryReport | PeriodReport
