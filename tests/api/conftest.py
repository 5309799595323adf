"""The API over a real database of each kind, and the people who use it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient
from structlog.stdlib import ProcessorFormatter

from app.admin import keys, sources, watches
from app.admin.fields import Role
from app.admin.specs import SourceSpec, WatchSpec
from app.admin.team_specs import KeySpec
from app.api import health
from app.channels.facts import Facts, Share
from app.models import Delivery, DeliveryState, Incident, Reason, State
from app.pipeline.incidents.incidents import record
from app.pipeline.ingest.collect import receive
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.sources.base import Item
from tests.standins.lent import LentApp
from tests.standins.patience import HANG

START = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
WATCH = {"name": "Danone", "query": "any of: Danone"}


@dataclass
class Clock:
    """The fake at the edge of time: it stands still until a test moves it."""

    at: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the service writes into its log, as it writes it."""
    root, stream = logging.getLogger(), StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        next(h.formatter for h in root.handlers if isinstance(h.formatter, ProcessorFormatter))
    )
    handler.filters = [each for old in root.handlers for each in old.filters]
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)  # a command that ran in this process may have asked for less
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `/readyz` waits for its database is a second of the wall: a busy machine may not have it."""
    monkeypatch.setattr(health, "_SECONDS", HANG)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(database: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    nowhere = httpx.MockTransport(lambda _request: httpx.Response(404))
    settings = Settings(data_dir=tmp_path, database_url=database)
    with open_runtime(settings, now=clock, transport=nowhere) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def lent_app() -> LentApp:
    return LentApp()


@pytest.fixture
def app(lent_app: LentApp, runtime: Runtime) -> FastAPI:
    return lent_app.around(runtime)


@pytest.fixture
def key(runtime: Runtime) -> Callable[[Role], str]:
    """Makes a key of a role, named after it."""

    def make(role: Role) -> str:
        with runtime.sessions.begin() as session:
            return keys.create(session, KeySpec(name=role, role=role), by="test", now=runtime.now())[1]

    return make


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Nobody in particular."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def admin(app: FastAPI, key: Callable[[Role], str]) -> Iterator[TestClient]:
    with _as(app, key("admin")) as client:
        yield client


@pytest.fixture
def responder(app: FastAPI, key: Callable[[Role], str]) -> Iterator[TestClient]:
    with _as(app, key("responder")) as client:
        yield client


@pytest.fixture
def viewer(app: FastAPI, key: Callable[[Role], str]) -> Iterator[TestClient]:
    with _as(app, key("viewer")) as client:
        yield client


def _as(app: FastAPI, token: str) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {token}"})


FACTS = Facts(
    observed=48,
    expected=6,
    low=2,
    high=11,
    score=14.2,
    threshold=9.0,
    quiet_below=19,
    onset_at=START - timedelta(hours=2, minutes=4),
    mentions=96,
    authors=61,
    loudest=None,
    sources=(Share(name="pushed", mentions=96),),
    amplified=12,
)


@pytest.fixture
def fire(runtime: Runtime) -> int:
    """The id of an incident that burns, with a source, a post, a watch, a dead delivery: each the first."""
    now, began = runtime.now(), FACTS.onset_at
    with runtime.sessions.begin() as session:
        source, _ = sources.create(
            session, SourceSpec(name="pushed", kind="push"), vault=runtime.vault, by="test", now=now
        )
        watch = watches.create(session, WatchSpec.model_validate(WATCH), by="test", now=now)
        incident = Incident(
            watch=watch,
            state=State.burning,
            onset_at=began,
            opened_at=began,
            burning_at=began,
            peak_at=now,
            peak=48,
            mentions=96,
            threshold=9.0,
        )
        session.add(incident)
        session.flush()
        receive(session, runtime.ingest, source.id, [Item("1", "Danone burns", began)], now=now)
        transition = record(session, incident, Reason.ignited, at=began, facts=FACTS)
        delivery = session.scalars(select(Delivery).where(Delivery.transition_id == transition.id)).one()
        delivery.state, delivery.due_at, delivery.attempts = DeliveryState.dead, None, 9
        return incident.id


@pytest.fixture
def pushed(admin: TestClient) -> tuple[int, str]:
    """(the id of a source of the kind push, its secret)."""
    made = admin.post("/api/v1/sources", json={"name": "listening tool", "kind": "push"}).json()
    return made["id"], made["secret"]
