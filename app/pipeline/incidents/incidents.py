"""Incidents and their transitions, as rows."""

from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app import metrics
from app.channels.acts import LOUDNESS, Audience, Cooldown
from app.channels.facts import Facts
from app.clock import STEP
from app.errors import AppError
from app.logs import log
from app.models import Incident, Reason, State, Transition, Watch
from app.pipeline.delivery.outbox import CatchUp, enqueue, overtake
from app.pipeline.incidents.decide import Decision, Occurrence, decide
from app.pipeline.incidents.hold import hold_of
from app.pipeline.incidents.standing import Standing
from app.pipeline.oncall.duty import Call, call_in_person, can_mention, duty_of
from app.pipeline.scoring.hours import onset
from app.pipeline.scoring.scored_series import ScoredSeries

_LOOKED_BACK = 20  # transitions
STANDING = (
    "opened_at", "burning_at", "out_at", "peak", "peak_at",
    "acknowledged_by", "acknowledged_at", "snoozed_until", "verdict", "suppressed_by_cooldown",
)  # fmt: skip


def open_incident(
    session: Session,
    scored: ScoredSeries,
    watch: Watch,
    last: int,
    *,
    threshold: float,
    recent: Incident | None,
    seen_until: int | None = None,
) -> Incident | None:
    """A new incident of the watch, seen where column `last` begins; None if another cycle opened it first.

    `recent`: the one whose story it goes on with, by `last_of`. `seen_until`: the column until which its
    excess goes on, if its posts came late.
    """
    row, at = scored.row(watch.id), scored.series.start + last * STEP
    began = onset(scored, row, last if seen_until is None else seen_until)
    if recent is not None and recent.out_at is not None:
        began = max(began, recent.out_at)  # what burnt before is told already
    told = recent is not None and recent.burning_at is not None
    before = scored.series.column(began)
    incident = Incident(
        watch_id=watch.id,
        story_id=(recent.story_id or recent.id) if recent and told else None,
        state=State.smouldering,
        level=0,
        onset_at=began,
        opened_at=at,
        last_transition_at=at,
        peak_at=at,
        peak=0.0,
        mentions=int(scored.series.mentions[row, max(0, before) : last - 1].sum()),
        alerted_rate=recent.alerted_rate if recent else 0.0,
        last_alert_at=recent.last_alert_at if recent else None,
        alert_context=dict(recent.alert_context) if recent else {},
        threshold=threshold,
    )
    try:
        with session.begin_nested():
            session.add(incident)
    except IntegrityError:
        return None
    set_committed_value(incident, "watch", watch)  # it may be one that was read for the whole pass
    return incident


def last_of(session: Session, watch: Watch, *, at: datetime) -> Incident | None:
    """The incident whose story a new one goes on with; smoke counts if nothing else burnt."""
    since = at - timedelta(hours=watch.policy.rekindle_hours)
    query = select(Incident).where(Incident.watch_id == watch.id, Incident.out_at >= since)
    newest = query.order_by(Incident.burning_at.is_(None), Incident.id.desc()).limit(1)
    incident = session.scalars(newest).first()
    if incident is not None:
        set_committed_value(incident, "watch", watch)
    return incident


def standing_of(incident: Incident) -> Standing:
    """How the incident stands, by its row."""
    return Standing(
        state=incident.state,
        level=incident.level,
        alerted_rate=incident.alerted_rate,
        calm_since=incident.calm_since,
        burning_at=incident.burning_at,
        out_at=incident.out_at,
        last_transition_at=incident.last_transition_at,
        last_alert_at=incident.last_alert_at,
        suppressed_by_cooldown=incident.suppressed_by_cooldown,
        suppressed_by_kind=incident.suppressed_by_kind,
    )


def store_standing(incident: Incident, standing: Standing) -> None:
    """Write into the row of the incident how it stands."""
    incident.state = standing.state
    incident.level = standing.level
    incident.alerted_rate = standing.alerted_rate
    incident.calm_since = standing.calm_since
    incident.burning_at = standing.burning_at
    incident.out_at = standing.out_at
    incident.last_transition_at = standing.last_transition_at
    incident.last_alert_at = standing.last_alert_at
    incident.suppressed_by_cooldown = standing.suppressed_by_cooldown
    incident.suppressed_by_kind = standing.suppressed_by_kind


def record(
    session: Session,
    incident: Incident,
    reason: Reason,
    *,
    at: datetime,
    facts: Facts,
    by: str = "tocsin",
    note: str = "",
    call: Call | None = None,
) -> Transition:
    """Write a transition that does not come from a score, and put its deliveries in the queue.

    `call`: who is called by it.
    """
    standing = standing_of(incident)
    happened = Occurrence(reason, at, facts.observed, standing.is_told)
    decision = decide(standing, happened, hold_of(session, incident, at=at))
    return record_decision(session, incident, decision, facts=facts, by=by, note=note, call=call)


def record_decision(
    session: Session,
    incident: Incident,
    decision: Decision,
    *,
    facts: Facts,
    by: str = "tocsin",
    note: str = "",
    catch_up: CatchUp | None = None,
    call: Call | None = None,
) -> Transition:
    """Write what was decided: how the incident stands, its transition, and its deliveries in the queue.

    `catch_up`: it is decided long after it happened, and takes the place of what was not told before it.
    `call`: who is called by it; of an alert whoever is on duty is.
    """
    store_standing(incident, decision.standing)
    call = call or _call_of(session, incident, decision)
    reason, at = decision.reason, decision.at
    transition = Transition(
        incident_id=incident.id,
        at=at,
        reason=reason,
        state=incident.state,
        level=incident.level,
        score=facts.score,
        observed=facts.observed,
        expected=facts.expected,
        low=facts.low,
        high=facts.high,
        by=by,
        note=note,
        facts=facts.model_dump(mode="json"),
        standing=_snapshot(incident)
        | {"suppressed_by_story": decision.suppressed_by_story or (call is not None and call.beside)}
        | (call.standing(session) if call else {}),
    )
    session.add(transition)
    session.flush()
    if decision.audience is not Audience.nobody:
        enqueue(session, incident, transition, due_at=decision.due_at)
        # By their own ways where they cannot be mentioned: else those are for when nobody takes it.
        if call is not None and (call.in_person or not can_mention(session, incident, call.people)):
            call_in_person(session, incident, transition, call.people, due_at=decision.due_at)
        if catch_up is not None and overtake(session, incident, transition, catch_up):
            transition.standing = transition.standing | {"catches_up": True}
    metrics.count(metrics.transitions, reason.value)
    log().info(
        "transition", watch=incident.watch.name, incident=incident.id, reason=reason.value,
        at=at.isoformat(), observed=facts.observed, expected=round(facts.expected, 1),
    )  # fmt: skip
    return transition


def _call_of(session: Session, incident: Incident, decision: Decision) -> Call | None:
    """Whoever is on duty is called by an alert that calls people; None: no rota says who."""
    loudness = LOUDNESS[decision.reason]
    alerts = loudness.audience is Audience.everyone and loudness.cooldown is Cooldown.begins
    if not alerts or decision.audience is Audience.nobody or not incident.watch.policy.rota:
        return None
    duty = duty_of(session, incident.watch.policy.rota, since=decision.at, until=decision.at)
    if duty is None:
        return None
    if incident.acknowledged_at is not None or duty.sleeps(incident.level, decision.at):
        return Call(())
    return Call(duty.calls(0, incident.level, decision.at))


def _snapshot(incident: Incident) -> dict[str, str | float | bool | None]:
    # Messages are painted from this and not from the row, which may have moved on when they go out.
    return {
        name: value.isoformat() if isinstance(value := getattr(incident, name), datetime) else value
        for name in STANDING
    }


def last_facts(session: Session, incident: Incident) -> Facts:
    """What was known of the incident at its newest transition that this version can read."""
    history = select(Transition.facts).where(Transition.incident_id == incident.id)
    newest = history.order_by(Transition.id.desc()).limit(1)
    for behind in range(_LOOKED_BACK):  # one by one: it is nearly always the first, and each is large
        stored = session.execute(newest.offset(behind)).first()
        if stored is None:
            break
        if (facts := facts_of(stored[0])) is not None:
            return facts
    raise AppError(f"incident {incident.id} has no history that can be read")


def facts_of(stored: object) -> Facts | None:
    """Facts as a transition keeps them; None if this version cannot read them."""
    try:
        return Facts.model_validate(stored)
    except ValidationError:
        return None
