"""The step that matches stored posts again, by itself."""

from datetime import datetime

from app.db import Sessions
from app.pipeline.guard import Guard
from app.pipeline.ingest.rematch import rematch
from app.pipeline.roster import read_roster


def rematched(sessions: Sessions, now: datetime) -> None:
    """Match again what any watch asks for."""
    with sessions() as session:
        roster = read_roster(session)
    guard = Guard(sessions, now=now)
    rematch(sessions, roster, guard, now=now)
    guard.raise_errors()
