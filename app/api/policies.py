"""Policies over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.orm import Session as OrmSession

from app.admin import policies, teams
from app.admin.policy_specs import PolicySpec
from app.api.access import Admin, Id, Now, Session, Viewer
from app.api.paging import Page, Paging, page
from app.api.patches import PolicyChanges
from app.api.views import View
from app.models import IncidentKind, Policy
from app.pipeline.incidents.advice import AdviceLimits

router = APIRouter(prefix="/policies", tags=["policies"])


class PolicyView(View):
    """How watches ring."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["default"])
    alarms_per_month: float = Field(description="alarm budget", examples=[1])
    threshold: float | None = Field(description="score that rings, if it is not left to the budget")
    floor: int = Field(description="an excess of fewer posts never rings by its volume", examples=[5])
    calm_minutes: int = Field(description="below the calm threshold so long: contained", examples=[60])
    out_minutes: int = Field(description="contained so long: out", examples=[360])
    rekindle_hours: int = Field(description="a new fire within this is the same story", examples=[72])
    cooldown_minutes: int = Field(
        description="after an alert, so long only that is told aloud which doubled, spread or turned",
        examples=[360],
    )
    remind_minutes: int = Field(
        description="an alert that nobody takes is told of again after so long; 0: never", examples=[30]
    )
    rota: str = Field(
        description="whose people are called while nobody takes an alert; empty: none", examples=[""]
    )
    advice: AdviceLimits = Field(description="from where on an incident is called few, many, large or wide")
    digest: bool = Field(description="whether what only smoulders is told, once a day")
    rings: list[IncidentKind] = Field(
        description="kinds of incident that ring; the others are recorded and can be looked at",
        examples=[["fire"]],
    )
    team: str | None = Field(description="whose it is; empty: the house's", examples=[None])
    decides_since: datetime | None = Field(
        description="when the budget, the threshold, the floor or the kinds were changed last"
    )
    scores_since: datetime | None = Field(
        description="when the floor was changed last, which makes other scores: what thresholds learnt from "
        "before counts no more. No other edit costs what was learnt"
    )
    created_at: datetime
    updated_at: datetime


def _view(session: OrmSession, policy: Policy) -> PolicyView:
    own = {field: getattr(policy, field) for field in PolicyView.model_fields if field != "team"}
    return PolicyView.model_validate(own | {"team": teams.name_of(session, policy.team_id)})


@router.get("")
def list_policies(_who: Viewer, session: Session, paging: Paging) -> Page[PolicyView]:
    """All policies, oldest first."""
    rows, after = page(session, policies.listed(), Policy.id, paging, newest_first=False)
    return Page(items=[_view(session, row) for row in rows], next=after)


@router.post("", status_code=201)
def create_policy(who: Admin, session: Session, now: Now, spec: PolicySpec, response: Response) -> PolicyView:
    """A new policy."""
    policy = policies.create(session, spec, by=who.name, now=now)
    response.headers["Location"] = f"/api/v1/policies/{policy.id}"
    return _view(session, policy)


@router.get("/{id}")
def read_policy(_who: Viewer, session: Session, row_id: Id) -> PolicyView:
    """One policy."""
    return _view(session, policies.read(session, row_id))


@router.patch("/{id}")
def update_policy(who: Admin, session: Session, now: Now, row_id: Id, changes: PolicyChanges) -> PolicyView:
    """Change a policy; the next cycle rings by it."""
    return _view(session, policies.update(session, row_id, changes, by=who.name, now=now))


@router.delete("/{id}", status_code=204)
def delete_policy(who: Admin, session: Session, now: Now, row_id: Id) -> None:
    """Delete a policy that no watch rings by."""
    policies.delete(session, row_id, by=who.name, now=now)
