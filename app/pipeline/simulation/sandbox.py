"""A past on its stage: a database of its own, in which the watch is there once for each policy."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from app.models import (
    Bucket,
    Channel,
    Coverage,
    Incident,
    LookBack,
    PlannedEvent,
    Policy,
    Source,
    State,
    VerdictWord,
    Watch,
)
from app.pipeline.simulation.history import HistorySnapshot, Row
from app.pipeline.simulation.replay import Act


def policy_under(history: HistorySnapshot, terms: Row, *, name: str) -> Policy:
    """The policy of the watch with other terms; what was learnt by other scores does not count for it."""
    now = history.policy
    learnt = now["scores_since"] or now["updated_at"] if terms["floor"] == now["floor"] else history.until
    stamps = {"created_at": history.since, "updated_at": now["updated_at"], "scores_since": learnt}
    return Policy(**terms, name=name, **stamps)


def seed(session: Session, history: HistorySnapshot, policies: Sequence[Row]) -> list[int]:
    """Into an empty database: sources as they were heard, the watch once for each policy; ids of these."""
    at = history.since
    if history.sources:
        session.execute(insert(Source), history.sources)
    if history.looked_back:
        session.execute(insert(LookBack), history.looked_back)
    session.add(Channel(name="rehearsal", kind="slack", settings={}, created_at=at, updated_at=at))
    watch_ids = []
    for k, terms in enumerate(policies):
        policy = policy_under(history, terms, name=str(k))
        watch = Watch(
            **history.watch | {
                "id": k + 1, "name": f"{history.watch['name'][:110]} ({k})",
                "policy_id": None, "enabled": True,
                "scored_until": history.since, "rematch_until": None, "updated_at": at,
                "counts_again_since": None,
            }
        )  # fmt: skip
        watch.policy = policy
        watch.sources = list(session.scalars(select(Source).where(Source.id.in_(history.listens_to))))
        session.add(watch)
        session.flush()
        watch_ids.append(watch.id)
        session.add_all(_event(event, history.watch["id"], watch.id) for event in history.events)
        session.add_all(Incident(**stood | {"id": None, "watch_id": watch.id}) for stood in history.before)
        if history.counts:
            session.execute(
                insert(Bucket),
                [row | {"watch_id": watch.id, "counted_at": history.began} for row in history.counts],
            )
    if history.coverage:
        session.connection().execute(insert(Coverage), history.coverage)
    return watch_ids


def _event(event: Row, was: int, watch_id: int) -> PlannedEvent:
    learnt = event["learnt"]
    if learnt is not None:
        learnt = {str(watch_id): learnt[str(was)]} if str(was) in learnt else {}
    return PlannedEvent(**event | {"id": None, "watch_id": watch_id, "learnt": learnt})


def acts_of(history: HistorySnapshot) -> list[Act]:
    """Verdicts and closings, to be done again to whatever burns at that time instead."""
    return [Act(at, _again(at, lived, verdict)) for at, lived, verdict in history.acts]


def _again(at: datetime, lived: Incident, verdict: VerdictWord | None) -> Callable[[Session], None]:
    meant = select(Incident).where(
        Incident.opened_at <= at,
        Incident.onset_at < min(lived.out_at or at, at),
        or_(Incident.out_at.is_(None), Incident.out_at > lived.onset_at),
    )

    def do(session: Session) -> None:
        for incident in session.scalars(meant):
            if verdict is not None:
                incident.verdict = verdict
            elif incident.state is not State.out:
                incident.state, incident.out_at = State.out, at

    return do
