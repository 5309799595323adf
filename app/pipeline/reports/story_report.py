"""The report of a fire: all that is known of its story at an instant, from the rows alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.channels.facts import Facts, Sample
from app.channels.notices import Proposed
from app.channels.report.facts import (
    CompanionWatch,
    CurveMark,
    Event,
    Precision,
    StoryReport,
    TeamWords,
    TopicShare,
)
from app.clock import known_zone
from app.errors import NotFound
from app.models import (
    DRILL,
    DRILL_NAME,
    WITH_SOURCES,
    Incident,
    Proposal,
    Reason,
    ReportNote,
    State,
    Transition,
    Verdict,
    Watch,
    require_readable,
)
from app.pipeline.crisis.course import course_of
from app.pipeline.reports.bulletins import proposed_of
from app.pipeline.reports.carried import Carried, carried
from app.pipeline.reports.course import decisions_in, statements_in
from app.pipeline.reports.curve import curve_around
from app.pipeline.reports.precision import Count, months_of, together
from app.pipeline.reports.timeline import Timeline, timeline_of

_SAMPLES, _LOOKED_BACK, _MONTHS = 5, 20, 12
_MARKED = ("alert", "acknowledged", "press", "contained", "out", "closed")


def story_report(session: Session, incident_id: int, *, now: datetime) -> StoryReport:
    """The report of the story that the incident belongs to, as far as its watch has it, as known at `now`.

    NotFound: there is no such incident, or it was not there yet.
    """
    asked = session.get(Incident, incident_id)
    if asked is None or asked.opened_at > now:
        raise NotFound(f"there is no incident {incident_id}")
    incidents = story_of(session, asked, now=now)
    watch = session.scalars(select(Watch).where(Watch.id == asked.watch_id).options(WITH_SOURCES)).one()
    spans = [_span(one, now) for one in incidents]
    began, ended = spans[0][0], max(until for _, until in spans)
    found = carried(session, watch.id, spans, now=now)
    first_facts, last_facts = _facts(session, incidents, now)
    timeline = timeline_of(session, incidents, known=_known(found, began), watch=watch, ended=ended, now=now)
    newest = _newest(session, incidents, now)
    standing: dict[str, Any] = newest.standing if isinstance(newest.standing, dict) else {}
    alert, taken = timeline.first("alert"), timeline.first("acknowledged")
    is_out = newest.state is State.out
    verdict, verdict_by, verdict_note = _verdict(session, incidents, now)
    samples, forgotten = _samples(first_facts, last_facts)
    course = course_of(session, asked, at=now)
    return StoryReport(
        incident_id=asked.id,
        watch_id=watch.id,
        watch=watch.name.removeprefix(DRILL_NAME) if watch.kind == DRILL else watch.name,
        objective=watch.objective,
        time_zone=known_zone(watch.time_zone),
        drill=watch.kind == DRILL,
        at=now,
        state=newest.state,
        kind=last_facts.kind,
        alerted=alert is not None,
        verdict=verdict,
        verdict_by=verdict_by,
        verdict_note=verdict_note,
        first_post_at=found.first_post_at,
        onset_at=began,
        alert_at=alert.at if alert else None,
        acknowledged_at=taken.at if taken else None,
        acknowledged_by=taken.by if taken else "",
        out_at=ended if is_out else None,
        peak=max([float(standing.get("peak") or 0), *(one.peak for one in incidents[:-1])]),
        peak_at=max(incidents, key=lambda one: one.peak).peak_at,
        usual=first_facts.expected,
        mentions=found.mentions,
        negative=found.negative,
        usual_negative_share=last_facts.usual_negative_share,
        amplified=max(found.amplified, min(last_facts.amplified, found.mentions)),
        authors=found.authors,
        press=last_facts.voices.press if last_facts.voices else 0,
        timeline=timeline.events,
        left_out=timeline.left_out,
        curve=curve_around(session, watch.id, began=began, ended=ended, marks=_marks(timeline), now=now),
        voices=found.voices,
        hosts=found.hosts,
        sources=found.sources,
        topics=tuple(TopicShare(one.words, one.share) for one in (last_facts.topics or first_facts.topics)),
        samples=samples,
        forgotten=forgotten,
        set_aside=found.set_aside,
        called=timeline.called,
        unreached=timeline.unreached,
        companions=_companions(session, asked, now),
        precision=precision_of(
            together([count for _, count in months_of(session, watch, months=_MONTHS, now=now)])
        ),
        proposed=open_change(session, watch.id, now=now),
        words=words_of(session, incidents[0].id, now=now),
        decisions=decisions_in(course),
        statements=statements_in(course),
    )


def story_of(session: Session, incident: Incident, *, now: datetime) -> list[Incident]:
    """The incidents of the same watch that are one story with it, oldest first."""
    story = incident.story_id or incident.id
    query = select(Incident).where(
        Incident.watch_id == incident.watch_id,
        or_(Incident.id == story, Incident.story_id == story),
        Incident.opened_at <= now,
    )
    return [require_readable(one) for one in session.scalars(query.order_by(Incident.id))]


def words_of(session: Session, first_id: int, *, now: datetime) -> TeamWords:
    """What the team wrote into the report of the story that began with that incident."""
    note = session.get(ReportNote, first_id)
    if note is None or note.updated_at > now:
        return TeamWords()
    return TeamWords(note.summary, note.to_change, note.remarks, note.updated_by, note.updated_at)


def precision_of(count: Count) -> Precision:
    """The alarms of some time, with the interval of their precision."""
    low, high = count.interval() or (None, None)
    return Precision(count.alarms, count.fires, count.false_alarms, count.planned, count.unjudged, low, high)


def open_change(session: Session, watch_id: int, *, now: datetime) -> Proposed | None:
    """The newest change that was proposed for the watch by then and waits for an answer."""
    query = select(Proposal).where(
        Proposal.watch_id == watch_id,
        Proposal.at <= now,
        or_(Proposal.decided_at.is_(None), Proposal.decided_at > now),
    )
    proposal = session.scalars(query.order_by(Proposal.id.desc()).limit(1)).first()
    return proposed_of(proposal) if proposal is not None else None


def _span(incident: Incident, now: datetime) -> tuple[datetime, datetime]:
    return incident.onset_at, min(incident.out_at or now, now)


def _known(found: Carried, began: datetime) -> list[Event]:
    first = [Event(found.first_post_at, "first_post")] if found.first_post_at else []
    return [*first, Event(began, "onset")]


def _marks(timeline: Timeline) -> list[CurveMark]:
    firsts = (timeline.first(kind) for kind in _MARKED)  # type: ignore[arg-type]
    return [CurveMark(event.at, event.kind) for event in firsts if event is not None]


def _newest(session: Session, incidents: Sequence[Incident], now: datetime) -> Transition:
    query = (
        select(Transition)
        .where(Transition.incident_id == incidents[-1].id, Transition.at <= now)
        .order_by(Transition.id.desc())
    )
    for behind in range(_LOOKED_BACK):
        newest = session.scalars(query.offset(behind).limit(1)).first()
        if newest is None:
            break
        if isinstance(newest.state, State):
            return newest
    raise NotFound(f"there is nothing of incident {incidents[-1].id} that this version can read")


def _facts(session: Session, incidents: Sequence[Incident], now: datetime) -> tuple[Facts, Facts]:
    """What was known at the alert, else at first, and what is known at last."""
    ids = [one.id for one in incidents]
    mine = select(Transition.facts).where(Transition.incident_id.in_(ids), Transition.at <= now)
    alerts = mine.where(Transition.reason.in_((Reason.ignited, Reason.revealed)))
    last = _first_readable(session, mine.order_by(Transition.id.desc()))
    if last is None:
        raise NotFound(f"there is nothing of incident {ids[-1]} that this version can read")
    first = _first_readable(session, alerts.order_by(Transition.id)) or _first_readable(
        session, mine.order_by(Transition.id)
    )
    return first or last, last


def _first_readable(session: Session, query: Any) -> Facts | None:  # noqa: ANN401 - a query of documents
    for behind in range(_LOOKED_BACK):  # one by one: it is nearly always the first, and each is large
        found = session.scalars(query.offset(behind).limit(1)).first()
        if found is None:
            return None
        try:
            return Facts.model_validate(found)
        except ValidationError:
            continue
    return None


def _samples(first: Facts, last: Facts) -> tuple[tuple[Sample, ...], int]:
    """(the posts that alerts showed, each once; how many of them are forgotten since)."""
    shown = {sample.post_id: sample for sample in (*last.samples, *first.samples)}
    forgotten = sum(bool(sample.forgotten) for sample in shown.values())
    left = [sample for sample in shown.values() if not sample.forgotten]
    # The latest ones told who read along what is new: when it is over, they show it no better than others.
    left.sort(key=lambda sample: sample.why == "latest")
    return tuple(left[:_SAMPLES]), forgotten


def _verdict(session: Session, incidents: Sequence[Incident], now: datetime) -> tuple[Any, str, str]:
    """(the newest verdict by then, who gave it, what they wrote)."""
    query = select(Verdict).where(Verdict.incident_id.in_([one.id for one in incidents]), Verdict.at <= now)
    newest = session.scalars(query.order_by(Verdict.id.desc()).limit(1)).first()
    return (newest.verdict, newest.by, newest.note) if newest else (None, "", "")


def _companions(session: Session, asked: Incident, now: datetime) -> tuple[CompanionWatch, ...]:
    story = asked.story_id or asked.id
    query = (
        select(Incident, Watch.name)
        .join(Watch, Watch.id == Incident.watch_id)
        .where(
            func.coalesce(Incident.story_id, Incident.id) == story,
            Incident.watch_id != asked.watch_id,
            Incident.opened_at <= now,
        )
        .order_by(Incident.id)
    )
    return tuple(
        CompanionWatch(one.id, name, one.onset_at, one.state) for one, name in session.execute(query)
    )
