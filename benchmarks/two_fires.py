"""Two brands on fire at the same rate in one database: one for an hour, the other for days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session, joinedload

from app.channels.facts import Facts
from app.clock import STEP
from app.models import (
    Delivery,
    DeliveryState,
    Incident,
    Mention,
    Post,
    Reason,
    Source,
    State,
    Watch,
)
from app.pipeline.incidents.explain import explain
from app.pipeline.incidents.incidents import last_facts, record
from app.pipeline.incidents.milestones import alert_context_of
from app.pipeline.ingest.count import recount
from app.pipeline.roster import read_roster
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.scoring.scored_series import ScoredSeries
from app.runtime import Runtime
from benchmarks.city import ANGRY, CHUNK, END, Row
from detectors import FireDetector

_WHOLE = joinedload(Incident.watch, innerjoin=True).selectinload(Watch.source_links)
FRESH = timedelta(hours=1)
TOLD_EVERY = timedelta(minutes=30)  # a fire that goes on is told anew so often
THRESHOLD = 5.0
AUTHORS = 60_000  # that write of the long one
WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Fires:
    """The incidents as they stand at `END`, with all that judges them."""

    runtime: Runtime
    engine: ScoringEngine
    scored: ScoredSeries
    fresh: int  # ids of the incidents
    long: int

    def explained(self, session: Session, incident_id: int) -> Facts:
        """The explanation at `END`, for which the posts are read anew; what is shown already stays."""
        incident = session.scalars(incident_with_watch(incident_id)).one()
        return explain(
            session, self.engine, self.scored, incident.watch, began=incident.onset_at,
            last=self.scored.series.column(END), threshold=THRESHOLD, known=last_facts(session, incident),
        )  # fmt: skip


def incident_with_watch(incident_id: int) -> Select[Incident]:
    """The query of an incident with all that an explanation reads of its watch."""
    return select(Incident).where(Incident.id == incident_id).options(_WHOLE)


def seed(runtime: Runtime, *, posts: int, lasted: timedelta, fresh: timedelta = FRESH) -> Fires:
    """Set the two brands of a `history` on fire; what was told of it by now is in the tables, and sent.

    `posts` are those of the one that `lasted` so long.
    """
    rng = np.random.default_rng(3)
    begins = {1: END - fresh, 2: END - lasted}  # by watch
    each = posts * STEP / lasted
    with runtime.sessions.begin() as session:
        source = session.scalars(select(Source.id)).one()
        for watch_id, begin in begins.items():
            _burn(session, rng, source, watch_id, begin, each)
        steps = {begin + k * STEP for begin in begins.values() for k in range((END - begin) // STEP)}
        recount(session, source, steps, now=END)
    engine, scored = _judged(runtime)
    ids: dict[int, int] = {}
    with runtime.sessions.begin() as session:
        for watch_id, begin in begins.items():
            ids[watch_id] = _tell(session, engine, scored, watch_id, begin)
    return Fires(runtime, engine, scored, ids[1], ids[2])


def _burn(
    session: Session, rng: np.random.Generator, source: int, watch_id: int, begin: datetime, each: float
) -> None:
    """So many posts in each five minutes, in words of their own, of accounts that come again and again."""
    number = session.scalars(select(func.max(Post.id))).one()
    rows: list[Row] = []
    for k in range((END - begin) // STEP):
        at = begin + k * STEP
        for second in sorted(rng.integers(0, 300, rng.poisson(each)).tolist()):
            number += 1
            said = " ".join(f"mot{word}" for word in rng.integers(0, WORDS, 6).tolist())
            published = at + timedelta(seconds=second)
            rows.append({
                "id": number, "source_id": source, "external_id": f"f{number}", "lang": "fr",
                "published_at": published, "first_seen_at": published, "bucket_at": at,
                "author": f"@f{int(AUTHORS * rng.random() ** 2)}", "followers": int(rng.pareto(1.2) * 100),
                "shares": int(rng.pareto(1.5)), "replies": 0,
                "text": f"{ANGRY[number % len(ANGRY)]} brand{watch_id - 1}, {said}",
            })  # fmt: skip
    mentions = [
        {
            "watch_id": watch_id, "post_id": row["id"], "source_id": source, "at": row["bucket_at"],
            "author": row["author"], "negative": row["id"] % 3 == 0,
        }
        for row in rows
    ]  # fmt: skip
    for table, lines in ((Post, rows), (Mention, mentions)):
        for k in range(0, len(lines), CHUNK):
            session.execute(insert(table), lines[k : k + CHUNK])


def _judged(runtime: Runtime) -> tuple[ScoringEngine, ScoredSeries]:
    engine = ScoringEngine(FireDetector())
    with runtime.sessions() as session:
        roster = read_roster(session)
    since = END - timedelta(hours=2)
    *_, (scored, _, _) = engine.advance(
        runtime.sessions, roster.watches, roster.sources, (), since=since, until=END
    )
    return engine, scored


def _tell(
    session: Session,
    engine: ScoringEngine,
    scored: ScoredSeries,
    watch_id: int,
    begin: datetime,
) -> int:
    """The incident with its history and its deliveries, all of them sent; its id."""
    lit = begin + FRESH / 2
    mentions = select(func.count()).where(Mention.watch_id == watch_id, Mention.at >= begin)
    incident = Incident(
        watch_id=watch_id, state=State.burning, level=1, onset_at=begin, opened_at=lit, burning_at=lit,
        peak_at=END, peak=1_000, mentions=session.scalars(mentions).one(), alerted_rate=100.0,
        last_transition_at=END, last_alert_at=END, threshold=THRESHOLD,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    incident = session.scalars(incident_with_watch(incident.id)).one()
    engine.look_back(session, scored.row(watch_id), scored.series.column(END))
    facts = explain(
        session, engine, scored, incident.watch, began=begin, last=scored.series.column(END),
        threshold=THRESHOLD,
    )  # fmt: skip
    context = alert_context_of(session, incident.watch, incident, Reason.ignited, at=END)
    incident.alert_context = context.model_dump(mode="json")
    at, reason = lit, Reason.ignited
    while at < END:
        told = record(session, incident, reason, at=at, facts=facts)
        session.flush()
        sent = Delivery.transition_id == told.id
        for delivery in session.scalars(select(Delivery).where(sent)):
            delivery.state, delivery.due_at, delivery.sent_at = DeliveryState.sent, None, at
            delivery.external_id = f"{watch_id}.000001" if reason is Reason.ignited else None
        at, reason = at + TOLD_EVERY, Reason.went_on
    return incident.id
