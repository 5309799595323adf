"""What another policy would have done: the chain over the watch's own past, beside what is set now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from app import db
from app.channels.facts import Facts
from app.clock import STEP, step_start
from app.db import Sessions, only_read
from app.errors import BadInput, Conflict
from app.models import Base, Incident, Post, Reason, Transition, Watch
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.scored_series import ScoredSeries
from app.pipeline.scoring.thresholds import thresholds_under
from app.pipeline.simulation.compare import Alarm, Preview, Ringing, Terms, compare, price, tallies
from app.pipeline.simulation.history import HistorySnapshot, read_history
from app.pipeline.simulation.replay import Replay, Script
from app.pipeline.simulation.sandbox import acts_of, policy_under, seed
from detectors import FireDetector

DAYS, MOST_DAYS = 28, 90
BUDGETS = (0.25, 0.5, 1.0, 2.0, 4.0)  # false alarms a month, from quiet to wary
MONTH, _WEEK = 30, 7  # days


class Learning(Conflict):
    """The watch has too little history to say anything of it."""


def preview(
    sessions: Sessions,
    watch_id: int,
    changes: Mapping[str, Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    budgets: Sequence[float] = (),
    now: datetime,
    progress: Callable[[float], None] | None = None,
) -> Preview:
    """The alarms of the watch's past under the changed policy, beside those under the policy as it is set.

    `changes`: fields of a policy, checked by the caller. The past is 28 days if `since` is not given. The
    query, the planned events and the sources are those of today. Nothing is written to the live database,
    and no session on it is open while the past is played. `progress` hears the part that is done.
    Raises NotFound; BadInput for a window that is empty or too long; TooLarge; Learning.
    """
    until = step_start(min(until or now, now))
    since = step_start(since or until - timedelta(days=DAYS))
    if since >= until:
        raise BadInput("since must be earlier than until, and than now")
    if until - since > timedelta(days=MOST_DAYS):
        raise BadInput(f"at most {MOST_DAYS} days are previewed at once: move since or until")
    detector = FireDetector()
    history = read_history(sessions, watch_id, detector, since=since, until=until)
    today = Terms.model_validate(history.policy)
    terms = [today, today.changed(changes), *(today.changed({"alarms_per_month": b}) for b in budgets)]
    with bound_contextvars(preview_of=watch_id):
        days, ringing = _play(history, terms, _thresholds(sessions, history, terms), detector, progress)
    if not days:
        raise Learning(
            f"the watch “{history.watch['name']}” was still learning all that time: it needs "
            f"{detector.warm_up.days} days that were really heard before it says anything"
        )
    judged = [
        i
        for i in history.lived
        if i.burning_at is not None and i.burning_at > since and not i.suppressed_by_kind
    ]
    compared = [compare(ringing[0], other) for other in ringing]
    return Preview(
        watch_id=watch_id,
        watch=history.watch["name"],
        since=since,
        until=until,
        days=round(days, 3),
        grain_minutes=history.grain // timedelta(minutes=1),
        today=ringing[0],
        proposed=ringing[1],
        changes=compared[1],
        verdicts=tallies(judged, ringing[0], ringing[1]),
        prices=tuple(price(*pair) for pair in zip(ringing[2:], compared[2:], strict=True)),
    )


def _thresholds(sessions: Sessions, history: HistorySnapshot, terms: Sequence[Terms]) -> list[float]:
    """The threshold from now on under each of the terms: to the digit what the live chain will take."""
    policies = [policy_under(history, one.model_dump(), name=str(k)) for k, one in enumerate(terms)]
    with sessions() as session:
        only_read(session)
        watch = session.get_one(Watch, history.watch["id"])
        return [found.alarm for found in thresholds_under(session, watch, policies, at=history.until)]


@dataclass(slots=True)
class _ScoredColumns:
    """Counts the columns that had a score, each once."""

    until: datetime
    columns: int = 0

    def see(self, scored_series: ScoredSeries, first: int, last: int) -> None:
        first = max(first, scored_series.series.column(self.until))
        if first < last:
            scored = ~np.isnan(scored_series.evidence("score", 0, first, last))
            self.columns += int((scored & ~np.isnan(scored_series.series.values(first, last)[0])).sum())
            self.until = scored_series.series.start + last * STEP


def _play(
    history: HistorySnapshot,
    terms: Sequence[Terms],
    thresholds: Sequence[float],
    detector: FireDetector,
    progress: Callable[[float], None] | None,
) -> tuple[float, list[Ringing]]:
    """(days that were judged, the alarms under each policy): all of them in one pass through the past."""
    with TemporaryDirectory(prefix="tocsin-preview-") as folder:
        engine = db.connect(f"sqlite:///{Path(folder) / 'preview.db'}", durable=False)
        try:
            # Migrations are not safe side by side in one process; a database that lives a minute needs none.
            Base.metadata.create_all(engine)
            replay = Replay(
                db.sessions_of(engine), ScoringEngine(detector), history.watch["language"] or "en",
                stories=False,  # it is one watch, there once for each policy
            )  # fmt: skip
            with replay.sessions.begin() as session:
                watch_ids = seed(session, history, [t.model_dump() for t in terms])
            scored_columns, posts = _ScoredColumns(history.since), max(1, len(history.arrivals))
            replay.play(
                Script(
                    history.arrivals,
                    history.since,
                    history.until,
                    acts_of(history),
                    frozenset(history.breaks),
                ),
                seen=scored_columns.see,
                progress=None if progress is None else lambda done: progress(done / posts),
            )
            days = scored_columns.columns * STEP / timedelta(days=1)
            with replay.sessions() as session:
                return days, [
                    _ringing(session, history, *given, days)
                    for given in zip(terms, watch_ids, thresholds, strict=True)
                ]
        finally:
            engine.dispose()


def _ringing(
    session: Session, history: HistorySnapshot, terms: Terms, watch_id: int, threshold: float, days: float
) -> Ringing:
    lit = (
        select(Incident, Transition)
        .join(Transition, Transition.incident_id == Incident.id)
        .where(
            Incident.watch_id == watch_id,
            Incident.burning_at > history.since,
            Incident.suppressed_by_kind.is_(False),
            Transition.reason.in_([Reason.ignited, Reason.revealed]),
        )
        .order_by(Incident.burning_at, Transition.id)
    )
    # What kept quiet at first was told when it was seen for what it is: the last of the two is the alarm.
    told = {incident.id: (incident, alarm) for incident, alarm in session.execute(lit).unique()}
    alarms = tuple(_alarm(session, history, *found) for found in told.values())
    a_month = round(len(alarms) * MONTH / days, 3) if days >= _WEEK else None
    return Ringing(terms=terms, threshold=threshold, a_month=a_month, alarms=alarms)


def _alarm(session: Session, history: HistorySnapshot, incident: Incident, lit: Transition) -> Alarm:
    facts = Facts.model_validate(lit.facts)
    samples = []
    for sample in facts.samples:
        post = session.get_one(Post, sample.post_id)
        samples.append(
            sample.model_copy(update={"post_id": history.post_ids[post.source_id, post.external_id]})
        )
    end = incident.out_at or history.until
    real = [
        lived
        for lived in history.lived
        if lived.burning_at is not None
        and lived.onset_at < end
        and (lived.out_at is None or lived.out_at > incident.onset_at)
    ]
    # Of several that were really opened in that time, the one with a word from the team says most.
    known = next((lived for lived in real if lived.verdict), real[0] if real else None)
    return Alarm(
        onset_at=incident.onset_at,
        alerted_at=lit.at,
        over_at=incident.out_at,
        peak=incident.peak,
        peak_at=incident.peak_at,
        level=incident.level,
        facts=facts.model_copy(update={"samples": tuple(samples)}),
        incident_id=known.id if known else None,
        verdict=known.verdict if known else None,
    )
