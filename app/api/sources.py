"""Sources over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator, Field
from sqlalchemy import select

from app.admin import sources, teams
from app.admin.change import get_or_404
from app.admin.fields import TimeZone
from app.admin.specs import SourceSpec
from app.api.access import Admin, Id, Now, Session, Vault, Viewer
from app.api.history import HistoryView
from app.api.paging import Page, Paging, page, page_of_times
from app.api.patches import SourceChanges
from app.api.views import Json, Made, View, shown
from app.models import LookBack, Run, Source, Subscription, Volume
from app.pipeline.ingest import volume
from app.pipeline.ingest.quotas import Spent
from app.sources.feed import rss

router = APIRouter(prefix="/sources", tags=["sources"])


class Health(View):
    """Whether a source is heard."""

    state: str = Field(description="new, ok, degraded or down", examples=["ok"])
    since: datetime
    why: str = Field(description="empty while all is well", examples=[""])
    failures: int = Field(description="in a row", examples=[0])
    heard_until: datetime | None = Field(description="everything published before this was heard")


class BudgetView(View):
    """Something that is counted, and what is left of it."""

    what: str = Field(examples=["searches of YouTube"])
    used: float = Field(examples=[13])
    of: float = Field(examples=[100])
    left: float = Field(examples=[87])
    resets_at: datetime


class HubView(View):
    """The hub of a feed (WebSub), which tells us of what is new."""

    url: str = Field(examples=["https://hub.example/"])
    until: datetime | None = Field(description="it tells us until then; null: it has not confirmed yet")
    delivered_at: datetime | None = Field(description="when it last told us something")
    why: str = Field(description="it refused; empty while all is well", examples=[""])


class SourceView(View):
    """A place that posts come from."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Le Monde, économie"])
    kind: str = Field(examples=["rss"])
    settings: Json = Field(examples=[{"url": "https://www.lemonde.fr/economie/rss_full.xml"}])
    has_secret: bool = Field(description="whether a secret is kept for it; it is never shown")
    cadence_seconds: int = Field(examples=[300])
    enabled: bool
    team: str | None = Field(description="whose it is; empty: the house's", examples=[None])
    due_at: datetime | None = Field(description="next run")
    health: Health
    cost_today: float = Field(description="in USD, since midnight UTC", examples=[0.0])
    budgets: list[BudgetView] = Field(description="daily quotas and spend limits, and what is left of them")
    hub: HubView | None = Field(description="of a feed that has one, if hubs can reach us")
    history: HistoryView | None = Field(description="its look back; null: it cannot, or never did")
    created_at: datetime
    updated_at: datetime


class SourceMade(SourceView):
    """A new source."""

    secret: str | None = Field(
        description="signs what is pushed to it; made by Tocsin and shown this once", examples=[None]
    )


class RunView(View):
    """One run of a source."""

    id: int = Field(examples=[1])
    started_at: datetime
    ended_at: datetime
    window_from: datetime | None = Field(description="what was looked at")
    window_to: datetime | None
    status: Annotated[str, BeforeValidator(str)] = Field(
        description="ok, empty, unchanged, partial or failed", examples=["ok"]
    )
    received: int = Field(examples=[20])
    stored: int = Field(description="of these, new", examples=[3])
    edited: int = Field(examples=[0])
    coverage: float = Field(description="part of the window that was really observed", examples=[1.0])
    cost: float = Field(description="in USD", examples=[0.0])
    note: str


class VolumeView(View):
    """A stretch of time as the source counted it, whether its posts were read or not."""

    at: datetime = Field(description="its start")
    step_seconds: int = Field(description="its length", examples=[900])
    count: int = Field(description="posts or articles that match", examples=[42])
    total: int | None = Field(
        description="all that the source looked at meanwhile; null: it does not say", examples=[34567]
    )
    share: float | None = Field(description="count of total", examples=[0.001215])
    usual: float | None = Field(
        description="count that is usual at that hour of the week (median of up to eight weeks before it; in "
        "proportion to the total, where it is known); null: no earlier week is known",
        examples=[11.5],
    )
    weeks: int = Field(description="how many earlier weeks say so", examples=[4])


def view(
    source: Source, team: str | None, spent: Spent, hub: Subscription | None, history: LookBack | None
) -> SourceView:
    """The source as an answer."""
    return SourceView(
        id=source.id,
        name=source.name,
        kind=source.kind,
        settings=shown(source.settings),
        has_secret=source.secret is not None,
        cadence_seconds=source.cadence_seconds,
        enabled=source.enabled,
        team=team,
        due_at=source.due_at,
        health=Health(
            state=str(source.health),
            since=source.health_since,
            why=source.health_why,
            failures=source.failures,
            heard_until=source.heard_until,
        ),
        cost_today=spent.cost,
        budgets=[
            BudgetView(what=b.what, used=b.used, of=b.of, left=b.left, resets_at=b.resets_at)
            for b in spent.budgets
        ],
        hub=hub and HubView(url=hub.hub, until=hub.lease_until, delivered_at=hub.delivered_at, why=hub.why),
        history=history and HistoryView.of(history),
        created_at=source.created_at,
        updated_at=source.updated_at,
    )


def _view(session: Session, source: Source, vault: Vault, now: Now) -> SourceView:
    hub = session.get(Subscription, source.id) if source.kind == rss.KIND.name else None
    spent = sources.spending(session, source, vault=vault, now=now)
    team = teams.name_of(session, source.team_id)
    return view(source, team, spent, hub, session.get(LookBack, source.id))


@router.get("")
def list_sources(_who: Viewer, session: Session, vault: Vault, now: Now, paging: Paging) -> Page[SourceView]:
    """All sources with their health, oldest first."""
    rows, after = page(session, select(Source), Source.id, paging, newest_first=False)
    return Page(items=[_view(session, row, vault, now) for row in rows], next=after)


@router.post("", status_code=201)
def create_source(
    who: Admin, session: Session, vault: Vault, now: Now, spec: SourceSpec, response: Response
) -> SourceMade:
    """A new source, which the next cycle runs; a secret made for it is in this answer and no other."""
    source, secret = sources.create(session, spec, vault=vault, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/sources/{source.id}"
    return SourceMade(**_view(session, source, vault, now).model_dump(), secret=secret)


@router.get("/{id}")
def read_source(_who: Viewer, session: Session, vault: Vault, now: Now, row_id: Id) -> SourceView:
    """One source with its health."""
    return _view(session, get_or_404(session, Source, row_id), vault, now)


@router.patch("/{id}")
def update_source(
    who: Admin, session: Session, vault: Vault, now: Now, row_id: Id, changes: SourceChanges
) -> SourceView:
    """Change a source; with new settings it is read from the beginning, and known posts stay once."""
    source = sources.update(session, row_id, changes, vault=vault, by=who.name, now=now)
    return _view(session, source, vault, now)


@router.delete("/{id}", status_code=204)
def delete_source(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a source with its posts; to keep those, set `enabled` to false instead."""
    sources.delete(session, row_id, by=who.name, now=now)


@router.get("/{id}/runs")
def list_runs(_who: Viewer, session: Session, row_id: Id, paging: Paging) -> Page[RunView]:
    """Runs of a source, newest first."""
    source = get_or_404(session, Source, row_id)
    rows, after = page(session, select(Run).where(Run.source_id == source.id), Run.id, paging)
    return Page(items=[RunView.model_validate(row) for row in rows], next=after)


@router.get("/{id}/volume")
def list_volume(
    _who: Viewer,
    session: Session,
    row_id: Id,
    paging: Paging,
    zone: Annotated[TimeZone, Query(description="time zone whose hours count, as Europe/Paris")] = "UTC",
) -> Page[VolumeView]:
    """What a source counted itself (`gdelt`, and `x` with `counts`) beside what is usual, newest first."""
    source = get_or_404(session, Source, row_id)
    query = select(Volume).where(Volume.source_id == source.id)
    rows, after = page_of_times(session, query, Volume.at, paging)
    points = volume.points(session, rows, zone=zone)
    return Page(items=[VolumeView.model_validate(point) for point in points], next=after)


@router.post("/{id}/run", status_code=202)
def run_source(who: Admin, session: Session, vault: Vault, now: Now, row_id: Id) -> SourceView:
    """Make a source due at once; the next cycle runs it."""
    return _view(session, sources.run_now(session, row_id, by=who.name, now=now), vault, now)


@router.post("/{id}/secret")
def rotate_source_secret(who: Admin, session: Session, vault: Vault, now: Now, row_id: Id) -> Made:
    """Make a new secret, shown this once; the old one opens nothing from now on."""
    return Made(secret=sources.rotate_secret(session, row_id, vault=vault, by=who.name, now=now))
