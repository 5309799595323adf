"""The fires that there is a report of, newest first: each story once for its watch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.models import DRILL, Incident, ReportNote, State, Unreadable, VerdictWord, Watch

_STORY = func.coalesce(Incident.story_id, Incident.id)


@dataclass(frozen=True, slots=True)
class ListedReport:
    """A fire that rang, and whether its team wrote into its report."""

    incident_id: int  # the newest of its story
    watch: str
    began: datetime  # its alert
    out_at: datetime | None
    state: State
    verdict: VerdictWord | None
    edited_by: str  # whoever wrote last; empty: nobody
    edited_at: datetime | None


def latest_reports(session: Session, *, most: int, before: int | None = None) -> list[ListedReport]:
    """The newest; `before`: those whose newest incident has a smaller number."""
    newest = (
        select(func.max(Incident.id))
        .where(Incident.burning_at.is_not(None), Incident.suppressed_by_kind.is_(False))
        .group_by(Incident.watch_id, _STORY)
    )
    asked = (
        select(
            Incident.id, Incident.watch_id, _STORY, Watch.name, Incident.burning_at, Incident.out_at,
            Incident.state, Incident.verdict,
        )
        .join(Watch, Watch.id == Incident.watch_id)
        .where(Incident.id.in_(newest), Watch.kind != DRILL, *([Incident.id < before] if before else []))
        .order_by(Incident.id.desc())
        .limit(most)
    )  # fmt: skip
    rows = [tuple(row) for row in session.execute(asked)]
    rows = [row for row in rows if not any(isinstance(value, Unreadable) for value in row)]
    notes = _notes(session, [row[1:3] for row in rows])
    return [_listed(row, notes.get(row[1:3])) for row in rows]


def _notes(session: Session, stories: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], ReportNote]:
    """By (watch, story): what the team wrote, which is kept with the first incident of the story there."""
    first = (
        select(func.min(Incident.id), Incident.watch_id, _STORY)
        .where(tuple_(Incident.watch_id, _STORY).in_(stories))
        .group_by(Incident.watch_id, _STORY)
    )
    ids = {number: (watch, story) for number, watch, story in session.execute(first)}
    written = session.scalars(select(ReportNote).where(ReportNote.incident_id.in_(ids)))
    return {ids[note.incident_id]: note for note in written}


def _listed(row: tuple[Any, ...], note: ReportNote | None) -> ListedReport:
    number, _, _, watch, began, out_at, state, verdict = row
    wrote = note if note and (note.summary or note.to_change or note.remarks) else None
    return ListedReport(
        number, watch, began, out_at, state, verdict,
        wrote.updated_by if wrote else "", wrote.updated_at if wrote else None,
    )  # fmt: skip
