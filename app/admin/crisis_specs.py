"""What a team writes down in a crisis, checked once at the door."""

from typing import Self

from pydantic import Field, model_validator

from app.admin.fields import Instant, Name
from app.admin.specs import Spec
from app.models import LogKind, LogState


class LogSpec(Spec):
    """A line of the log of an incident."""

    kind: LogKind = Field(
        description="decision; said: who told what to whom; fact: to be checked; task", examples=["decision"]
    )
    text: str = Field(
        min_length=1,
        max_length=2000,
        description="stays as it is written: who errs writes another line",
        examples=["We answer by noon, on the website first."],
    )
    owner: Name = Field("", max_length=120, description="of a task: who does it", examples=[""])
    due_at: Instant | None = Field(
        None, description="of a task: until when, with a time zone", examples=[None]
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind is not LogKind.task and (self.owner or self.due_at):
            raise ValueError("only a task has an owner and a time until which it is due")
        return self


class SettledSpec(Spec):
    """How a fact or a task of the log stands now."""

    state: LogState = Field(
        description="of a fact: true, false or open; of a task: done or open", examples=["open"]
    )
