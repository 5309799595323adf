"""What people set of how watches ring: a policy, and what one watch does otherwise."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from app.admin.fields import Name, TeamName
from app.admin.spec import Spec
from app.models import IncidentKind
from app.pipeline.incidents.advice import AdviceLimits
from detectors import FEWEST, MOST

_SMALL = 2**31 - 1


class PolicySpec(Spec):
    """How a watch rings."""

    name: Name = Field(min_length=1, max_length=80, description="unique", examples=["calm"])
    alarms_per_month: float = Field(
        1.0,
        ge=FEWEST,
        le=MOST,
        description="alarm budget: false alarms that are accepted in a month",
        examples=[1],
    )
    threshold: float | None = Field(
        None, gt=0, le=1e9, description="score that rings, instead of the one that the budget gives"
    )
    floor: int = Field(5, ge=1, le=_SMALL, description="an excess of fewer posts never rings by its volume")
    calm_minutes: int = Field(60, ge=5, le=10_080, description="below the calm threshold so long: contained")
    out_minutes: int = Field(360, ge=5, le=43_200, description="contained so long: out")
    rekindle_hours: int = Field(72, ge=0, le=8_760, description="a new fire within this is the same story")
    cooldown_minutes: int = Field(
        360,
        ge=0,
        le=10_080,
        description="after an alert, so long only that is told aloud which doubled, spread or turned",
    )
    remind_minutes: int = Field(
        30, ge=0, le=1_440, description="an alert that nobody takes is told of again, three times; 0: never"
    )
    rota: str = Field(
        "",
        max_length=120,
        description="name of the rota whose people are called while nobody takes an alert; empty: nobody is "
        "called by name",
        examples=[""],
    )
    advice: AdviceLimits = Field(
        default_factory=AdviceLimits,
        description="from where on an incident is called few, many, large or wide",
        examples=[{"many_authors": 200}],
    )
    digest: bool = Field(False, description="whether what only smoulders is told, once a day")
    rings: list[IncidentKind] = Field(
        [IncidentKind.fire],
        min_length=1,
        description="kinds of incident that ring; the others are recorded and can be looked at",
        examples=[["fire", "amplified"]],
    )
    team: TeamName = None


def _as_policy(name: str) -> Any:  # noqa: ANN401 - pydantic's own type
    """A field that says what that of the policy says; it is checked where the policy is."""
    field = PolicySpec.model_fields[name]
    usual = field.get_default(call_default_factory=True)
    shown = usual.model_dump() if isinstance(usual, AdviceLimits) else usual
    return Field(None, description=field.description, examples=field.examples or [shown])


class PolicyOverrides(Spec):
    """What a watch does otherwise than its policy; an empty field is the policy's.

    A budget of its own goes before the threshold of the policy, which an expert set for others.
    """

    alarms_per_month: float | None = _as_policy("alarms_per_month")
    threshold: float | None = _as_policy("threshold")
    floor: int | None = _as_policy("floor")
    calm_minutes: int | None = _as_policy("calm_minutes")
    out_minutes: int | None = _as_policy("out_minutes")
    rekindle_hours: int | None = _as_policy("rekindle_hours")
    cooldown_minutes: int | None = _as_policy("cooldown_minutes")
    remind_minutes: int | None = _as_policy("remind_minutes")
    advice: dict[str, float] | None = _as_policy("advice")
    digest: bool | None = _as_policy("digest")
    rings: list[IncidentKind] | None = _as_policy("rings")

    def given(self) -> dict[str, Any]:
        """The fields that are the watch's own, as they are stored."""
        return self.model_dump(mode="json", exclude_none=True)


def overridden(terms: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a policy with a watch's own over them.

    >>> overridden({"floor": 5, "advice": {"large": 2}}, {"floor": 8, "advice": {"audience": 9}})
    {'floor': 8, 'advice': {'large': 2, 'audience': 9}}
    >>> overridden({"threshold": 4.0}, {"alarms_per_month": 2})
    {'threshold': None, 'alarms_per_month': 2, 'advice': {}}
    """
    aside = {"threshold": None} if "alarms_per_month" in own else {}
    advice = {**(terms.get("advice") or {}), **own.get("advice", {})}
    return {**terms, **aside, **own, "advice": advice}
