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
from detectors import alarms_at, threshold_for

REMEMBERED = timedelta(days=90)
_MONTH = timedelta(days=30.44)
_PRIOR = 1.0  # months of history for which the calibration counts
_LEAST = timedelta(days=7)  # of history; less says nothing
# Of the calibrated line. Calm weeks say little of the next ones: on an archive that grew dense, a line that
# they had lowered rang once more, and falsely. And a crisis full of alarms must not close the ear.
_LOWEST, _HIGHEST = 1.0, 1.35
# What a threshold lets through falsely: what the team called so, and of what it did not judge, a half.
_FALSE = {VerdictWord.false_alarm: 1.0, VerdictWord.fire: 0.0, VerdictWord.planned: 0.0}
_UNJUDGED = 0.5
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
    shown = _shown(session, watches, day)
    return {watch.id: _threshold(watch, watch.policy, shown.get(watch.id, []), day) for watch in watches}


def thresholds_under(
    session: Session, watch: Watch, policies: Sequence[Policy], *, at: datetime
) -> list[Threshold]:
    """The threshold that the watch would have for the day of `at` under each of the policies."""
    day = step_start(at, timedelta(days=1))
    shown = _shown(session, [watch], day).get(watch.id, [])
    return [_threshold(watch, policy, shown, day) for policy in policies]


def _shown(
    session: Session, watches: Sequence[Watch], day: datetime
) -> dict[int, list[tuple[datetime, float, float]]]:
    """(opened, highest score, how far it counts as a false alarm) of the incidents before the day."""
    query = select(
        Incident.watch_id, Incident.opened_at, Incident.top_score, Incident.verdict, Incident.burning_at
    ).where(Incident.opened_at >= day - REMEMBERED, Incident.opened_at < day)
    if len(watches) == 1:
        query = query.where(Incident.watch_id == watches[0].id)
    shown: dict[int, list[tuple[datetime, float, float]]] = {}
    for watch_id, opened, score, verdict, burnt in session.execute(query):
        unjudged = _UNJUDGED if burnt else 1.0
        weight = unjudged if verdict is None else _FALSE.get(verdict, unjudged)
        shown.setdefault(watch_id, []).append((opened, score, weight))
    return shown


def _threshold(
    watch: Watch, policy: Policy, shown: Sequence[tuple[datetime, float, float]], day: datetime
) -> Threshold:
    calibrated = threshold_for(policy.alarms_per_month)
    if policy.threshold is not None:
        return Threshold(policy.threshold, "threshold", calibrated)
    since = max(watch.judged_since or day, policy.scores_since or policy.updated_at, day - REMEMBERED)
    history = day - since
    if history < _LEAST:
        return Threshold(calibrated, "calibration", calibrated)
    months = history / _MONTH
    counted = [(score, weight) for opened, score, weight in shown if opened >= since]
    lines = np.arange(_LOWEST * calibrated, _HIGHEST * calibrated, _STEP)
    false = np.asarray(
        [sum(weight for score, weight in counted if score >= threshold) for threshold in lines]
    )
    rate = (_PRIOR * np.asarray([alarms_at(line) for line in lines]) + false) / (_PRIOR + months)
    kept = np.flatnonzero(rate <= policy.alarms_per_month)
    alarm = float(lines[kept[0]] if len(kept) else lines[-1])
    reached = sum(weight for score, weight in counted if score >= calibrated)
    return Threshold(round(alarm, 2), "history", calibrated, history / timedelta(days=1), reached)
