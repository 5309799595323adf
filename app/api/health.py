"""For machines that look after the service: is it up, can it work, how is it doing."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.admin.secrets import is_lost
from app.api.access import Session
from app.db import connect, only_read, sessions_of, skew
from app.models import Delivery, Fault, Incident, Source, SourceHealth, State
from app.pipeline.guard import STEP
from app.runtime import Runtime

router = APIRouter(tags=["health"])
_PATIENCE = 5  # cycles
_SECONDS = 0.8  # that the database has for its answer
_SILENT = "the database does not answer within a second"
_LOCKED = "the stored secrets cannot be opened: the key is not the one they were sealed with; give it back"


class Readiness(BaseModel):
    """Whether the service can do its work."""

    ready: bool
    wrong: list[str] = Field(description="what keeps it from it; empty when it is ready", examples=[[]])


@router.get("/healthz")
async def is_up() -> dict[str, str]:  # in a thread it would wait for those that wait for the database
    """The process is up; nothing else is asked. Open to all."""
    return {"status": "up"}


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready, and why"}})
async def is_ready(request: Request) -> JSONResponse:
    """What a restart, or another replica, would mend: passes that stand still, a database that takes nothing.

    Answers within a second, whatever the database does. What people must mend stands in `GET /api/v1/status`
    and in `tocsin check`. Open to all.
    """
    state = request.state
    wrong = _passes(state.runtime, state.cycle_seconds)
    if why := state.runtime.vitals.failing():
        wrong.append(f"the database does not take what is written: {why}")
    wrong += await state.probe.ask()
    return JSONResponse(Readiness(ready=not wrong, wrong=wrong).model_dump(), 503 if wrong else 200)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Metrics"}},
)
def read_metrics(session: Session) -> Response:
    """Prometheus metrics. Open to all: keep it from the outside at the proxy if the counts are private."""
    healths = select(Source.health, func.count()).where(Source.enabled).group_by(Source.health)
    sources = dict(iter(session.execute(healths)))
    metrics.sources_down.set(sources.get(SourceHealth.down, 0))
    for health in SourceHealth:
        metrics.source_health.labels(health).set(sources.get(health, 0))
    metrics.deliveries_due.set(session.scalar(select(func.count()).where(Delivery.due_at.is_not(None))) or 0)
    counted = select(Incident.state, func.count()).where(Incident.state != State.out).group_by(Incident.state)
    count = dict(iter(session.execute(counted)))
    for state in State:
        if state is not State.out:
            metrics.incidents_open.labels(state.value).set(count.get(state, 0))
    faults = select(Fault.due_at.is_(None), func.count()).group_by(Fault.due_at.is_(None))
    waiting = {bool(aside): count for aside, count in session.execute(faults)}
    metrics.faults_open.labels("put off").set(waiting.get(False, 0))
    metrics.faults_open.labels("set aside").set(waiting.get(True, 0))
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _passes(runtime: Runtime, cycle_seconds: int) -> list[str]:
    """What is wrong with the passes of this process, if it makes any."""
    since = runtime.vitals.since_pass()
    if not cycle_seconds or since <= timedelta(seconds=_PATIENCE * cycle_seconds):
        return []
    return [f"the last pass of the chain ended {timedelta(seconds=round(since.total_seconds()))} ago"]


class DatabaseProbe:
    """Asks the database how it is, in one thread that nobody waits for longer than a second.

    By a connection of its own: those of the service may all be held by writers that wait for each other.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._vault = runtime.vault
        self._engine = connect(runtime.settings.database())
        self._sessions = sessions_of(self._engine)
        self._asked: asyncio.Future[list[str]] | None = None

    async def ask(self) -> list[str]:
        """What is wrong with it; whoever asks while it is being asked waits for the same answer."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().run_in_executor(None, self._answer)
        try:
            return await asyncio.wait_for(asyncio.shield(self._asked), _SECONDS)
        except TimeoutError:
            return [_SILENT]

    def close(self) -> None:
        """Close that connection."""
        self._engine.dispose()

    def _answer(self) -> list[str]:
        try:
            if told := skew(self._engine):
                return [told]
            with self._sessions() as session:
                only_read(session)
                failing = session.execute(select(Fault.name, Fault.error).where(Fault.subject == STEP)).all()
                wrong = [f"the step {name} fails: {error}" for name, error in failing]
                return wrong + ([_LOCKED] if is_lost(session, self._vault) else [])
        except SQLAlchemyError:
            return ["the database does not answer"]
