"""Policies: how watches ring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import scope, teams
from app.admin.change import AuditView, changed, ensure_unique, get_by_name, get_or_404, record
from app.admin.policy_specs import PolicySpec
from app.errors import Conflict
from app.models import Policy, Rota, Watch
from app.pipeline.incidents.advice import AdviceLimits

DEFAULT = "default"
_DECIDE = ("alarms_per_month", "threshold", "floor", "rings")
_SCORE = ("floor",)  # of these, what the scores themselves depend on


def audit_view(session: Session, policy: Policy) -> AuditView:
    """The policy as its spec, for people and for the audit log."""
    fields = {field: getattr(policy, field) for field in PolicySpec.model_fields if field != "team"}
    advice = AdviceLimits.model_validate(policy.advice or {}).model_dump()
    return fields | {"advice": advice, "team": teams.name_of(session, policy.team_id)}


def ensure_default(session: Session, *, now: datetime) -> Policy:
    """The policy of watches that name none, made at first need."""
    policy = session.scalar(select(Policy).where(Policy.name == DEFAULT))
    if policy is None:
        with scope.as_house(session):
            policy = create(session, PolicySpec(name=DEFAULT), by="tocsin", now=now)
    return policy


def create(session: Session, spec: PolicySpec, *, by: str, now: datetime) -> Policy:
    """A new policy; Conflict if its name is taken."""
    ensure_unique(session, Policy, spec.name)
    team_id = teams.named(session, spec.team)
    _require_rota(session, spec, team_id)
    stamps = dict.fromkeys(("created_at", "updated_at", "decides_since", "scores_since"), now)
    policy = Policy(**spec.model_dump(exclude={"team"}), team_id=team_id, **stamps)
    session.add(policy)
    record(session, policy, "create", before=None, after=audit_view(session, policy), by=by, now=now)
    return policy


def update(session: Session, policy_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Policy:
    """The policy with the changes; the default one keeps its name, since watches fall back on it."""
    policy = get_or_404(session, Policy, policy_id)
    before = audit_view(session, policy)
    spec = changed(PolicySpec, before, changes)
    if policy.name == DEFAULT and spec.name != DEFAULT:
        raise Conflict("the default policy keeps its name: watches that name none fall back on it")
    ensure_unique(session, Policy, spec.name, policy.id)
    policy.team_id = teams.named(session, spec.team)
    _require_rota(session, spec, policy.team_id)
    for field, value in spec.model_dump(exclude={"team"}).items():
        setattr(policy, field, value)
    if policy.name == DEFAULT and policy.team_id is not None:
        raise Conflict("the default policy is the house's: watches of every team fall back on it")
    users = session.execute(select(Watch.name, Watch.team_id).where(Watch.policy_id == policy.id))
    teams.require_open_to_all(session, policy, [(row.name, row.team_id) for row in users])
    after = audit_view(session, policy)
    if after != before:
        _stamp(policy, {field for field in after if after[field] != before[field]}, now)
    record(session, policy, "update", before=before, after=after, by=by, now=now)
    return policy


def _require_rota(session: Session, spec: PolicySpec, team_id: int | None) -> None:
    if spec.rota:
        with session.no_autoflush:
            teams.require_open(get_by_name(session, Rota, spec.rota, "#/rota"), team_id, "#/rota")


def _stamp(policy: Policy, changed_fields: set[str], now: datetime) -> None:
    """Note what was changed when: what verdicts and incidents have taught outlives all other edits."""
    was = policy.updated_at
    policy.updated_at = now
    policy.decides_since = now if changed_fields & set(_DECIDE) else policy.decides_since or was
    policy.scores_since = now if changed_fields & set(_SCORE) else policy.scores_since or was


def delete(session: Session, policy_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the policy; Conflict while a watch rings by it."""
    policy = get_or_404(session, Policy, policy_id)
    if policy.name == DEFAULT:
        raise Conflict("the default policy stays: watches that name none fall back on it")
    users = session.scalars(select(Watch.name).where(Watch.policy_id == policy.id).order_by(Watch.name)).all()
    if users:
        raise Conflict(f"the policy is in use by {', '.join(users)}: give them another one first")
    before = audit_view(session, policy)
    session.delete(policy)
    record(session, policy, "delete", before=before, after=None, by=by, now=now)
