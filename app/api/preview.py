"""Previews over HTTP: what another policy would have done on a watch's own history."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from app.admin.change import checked, get_or_404
from app.admin.fields import Instant
from app.admin.policies import audit_view
from app.admin.policy_specs import PolicySpec
from app.admin.spec import Spec
from app.api.access import Id, Now, Parts, Session, Viewer
from app.errors import Conflict
from app.models import IncidentKind, Watch
from app.pipeline.simulation.compare import Preview
from app.pipeline.simulation.preview import BUDGETS, preview

router = APIRouter(prefix="/watches", tags=["watches"])
# A preview keeps a core busy for some seconds: one at a time leaves the other for the live chain.
_one_at_a_time = Lock()


@contextmanager
def alone() -> Iterator[None]:
    """Keep other previews out until the block is left; Conflict if one is under way."""
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("another preview is under way: ask again in some seconds")
    try:
        yield
    finally:
        _one_at_a_time.release()


class PreviewSpec(Spec):
    """What to change in the watch's policy, and on which past; what is left out stays as it is set."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alarms_per_month": 0.5, "prices": True}]})

    alarms_per_month: float | None = Field(
        None, description="alarm budget; it takes the place of a threshold, unless one is given with it"
    )
    threshold: float | None = Field(
        None, description="score that rings, instead of the one that the budget gives; null: the budget's"
    )
    floor: int | None = Field(None, description="an excess of fewer posts never rings by its volume")
    calm_minutes: int | None = Field(None, description="below the calm threshold so long: contained")
    out_minutes: int | None = Field(None, description="contained so long: out")
    rekindle_hours: int | None = Field(None, description="a new fire within this is the same story")
    cooldown_minutes: int | None = Field(None, description="after an alert, so long only news is told aloud")
    rings: list[IncidentKind] | None = Field(None, description="kinds of incident that ring")
    since: Instant | None = Field(None, description="28 days before `until`, if not given")
    until: Instant | None = Field(None, description="now, if not given; at most 90 days later")
    prices: bool = Field(False, description="also what five budgets from 0.25 to 4 a month would cost")

    def changes(self) -> dict[str, Any]:
        """The fields of the policy that are to change."""
        given = {name: getattr(self, name) for name in self.model_fields_set & PolicySpec.model_fields.keys()}
        return {name: value for name, value in given.items() if value is not None or name == "threshold"}


@router.post("/{id}/preview")
def preview_watch(
    _who: Viewer, session: Session, runtime: Parts, now: Now, row_id: Id, spec: PreviewSpec
) -> Preview:
    """What the watch would have rung under another policy: the whole chain replayed on its own history.

    Answers the alarms with their posts, under the policy as it is set and as it is proposed, and what is
    gained, lost, earlier and later. It takes some seconds and changes nothing. The query, planned events and
    sources are those of today; verdicts and closings count from when they were given. A watch that was
    learning all that time, and a preview while another is under way, are answered with 409.
    """
    changes = spec.changes()
    checked(PolicySpec, audit_view(session, get_or_404(session, Watch, row_id).policy) | changes)
    # The use of the key is written, and nothing is held while the past is played.
    session.commit()
    with alone():
        return preview(
            runtime.sessions,
            row_id,
            changes,
            since=spec.since,
            until=spec.until,
            budgets=BUDGETS if spec.prices else (),
            now=now,
        )
