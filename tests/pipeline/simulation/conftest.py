"""A day that was lived bucket by bucket, to preview other policies on."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.channels.slack.rehearsal import Rehearsal
from app.clock import step_start
from app.db import Sessions
from app.models import (
    Channel,
    Incident,
    Policy,
    Source,
    VerdictWord,
    Watch,
)
from app.pipeline import Chain
from app.pipeline.delivery.messages import DeliveryContext
from app.pipeline.incidents import respond
from app.pipeline.incidents.follow import Following
from app.pipeline.ingest.collect import IngestContext
from app.pipeline.ingest.match import Matchers
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.compare import Preview
from app.pipeline.simulation.preview import preview
from detectors import FireDetector
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, HOUR
from tests.pipeline.street import Street
from tests.pipeline.velinor import NEVER
from tests.standins.clock import StillClock

SPARK_AT, HOLE_AT, FLICKER_AT = (FIRE_AT + hours * HOUR for hours in (14, 17, 20))

SINCE, END = FIRE_AT - HOUR, FIRE_AT + 23 * HOUR

BURNING = [
    *fire(FIRE_AT),
    *fire(SPARK_AT, hours=1.5, per_hour=36, seed=20, prefix="spark"),
    *fire(FLICKER_AT, hours=1.5, per_hour=26, seed=21, prefix="flicker"),
]


@pytest.fixture(scope="session")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day lived bucket by bucket: a fire, a spark that the team ends as a false alarm, a hole, smoke."""
    path = tmp_path_factory.mktemp("lived") / "lived.db"
    shutil.copy(sqlite_template, path)
    engine = db.connect(f"sqlite:///{path}", durable=False)
    sessions, rehearsal, clock = db.sessions_of(engine), Rehearsal(), StillClock(SINCE)
    stamps = {"created_at": START, "updated_at": START}
    with sessions.begin() as session:
        source = Source(
            name="forum",
            kind="push",
            settings={},
            health_since=START,
            heard_until=step_start(START),
            **stamps,
        )
        watch = Watch(
            name="Vélinor",
            query={"any_of": ["Vélinor"]},
            languages=[],
            policy=Policy(name="default", **stamps),
            time_zone="Europe/Paris",
            **stamps,
        )
        session.add_all([source, watch, Channel(name="slack", kind="slack", settings={}, **stamps)])
    chain = Chain(
        IngestContext(Matchers(), lambda _source: None, NEVER),
        Following(ScoringEngine(FireDetector())),
        DeliveryContext(lambda _channel: rehearsal, "fr", lambda _incident: None),
    )
    street = Street(sessions, chain, clock, source.id, [*ordinary(9), *BURNING], SINCE)
    street.live(SPARK_AT + 2 * HOUR)
    with sessions.begin() as session:
        fires = list(session.scalars(select(Incident).where(Incident.burning_at.is_not(None))).unique())
        assert len(fires) == 2
        at = clock.at + timedelta(minutes=2)
        respond.judge(session, fires[0].id, verdict=VerdictWord.fire, by="Ada", now=at)
        respond.judge(session, fires[1].id, verdict=VerdictWord.false_alarm, by="Ada", now=at)
        respond.close(session, fires[1].id, by="Ada", now=at)
    street.live(HOLE_AT)
    street.live(HOLE_AT + 2 * HOUR, heard=False)
    street.live(END)
    engine.dispose()
    return path


@pytest.fixture
def past(lived: Path, tmp_path: Path) -> Iterator[Sessions]:
    path = tmp_path / "tocsin.db"
    shutil.copy(lived, path)
    engine = db.connect(f"sqlite:///{path}", durable=False)
    yield db.sessions_of(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def same(lived: Path) -> Iterator[Preview]:
    """The preview of that day with nothing changed."""
    engine = db.connect(f"sqlite:///{lived}", durable=False)
    yield shown(db.sessions_of(engine))
    engine.dispose()


def shown(sessions: Sessions, changes: dict[str, Any] | None = None, **more: Any) -> Preview:  # noqa: ANN401
    given = {"since": SINCE, "now": END} | more
    return preview(sessions, 1, changes or {}, **given)
