"""How often watches ring rightly, and what their verdicts suggest, over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app.admin import proposals
from app.admin.change import get_or_404
from app.api.access import Admin, Id, Now, Parts, Session, Viewer
from app.api.preview import alone
from app.api.views import Json, View
from app.errors import Conflict
from app.models import Proposal, Watch
from app.pipeline.reports.precision import Count, months_of, together
from app.pipeline.reports.proposals import Why, judged, open_proposal, propose

router = APIRouter(tags=["watches"])


class CountView(View):
    """Alarms, and what the team said of them."""

    alarms: int = Field(examples=[5])
    fires: int = Field(examples=[3])
    false_alarms: int = Field(examples=[1])
    planned: int = Field(description="judged to be a planned event", examples=[0])
    unjudged: int = Field(examples=[1])
    precision: float | None = Field(
        description="fires among those judged a fire or a false alarm; empty: none was", examples=[0.75]
    )
    low: float | None = Field(description="where it lies with 90 % certainty (Jeffreys)", examples=[0.34])
    high: float | None = Field(examples=[0.96])


class MonthView(CountView):
    """The alarms of one month."""

    month: str = Field(description="on the watch's clock", examples=["2026-11"])


class ProposalView(View):
    """Another budget or threshold; nothing changes before a yes."""

    id: int = Field(examples=[1])
    watch_id: int = Field(examples=[1])
    at: datetime
    changes: Json = Field(description="fields of the policy", examples=[{"alarms_per_month": 0.5}])
    why: Why
    state: Literal["open", "accepted", "declined"]
    decided_at: datetime | None
    decided_by: str = Field(examples=[""])


class PrecisionView(View):
    """How often the watch rang rightly."""

    months: list[MonthView] = Field(description="oldest first; the last one is not over")
    all: CountView = Field(description="of these months together")
    budget: float = Field(description="false alarms a month that are accepted", examples=[1])
    wish: Literal["quieter", "warier"] | None = Field(
        description="what the verdicts of the last 90 days ask for; empty: they agree, or are too few"
    )
    proposal: ProposalView | None = Field(description="that waits for an answer")


def view(proposal: Proposal) -> ProposalView:
    """The proposal as an answer."""
    return ProposalView(
        id=proposal.id,
        watch_id=proposal.watch_id,
        at=proposal.at,
        changes=proposal.changes,
        why=Why.model_validate(proposal.facts),
        state=proposal.state,
        decided_at=proposal.decided_at,
        decided_by=proposal.decided_by,
    )


@router.get("/watches/{id}/precision")
def read_precision(
    _who: Viewer,
    session: Session,
    now: Now,
    row_id: Id,
    months: Annotated[int, Query(ge=1, le=36, description="how many, this one included")] = 12,
) -> PrecisionView:
    """The watch's alarms by month with the verdicts on them, and the precision with its interval."""
    watch = get_or_404(session, Watch, row_id)
    counted = months_of(session, watch, months=months, now=now)
    waiting = open_proposal(session, row_id)
    return PrecisionView(
        months=[MonthView(month=month, **_seen(count)) for month, count in counted],
        all=CountView(**_seen(together([count for _, count in counted]))),
        budget=watch.policy.alarms_per_month,
        wish=judged(session, watch, now=now).wish,
        proposal=view(waiting) if waiting else None,
    )


@router.post("/watches/{id}/proposals", status_code=201)
def make_proposal(_who: Admin, session: Session, runtime: Parts, now: Now, row_id: Id) -> ProposalView:
    """Look for a budget or threshold that the verdicts suggest, and preview it; takes some seconds.

    Answers the open proposal if there is one. 409 says why there is none: the verdicts agree with the budget,
    or no change would help without losing a fire.
    """
    wish = judged(session, get_or_404(session, Watch, row_id), now=now).wish
    session.commit()  # the use of the key is written, and nothing is held while the past is played
    with alone():
        proposal = propose(runtime.sessions, row_id, now=now)
    if proposal is None:
        why = (
            "the verdicts agree with the budget, or are too few to say"
            if wish is None
            else (
                f"the verdicts ask for a {wish} watch, but no change that was previewed is better, "
                "or the last one was declined within four weeks"
            )
        )
        raise Conflict(why)
    return view(proposal)


@router.post("/proposals/{id}/accept")
def accept_proposal(who: Admin, session: Session, now: Now, row_id: Id) -> ProposalView:
    """Make it so; a policy that other watches ring by too is copied for this watch first."""
    return view(proposals.accept(session, row_id, by=who.name, now=now))


@router.post("/proposals/{id}/decline")
def decline_proposal(who: Admin, session: Session, now: Now, row_id: Id) -> ProposalView:
    """Leave it; it is not proposed again for four weeks."""
    return view(proposals.decline(session, row_id, by=who.name, now=now))


def _seen(count: Count) -> Json:
    low, high = count.interval() or (None, None)
    return {
        "alarms": count.alarms,
        "fires": count.fires,
        "false_alarms": count.false_alarms,
        "planned": count.planned,
        "unjudged": count.unjudged,
        "precision": count.precision,
        "low": low,
        "high": high,
    }
