"""What is kept quiet is itself told once, quietly: a verdict that silences may be wrong, and people can say.

An artefact is told once for each swing of a source, with all watches that it raises; a push once for each
incident. Launches and planned events are recorded only: of these nothing is taken for worthless.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.facts import Facts
from app.channels.notices import Untold
from app.models import Delivery, Incident, IncidentKind, Notice, Source
from app.pipeline.delivery.outbox import enabled, named_channels, routed
from app.pipeline.incidents.decide import Decision

UNTOLD = "untold"  # in the place of a notice's health
_KINDS = (IncidentKind.artefact, IncidentKind.amplified)
_ONE_SWING = timedelta(hours=6)  # after a notice: what the same source raises then is of the same swing


def note_untold(session: Session, incident: Incident, decision: Decision, facts: Facts) -> None:
    """Have it told that the incident is kept quiet, if it is for the first time."""
    if not decision.standing.suppressed_by_kind or incident.kind not in _KINDS or incident.noted_at:
        return
    incident.noted_at = decision.at
    notice = _notice(session, facts, decision.at)
    part = Untold(
        watch=incident.watch.name,
        incident_id=incident.id,
        at=decision.at,
        kind=incident.kind.value,
        onset_at=facts.onset_at,
        observed=facts.observed,
        expected=facts.expected,
        because=tuple(tipping.term.value for tipping in facts.kind_because),
        source=facts.swing.source if facts.swing else None,
        times=facts.swing.times if facts.swing else None,
        watches=facts.swing.watches if facts.swing else 1,
    )
    notice.facts = notice.facts | {str(incident.watch_id): part.model_dump(mode="json")}
    session.flush()
    told = set(session.scalars(select(Delivery.channel_id).where(Delivery.notice_id == notice.id)))
    own = named_channels(session, [incident.watch_id])[incident.watch_id]
    for channel in routed(own, enabled(session), incident.watch.team_id):
        if channel.id not in told:
            session.add(
                Delivery(
                    notice_id=notice.id,
                    channel_id=channel.id,
                    due_at=decision.due_at,
                    created_at=decision.at,
                )
            )


def _notice(session: Session, facts: Facts, at: datetime) -> Notice:
    """The notice of the source's swing, that there may be already; or a new one."""
    source_id = None
    if facts.swing is not None:
        source_id = session.scalars(select(Source.id).where(Source.name == facts.swing.source)).one()
        query = select(Notice).where(
            Notice.source_id == source_id, Notice.health == UNTOLD, Notice.at > at - _ONE_SWING
        )
        known = session.scalars(query.order_by(Notice.id.desc()).limit(1)).first()
        if known is not None:
            return known
    notice = Notice(source_id=source_id, at=at, since=facts.onset_at, health=UNTOLD, facts={})
    session.add(notice)
    return notice
