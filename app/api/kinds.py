"""The kinds of sources and channels, for who makes one."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app import channels, sources
from app.api.access import Viewer
from app.api.views import Json, View

router = APIRouter(prefix="/kinds", tags=["kinds"])


class KindView(View):
    """A kind of source or channel."""

    name: str = Field(examples=["rss"])
    summary: str = Field(examples=["A feed: RSS, Atom or JSON Feed"])
    secret: str = Field(
        description="none; optional: give one if it needs it; made: Tocsin makes it and shows it once",
        examples=["none"],
    )
    settings: Json = Field(description="JSON Schema of its settings", examples=[{"type": "object"}])


class Kinds(BaseModel):
    """What there is to choose from."""

    sources: list[KindView]
    channels: list[KindView]


@router.get("")
def list_kinds(_who: Viewer) -> Kinds:
    """The kinds of sources and channels, with the schema of the settings of each."""
    return Kinds(
        sources=[_view(k.name, k.summary, k.secret, k.settings) for k in sources.KINDS],
        channels=[_view(k.name, k.summary, k.secret, k.settings) for k in channels.KINDS],
    )


def _view(name: str, summary: str, secret: str, settings: type[BaseModel]) -> KindView:
    return KindView(name=name, summary=summary, secret=secret, settings=settings.model_json_schema())
