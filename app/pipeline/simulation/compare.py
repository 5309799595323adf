"""Alarms under one policy beside those under another: what is gained, lost, and how much earlier."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from app.channels.facts import Facts
from app.models import Incident, IncidentKind, VerdictWord


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, from_attributes=True, json_schema_serialization_defaults_required=True
    )


class Terms(_Frozen):
    """The part of a policy that decides what rings."""

    alarms_per_month: float = Field(description="alarm budget", examples=[1])
    threshold: float | None = Field(description="score that rings instead; empty: the budget decides")
    floor: int = Field(description="an excess of fewer posts never rings by its volume", examples=[5])
    calm_minutes: int = Field(examples=[60])
    out_minutes: int = Field(examples=[360])
    rekindle_hours: int = Field(examples=[72])
    cooldown_minutes: int = Field(examples=[360])
    rings: tuple[IncidentKind, ...] = Field(
        (IncidentKind.fire,), description="kinds of incident that ring", examples=[["fire"]]
    )

    def changed(self, changes: Mapping[str, Any]) -> "Terms":
        """With the changes; a budget takes the place of a threshold, unless one is given with it."""
        if changes.get("alarms_per_month") is not None:
            changes = {"threshold": None, **changes}
        return Terms.model_validate(self.model_dump() | dict(changes))


class Alarm(_Frozen):
    """A fire as a policy would have told it."""

    onset_at: datetime = Field(description="first bucket of the excess")
    alerted_at: datetime
    over_at: datetime | None = Field(description="empty: it burnt on at the end of the preview")
    peak: float = Field(description="most mentions in an hour", examples=[160])
    peak_at: datetime
    level: int = Field(description="how often the alerted volume doubled", examples=[1])
    facts: Facts = Field(description="the explanation as the alert would have given it, with sample posts")
    incident_id: int | None = Field(description="the incident that was really opened at that time")
    verdict: str | None = Field(description="what the team said of that one: fire, false_alarm, planned")


class Ringing(_Frozen):
    """The alarms under one policy."""

    terms: Terms
    threshold: float = Field(description="score that rings from now on", examples=[2.74])
    a_month: float | None = Field(
        description="alarms in 30 days of listening; empty: less than a week says nothing", examples=[1.1]
    )
    alarms: tuple[Alarm, ...]

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`threshold`, as it was called before 0.2", json_schema_extra={"deprecated": True}
    )
    @property
    def line(self) -> float:
        """The threshold under its old name."""
        return self.threshold


class AlarmChange(_Frozen):
    """One alarm, today beside the proposal."""

    what: Literal["gained", "lost", "kept"]
    today: int | None = Field(description="place in the alarms of today; empty: gained")
    proposed: int | None = Field(description="place in the alarms of the proposal; empty: lost")
    minutes_earlier: float | None = Field(
        description="negative: later; empty: nothing to compare", examples=[15]
    )


class VerdictTally(_Frozen):
    """How the incidents that got one verdict would have fared."""

    verdict: str = Field(examples=["false_alarm"])
    incidents: int = Field(description="that got it", examples=[4])
    today: int = Field(description="of these, how many ring under what is set now", examples=[4])
    proposed: int = Field(description="of these, how many would ring", examples=[1])


class Price(_Frozen):
    """What a budget costs on this history."""

    alarms_per_month: float = Field(description="the budget", examples=[0.5])
    threshold: float = Field(examples=[3.05])
    alarms: int = Field(examples=[1])
    a_month: float | None = Field(examples=[1.1])
    gained: int
    lost: int
    kept: int
    minutes_earlier: float | None = Field(
        description="median over the alarms kept; negative: later", examples=[-10]
    )

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`threshold`, as it was called before 0.2", json_schema_extra={"deprecated": True}
    )
    @property
    def line(self) -> float:
        """The threshold under its old name."""
        return self.threshold


class Preview(_Frozen):
    """What another policy would have done from `since` to `until`."""

    watch_id: int
    watch: str
    since: datetime
    until: datetime
    days: float = Field(description="of these, how many could be judged: heard, and no longer learning")
    grain_minutes: int = Field(
        description="posts that came late count so much later at most: 5, or more if very many did",
        examples=[5],
    )
    today: Ringing
    proposed: Ringing
    changes: tuple[AlarmChange, ...] = Field(description="oldest first")
    verdicts: tuple[VerdictTally, ...]
    prices: tuple[Price, ...] = Field(description="of the budgets that were asked for")


def _overlap(one: Alarm, other: Alarm) -> bool:
    return (other.over_at is None or one.onset_at < other.over_at) and (
        one.over_at is None or other.onset_at < one.over_at
    )


def compare(today: Ringing, proposed: Ringing) -> tuple[AlarmChange, ...]:
    """Each alarm once, oldest first; two that overlap in time are the same fire."""
    left = dict(enumerate(proposed.alarms))
    found: list[tuple[datetime, AlarmChange]] = []
    for i, alarm in enumerate(today.alarms):
        same = next((k for k, other in left.items() if _overlap(alarm, other)), None)
        if same is None:
            lost = AlarmChange(what="lost", today=i, proposed=None, minutes_earlier=None)
            found.append((alarm.alerted_at, lost))
            continue
        earlier = (alarm.alerted_at - left.pop(same).alerted_at) / timedelta(minutes=1)
        kept = AlarmChange(what="kept", today=i, proposed=same, minutes_earlier=earlier)
        found.append((alarm.alerted_at, kept))
    for k, alarm in left.items():
        gained = AlarmChange(what="gained", today=None, proposed=k, minutes_earlier=None)
        found.append((alarm.alerted_at, gained))
    return tuple(change for _, change in sorted(found, key=lambda pair: pair[0]))


def tallies(incidents: Sequence[Incident], today: Ringing, proposed: Ringing) -> tuple[VerdictTally, ...]:
    """How the incidents that the team judged would have fared, by verdict."""
    counts = []
    for verdict in VerdictWord:
        of_these = [i for i in incidents if i.verdict == verdict]
        if of_these:
            rang = [sum(_rings(r, i) for i in of_these) for r in (today, proposed)]
            counts.append(
                VerdictTally(verdict=verdict, incidents=len(of_these), today=rang[0], proposed=rang[1])
            )
    return tuple(counts)


def _rings(ringing: Ringing, lived: Incident) -> bool:
    return any(
        (lived.out_at is None or alarm.onset_at < lived.out_at)
        and (alarm.over_at is None or lived.onset_at < alarm.over_at)
        for alarm in ringing.alarms
    )


def price(ringing: Ringing, changes: Sequence[AlarmChange]) -> Price:
    """What the budget of that ringing costs against today, and what it brings."""
    earlier = [c.minutes_earlier for c in changes if c.minutes_earlier is not None]
    count = {what: sum(c.what == what for c in changes) for what in ("gained", "lost", "kept")}
    return Price(
        alarms_per_month=ringing.terms.alarms_per_month,
        threshold=ringing.threshold,
        alarms=len(ringing.alarms),
        a_month=ringing.a_month,
        minutes_earlier=median(earlier) if earlier else None,
        **count,
    )
