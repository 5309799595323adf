"""Rotas over HTTP: who is on duty, and when; who stands in for whom; and all of it as a calendar."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import select

from app.admin import rotas
from app.admin.change import get_or_404
from app.admin.fields import Instant
from app.admin.people import names_of
from app.admin.rota_calendar import calendar_of
from app.admin.team_specs import HoursSpec, NightSpec, RotaSpec, SubstitutionSpec
from app.api.access import Admin, Id, Now, Responder, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import RotaChanges
from app.api.views import View
from app.errors import BadInput
from app.models import Rota, Substitution
from app.pipeline.reports.calls import call_figures

router = APIRouter(prefix="/rotas", tags=["rotas"])
_LONGEST = timedelta(days=366)
Since = Annotated[Instant | None, Query(description="with a time zone; empty: now")]
Until = Annotated[Instant | None, Query(description="with a time zone; empty: four weeks later")]


class ShiftView(View):
    """From one instant to the next, the same people are on duty."""

    since: datetime
    until: datetime
    people: list[str] = Field(
        description="names, in the order in which they are called; empty: a gap", examples=[["Léa", "Max"]]
    )


class LayerView(View):
    """People who take turns."""

    people: list[str] = Field(examples=[["Léa", "Max"]])
    starts_on: str = Field(examples=["2026-11-30"])
    hand_over: str = Field(examples=["09:00"])
    days: int = Field(description="of a turn", examples=[7])
    hours: HoursSpec | None = Field(description="empty: day and night")


class RotaView(View):
    """Who is on duty when, and how they are called."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["comms on call"])
    time_zone: str = Field(examples=["Europe/Paris"])
    layers: list[LayerView]
    lead: str | None = Field(description="who is called when nobody else answers", examples=["Ana"])
    call_minutes: int = Field(description="from one call to the next", examples=[3])
    lapse_minutes: int = Field(description="what nobody acted on for so long is in no hands", examples=[60])
    night: NightSpec | None = Field(description="empty: people are called at any hour")
    team: str | None = Field(description="whose it is; empty: the house's", examples=[None])
    on_duty: list[str] = Field(description="now, in the order in which they are called", examples=[["Léa"]])
    gaps: list[ShiftView] = Field(description="times of the next four weeks in which nobody is on duty")
    out_of_reach: list[str] = Field(
        description="names of those whom no call reaches: no id in Slack, no channel of their own",
        examples=[[]],
    )
    created_at: datetime
    updated_at: datetime


class SubstitutionView(View):
    """A time in which one person is on duty in the place of another."""

    id: int = Field(examples=[1])
    person: str = Field(examples=["Léa"])
    instead_of: str | None = Field(examples=["Max"])
    starts_at: datetime
    ends_at: datetime
    why: str = Field(examples=["Swap with Max"])
    created_by: str = Field(examples=["Max"])
    created_at: datetime


class LoadView(View):
    """What one person was called for."""

    name: str = Field(examples=["Léa"])
    calls: int = Field(description="mentions in alerts too; several ways at once are one call", examples=[7])
    at_night: int = Field(examples=[2])
    taken: int = Field(description="fires that they took in hand", examples=[3])
    false_alarms: int = Field(description="they were called for, and that were none", examples=[1])


class CallFiguresView(View):
    """How the fires of a time were answered; drills are not among them."""

    fires: int = Field(description="that somebody was called for", examples=[4])
    taken: int = Field(description="that somebody took in hand", examples=[4])
    lapsed: int = Field(description="acknowledgements that nothing followed", examples=[0])
    unanswered: int = Field(description="everybody was called before somebody had it", examples=[0])
    median_minutes: float | None = Field(description="from the alert until somebody had it", examples=[3.5])
    within: int = Field(description="of those taken, in a quarter of an hour", examples=[4])
    people: list[LoadView] = Field(description="the most called first")


def _view(session: Session, rota: Rota, now: datetime) -> RotaView:
    ahead = _shifts(session, rota, now, now + rotas.AHEAD)
    return RotaView.model_validate(
        {
            **rotas.audit_view(session, rota),
            "id": rota.id,
            "on_duty": ahead[0].people,
            "gaps": [shift for shift in ahead if not shift.people],
            "out_of_reach": rotas.out_of_reach(session, rota, now),
            "created_at": rota.created_at,
            "updated_at": rota.updated_at,
        }
    )


def _shifts(session: Session, rota: Rota, since: datetime, until: datetime) -> list[ShiftView]:
    names = names_of(session)
    return [
        ShiftView(since=one.since, until=one.until, people=[names[person] for person in one.people])
        for one in rotas.shifts(session, rota, since, until)
    ]


def _span(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    first = since or now
    last = until or first + rotas.AHEAD
    if not timedelta() < last - first <= _LONGEST:
        raise BadInput("until must be later than since, and by a year at most")
    return first, last


def _substitution(session: Session, row: Substitution) -> SubstitutionView:
    return SubstitutionView.model_validate(
        {
            **rotas.substitution_view(session, row),
            "id": row.id,
            "created_by": row.created_by,
            "created_at": row.created_at,
        }
    )


@router.get("")
def list_rotas(_who: Viewer, session: Session, now: Now, paging: Paging) -> Page[RotaView]:
    """All rotas, oldest first, with who is on duty now."""
    rows, after = page(session, select(Rota), Rota.id, paging, newest_first=False)
    return Page(items=[_view(session, row, now) for row in rows], next=after)


@router.post("", status_code=201)
def create_rota(who: Admin, session: Session, now: Now, spec: RotaSpec, response: Response) -> RotaView:
    """A new rota; it calls people once a policy names it."""
    rota = rotas.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/rotas/{rota.id}"
    return _view(session, rota, now)


@router.get("/{id}")
def read_rota(_who: Viewer, session: Session, now: Now, row_id: Id) -> RotaView:
    """One rota, with who is on duty now and the gaps of the next four weeks."""
    return _view(session, get_or_404(session, Rota, row_id), now)


@router.patch("/{id}")
def update_rota(who: Admin, session: Session, now: Now, row_id: Id, changes: RotaChanges) -> RotaView:
    """Change a rota; the next call goes by it."""
    return _view(session, rotas.update(session, row_id, changes, by=who.name, now=now), now)


@router.delete("/{id}", status_code=204)
def delete_rota(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a rota that no policy names, with its substitutions."""
    rotas.delete(session, row_id, by=who.name, now=now)


@router.get("/{id}/shifts")
def list_shifts(
    _who: Viewer, session: Session, now: Now, row_id: Id, since: Since = None, until: Until = None
) -> list[ShiftView]:
    """Who is on duty in that time, shift after shift; one without people is a gap."""
    return _shifts(session, get_or_404(session, Rota, row_id), *_span(since, until, now))


@router.get(
    "/{id}/calendar.ics",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
def read_calendar(
    _who: Viewer,
    session: Session,
    now: Now,
    row_id: Id,
    since: Since = None,
    until: Until = None,
    language: Annotated[Literal["en", "fr"], Query(description="of its titles")] = "en",
) -> Response:
    """The shifts as a calendar (iCalendar, RFC 5545), for the programs in which people keep theirs."""
    rota = get_or_404(session, Rota, row_id)
    text = calendar_of(session, rota, *_span(since, until, now), language=language, now=now)
    return Response(text, media_type="text/calendar; charset=utf-8")


@router.get("/{id}/figures")
def read_call_figures(
    _who: Viewer, session: Session, now: Now, row_id: Id, since: Since = None, until: Until = None
) -> CallFiguresView:
    """How fast fires were taken in hand, and who was called how often; else of the last four weeks."""
    rota = get_or_404(session, Rota, row_id)
    last = until or now
    first, last = _span(since or last - rotas.AHEAD, last, now)
    return CallFiguresView.model_validate(call_figures(session, rota, first, last))


@router.get("/{id}/substitutions")
def list_substitutions(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[SubstitutionView]:
    """Who stands in for whom, and when; newest first."""
    rota = get_or_404(session, Rota, row_id)
    mine = select(Substitution).where(Substitution.rota_id == rota.id)
    rows, after = page(session, mine, Substitution.id, paging)
    return Page(items=[_substitution(session, row) for row in rows], next=after)


@router.post("/{id}/substitutions", status_code=201)
def create_substitution(
    who: Responder, session: Session, now: Now, row_id: Id, spec: SubstitutionSpec, response: Response
) -> SubstitutionView:
    """Have one person on duty in the place of another for a while; where two overlap, the newer holds."""
    row = rotas.substitute(session, row_id, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/rotas/{row_id}/substitutions/{row.id}"
    return _substitution(session, row)


@router.delete("/{id}/substitutions/{substitution_id}", status_code=204)
def delete_substitution(
    who: Responder,
    session: Session,
    now: Now,
    row_id: Id,
    substitution_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> None:
    """Undo a substitution: the rota holds again."""
    rotas.undo_substitution(session, row_id, substitution_id, by=who.name, now=now)
