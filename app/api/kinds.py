"""The kinds of sources and channels, for who makes one."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app import channels, sources
from app.api.access import Viewer
from app.api.views import Json, View
from app.sources import presets
from app.sources.base import Kind

router = APIRouter(prefix="/kinds", tags=["kinds"])


class KindView(View):
    """A kind of source or channel."""

    name: str = Field(examples=["rss"])
    summary: str = Field(examples=["A feed: RSS, Atom or JSON Feed"])
    secret: str = Field(
        description="none; optional: give one if it needs it; needed: nothing is heard without it; "
        "made: Tocsin makes it and shows it once",
        examples=["none"],
    )
    settings: Json = Field(description="JSON Schema of its settings", examples=[{"type": "object"}])


class SourceKindView(KindView):
    """A kind of source."""

    gives: str = Field(description="what comes with the posts", examples=["engagement"])
    needs: str = Field(description="the contract, key or approval that it needs; empty: nothing")
    price: str = Field(description="empty: free", examples=["0.005 USD a post"])
    starts: bool = Field(description="false: is added switched off, until you have what it needs")
    pushed: bool = Field(description="posts are brought to it; it fetches none")
    cadence_seconds: int = Field(description="pause between two runs unless set", examples=[300])


class PresetView(View):
    """A known feed, for the field `preset` of a new source."""

    name: str = Field(examples=["cert-fr"])
    summary: str = Field(examples=["All that CERT-FR publishes"])
    kind: str = Field(examples=["rss"])
    settings: Json = Field(examples=[{"url": "https://www.cert.ssi.gouv.fr/feed/"}])
    asks: str = Field(
        description="the setting that must be given with it: forum, its address, or number; empty: none",
        examples=[""],
    )
    known: str = Field(description="how surely its address is known", examples=["others read it in 2026"])


class Kinds(BaseModel):
    """What there is to choose from."""

    sources: list[SourceKindView]
    presets: list[PresetView]
    channels: list[KindView]


@router.get("")
def list_kinds(_who: Viewer) -> Kinds:
    """The kinds of sources and channels, with the schema of the settings of each."""
    return Kinds(
        sources=[_source(k) for k in sources.KINDS],
        presets=[
            PresetView(
                name=one.name,
                summary=one.summary,
                kind=one.kind,
                settings=dict(one.settings),
                asks=one.asks,
                known=one.known,
            )
            for one in presets.PRESETS
        ],
        channels=[_view(k.name, k.summary, k.secret, k.settings) for k in channels.KINDS],
    )


def _source(kind: Kind) -> SourceKindView:
    return SourceKindView(
        **_view(kind.name, kind.summary, kind.secret, kind.settings).model_dump(),
        gives=kind.gives,
        needs=kind.needs,
        price=kind.price,
        starts=kind.starts,
        pushed=kind.build is None and kind.listen is None,
        cadence_seconds=int(kind.cadence.total_seconds()),
    )


def _view(name: str, summary: str, secret: str, settings: type[BaseModel]) -> KindView:
    return KindView(name=name, summary=summary, secret=secret, settings=settings.model_json_schema())
