"""From an alarm budget to the threshold of a watch: the calibration, and what the watch itself has shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import step_start
from app.models import Incident, Policy, VerdictWord, Watch
from app.pipeline.scoring.arming import would_ring_at
from detectors import alarms_at, threshold_for

REMEMBERED = timedelta(days=90)
_MONTH = timedelta(days=30.44)
_PRIOR = 1.0  # months of history for which the calibration counts
_LEAST = timedelta(days=7)  # of history; less says nothing
# Of the calibrated line. Calm weeks say little of the next ones: on an archive that grew dense, a line that
# they had lowered rang once more, and falsely. And a crisis full of alarms must not close the ear.
_LOWEST, _HIGHEST = 1.0, 1.35
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Threshold:
    """The score at which a watch rings, and where it comes from."""

    alarm: float
    basis: Literal["threshold", "calibration", "history"]
    calibrated: float  # that of the budget for a watch without a history
    days: float = 0.0  # of history that counted
    false: float = 0.0  # false alarms in it that reached the calibrated one


def thresholds_of(session: Session, watches: Sequence[Watch], *, at: datetime) -> dict[int, Threshold]:
    """The threshold of each watch for the day (in UTC) of `at`, from the incidents opened before that day.

    The number of false alarms in a month is Poisson with a gamma-distributed rate: the calibration counts for
    one month, the watch's own incidents for as long as it was judged by the same scores, at most 90 days:
    another budget asks another question of the same past, another floor makes other scores. The threshold is
    the lowest that keeps the budget, from the calibrated one to 1.35 of it.
    """
    day = step_start(at, timedelta(days=1))
    shown = _false_alarms(session, watches, day)
    return {watch.id: _threshold(watch, watch.policy, shown.get(watch.id, []), day) for watch in watches}


def thresholds_under(
    session: Session, watch: Watch, policies: Sequence[Policy], *, at: datetime
) -> list[Threshold]:
    """The threshold that the watch would have for the day of `at` under each of the policies."""
    day = step_start(at, timedelta(days=1))
    shown = _false_alarms(session, [watch], day).get(watch.id, [])
    return [_threshold(watch, policy, shown, day) for policy in policies]


def _false_alarms(
    session: Session, watches: Sequence[Watch], day: datetime
) -> dict[int, list[tuple[datetime, float]]]:
    """(opened, the score at which it rang) of what the team called a false alarm before the day.

    What was told by few posts counts up to the threshold that would not have armed it. What the team did not
    judge is no false alarm: one without time for verdicts is not to go deaf.
    """
    query = select(
        Incident.watch_id, Incident.opened_at, Incident.top_score, Incident.threshold, Incident.burning_at
    ).where(
        Incident.opened_at >= day - REMEMBERED,
        Incident.opened_at < day,
        Incident.verdict == VerdictWord.false_alarm,
    )
    if len(watches) == 1:
        query = query.where(Incident.watch_id == watches[0].id)
    found: dict[int, list[tuple[datetime, float]]] = {}
    for watch_id, opened, score, threshold, burnt in session.execute(query):
        early = burnt is not None and score < threshold
        found.setdefault(watch_id, []).append((opened, would_ring_at(score) if early else score))
    return found


def _threshold(
    watch: Watch, policy: Policy, shown: Sequence[tuple[datetime, float]], day: datetime
) -> Threshold:
    calibrated = threshold_for(policy.alarms_per_month)
    if policy.threshold is not None:
        return Threshold(policy.threshold, "threshold", calibrated)
    since = max(watch.judged_since or day, policy.scores_since or policy.updated_at, day - REMEMBERED)
    history = day - since
    if history < _LEAST:
        return Threshold(calibrated, "calibration", calibrated)
    months = history / _MONTH
    counted = [score for opened, score in shown if opened >= since]
    lines = np.arange(_LOWEST * calibrated, _HIGHEST * calibrated, _STEP)
    false = np.asarray([sum(score >= threshold for score in counted) for threshold in lines])
    rate = (_PRIOR * np.asarray([alarms_at(line) for line in lines]) + false) / (_PRIOR + months)
    kept = np.flatnonzero(rate <= policy.alarms_per_month)
    alarm = float(lines[kept[0]] if len(kept) else lines[-1])
    reached = float(sum(score >= calibrated for score in counted))
    return Threshold(round(alarm, 2), "history", calibrated, history / timedelta(days=1), reached)
