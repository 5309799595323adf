"""Policies: how watches ring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.change import AuditView, changed, ensure_unique, get_by_name, get_or_404, record
from app.admin.specs import PolicySpec
from app.errors import Conflict
from app.models import Policy, Rota, Watch
from app.pipeline.incidents.advice import AdviceLimits

DEFAULT = "default"
_DECIDE = ("alarms_per_month", "threshold", "floor", "rings")
_SCORE = ("floor",)  # of these, what the scores themselves depend on


def audit_view(policy: Policy) -> AuditView:
    """The policy as its spec, for people and for the audit log."""
    fields = {field: getattr(policy, field) for field in PolicySpec.model_fields}
    return fields | {"advice": AdviceLimits.model_validate(policy.advice or {}).model_dump()}


def ensure_default(session: Session, *, now: datetime) -> Policy:
    """The policy of watches that name none, made at first need."""
    policy = session.scalar(select(Policy).where(Policy.name == DEFAULT))
    if policy is None:
        policy = create(session, PolicySpec(name=DEFAULT), by="tocsin", now=now)
    return policy


def create(session: Session, spec: PolicySpec, *, by: str, now: datetime) -> Policy:
    """A new policy; Conflict if its name is taken."""
    ensure_unique(session, Policy, spec.name)
    _require_rota(session, spec)
    stamps = dict.fromkeys(("created_at", "updated_at", "decides_since", "scores_since"), now)
    policy = Policy(**spec.model_dump(), **stamps)
    session.add(policy)
    record(session, policy, "create", before=None, after=audit_view(policy), by=by, now=now)
    return policy


def update(session: Session, policy_id: int, changes: Mapping[str, Any], *, by: str, now: datetime) -> Policy:
    """The policy with the changes; the default one keeps its name, since watches fall back on it."""
    policy = get_or_404(session, Policy, policy_id)
    before = audit_view(policy)
    spec = changed(PolicySpec, before, changes)
    if policy.name == DEFAULT and spec.name != DEFAULT:
        raise Conflict("the default policy keeps its name: watches that name none fall back on it")
    ensure_unique(session, Policy, spec.name, policy.id)
    _require_rota(session, spec)
    for field, value in spec.model_dump().items():
        setattr(policy, field, value)
    after = audit_view(policy)
    if after != before:
        _stamp(policy, {field for field in after if after[field] != before[field]}, now)
    record(session, policy, "update", before=before, after=after, by=by, now=now)
    return policy


def _require_rota(session: Session, spec: PolicySpec) -> None:
    if spec.rota:
        with session.no_autoflush:
            get_by_name(session, Rota, spec.rota, "#/rota")


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
    before = audit_view(policy)
    session.delete(policy)
    record(session, policy, "delete", before=before, after=None, by=by, now=now)
