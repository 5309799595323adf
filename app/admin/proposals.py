"""Proposals: another budget or threshold for one watch, which a person takes or leaves."""

from datetime import datetime

from sqlalchemy.orm import Session, joinedload

from app.admin import policies, watches
from app.admin.change import AuditView, get_or_404, record
from app.errors import Conflict
from app.models import Proposal, ProposalState

_NAME = 80


def audit_view(proposal: Proposal) -> AuditView:
    """The proposal for the audit log."""
    return {"watch": proposal.watch.name, "changes": dict(proposal.changes), "state": proposal.state}


def accept(session: Session, proposal_id: int, *, by: str, now: datetime) -> Proposal:
    """Make it so: the policy is changed, or the watch overrides it if others ring by it too."""
    proposal = _open(session, proposal_id)
    watch, policy = proposal.watch, proposal.watch.policy
    if (policy.decides_since or policy.updated_at) > proposal.at:
        raise Conflict("the policy was changed since this was proposed: ask for a new proposal")
    if policy.base_id is None and policies.rings_alone(session, watch) and policy.team_id == watch.team_id:
        policies.update(session, policy.id, proposal.changes, by=by, now=now)
    else:  # the others keep theirs, and a team changes nothing of the house
        watches.update(
            session, watch.id, {"overrides": policies.own(watch, proposal.changes)}, by=by, now=now
        )
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
