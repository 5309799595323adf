"""Bodies of PATCH: the fields of a spec, each of which may be left out and then stays as it is."""

from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, WithJsonSchema

from app.admin.specs import ChannelSpec, PlannedEventSpec, PolicySpec, SilenceSpec, SourceSpec, WatchSpec


def _partial(spec: type[BaseModel]) -> WithJsonSchema:
    schema = spec.model_json_schema()
    fields = {
        name: {k: v for k, v in f.items() if k != "default"} for name, f in schema["properties"].items()
    }
    return WithJsonSchema(
        {
            "type": "object",
            "title": spec.__name__.removesuffix("Spec") + "Changes",
            "description": "The fields that are given replace what is set; the others stay.",
            "properties": fields,
            "additionalProperties": False,
        }
    )


def _example(**changes: object) -> Any:  # noqa: ANN401 - FastAPI's own type
    return Body(examples=[changes])


PolicyChanges = Annotated[dict[str, Any], _partial(PolicySpec), _example(alarms_per_month=2)]
SourceChanges = Annotated[dict[str, Any], _partial(SourceSpec), _example(cadence_seconds=600)]
ChannelChanges = Annotated[dict[str, Any], _partial(ChannelSpec), _example(enabled=False)]
WatchChanges = Annotated[dict[str, Any], _partial(WatchSpec), _example(query="any of: Danone, Danonino")]
SilenceChanges = Annotated[dict[str, Any], _partial(SilenceSpec), _example(ends_at="2026-11-23T12:00:00Z")]
PlannedEventChanges = Annotated[dict[str, Any], _partial(PlannedEventSpec), _example(factor=5)]
