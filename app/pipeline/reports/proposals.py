"""What the verdicts on a watch suggest: another budget or threshold, previewed before anybody is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from scipy.special import pdtr, pdtrc
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Sessions, only_read
from app.errors import AppError
from app.logs import log
from app.models import Incident, Proposal, ProposalState, VerdictWord, Watch
from app.pipeline.reports.precision import Count, counted, together
from app.pipeline.scoring.thresholds import REMEMBERED
from app.pipeline.simulation.compare import Preview
from app.pipeline.simulation.preview import BUDGETS, preview

MONTH = timedelta(days=30)
_LEAST = timedelta(days=14)  # under the policy as it is set; less says nothing
_RARE = 0.1  # what happens so seldom by chance is no chance
_QUIETER = (1.15, 1.35)  # times a threshold
_ASKED_AGAIN = timedelta(days=28)  # who said no is left in peace so long


class Why(BaseModel):
    """What speaks for a proposal, in figures that a person can check."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    wish: Literal["quieter", "warier"]
    days: float  # under the policy as it is set
    fires: int  # verdicts in that time
    false_alarms: int
    budget: float  # false alarms a month that are accepted today
    previewed_days: float
    today: int  # alarms in the preview
    proposed: int
    lost_fires: int  # alarms judged to be fires that would not ring any more
    spared: int  # false alarms that would not
    minutes_earlier: float | None  # median over the alarms kept; negative: later


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """The verdicts on a watch since its policy was set, at most 90 days."""

    days: float
    count: Count
    budget: float
    threshold: float | None

    @property
    def wish(self) -> Literal["quieter", "warier"] | None:
        """What the verdicts ask for; None: they agree with the budget, or are too few.

        False alarms are taken for Poisson with the budget as their rate: `quieter` if so many come by chance
        in one of ten such times at most, `warier` if so few do.
        """
        if self.days < _LEAST / timedelta(days=1):
            return None
        expected = self.budget * self.days / (MONTH / timedelta(days=1))
        false = self.count.false_alarms
        if false >= 2 and pdtrc(false - 1, expected) <= _RARE:
            return "quieter"
        if self.count.fires and not false and pdtr(0, expected) <= _RARE and not self.count.unjudged:
            return "warier"
        return None

    def changes(self) -> list[dict[str, Any]]:
        """What to preview, the smallest change first."""
        quieter = self.wish == "quieter"
        if self.threshold is not None:
            return [{"threshold": round(self.threshold * times, 2)} for times in _QUIETER] if quieter else []
        if quieter:
            return [{"alarms_per_month": b} for b in reversed(BUDGETS) if b < self.budget][:3]
        return [{"alarms_per_month": b} for b in BUDGETS if b > self.budget][:1]


def judged(session: Session, watch: Watch, *, now: datetime) -> VerdictRecord:
    """What people said of the watch's alarms under the policy as it is set."""
    set_at = watch.policy.decides_since or watch.policy.updated_at
    since = max(watch.judged_since or now, set_at, now - REMEMBERED)
    query = select(Incident.verdict).where(
        Incident.watch_id == watch.id,
        Incident.burning_at >= since,
        Incident.burning_at < now,
        Incident.suppressed_by_kind.is_(False),
    )
    count = together([counted(verdict) for verdict in session.scalars(query)])
    policy = watch.policy
    return VerdictRecord((now - since) / timedelta(days=1), count, policy.alarms_per_month, policy.threshold)


def propose(sessions: Sessions, watch_id: int, *, now: datetime) -> Proposal | None:
    """The open proposal for the watch: the one that is there, or a new one if its verdicts ask for one.

    Previews take seconds each; no session is open meanwhile. Of the changes that the verdicts ask for,
    the first is proposed that loses no alarm called a fire, and spares false ones or comes earlier.
    """
    with sessions() as session:
        only_read(session)
        known = open_proposal(session, watch_id)
        watch = session.get(Watch, watch_id)
        if known is not None or watch is None or _declined_lately(session, watch_id, now):
            return known
        verdicts = judged(session, watch, now=now)
    wish = verdicts.wish
    if wish is None:
        return None
    for changes in verdicts.changes():
        try:
            seen = preview(sessions, watch_id, changes, now=now)
        except AppError as error:
            log().info("no proposal", watch=watch_id, why=str(error))
            return None
        why = _why(wish, verdicts, seen)
        if _better(why):
            return _kept(sessions, watch_id, changes, why, now)
    return None


def open_proposal(session: Session, watch_id: int) -> Proposal | None:
    """The proposal that waits for an answer, unless the policy decides otherwise since it was made."""
    query = (
        select(Proposal)
        .options(joinedload(Proposal.watch))
        .where(Proposal.watch_id == watch_id, Proposal.state == ProposalState.open)
    )
    proposal = session.scalars(query.order_by(Proposal.id.desc())).first()
    if proposal is None:
        return None
    policy = proposal.watch.policy
    return proposal if (policy.decides_since or policy.updated_at) <= proposal.at else None


def _declined_lately(session: Session, watch_id: int, now: datetime) -> bool:
    query = select(Proposal.id).where(
        Proposal.watch_id == watch_id,
        Proposal.state == ProposalState.declined,
        Proposal.decided_at > now - _ASKED_AGAIN,
    )
    return session.scalars(query).first() is not None


def _why(wish: Literal["quieter", "warier"], verdicts: VerdictRecord, seen: Preview) -> Why:
    by_verdict = {tally.verdict: tally for tally in seen.verdicts}
    fires, false = by_verdict.get(VerdictWord.fire), by_verdict.get(VerdictWord.false_alarm)
    earlier = sorted(c.minutes_earlier for c in seen.changes if c.minutes_earlier is not None)
    return Why(
        wish=wish,
        days=round(verdicts.days, 1),
        fires=verdicts.count.fires,
        false_alarms=verdicts.count.false_alarms,
        budget=verdicts.budget,
        previewed_days=seen.days,
        today=len(seen.today.alarms),
        proposed=len(seen.proposed.alarms),
        lost_fires=max(0, fires.today - fires.proposed) if fires else 0,
        spared=max(0, false.today - false.proposed) if false else 0,
        minutes_earlier=earlier[len(earlier) // 2] if earlier else None,
    )


def _better(why: Why) -> bool:
    if why.lost_fires:
        return False
    if why.wish == "quieter":
        return why.spared > 0
    return (why.minutes_earlier or 0) > 0 and why.proposed - why.today <= why.budget


def _kept(sessions: Sessions, watch_id: int, changes: dict[str, Any], why: Why, now: datetime) -> Proposal:
    with sessions.begin() as session:
        proposal = Proposal(watch_id=watch_id, at=now, changes=changes, facts=why.model_dump(mode="json"))
        session.add(proposal)
        session.flush()
        session.refresh(proposal)
        session.expunge_all()
    return proposal
