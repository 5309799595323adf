"""The threshold of a watch over HTTP: what its alarm budget comes to, and what other budgets would cost."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field, computed_field

from app.admin.change import get_or_404
from app.api.access import Id, Now, Session, Viewer
from app.api.deprecation import OLD, deprecate
from app.api.views import View
from app.models import Watch
from app.pipeline.scoring.thresholds import thresholds_of
from app.pipeline.simulation.preview import BUDGETS
from detectors import delay_at, threshold_for

router = APIRouter(prefix="/watches", tags=["watches"])


class BudgetPriceView(View):
    """A budget, and what it costs in delay on the volumes that the detector was calibrated on."""

    alarms_per_month: float = Field(examples=[0.5])
    threshold: float = Field(description="of the calibration", examples=[3.05])
    typical_delay_minutes: float | None = Field(
        description="median from the fifth post of a fire to its alert; empty: most such fires are not seen",
        examples=[320],
    )

    @computed_field(  # type: ignore[prop-decorator] # mypy knows no property that is decorated again
        description="`threshold`, as it was called before 0.2", json_schema_extra=dict(OLD)
    )
    @property
    def line(self) -> float:
        """The threshold under its old name."""
        return self.threshold


class ThresholdView(View):
    """The score at which a watch rings, and where it comes from."""

    alarm: float = Field(description="score that rings", examples=[2.6])
    basis: Literal["threshold", "calibration", "history"] = Field(
        description="an expert's threshold; the calibration alone; or it and the watch's own history"
    )
    calibrated: float = Field(description="what the budget comes to without a history", examples=[2.74])
    days: float = Field(description="of history that counted, at most 90", examples=[41.5])
    false: float = Field(
        description="false alarms in it that reached the calibrated one, as its team judged them",
        examples=[2],
    )
    typical_delay_minutes: float | None = Field(description="at this threshold; see `prices`", examples=[260])
    prices: list[BudgetPriceView] = Field(
        description="what other budgets come to; a preview shows them on your data"
    )


@router.get("/{id}/threshold")
def read_threshold(_who: Viewer, session: Session, now: Now, row_id: Id) -> ThresholdView:
    """The threshold that the watch's alarm budget comes to today, and the price of other budgets in delay."""
    threshold = thresholds_of(session, [get_or_404(session, Watch, row_id)], at=now)[row_id]
    return ThresholdView(
        alarm=round(threshold.alarm, 2),
        basis=threshold.basis,
        calibrated=round(threshold.calibrated, 2),
        days=round(threshold.days, 1),
        false=threshold.false,
        typical_delay_minutes=delay_at(threshold.alarm),
        prices=[
            BudgetPriceView(
                alarms_per_month=b,
                threshold=round(threshold_for(b), 2),
                typical_delay_minutes=delay_at(threshold_for(b)),
            )
            for b in BUDGETS
        ],
    )


@router.get("/{id}/line", deprecated=True)
def read_line(who: Viewer, session: Session, now: Now, row_id: Id, response: Response) -> ThresholdView:
    """The same under the address of before 0.2; it answers until 0.3."""
    threshold = read_threshold(who, session, now, row_id)
    deprecate(response, f"/api/v1/watches/{row_id}/threshold")
    return threshold
