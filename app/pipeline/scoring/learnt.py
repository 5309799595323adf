"""Which columns a baseline learns from: not those of incidents, so that a crisis is not the new normal."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.clock import STEP
from app.models import Incident, Unreadable, VerdictWord
from app.pipeline.scoring.counts import Series

SMOKE = 0.75  # of the alarm threshold: worth recording, not worth telling
BurntSpan = tuple[int, datetime, datetime | None]


def burnt_spans(session: Session, since: datetime) -> list[BurntSpan]:
    """(watch, onset, end if it is over) of the incidents that reach beyond `since`."""
    query = select(Incident.watch_id, Incident.onset_at, Incident.out_at).where(
        or_(Incident.out_at.is_(None), Incident.out_at > since),
        # What was only armed, by a few posts, is the ordinary life of the brand too.
        or_(Incident.burning_at.is_not(None), Incident.top_score >= SMOKE * Incident.threshold),
        # What the team calls a false alarm is the ordinary life of the brand, and is learnt.
        or_(Incident.verdict.is_(None), Incident.verdict != VerdictWord.false_alarm),
    )
    spans: list[BurntSpan] = []
    for watch_id, onset, out in session.execute(query):
        if not isinstance(onset, Unreadable) and not isinstance(out, Unreadable):
            spans.append((watch_id, onset, out))
    return spans


def learnt_columns(burnt: Sequence[BurntSpan], series: Series, first: int, last: int) -> NDArray[np.bool_]:
    """(watches, columns): False in incidents, so that a crisis does not become the new normal."""
    learn = np.ones((len(series.watch_ids), last - first), dtype=bool)
    since, until = series.start + first * STEP, series.start + last * STEP
    rows = {watch_id: row for row, watch_id in enumerate(series.watch_ids)}
    for watch_id, onset, out in burnt:
        if watch_id in rows and onset < until and (out is None or out > since):
            begin, stop = series.column(max(onset, since)) - first, series.column(out or until) - first
            learn[rows[watch_id], begin : max(begin, stop)] = False
    return learn
