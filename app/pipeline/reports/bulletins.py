"""Bulletins: what is told at a fixed time of a month that is over, or of the smoke of a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.channels.facts import Facts
from app.channels.notices import Month, Proposed, Smoke
from app.db import Sessions, only_read
from app.models import WITH_WATCH, Incident, Notice, Policy, Proposal, Transition, Watch
from app.pipeline.delivery.messages import first_zone, watches_told
from app.pipeline.delivery.outbox import enabled, enqueue_notice
from app.pipeline.reports.precision import months_of
from app.pipeline.reports.proposals import Why, propose

HOUR = 9  # of the day, on the clock of the first watch
_PREVIEWED = 5  # watches of a month for which a proposal is looked for: each takes seconds
_ABOUT = 3  # words of what smoulders


def publish(sessions: Sessions, *, now: datetime) -> None:
    """Make the bulletins whose time has come, each once; they are queued with the alerts."""
    with sessions() as session:
        only_read(session)
        zone = first_zone(session)
        known = set(session.scalars(select(Notice.period).where(Notice.at > now - timedelta(days=62))))
    local = now.astimezone(zone)
    if local.hour < HOUR:
        return
    day, month = f"{local:%Y-%m-%d}", f"{local.replace(day=1) - timedelta(days=1):%Y-%m}"
    if day not in known:
        with sessions() as session:
            only_read(session)
            smoke = _smoke(session, now)
        _keep(sessions, day, smoke, now)
    if month not in known:
        _keep(sessions, month, _months(sessions, month, now), now)


def _keep(sessions: Sessions, period: str, facts: dict[str, Any], now: datetime) -> None:
    """One notice, with a delivery for each channel that is told of one of its watches; or none at all."""
    try:
        with sessions.begin() as session:
            notice = Notice(at=now, since=now, period=period, facts=facts)
            session.add(notice)
            session.flush()
            everyone = enabled(session)
            for channel in everyone:
                if watches_told(session, everyone, channel) & set(map(int, facts)):
                    enqueue_notice(session, notice, channel)
    except IntegrityError:
        return  # another process was first


def _months(sessions: Sessions, month: str, now: datetime) -> dict[str, Any]:
    with sessions() as session:
        only_read(session)
        counted = []
        for watch in session.scalars(select(Watch).where(Watch.enabled).order_by(Watch.name)):
            count = dict(months_of(session, watch, months=2, now=now)).get(month)
            if count is not None and count.alarms:
                counted.append((watch, count))
    looked_at = sorted(counted, key=lambda pair: -pair[1].false_alarms)[:_PREVIEWED]
    proposals = {watch.id: propose(sessions, watch.id, now=now) for watch, _ in looked_at}
    told: dict[str, Any] = {}
    for watch, count in counted:
        low, high = count.interval() or (None, None)
        proposal = proposals.get(watch.id)
        told[str(watch.id)] = Month(
            watch=watch.name,
            alarms=count.alarms,
            fires=count.fires,
            false_alarms=count.false_alarms,
            planned=count.planned,
            unjudged=count.unjudged,
            precision=count.precision,
            low=low,
            high=high,
            budget=watch.policy.alarms_per_month,
            proposed=proposed_of(proposal) if proposal else None,
        ).model_dump(mode="json")
    return told


def proposed_of(proposal: Proposal) -> Proposed:
    """The change, with what the preview of it showed."""
    why = Why.model_validate(proposal.facts)
    return Proposed(
        proposal_id=proposal.id,
        wish=why.wish,
        days=why.previewed_days,
        today=why.today,
        proposed=why.proposed,
        spared=why.spared,
        minutes_earlier=why.minutes_earlier,
        **proposal.changes,
    )


def _smoke(session: Session, now: datetime) -> dict[str, Any]:
    query = (
        select(Incident)
        .options(WITH_WATCH)
        .join(Watch, Watch.id == Incident.watch_id)
        .join(Policy, Policy.id == Watch.policy_id)
        .where(
            Policy.digest,
            Watch.enabled,
            Incident.burning_at.is_(None),
            Incident.opened_at > now - timedelta(days=1),
            Incident.opened_at <= now,
        )
        .order_by(Incident.top_score.desc(), Incident.id)
    )
    by_watch: dict[int, list[Incident]] = {}
    for incident in session.scalars(query).unique():
        by_watch.setdefault(incident.watch_id, []).append(incident)
    return {str(watch): _sign(session, signs).model_dump(mode="json") for watch, signs in by_watch.items()}


def _sign(session: Session, signs: Sequence[Incident]) -> Smoke:
    """The strongest of a watch's signs, and how many there were."""
    strongest = signs[0]
    query = select(Transition.facts).where(Transition.incident_id == strongest.id).order_by(Transition.id)
    facts = Facts.model_validate(session.scalars(query).first())
    about = facts.topics[0].words if facts.topics else facts.new_words
    return Smoke(
        watch=strongest.watch.name,
        signs=len(signs),
        incident_id=strongest.id,
        at=strongest.peak_at,
        observed=max(strongest.peak, facts.observed),
        expected=facts.expected,
        about=tuple(about[:_ABOUT]),
    )
