"""What a preview shows is what the live chain did, and what it would have done under another policy."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from app import db
from app.admin import policies
from app.channels.facts import Facts
from app.channels.slack.rehearsal import Rehearsal
from app.clock import step_start
from app.db import Sessions
from app.errors import BadInput, NotFound, TooLarge
from app.models import (
    Base,
    Channel,
    Coverage,
    Incident,
    Policy,
    Post,
    Reason,
    Source,
    State,
    Transition,
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
from app.pipeline.scoring.series import series
from app.pipeline.scoring.thresholds import Threshold
from app.pipeline.simulation.compare import Alarm, Preview, Terms
from app.pipeline.simulation.preview import Learning, preview
from detectors import FireDetector
from tests.pipeline.brand import START, fire, ordinary
from tests.pipeline.conftest import FIRE_AT, HOUR, NEVER
from tests.pipeline.street import Street
from tests.standins.clock import StillClock

SPARK_AT, HOLE_AT, FLICKER_AT = (FIRE_AT + hours * HOUR for hours in (14, 17, 20))
SINCE, END = FIRE_AT - HOUR, FIRE_AT + 23 * HOUR
BURNING = [
    *fire(FIRE_AT),
    *fire(SPARK_AT, hours=1.5, per_hour=36, seed=20, prefix="spark"),
    *fire(FLICKER_AT, hours=1.5, per_hour=26, seed=21, prefix="flicker"),
]


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def same(lived: Path) -> Iterator[Preview]:
    """The preview of that day with nothing changed."""
    engine = db.connect(f"sqlite:///{lived}", durable=False)
    yield shown(db.sessions_of(engine))
    engine.dispose()


def shown(sessions: Sessions, changes: dict[str, Any] | None = None, **more: Any) -> Preview:  # noqa: ANN401
    given = {"since": SINCE, "now": END} | more
    return preview(sessions, 1, changes or {}, **given)


def strongest(sessions: Sessions, at: datetime) -> float:
    """The highest score of the hours after an instant, as it looks now."""
    with sessions() as session:
        points = series(session, 1, since=at, until=at + 3 * HOUR, now=END)
    return max(point.score for point in points if point.score is not None)


def burnt(alarms: tuple[Alarm, ...]) -> list[bool]:
    """Of the fire, the spark and the flicker, which ones rang."""
    return [any(at <= a.alerted_at < at + 3 * HOUR for a in alarms) for at in (FIRE_AT, SPARK_AT, FLICKER_AT)]


def test_under_the_same_policy_a_preview_rings_as_the_live_chain_rang(past: Sessions, same: Preview) -> None:
    with past() as session:
        query = select(Incident, Transition).join(Transition).where(Transition.reason == Reason.ignited)
        rang = session.execute(query.order_by(Transition.id)).all()
    told = same.today.alarms
    assert same.proposed == same.today
    assert [
        (a.onset_at, a.alerted_at, a.over_at, a.level, a.peak, a.peak_at, a.incident_id) for a in told
    ] == [(i.onset_at, i.burning_at, i.out_at, i.level, i.peak, i.peak_at, i.id) for i, _ in rang]
    for alarm, (_, transition) in zip(told, rang, strict=True):
        live = Facts.model_validate(transition.facts)
        assert alarm.facts.score == pytest.approx(live.score, abs=1e-9)
        assert alarm.facts.expected == pytest.approx(live.expected, abs=1e-9)
        assert exact(alarm.facts) == exact(live)


def exact(facts: Facts) -> dict[str, Any]:
    """The facts but for the last digits of what was computed."""

    def rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {k: rounded(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [rounded(v) for v in value]
        return round(value, 8) if isinstance(value, float) else value

    return dict(rounded(facts.model_dump()))


def test_a_stricter_policy_loses_the_weak_alarm_and_a_looser_one_gains_another(past: Sessions) -> None:
    high, middle, low = (strongest(past, at) for at in (FIRE_AT, SPARK_AT, FLICKER_AT))
    strict = shown(past, {"threshold": (high + middle) / 2})
    assert burnt(strict.today.alarms) == [True, True, False]
    assert burnt(strict.proposed.alarms) == [True, False, False]
    assert [change.what for change in strict.changes] == ["kept", "lost"]
    assert strict.changes[0].minutes_earlier is not None
    assert strict.changes[0].minutes_earlier < 0
    assert [(t.verdict, t.incidents, t.today, t.proposed) for t in strict.verdicts] == [
        ("fire", 1, 1, 1),
        ("false_alarm", 1, 1, 0),
    ]
    loose = shown(past, {"threshold": low - 0.1})
    assert burnt(loose.proposed.alarms) == [True, True, True]
    assert [change.what for change in loose.changes] == ["kept", "kept", "gained"]
    assert loose.changes[0].minutes_earlier is not None
    assert loose.changes[0].minutes_earlier > 0


def test_a_higher_floor_leaves_small_fires_out(past: Sessions) -> None:
    assert burnt(shown(past, {"floor": 100}).proposed.alarms) == [True, False, False]


def test_the_price_of_a_quieter_budget_is_delay_and_asking_for_it_changes_nothing(past: Sessions) -> None:
    def all_rows() -> dict[str, list[Any]]:
        with past() as session:
            return {t.name: list(session.execute(select(t))) for t in Base.metadata.sorted_tables}

    before, parts = all_rows(), list[float]()
    strict, same, loose = shown(past, budgets=(0.1, 1.0, 20.0), progress=parts.append).prices
    assert strict.threshold > same.threshold > loose.threshold
    assert strict.alarms <= same.alarms <= loose.alarms
    assert (same.gained, same.lost, same.minutes_earlier) == (0, 0, 0.0)
    assert strict.minutes_earlier is not None
    assert loose.minutes_earlier is not None
    assert strict.minutes_earlier < 0 < loose.minutes_earlier
    assert all_rows() == before
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_what_was_not_heard_is_no_part_of_a_preview_but_what_was_seen_of_it_rings(
    past: Sessions, same: Preview
) -> None:
    hole = timedelta(hours=2)
    assert timedelta(days=same.days) == pytest.approx(END - SINCE - hole, abs=timedelta(minutes=1))
    with past.begin() as session:
        session.execute(delete(Coverage).where(Coverage.at >= FIRE_AT, Coverage.at < SPARK_AT - HOUR))
    deaf = shown(past)
    assert burnt(deaf.today.alarms)[0]
    assert deaf.days < 0.5
    with past.begin() as session:
        session.execute(delete(Post).where(Post.bucket_at >= FIRE_AT, Post.bucket_at < SPARK_AT - HOUR))
    assert burnt(shown(past).today.alarms)[:2] == [False, True]


def test_a_post_that_came_late_is_not_known_before_it_came(past: Sessions) -> None:
    late = 3 * HOUR
    with past.begin() as session:
        for spark in session.scalars(select(Post).where(Post.external_id.startswith("spark"))):
            spark.first_seen_at = spark.published_at + late
    told = [a for a in shown(past, {"threshold": 1.5}).proposed.alarms if a.onset_at >= SPARK_AT - HOUR]
    assert told
    assert told[0].alerted_at >= SPARK_AT + late - timedelta(minutes=5)


def test_what_came_after_an_alert_changes_nothing_of_it(past: Sessions, same: Preview) -> None:
    whole = same.today.alarms[0]
    early = shown(past, until=whole.alerted_at).today.alarms[0]
    assert (early.alerted_at, early.over_at) == (whole.alerted_at, None)
    assert early.facts == whole.facts


def test_a_fire_that_burns_when_the_preview_begins_goes_on_and_is_no_new_alarm(past: Sessions) -> None:
    told = shown(past, since=FIRE_AT + 2 * HOUR)
    assert burnt(told.today.alarms) == [False, True, False]
    assert [t.incidents for t in told.verdicts] == [1]  # the fire, too, was before


def test_the_sample_posts_are_those_of_the_live_database(past: Sessions, same: Preview) -> None:
    samples = same.today.alarms[0].facts.samples
    with past() as session:
        for sample in samples:
            assert session.get_one(Post, sample.post_id).text == sample.text
    assert samples[0].why == "first"


def test_a_watch_that_learns_says_so(past: Sessions) -> None:
    with pytest.raises(Learning, match="“Vélinor” was still learning"):
        shown(past, since=START, until=START + timedelta(days=2))
    assert shown(past, since=START, until=START + timedelta(days=4)).days == pytest.approx(1, abs=0.1)


def test_what_cannot_be_previewed_is_said_in_a_sentence(
    past: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound, match="there is no watch 7"):
        preview(past, 7, {}, now=END)
    with pytest.raises(BadInput, match="since must be earlier than until"):
        shown(past, until=SINCE)
    with pytest.raises(BadInput, match="at most 90 days"):
        shown(past, since=END - timedelta(days=91))
    monkeypatch.setattr("app.pipeline.simulation.history.MOST_MENTIONS", 100)
    with pytest.raises(TooLarge, match="choose fewer days"):
        shown(past)


def test_a_budget_takes_the_place_of_a_threshold() -> None:
    terms = Terms(
        alarms_per_month=1,
        threshold=9.0,
        floor=5,
        calm_minutes=60,
        out_minutes=360,
        rekindle_hours=72,
        cooldown_minutes=360,
    )
    assert terms.changed({"alarms_per_month": 2}).threshold is None
    assert terms.changed({"alarms_per_month": 2, "threshold": 4}).threshold == 4
    assert terms.changed({"floor": 9}).threshold == 9.0


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"alarms_per_month": 0.5}, id="a quieter budget"),
        pytest.param({"alarms_per_month": 4.0}, id="a warier budget"),
        pytest.param({"threshold": 3.7}, id="a threshold"),
        pytest.param({"floor": 20}, id="a floor"),
        pytest.param({"calm_minutes": 90, "rings": ["fire", "buzz"]}, id="waits and kinds"),
    ],
)
def test_the_threshold_that_is_previewed_is_the_one_that_rings_once_it_is_so_set(
    past: Sessions, changes: dict[str, Any]
) -> None:
    with past.begin() as session:
        watch, policy = session.get_one(Watch, 1), session.get_one(Policy, 1)
        watch.judged_since = policy.updated_at = END - timedelta(days=60)
        for day in range(9):
            at = END - timedelta(days=50 - 4 * day)
            session.add(
                Incident(
                    watch_id=1, state=State.out, onset_at=at, opened_at=at, burning_at=at, out_at=at,
                    peak_at=at, peak=9.0, threshold=2.0, top_score=3.1 + day / 10, verdict="false_alarm",
                )
            )  # fmt: skip
    seen = shown(past, changes)
    assert seen.today.threshold == _live(past).alarm > _live(past).calibrated
    with past.begin() as session:
        policies.update(session, 1, {"remind_minutes": 7, **changes}, by="Ada", now=END)
    assert seen.proposed.threshold == _live(past).alarm
    assert shown(past).today.threshold == _live(past).alarm


def _live(sessions: Sessions) -> Threshold:
    with sessions() as session:
        return Following(ScoringEngine(FireDetector())).thresholds(
            session, [session.get_one(Watch, 1)], at=END
        )[1]
