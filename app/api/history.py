"""How far a source has looked back, as the API shows it."""

from datetime import datetime
from typing import Self

from pydantic import Field

from app.api.views import View
from app.models import LookBack, Unreadable


class HistoryView(View):
    """The look of a source at the time before it was made."""

    source_id: int = Field(examples=[1])
    since: datetime = Field(description="how far it is to come")
    until: datetime | None = Field(description="what is later was heard live; null: it has not begun")
    reaching: datetime | None = Field(description="how far it has come; null: it has not begun")
    posts: int = Field(description="found and new", examples=[1240])
    requests: int = Field(description="questions to its host, which its quota counts", examples=[17])
    due_at: datetime | None = Field(description="when it goes on; null: it has ended")
    done: bool
    note: str = Field(description="why it ended early, or waits; empty: all is well", examples=[""])

    @classmethod
    def of(cls, row: LookBack) -> Self:
        """The row as an answer."""
        reached = None if isinstance(row.reached, Unreadable) else row.reached
        return cls(
            source_id=row.source_id, since=row.since, until=row.until, reaching=reached, posts=row.posts,
            requests=row.requests, due_at=row.due_at, done=row.ended_at is not None, note=row.note,
        )  # fmt: skip
