"""What the decision is made from: the rules of a policy, what is seen, and how an incident stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models import Policy, Reason, State
from app.pipeline.scoring.learnt import SMOKE
from detectors import calm_for


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores at which things happen: one to open, a lower one to calm down."""

    alarm: float
    calm: float
    smoke: float  # worth recording, not worth telling


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of a policy that decides."""

    thresholds: Thresholds
    calm_for: timedelta = timedelta(minutes=60)
    out_after: timedelta = timedelta(hours=6)
    refresh_after: timedelta = timedelta(minutes=30)  # a fire that goes on is told anew, without a sound
    cooldown: timedelta = timedelta(hours=6)  # after an alert; then only what is new is told aloud
    breath: timedelta = timedelta(minutes=10)  # between two times that it is told to grow
    rings: tuple[str, ...] = ("fire",)  # the kinds of incident that are told


def rules_of(policy: Policy, alarm: float) -> Rules:
    """The waits that a policy asks for, and the thresholds about the one at which it rings."""
    return Rules(
        Thresholds(alarm, calm_for(alarm), SMOKE * alarm),
        timedelta(minutes=policy.calm_minutes),
        timedelta(minutes=policy.out_minutes),
        cooldown=timedelta(minutes=policy.cooldown_minutes),
        rings=tuple(policy.rings),
    )


@dataclass(frozen=True, slots=True)
class Signal:
    """One instant of a watch: the score, and mentions in the hour before."""

    at: datetime
    score: float  # NaN: learning, or not heard
    observed: float
    high: float  # upper end of what is usual for that hour
    news: Reason | None = None  # a milestone: what is new since the last alert
    heard: bool = True  # enough of it for its calm to say something
    armed: bool = False  # so much that what is said decides, though the score is low
    second_key: bool = False  # what is said is that of a fire, whatever the volume
    crossed: bool = False  # the volume rings by itself for the first time in the incident


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident stands; `out` is also how a watch stands where nothing burns."""

    state: State = State.out
    level: int = 0
    alerted_rate: float = 0.0  # mentions an hour when its level was last told
    calm_since: datetime | None = None
    burning_at: datetime | None = None  # when it first was a fire
    out_at: datetime | None = None
    last_transition_at: datetime | None = None
    last_alert_at: datetime | None = None  # that of an earlier fire of the story counts
    suppressed_by_cooldown: bool = False  # it burns, and the cool-down keeps it quiet
    suppressed_by_kind: bool = False  # it burns, and is of a kind that does not ring

    @property
    def is_told(self) -> bool:
        """Whether people are told of it: it is or was a fire, and of a kind that rings."""
        return self.burning_at is not None and not self.suppressed_by_kind

    def rekindled(self) -> "Standing":
        """How a watch stands whose last incident stood like this: only what the story was told counts."""
        return Standing(
            alerted_rate=self.alerted_rate,
            last_alert_at=self.last_alert_at,
            suppressed_by_cooldown=self.suppressed_by_cooldown,
        )


@dataclass(frozen=True, slots=True)
class Story:
    """What people were told of an incident's fire by other watches that burn in it, and what is so now."""

    told_at: datetime  # aloud, the last time
    posts_told: float  # in the hour before that: each post once, however many of the watches it matches
    posts: float  # in the hour before now
    news: bool = False  # a source, the press, an audience, a tone or a matter that the story did not have
    cooldown: timedelta = timedelta(hours=6)
