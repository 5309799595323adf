"""How a team carried a crisis, as plain values: for messages, pages and reports."""

from dataclasses import dataclass, field
from datetime import datetime

from app.models import LogKind, LogState


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log. The text is the team's own: draw it as text."""

    id: int
    incident_id: int
    at: datetime
    by: str
    kind: LogKind
    text: str
    state: LogState
    owner: str = ""  # of a task: who does it
    due_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What a team decided, said and did in a story, the oldest first."""

    log: tuple[LogLine, ...] = ()
    first_post_at: datetime | None = field(default=None, kw_only=True)
    alert_at: datetime | None = field(default=None, kw_only=True)
    acknowledged_at: datetime | None = field(default=None, kw_only=True)

    @property
    def tasks(self) -> tuple[LogLine, ...]:
        """The tasks of the log."""
        return tuple(line for line in self.log if line.kind is LogKind.task)

    def minutes_to(self, at: datetime | None) -> float | None:
        """From the first post to that instant; None if one of them is not known."""
        if at is None or self.first_post_at is None:
            return None
        return (at - self.first_post_at).total_seconds() / 60
