"""Queries over HTTP: tried before they are saved."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from app.admin import scope
from app.admin.fields import QueryText
from app.admin.queries import MOST_LIVE, Attempt, attempt
from app.admin.spec import Spec
from app.api.access import Now, Parts, Session, Viewer
from app.api.preview import alone
from app.api.views import View
from app.api.watches import DoubtView
from app.errors import Forbidden
from app.pipeline.simulation.trial import DAYS, MOST_DAYS, Trial

router = APIRouter(prefix="/queries", tags=["watches"])


class AttemptSpec(Spec):
    """A query, and the posts that it is to be tried on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": 'Orange AND (réseau OR fibre) -"rue Orange"', "days": 7}]}
    )

    query: QueryText = Field(examples=['Orange AND (réseau OR fibre) -"rue Orange"'])
    days: int = Field(DAYS, ge=1, le=MOST_DAYS, description="of stored posts, until now")
    watch: str = Field("", max_length=120, description="whose query it would replace, by name or id")
    sources: list[str] = Field(
        default_factory=list, max_length=100, description="names; empty: those of the watch, else all"
    )
    live: list[str] = Field(
        default_factory=list,
        max_length=MOST_LIVE,
        description="names of sources that are asked now as well (takes the role responder, as it costs "
        "what a run of them costs)",
    )
    noise: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(
        default_factory=list, max_length=1000, description="ids of posts that are not about the brand"
    )


class TrialView(View):
    """What a query would have matched, and what is likely a slip in it."""

    trial: Trial
    doubts: list[DoubtView]


@router.post("/try")
def try_query(who: Viewer, session: Session, runtime: Parts, now: Now, spec: AttemptSpec) -> TrialView:
    """What a query would have matched of the stored posts, with some of them and why each of them.

    It answers also what each exclusion takes away, what would change for the watch that is named, what
    chosen sources bring just now, and words that mark posts that are not about the brand. Nothing is
    changed. A query that can match nothing, or is surely a slip, is answered with 422 and the mend.
    """
    if spec.live and who.role == "viewer":
        raise Forbidden("to ask sources takes a key of the role responder; leave `live` out to try without")
    asked = Attempt(
        query=spec.query,
        days=spec.days,
        watch=spec.watch,
        sources=tuple(spec.sources),
        live=tuple(spec.live),
        noise=frozenset(spec.noise),
    )
    # The use of the key is written, and nothing is held while the posts are read.
    session.commit()
    with alone():
        trial, doubts = attempt(scope.bound_like(session, runtime.sessions), runtime.ingest, asked, now=now)
    return TrialView(trial=trial, doubts=[DoubtView.of(doubt) for doubt in doubts])
