"""For machines that look after the service: is it up, can it work, how is it doing."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.api.access import Now, Parts, Session
from app.db import only_read, skew
from app.models import Delivery, Fault, Incident, Source, SourceHealth, State
from app.pipeline.guard import STEP
from app.runtime import Runtime

router = APIRouter(tags=["health"])
_PATIENCE = 5  # cycles


class Readiness(BaseModel):
    """Whether the service can do its work."""

    ready: bool
    wrong: list[str] = Field(description="what keeps it from it; empty when it is ready", examples=[[]])


@router.get("/healthz")
def is_up() -> dict[str, str]:
    """The process is up; nothing else is asked. Open to all."""
    return {"status": "up"}


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready, and why"}})
def is_ready(request: Request, runtime: Parts, now: Now) -> JSONResponse:
    """The database answers, its tables are up to date, and the chain runs. Open to all."""
    wrong = _database(runtime)
    if request.state.cycle_seconds > 0:
        wrong += _cycle(request.state.started_at, request.state.cycle_seconds, now)
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


def _database(runtime: Runtime) -> list[str]:
    try:
        told = skew(runtime.engine)
    except SQLAlchemyError:
        return ["the database does not answer"]
    if told:
        return [told]
    with runtime.sessions() as session:
        only_read(session)
        failing = session.execute(select(Fault.name, Fault.error).where(Fault.subject == STEP)).all()
    return [f"the step {name} fails: {error}" for name, error in failing]


def _cycle(started_at: datetime, cycle_seconds: int, now: datetime) -> list[str]:
    ended = metrics.registry.get_sample_value("tocsin_last_cycle_timestamp_seconds") or 0.0
    last = max(ended, started_at.timestamp())
    if now.timestamp() - last <= _PATIENCE * cycle_seconds:
        return []
    return [f"the last pass of the chain ended {timedelta(seconds=round(now.timestamp() - last))} ago"]
