"""Incidents over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, computed_field
from sqlalchemy import or_, select

from app.admin import incidents
from app.admin.change import get_or_404
from app.admin.fields import Instant
from app.admin.spec import Spec
from app.api.access import Id, Now, Responder, Session, Viewer
from app.api.crisis_log import LogEntryView, newest_log
from app.api.deprecation import OLD
from app.api.paging import Page, Paging, page
from app.api.posts import PostView, newest_posts_of, posts_of
from app.api.series import PointView, points_of
from app.api.views import Json, View
from app.models import WITH_WATCH, Incident, IncidentKind, Reason, State, Transition, VerdictWord

router = APIRouter(prefix="/incidents", tags=["incidents"])
_CHANGES, _WITH_FACTS = 20, 3  # of an incident that are shown with it, the newest ones


class IncidentView(View):
    """One fire from first sign to end."""

    id: int = Field(examples=[1])
    watch_id: int = Field(examples=[1])
    watch: str = Field(examples=["Danone"])
    story_id: int = Field(
        description="the first fire of its story: of one that burns again, or of several watches at once",
        examples=[1],
    )
    state: State
    level: int = Field(description="how often the alerted volume has doubled", examples=[1])
    onset_at: datetime = Field(description="first five minutes of the excess")
    opened_at: datetime
    burning_at: datetime | None = Field(description="the alert; empty while it only smoulders")
    out_at: datetime | None
    peak_at: datetime
    peak: float = Field(description="most mentions in an hour", examples=[210])
    mentions: int = Field(description="since the onset", examples=[860])
    threshold: float = Field(description="the score that it was opened at", examples=[12.5])
    kind: IncidentKind = Field(description="what its posts make of it", examples=["fire"])
    suppressed_by_kind: bool = Field(
        description="it burns, or burnt, untold: its policy does not ring for its kind"
    )
    acknowledged_at: datetime | None
    acknowledged_by: str | None = Field(examples=["Léa"])
    snoozed_until: datetime | None
    verdict: str | None = Field(description="fire, false_alarm or planned", examples=["fire"])

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`threshold`, as it was called before 0.2", json_schema_extra=dict(OLD)
    )
    @property
    def line(self) -> float:
        """The threshold under its old name."""
        return self.threshold

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`suppressed_by_kind`, as it was called before 0.2", json_schema_extra=dict(OLD)
    )
    @property
    def quiet(self) -> bool:
        """Whether it is untold for its kind, under its old name."""
        return self.suppressed_by_kind


class TransitionView(View):
    """A change of an incident, and the explanation as it was then."""

    id: int = Field(examples=[1])
    at: datetime
    reason: str = Field(examples=["ignited"])
    state: State = Field(description="after it")
    level: int
    score: float | None = Field(description="evidence of a fire")
    observed: float | None = Field(description="mentions in the hour before")
    expected: float | None = Field(description="what was usual for that hour")
    low: float | None
    high: float | None
    by: str = Field(description="tocsin, or a person", examples=["tocsin"])
    note: str = Field(description="what the person wrote", examples=[""])
    facts: Json = Field(description="who says it, where, how much of it is organic, sample posts, advice")


class IncidentDetail(IncidentView):
    """One fire with all that is known of it."""

    timeline: list[TransitionView] = Field(
        description="its alert and the newest 20 of its changes, oldest first, with the facts of the alert "
        "and of the newest 3; all of them at …/transitions"
    )
    posts: list[PostView] = Field(description="the newest 20; all of them at …/posts")
    log: list[LogEntryView] = Field(description="the newest 20 lines of its log, oldest first; more at …/log")
    series: list[PointView] = Field(
        description="a day before the onset until the end, the newest 30 hours; more at …/series"
    )


class Snooze(Spec):
    """Until when an incident stays quiet."""

    until: Instant = Field(description="with a time zone", examples=["2026-11-23T18:00:00Z"])


class Closing(Spec):
    """Why an incident is closed."""

    note: str = Field("", max_length=2000, examples=["The recall is announced; the press office answers."])


class Judging(Spec):
    """What the team says of an incident."""

    verdict: VerdictWord
    note: str = Field("", max_length=2000, examples=["A fan campaign"])


def _parts(incident: Incident) -> dict[str, Any]:
    row = {
        name: getattr(incident, name)
        for name in IncidentView.model_fields
        if name not in {"watch", "story_id"}
    }
    return row | {"watch": incident.watch.name, "story_id": incident.story_id or incident.id}


@router.get("")
def list_incidents(
    _who: Viewer,
    session: Session,
    paging: Paging,
    state: Annotated[list[State] | None, Query(description="of these states; empty: all")] = None,
    kind: Annotated[list[IncidentKind] | None, Query(description="of these kinds; empty: all")] = None,
    watch: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="id of the watch")] = None,
    since: Annotated[Instant | None, Query(description="opened not before")] = None,
    story: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="`story_id`: all that are one fire with it")
    ] = None,
) -> Page[IncidentView]:
    """Incidents, newest first."""
    query = select(Incident).options(WITH_WATCH)
    if state:
        query = query.where(Incident.state.in_(state))
    if kind:
        query = query.where(Incident.kind.in_(kind))
    if watch is not None:
        query = query.where(Incident.watch_id == watch)
    if since is not None:
        query = query.where(Incident.opened_at >= since)
    if story is not None:
        query = query.where(or_(Incident.id == story, Incident.story_id == story))
    rows, after = page(session, query, Incident.id, paging)
    return Page(items=[IncidentView(**_parts(row)) for row in rows], next=after)


@router.get("/{id}")
def read_incident(_who: Viewer, session: Session, now: Now, row_id: Id) -> IncidentDetail:
    """One incident with its timeline, its newest posts and its series."""
    incident = get_or_404(session, Incident, row_id, WITH_WATCH)
    return IncidentDetail(
        **_parts(incident),
        timeline=_timeline(session, incident),
        posts=newest_posts_of(session, incident, limit=20),
        log=newest_log(session, incident, limit=20),
        series=points_of(session, incident, now=now),
    )


def _timeline(session: Session, incident: Incident) -> list[TransitionView]:
    """What a reader looks at: how it rang and what came last. A fire of ten days has 500 changes."""
    mine = select(Transition).where(Transition.incident_id == incident.id)
    newest = session.scalars(mine.order_by(Transition.id.desc()).limit(_CHANGES)).all()
    alerts = mine.where(Transition.reason.in_((Reason.ignited, Reason.revealed)))
    alert = session.scalars(alerts.order_by(Transition.id).limit(1)).first()
    shown = {row.id: row for row in (*newest, *([alert] if alert else []))}
    whole = {row.id for row in (*newest[:_WITH_FACTS], *([alert] if alert else []))}
    views = [TransitionView.model_validate(shown[number]) for number in sorted(shown)]
    return [view if view.id in whole else view.model_copy(update={"facts": {}}) for view in views]


@router.get("/{id}/transitions")
def list_transitions(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[TransitionView]:
    """All changes of an incident, newest first, each with the explanation as it was then."""
    incident = get_or_404(session, Incident, row_id)
    mine = select(Transition).where(Transition.incident_id == incident.id)
    rows, after = page(session, mine, Transition.id, paging)
    return Page(items=[TransitionView.model_validate(row) for row in rows], next=after)


@router.get("/{id}/posts")
def list_incident_posts(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[PostView]:
    """The mentions of an incident, from its onset to its end, newest first; strangers wrote their text."""
    posts, after = posts_of(session, get_or_404(session, Incident, row_id), paging.behind, limit=paging.limit)
    return Page(items=posts, next=after)


@router.post("/{id}/acknowledge")
def acknowledge_incident(who: Responder, session: Session, now: Now, row_id: Id) -> IncidentView:
    """Take an incident in hand; a second one to do so is told who was first."""
    return IncidentView(**_parts(incidents.acknowledge(session, row_id, by=who.name, now=now)))


@router.post("/{id}/take-over")
def take_over_incident(who: Responder, session: Session, now: Now, row_id: Id) -> IncidentView:
    """Take an incident from whoever has it."""
    return IncidentView(**_parts(incidents.take_over(session, row_id, by=who.name, now=now)))


@router.post("/{id}/snooze")
def snooze_incident(who: Responder, session: Session, now: Now, row_id: Id, body: Snooze) -> IncidentView:
    """Keep an incident quiet until an instant; an escalation is told all the same."""
    return IncidentView(**_parts(incidents.snooze(session, row_id, until=body.until, by=who.name, now=now)))


@router.post("/{id}/close")
def close_incident(who: Responder, session: Session, now: Now, row_id: Id, body: Closing) -> IncidentView:
    """Say that an incident is over."""
    return IncidentView(**_parts(incidents.close(session, row_id, note=body.note, by=who.name, now=now)))


@router.post("/{id}/verdict")
def judge_incident(who: Responder, session: Session, now: Now, row_id: Id, body: Judging) -> IncidentView:
    """Say what it was; the newest verdict counts, and the precision of the watch follows from it."""
    judged = incidents.judge(session, row_id, verdict=body.verdict, note=body.note, by=who.name, now=now)
    return IncidentView(**_parts(judged))
