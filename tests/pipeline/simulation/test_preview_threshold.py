"""The threshold that a preview shows is the one that rings once the policy is so set."""

from datetime import timedelta
from typing import Any

import pytest

from app.admin import policies
from app.db import Sessions
from app.models import (
    Incident,
    Policy,
    State,
    Watch,
)
from app.pipeline.incidents.follow import Following
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.thresholds import Threshold
from app.pipeline.simulation.compare import Terms
from detectors import FireDetector
from tests.pipeline.simulation.conftest import END, shown

JUST_NOW = END - timedelta(hours=2)  # all of the past counts for a threshold, whatever part of it is played


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
        pytest.param({"alarms_per_month": 4.0}, id="a warier budget"),
        pytest.param({"floor": 20}, id="a floor"),
        pytest.param({}, id="nothing", marks=pytest.mark.whole),
        pytest.param({"alarms_per_month": 0.5}, id="a quieter budget", marks=pytest.mark.whole),
        pytest.param({"threshold": 3.7}, id="a threshold", marks=pytest.mark.whole),
        pytest.param(
            {"calm_minutes": 90, "rings": ["fire", "buzz"]}, id="waits and kinds", marks=pytest.mark.whole
        ),
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
    seen = shown(past, changes, since=JUST_NOW)
    assert seen.today.threshold == _live(past).alarm > _live(past).calibrated
    with past.begin() as session:
        policies.update(session, 1, {"remind_minutes": 7, **changes}, by="Ada", now=END)
    assert seen.proposed.threshold == _live(past).alarm
    assert shown(past, since=JUST_NOW).today.threshold == _live(past).alarm


def _live(sessions: Sessions) -> Threshold:
    with sessions() as session:
        watch = session.get_one(Watch, 1)
    return Following(ScoringEngine(FireDetector())).thresholds(sessions, [watch], at=END)[1]
