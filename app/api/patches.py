"""Bodies of PATCH: the fields of a spec, each of which may be left out and then stays as it is."""

from typing import Annotated, Any

from fastapi import Body
from pydantic import AfterValidator, BaseModel, WithJsonSchema

from app.admin.change import Patch
from app.admin.crisis_specs import StatementTemplateSpec
from app.admin.policy_specs import PolicySpec
from app.admin.reports import ReportSpec
from app.admin.specs import ChannelSpec, PlannedEventSpec, SilenceSpec, SourceSpec, WatchSpec
from app.admin.team_specs import PersonSpec, RotaSpec, TeamSpec


def _partial(spec: type[BaseModel], *, without: str = "") -> WithJsonSchema:
    schema = spec.model_json_schema()
    fields = {
        name: {k: v for k, v in f.items() if k != "default"}
        for name, f in schema["properties"].items()
        if name != without
    }
    return WithJsonSchema(
        {
            "type": "object",
            "title": spec.__name__.removesuffix("Spec") + "Changes",
            "description": "A JSON merge patch (RFC 7396): what is given is merged into what is set, at any "
            "depth; lists are replaced as a whole, and null takes a member of an object away, so that what "
            "is usual holds. What is given back as it was shown, with •••, stays as it is.",
            "properties": fields,
            "additionalProperties": False,
        }
    )


def _example(**changes: object) -> Any:  # noqa: ANN401 - FastAPI's own type
    return Body(examples=[changes])


_MERGED = AfterValidator(Patch)

PolicyChanges = Annotated[dict[str, Any], _MERGED, _partial(PolicySpec), _example(alarms_per_month=2)]
SourceChanges = Annotated[
    dict[str, Any], _MERGED, _partial(SourceSpec, without="preset"), _example(cadence_seconds=600)
]
ChannelChanges = Annotated[dict[str, Any], _MERGED, _partial(ChannelSpec), _example(enabled=False)]
WatchChanges = Annotated[
    dict[str, Any], _MERGED, _partial(WatchSpec), _example(query="any of: Danone, Danonino")
]
PersonChanges = Annotated[dict[str, Any], _MERGED, _partial(PersonSpec), _example(role="admin")]
TeamChanges = Annotated[dict[str, Any], _MERGED, _partial(TeamSpec), _example(name="Vélinor")]
RotaChanges = Annotated[dict[str, Any], _MERGED, _partial(RotaSpec), _example(call_minutes=5)]
StatementTemplateChanges = Annotated[
    dict[str, Any], _MERGED, _partial(StatementTemplateSpec), _example(approvers=["Ana"])
]
SilenceChanges = Annotated[
    dict[str, Any], _MERGED, _partial(SilenceSpec), _example(ends_at="2026-11-23T12:00:00Z")
]
ReportChanges = Annotated[
    dict[str, Any],
    _MERGED,
    _partial(ReportSpec),
    _example(summary="A jar with glass in it; recalled at noon."),
]
PlannedEventChanges = Annotated[dict[str, Any], _MERGED, _partial(PlannedEventSpec), _example(factor=5)]
