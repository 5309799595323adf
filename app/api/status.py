"""How the chain is doing, over HTTP: its steps, and what they could not work off."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Select, func, select

from app import metrics
from app.admin import faults
from app.api.access import Id, Now, Responder, Session, Viewer
from app.api.views import View
from app.clock import EPOCH
from app.models import WITH_WATCH, Channel, Delivery, Fault, Incident, IncidentKind, Source, State, Watch
from app.pipeline import STEPS
from app.pipeline.delivery.lost import newest_restoration
from app.pipeline.delivery.outages import works
from app.pipeline.delivery.outbox import switched_on
from app.pipeline.incidents.incidents import last_facts
from app.pipeline.oncall.unanswered import unanswered_calls
from app.pipeline.timekeeping.keep_time import newest_jump

router = APIRouter(tags=["status"])


class FaultView(View):
    """A row that a step cannot work off, or a step that failed as a whole."""

    id: int = Field(examples=[1])
    step: str = Field(examples=["deliver"])
    subject: str = Field(description="the kind of row; step: the step as a whole", examples=["delivery"])
    subject_id: int = Field(examples=[1])
    name: str = Field(examples=["delivery 1 to comms on call"])
    error: str = Field(examples=["LookupError: there is no reason \u201cgrown\u201d"])
    attempts: int = Field(description="tries so far", examples=[3])
    first_at: datetime
    last_at: datetime
    due_at: datetime | None = Field(description="next try; empty: set aside, until somebody asks for one")


class StepView(View):
    """One step of a pass."""

    name: str = Field(examples=["collect"])
    reads: str = Field(examples=["sources that are due"])
    writes: str = Field(examples=["posts, mentions, buckets, coverage, runs"])
    faults: int = Field(description="rows that wait for another try, or are set aside", examples=[0])


class ClockView(View):
    """The newest jump of time that a pass noticed."""

    at: datetime = Field(description="when it was noticed")
    seconds: float = Field(
        description="how far: below nought, the clock was set back; above, no pass was made for so long",
        examples=[-3600.0],
    )


class RestoreView(View):
    """The newest restore of the database from a backup."""

    restored_at: datetime
    taken_at: datetime = Field(description="when the backup was taken: what was written later is not there")


class ChannelState(View):
    """Whether a channel would take an alert, as far as is known."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["comms on call"])
    kind: str = Field(examples=["slack"])
    works: bool
    failing_since: datetime | None = Field(description="empty if it works")
    why: str = Field(description="what went wrong, and what to do", examples=[""])
    worked_at: datetime | None = Field(description="when it took something last, or answered a probe")
    probed_at: datetime | None = Field(
        description="when it was asked last; once a day, but for webhooks, whose programs would act on a ping"
    )


class UntoldView(View):
    """An open incident over the threshold that is kept quiet, as its kind does not ring."""

    incident_id: int = Field(examples=[7])
    watch: str = Field(examples=["Danone"])
    kind: IncidentKind = Field(examples=["artefact"])
    since: datetime = Field(description="its onset")
    source: str | None = Field(description="the source that an artefact is put down to", examples=["forum"])


class UnansweredView(View):
    """A fire that everybody was called for, and that nobody has taken."""

    incident_id: int = Field(examples=[7])
    watch: str = Field(examples=["Danone"])
    since: datetime = Field(description="when it was first said that nobody answers")
    called: list[str] = Field(description="names of those who were called", examples=[["Léa", "Max"]])


class LearningView(View):
    """A watch that has not learnt what is usual for it, and how it is judged meanwhile."""

    watch: str = Field(examples=["Danone"])
    basis: str = Field(
        description="none: it is not judged; borrowed: by the usual of like watches; emergency: by a number",
        examples=["borrowed"],
    )
    like: int = Field(description="watches that lend their usual", examples=[3])
    per_hour: int | None = Field(description="mentions that ring for an emergency watch", examples=[None])
    until: datetime = Field(description="when it will have learnt, if it is heard from now on")


class Status(View):
    """How the chain is doing."""

    good: bool = Field(
        description="nothing is put off, no source is down, no channel fails or keeps an alert waiting, and "
        "the clock was not set back within a day"
    )
    last_pass_at: datetime | None = Field(description="when the last pass of this process began")
    clock_jump: ClockView | None = Field(description="empty: none was noticed")
    restored: RestoreView | None = Field(description="empty: it never was")
    steps: list[StepView] = Field(description="in the order in which a pass takes them")
    faults: list[FaultView] = Field(description="oldest first")
    sources: dict[str, int] = Field(description="enabled ones, by their health", examples=[{"ok": 3}])
    incidents: dict[str, int] = Field(description="open ones, by their state", examples=[{"burning": 1}])
    untold: list[UntoldView] = Field(
        description="open incidents over the threshold that are kept quiet, for their kind"
    )
    unanswered: list[UnansweredView] = Field(
        description="burning incidents that everybody was called for, and that nobody has taken"
    )
    learning: list[LearningView] = Field(description="watches that have not learnt what is usual for them")
    channels: list[ChannelState] = Field(description="those that are switched on, oldest first")
    deliveries_late: int = Field(
        description="deliveries that were tried and wait for another try", examples=[0]
    )


@router.get("/status")
def read_status(_who: Viewer, session: Session, now: Now) -> Status:
    """How the chain is doing: its steps, and each row that one of them cannot work off."""
    rows = faults.listed(session)
    sources = _counts(
        session, select(Source.health, func.count()).where(Source.enabled).group_by(Source.health)
    )
    states = select(Incident.state, func.count()).where(Incident.state != State.out).group_by(Incident.state)
    late = select(func.count()).where(Delivery.due_at.is_not(None), Delivery.attempts > 0)
    waiting = session.scalar(late) or 0
    last = metrics.registry.get_sample_value("tocsin_last_cycle_timestamp_seconds") or 0.0
    jump = newest_jump(session)
    restored = newest_restoration(session)
    told = [_channel(channel) for channel in switched_on(session)]
    good = not rows and not sources.get("down") and not waiting and all(channel.works for channel in told)
    return Status(
        good=good and not (jump and jump.is_trouble(now)),
        last_pass_at=EPOCH + timedelta(seconds=last) if last else None,
        clock_jump=ClockView(at=jump.at, seconds=jump.seconds) if jump else None,
        restored=RestoreView.model_validate(restored) if restored else None,
        steps=[
            StepView(
                name=step.name, reads=step.reads, writes=step.writes,
                faults=sum(fault.step == step.name for fault in rows),
            )
            for step in STEPS
        ],
        faults=[view(fault) for fault in rows],
        sources=sources,
        incidents=_counts(session, states),
        untold=_untold(session),
        unanswered=[UnansweredView.model_validate(asdict(one)) for one in unanswered_calls(session)],
        learning=_learning(session),
        channels=told,
        deliveries_late=waiting,
    )  # fmt: skip


@router.post("/faults/{id}/retry")
def retry_fault(who: Responder, session: Session, now: Now, row_id: Id) -> FaultView:
    """Try a row again that was put off or set aside; the next pass does."""
    return view(faults.retry(session, row_id, by=who.name, now=now))


def view(fault: Fault) -> FaultView:
    """The fault as an answer."""
    return FaultView.model_validate(fault)


def _channel(channel: Channel) -> ChannelState:
    return ChannelState(
        id=channel.id, name=channel.name, kind=channel.kind, works=works(channel),
        failing_since=channel.failing_since or channel.broken_since, why=channel.broken_why,
        worked_at=channel.worked_at, probed_at=channel.probed_at,
    )  # fmt: skip


def _untold(session: Session) -> list[UntoldView]:
    query = (
        select(Incident).options(WITH_WATCH).where(Incident.suppressed_by_kind, Incident.state != State.out)
    )
    return [
        UntoldView(
            incident_id=incident.id,
            watch=incident.watch.name,
            kind=incident.kind,
            since=incident.onset_at,
            source=swing.source if (swing := last_facts(session, incident).swing) else None,
        )
        for incident in session.scalars(query.order_by(Incident.id)).unique()
    ]


def _learning(session: Session) -> list[LearningView]:
    rows = session.scalars(select(Watch).where(Watch.enabled).order_by(Watch.id))
    return [
        LearningView.model_validate({"watch": watch.name, **watch.learning})
        for watch in rows
        if isinstance(watch.learning, dict)
    ]


def _counts(session: Session, query: Select[Any, int]) -> dict[str, int]:
    return {str(getattr(word, "value", word)): count for word, count in session.execute(query)}
