"""Watches over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Response
from pydantic import Field, WithJsonSchema
from sqlalchemy import select

from app.admin import routes, watches
from app.admin.change import get_or_404
from app.admin.fields import QUERY_SCHEMA
from app.admin.specs import WatchSpec
from app.api.access import Admin, Id, Now, Parts, Session, Viewer
from app.api.history import HistoryView
from app.api.paging import Page, Paging, page
from app.api.patches import WatchChanges
from app.api.views import Json, View
from app.models import WHOLE, Watch
from app.pipeline.ingest.look_back import histories_of
from app.reading.query.wrong import Doubt

router = APIRouter(prefix="/watches", tags=["watches"])


class DoubtView(View):
    """What is likely a slip in a query, in French where the request asks for it (Accept-Language)."""

    code: str = Field(description="stable word that a script can test", examples=["common"])
    detail: str = Field(
        description="what it is, where, and what to write instead",
        examples=["nothing follows AND (characters 8 to 10). Write: Orange"],
    )
    start: int = Field(description="first character of the place, from 0; 0 with `end` 0: the whole query")
    end: int = Field(description="after the last one")
    mend: str = Field(description="the query as it was probably meant; empty: nobody knows")
    refused: bool = Field(description="a query with this is not taken any more")

    @classmethod
    def of(cls, doubt: Doubt) -> Self:
        """The doubt as an answer."""
        return cls(
            code=doubt.code, detail=doubt.sentence(), start=doubt.start, end=doubt.end, mend=doubt.mend,
            refused=doubt.refused,
        )  # fmt: skip


class WatchView(View):
    """What is listened for."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["Danone"])
    kind: str = Field(description="brand, competitor, topic or risk", examples=["brand"])
    objective: str = Field(examples=["Hear of a recall before the press does"])
    query: Annotated[dict[str, Any], WithJsonSchema(QUERY_SCHEMA)] = Field(
        description="`text`, or the three lists", examples=[{"text": 'Danone -"Danone Nations Cup"'}]
    )
    languages: list[str] = Field(description="empty: all", examples=[["fr", "en"]])
    time_zone: str = Field(examples=["Europe/Paris"])
    country: str = Field(description="whose public holidays count as Sundays; empty: none", examples=["FR"])
    language: str = Field(description="of the alerts; empty: the service's", examples=["fr"])
    doubts: list[DoubtView] = Field(description="what is likely a slip in the query; empty: nothing")
    enabled: bool
    emergency: Json | None = Field(
        description="how it rings until it has learnt; null: it does not",
        examples=[{"mentions_per_hour": 10}],
    )
    learning: Json | None = Field(
        description="how it is judged while it has not learnt what is usual: `basis` (none: it is not, "
        "borrowed: by the usual of `like` watches, emergency: by `per_hour` mentions), and `until` when; "
        "null: it has learnt, or was not judged yet",
        examples=[{"basis": "borrowed", "like": 3, "per_hour": None, "until": "2026-12-03T09:00:00Z"}],
    )
    history: list[HistoryView] = Field(
        description="how far its sources have looked back, oldest source first"
    )
    relevance: bool | None = Field(
        description="whether posts are set aside as not about it, as its team wants; null: once that is "
        "measured to lose nothing. What is done: `GET /watches/{id}/relevance`",
        examples=[None],
    )
    policy: str = Field(examples=["default"])
    overrides: Json = Field(
        description="what it does otherwise than its policy; empty: nothing", examples=[{"floor": 8}]
    )
    sources: list[str] = Field(description="empty: every source", examples=[[]])
    channels: list[str] = Field(description="empty: every channel", examples=[[]])
    team: str | None = Field(description="whose it is; empty: the house's", examples=[None])
    scored_until: datetime | None = Field(description="what came before this was judged")
    created_at: datetime
    updated_at: datetime


def view(session: Session, watch: Watch) -> WatchView:
    """The watch as an answer."""
    return WatchView(
        **watches.audit_view(session, watch),
        id=watch.id,
        doubts=[DoubtView.of(doubt) for doubt in watches.doubts(watch)],
        learning=watch.learning,
        history=[HistoryView.of(row) for row in histories_of(session, watch)],
        scored_until=watch.scored_until,
        created_at=watch.created_at,
        updated_at=watch.updated_at,
    )


@router.get("")
def list_watches(_who: Viewer, session: Session, paging: Paging) -> Page[WatchView]:
    """All watches, oldest first."""
    rows, after = page(session, select(Watch).options(*WHOLE), Watch.id, paging, newest_first=False)
    return Page(items=[view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_watch(who: Admin, session: Session, now: Now, spec: WatchSpec, response: Response) -> WatchView:
    """A new watch; the next cycle also matches it against the posts that are stored already."""
    watch = watches.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/watches/{watch.id}"
    return view(session, watch)


@router.get("/{id}")
def read_watch(_who: Viewer, session: Session, row_id: Id) -> WatchView:
    """One watch."""
    return view(session, get_or_404(session, Watch, row_id, *WHOLE))


class RouteView(View):
    """One channel that a watch alerts."""

    channel: str = Field(examples=["comms on call"])
    kind: str = Field(description="of channel", examples=["slack"])
    language: str = Field(description="of the alerts there", examples=["fr"])
    from_level: int = Field(description="a fire is told there once it reaches this level", examples=[0])
    kinds: list[str] = Field(description="of incident, that are told there", examples=[["fire"]])
    works: bool
    why: str = Field(description="it does not", examples=[""])
    fallback: list[str] = Field(description="who is told instead, in order", examples=[["on-call mailbox"]])


class RoutesView(View):
    """Who is told of a watch."""

    routes: list[RouteView]
    hole: str = Field(description="what nobody would be told of; empty: nothing", examples=[""])


@router.get("/{id}/routes")
def read_routes(_who: Viewer, session: Session, runtime: Parts, now: Now, row_id: Id) -> RoutesView:
    """Which channels are told of the watch, of what, and who stands in for them."""
    watch = get_or_404(session, Watch, row_id)
    ways = routes.routes_of(session, watch, language=runtime.settings.language, now=now)
    return RoutesView(
        routes=[RouteView.model_validate(way, from_attributes=True) for way in ways],
        hole=routes.hole(ways, watch.policy.rings),
    )


@router.patch("/{id}")
def update_watch(who: Admin, session: Session, now: Now, row_id: Id, changes: WatchChanges) -> WatchView:
    """Change a watch; if what matches changes, the stored posts are matched again by the next cycle."""
    return view(session, watches.update(session, row_id, changes, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_watch(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a watch with its mentions and incidents; to keep those, set `enabled` to false instead."""
    watches.delete(session, row_id, by=who.name, now=now)
