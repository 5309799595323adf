"""Policies: how watches ring."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from app.admin import scope, teams
from app.admin.change import (
    AuditView,
    Invalid,
    changed,
    checked,
    ensure_unique,
    get_by_name,
    get_or_404,
    record,
    word,
)
from app.admin.policy_specs import PolicySpec, overridden
from app.errors import Conflict, NotFound
from app.models import Policy, Rota, Watch
from app.pipeline.incidents.advice import AdviceLimits

DEFAULT = "default"
_DECIDE = ("alarms_per_month", "threshold", "floor", "rings")
_NAME = 80
_TERMS = tuple(PolicySpec.model_fields.keys() - {"name", "team"})
_SCORE = ("floor",)  # of these, what the scores themselves depend on


def listed() -> Select[Policy]:
    """All policies that people name; not those that are what one watch overrides."""
    return select(Policy).where(Policy.base_id.is_(None))


def read(session: Session, policy_id: int) -> Policy:
    """The policy; NotFound if there is none that people name."""
    policy = get_or_404(session, Policy, policy_id)
    if policy.base_id is not None:
        raise NotFound(f"there is no {word(Policy)} {policy_id}")
    return policy


def named(session: Session, name: str, at: str) -> Policy:
    """The policy of that name; Invalid points at the field that asked for it."""
    policy = get_by_name(session, Policy, name, at)
    if policy.base_id is not None:
        raise Invalid([{"pointer": at, "detail": f"there is no {word(Policy)} “{name}”"}])
    return policy


def base_of(session: Session, policy: Policy) -> Policy:
    """The policy that people name: itself, or the one that a watch overrides."""
    return policy if policy.base_id is None else session.get_one(Policy, policy.base_id)


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
    policy = read(session, policy_id)
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
    teams.require_open_to_all(session, policy, [(row.name, row.team_id) for row in users(session, policy)])
    after = audit_view(session, policy)
    if after != before:
        _stamp(policy, before, after, now)
        for own in session.scalars(select(Policy).where(Policy.base_id == policy.id)):
            _follow(session, own, policy, now)
    record(session, policy, "update", before=before, after=after, by=by, now=now)
    return policy


def users(session: Session, policy: Policy) -> Sequence[Row[int, str, int | None]]:
    """(id, name, team) of the watches that ring by it, those that override it too."""
    by = or_(Policy.id == policy.id, Policy.base_id == policy.id)
    return session.execute(
        select(Watch.id, Watch.name, Watch.team_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .where(by)
        .order_by(Watch.name)
    ).all()


def _require_rota(session: Session, spec: PolicySpec, team_id: int | None) -> None:
    if spec.rota:
        with session.no_autoflush:
            teams.require_open(get_by_name(session, Rota, spec.rota, "#/rota"), team_id, "#/rota")


def _stamp(policy: Policy, before: AuditView, after: AuditView, now: datetime) -> None:
    """Note what was changed when: what verdicts and incidents have taught outlives all other edits."""
    changed_fields = {field for field in after if after[field] != before[field]}
    was = policy.updated_at
    policy.updated_at = now
    policy.decides_since = now if changed_fields & set(_DECIDE) else policy.decides_since or was
    policy.scores_since = now if changed_fields & set(_SCORE) else policy.scores_since or was


def delete(session: Session, policy_id: int, *, by: str, now: datetime) -> None:
    """Nothing is left of the policy; Conflict while a watch rings by it."""
    policy = read(session, policy_id)
    if policy.name == DEFAULT:
        raise Conflict("the default policy stays: watches that name none fall back on it")
    if names := [row.name for row in users(session, policy)]:
        raise Conflict(f"the policy is in use by {', '.join(names)}: give them another one first")
    before = audit_view(session, policy)
    session.delete(policy)
    record(session, policy, "delete", before=before, after=None, by=by, now=now)


def rings_alone(session: Session, watch: Watch) -> bool:
    """Whether no other watch rings by its policy."""
    return all(row.id == watch.id for row in users(session, base_of(session, watch.policy)))


def own(watch: Watch, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the watch overrides, with the changes; what is empty in these is its own no more."""
    terms = {**(watch.policy.overrides or {}), **changes}
    return {field: value for field, value in terms.items() if value is not None}


def override(session: Session, watch: Watch, base: Policy, own: Mapping[str, Any], *, now: datetime) -> None:
    """Have the watch ring by the policy, but for what is its own; Invalid points at a field that is wrong.

    What is its own makes a policy that no list shows: the flow reads the policy of the watch, as ever,
    and each change of the base is carried over to it.
    """
    was = watch.policy
    mine = was if was is not None and was.base_id is not None else None
    if not own:
        watch.policy = base
        if mine is not None:
            session.delete(mine)
        return
    if mine is None:
        rang_by = was or base
        since = {"decides_since": rang_by.decides_since, "scores_since": rang_by.scores_since}
        terms = {field: getattr(rang_by, field) for field in _TERMS}
        stamps = {"created_at": now, "updated_at": rang_by.updated_at}
        mine = Policy(name=_free_name(session, base, watch), **terms, **since, **stamps)
        session.add(mine)
    mine.base_id, mine.overrides, mine.team_id = base.id, dict(own), watch.team_id
    _follow(session, mine, base, now)
    watch.policy = mine


def _follow(session: Session, mine: Policy, base: Policy, now: datetime) -> None:
    """Give the policy the terms of its base, and over these its own."""
    before = audit_view(session, mine)
    terms = {field: getattr(base, field) for field in _TERMS}
    spec = checked(PolicySpec, overridden(terms, mine.overrides or {}) | {"name": mine.name}, "overrides")
    for field, value in spec.model_dump(include=set(_TERMS)).items():
        setattr(mine, field, value)
    after = audit_view(session, mine)
    if after != before:
        _stamp(mine, before, after, now)


def _free_name(session: Session, base: Policy, watch: Watch) -> str:
    wanted = f"{base.name} · {watch.name}"[:_NAME].strip()
    taken = set(session.scalars(select(Policy.name), execution_options={scope.WHOLE_HOUSE: True}))
    free = (wanted, *(f"{wanted[: _NAME - 4].strip()} {n}" for n in range(2, 1000)))
    return next(name for name in free if name not in taken)
