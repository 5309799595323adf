"""The line of a watch: its budget, the calibration, and what its own history has shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.admin import policies
from app.db import Sessions
from app.models import Incident, Policy, State, Watch
from app.pipeline.scoring.arming import armed_from
from app.pipeline.scoring.thresholds import Threshold, thresholds_of
from detectors import threshold_for

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CALIBRATED = threshold_for(1.0)


@pytest.fixture
def database(sqlite: str) -> str:
    return sqlite


def watch(session: Session, *, judged_for: timedelta | None, threshold: float | None = None) -> Watch:
    stamps = {"created_at": AT - 400 * DAY, "updated_at": AT - 400 * DAY}
    policy = Policy(name="default", threshold=threshold, **stamps)
    since = None if judged_for is None else AT - judged_for
    made = Watch(name="Vélinor", query={}, languages=[], policy=policy, judged_since=since, **stamps)
    session.add(made)
    session.flush()
    return made


def rang(
    session: Session,
    of: Watch,
    ago: timedelta,
    score: float,
    verdict: str | None = None,
    threshold: float = 2.0,
) -> None:
    at = AT - ago
    session.add(
        Incident(
            watch_id=of.id, state=State.out, onset_at=at, opened_at=at, burning_at=at, out_at=at, peak_at=at,
            peak=9.0, threshold=threshold, top_score=score, verdict=verdict,
        )
    )  # fmt: skip
    session.flush()


def line(session: Session, of: Watch) -> Threshold:
    return thresholds_of(session, [of], at=AT)[of.id]


def test_without_a_history_the_calibration_decides(sessions: Sessions) -> None:
    for judged_for in (None, 3 * DAY):
        with sessions() as session:
            found = line(session, watch(session, judged_for=judged_for))
            assert (found.alarm, found.basis) == (CALIBRATED, "calibration")


def test_a_threshold_of_an_expert_stands_above_all(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert line(session, watch(session, judged_for=90 * DAY, threshold=9.0)).basis == "threshold"


def test_a_calm_history_leaves_the_line_and_false_alarms_raise_it(sessions: Sessions) -> None:
    with sessions.begin() as session:
        calm = line(session, mine := watch(session, judged_for=60 * DAY))
        assert calm.basis == "history"
        assert calm.alarm == pytest.approx(CALIBRATED, abs=0.01)
        for k in range(8):
            rang(session, mine, (3 + 5 * k) * DAY, CALIBRATED + 0.3, "false_alarm")
        noisy = line(session, mine)
        assert CALIBRATED + 0.29 < noisy.alarm <= 1.35 * CALIBRATED + 0.01
        assert noisy.false == 8.0


def test_real_fires_do_not_close_the_ear(sessions: Sessions) -> None:
    with sessions.begin() as session:
        calm = line(session, mine := watch(session, judged_for=60 * DAY)).alarm
        for k in range(8):
            rang(session, mine, (3 + 5 * k) * DAY, CALIBRATED + 1, "fire" if k % 2 else "planned")
        assert line(session, mine).alarm == calm


def test_false_alarms_of_few_posts_raise_the_line_to_where_they_would_not_have_been_armed(
    sessions: Sessions,
) -> None:
    with sessions.begin() as session:
        mine = watch(session, judged_for=60 * DAY)
        for k in range(8):
            rang(session, mine, (3 + 5 * k) * DAY, 1.0, "false_alarm", threshold=CALIBRATED)
        raised = line(session, mine)
        assert raised.false == 8.0
        assert armed_from(raised.alarm) > 1.0 > armed_from(raised.alarm - 0.02)


def test_what_nobody_judged_moves_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        calm = line(session, mine := watch(session, judged_for=60 * DAY))
        for k in range(20):
            rang(session, mine, (3 + 2 * k) * DAY, CALIBRATED + 1)
        assert line(session, mine) == calm
        rang(session, mine, DAY, CALIBRATED + 1, "false_alarm")
        assert line(session, mine).false == 1.0


def test_what_happens_today_counts_from_tomorrow_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        before = line(session, mine := watch(session, judged_for=60 * DAY)).alarm
        for hours in range(8):
            rang(session, mine, timedelta(hours=hours), CALIBRATED + 1, "false_alarm")
        assert line(session, mine).alarm == before
        assert thresholds_of(session, [mine], at=AT + DAY)[mine.id].alarm > before


def noisy(session: Session) -> Watch:
    """A watch that rang falsely eight times in its two months, under a policy that was never changed."""
    made = watch(session, judged_for=60 * DAY)
    for k in range(8):
        rang(session, made, (3 + 5 * k) * DAY, CALIBRATED + 0.3, "false_alarm")
    return made


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"remind_minutes": 5}, id="its reminder"),
        pytest.param({"name": "by night"}, id="its name"),
        pytest.param({"digest": True, "advice": {"large": 9.0}}, id="what is told"),
        pytest.param({"rings": ["fire", "buzz"]}, id="the kinds that ring"),
        pytest.param({"calm_minutes": 90, "out_minutes": 400}, id="its waits"),
    ],
)
def test_an_edit_that_leaves_the_scores_as_they_are_leaves_what_was_learnt(
    sessions: Sessions, changes: dict[str, Any]
) -> None:
    with sessions.begin() as session:
        mine = noisy(session)
        mine.policy.name = "ours"
        before = line(session, mine)
        assert before.alarm > CALIBRATED + 0.29
        policies.update(session, mine.policy_id, changes, by="Ada", now=AT - 2 * DAY)
        assert mine.policy.updated_at == AT - 2 * DAY
        assert line(session, mine) == before


def test_a_quieter_budget_rings_no_sooner_than_before(sessions: Sessions) -> None:
    with sessions.begin() as session:
        mine = noisy(session)
        before = line(session, mine)
        policies.update(session, mine.policy_id, {"alarms_per_month": 0.5}, by="Ada", now=AT - 2 * DAY)
        after = line(session, mine)
        assert (after.basis, after.calibrated) == ("history", threshold_for(0.5))
        assert after.alarm >= before.alarm


def test_a_changed_floor_makes_other_scores_and_begins_a_new_history(sessions: Sessions) -> None:
    with sessions.begin() as session:
        mine = noisy(session)
        policies.update(session, mine.policy_id, {"floor": 20}, by="Ada", now=AT - 2 * DAY)
        assert line(session, mine).basis == "calibration"
        policies.update(session, mine.policy_id, {"name": "default", "digest": True}, by="Ada", now=AT)
        assert mine.policy.scores_since == AT - 2 * DAY
