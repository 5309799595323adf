"""Proposals: another budget or threshold for one watch, which a person takes or leaves."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.admin import policies, teams, watches
from app.admin.change import AuditView, get_or_404, record
from app.admin.policy_specs import PolicySpec
from app.errors import Conflict
from app.models import Policy, Proposal, ProposalState, Watch

_NAME = 80


def audit_view(proposal: Proposal) -> AuditView:
    """The proposal for the audit log."""
    return {"watch": proposal.watch.name, "changes": dict(proposal.changes), "state": proposal.state}


def accept(session: Session, proposal_id: int, *, by: str, now: datetime) -> Proposal:
    """Make it so: the policy is changed, or a copy is made if other watches ring by it too."""
    proposal = _open(session, proposal_id)
    watch, policy = proposal.watch, proposal.watch.policy
    if (policy.decides_since or policy.updated_at) > proposal.at:
        raise Conflict("the policy was changed since this was proposed: ask for a new proposal")
    others = session.scalars(
        select(Watch.id).where(Watch.policy_id == policy.id, Watch.id != watch.id)
    ).first()
    if others is None and policy.team_id == watch.team_id:  # a team changes nothing of the house
        policies.update(session, policy.id, proposal.changes, by=by, now=now)
    else:
        spec = policies.audit_view(session, policy) | dict(proposal.changes)
        spec |= {"name": _own_name(session, policy, watch), "team": teams.name_of(session, watch.team_id)}
        made = policies.create(session, PolicySpec.model_validate(spec), by=by, now=now)
        made.scores_since = policy.scores_since or policy.updated_at  # a proposal changes no floor
        watches.update(session, watch.id, {"policy": made.name}, by=by, now=now)
    return _decide(session, proposal, ProposalState.accepted, by, now)


def decline(session: Session, proposal_id: int, *, by: str, now: datetime) -> Proposal:
    """Leave it; the same is not asked again for four weeks."""
    return _decide(session, _open(session, proposal_id), ProposalState.declined, by, now)


def _open(session: Session, proposal_id: int) -> Proposal:
    proposal = get_or_404(session, Proposal, proposal_id, joinedload(Proposal.watch))
    if proposal.state is not ProposalState.open:
        raise Conflict(f"proposal {proposal_id} was {proposal.state} by {proposal.decided_by} already")
    return proposal


def _decide(session: Session, proposal: Proposal, state: ProposalState, by: str, now: datetime) -> Proposal:
    before = audit_view(proposal)
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, now
    record(session, proposal, state, before=before, after=audit_view(proposal), by=by, now=now)
    return proposal


def _own_name(session: Session, policy: Policy, watch: Watch) -> str:
    wanted = f"{policy.name} · {watch.name}"[:_NAME].strip()
    taken = set(session.scalars(select(Policy.name)))
    free = (wanted, *(f"{wanted[: _NAME - 4].strip()} {n}" for n in range(2, 100)))
    return next(name for name in free if name not in taken)
