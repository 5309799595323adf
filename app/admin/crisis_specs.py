"""What a team writes down in a crisis, checked once at the door."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from app.admin.fields import Instant, Name
from app.admin.spec import Spec
from app.channels.wording.statement import wrong_places
from app.models import LogKind, LogState

LONGEST = 4000  # of a statement


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


class StatementTemplateSpec(Spec):
    """A text of the team that becomes a statement. Tocsin publishes none."""

    name: Name = Field(min_length=1, max_length=120, description="unique", examples=["recall"])
    texts: dict[Literal["en", "fr"], str] = Field(
        min_length=1,
        description="by language; {watch}, {what}, {since}, {how_many} and {where} are filled in",
        examples=[{"fr": "Nous avons connaissance, depuis {since}, de messages sur {what}. Nous enquêtons."}],
    )
    team: str | None = Field(
        None, max_length=120, description="name of the team whose it is; empty: the house's", examples=[None]
    )
    approvers: list[str] = Field(
        min_length=1, max_length=20, description="names of the people who may approve one", examples=[["Ana"]]
    )

    @field_validator("texts")
    @classmethod
    def _places_are_known(cls, texts: dict[str, str]) -> dict[str, str]:
        wrong = [f"{language}, {one}" for language, text in texts.items() for one in wrong_places(text)]
        if long := [language for language, text in texts.items() if not 0 < len(text.strip()) <= LONGEST]:
            wrong.append(f"{', '.join(long)}: must have 1 to {LONGEST} characters")
        if wrong:
            raise ValueError("; ".join(wrong))
        return texts


class DraftSpec(Spec):
    """From which template a statement is drafted."""

    template: str = Field(max_length=120, description="its name", examples=["recall"])
    language: Literal["", "en", "fr"] = Field("", description="empty: the watch's, or the service's")


class WordingSpec(Spec):
    """Another wording of a statement: it has to be approved anew."""

    version: int = Field(ge=1, description="of the wording that it replaces", examples=[1])
    text: str = Field(min_length=1, max_length=LONGEST, examples=["We look into it, and answer by noon."])


class ApprovalSpec(Spec):
    """Which wording is approved: that one, and no other."""

    version: int = Field(ge=1, examples=[1])


class PublishedSpec(Spec):
    """Where a person published a statement."""

    version: int = Field(ge=1, description="of the wording that was published", examples=[1])
    where: str = Field(min_length=1, max_length=500, examples=["On the website and on X"])


class StakeholderUpdatesSpec(Spec):
    """Where and how often stakeholders are told of an incident."""

    channels: list[str] = Field(
        min_length=1,
        max_length=20,
        description="names; a person's own may be among them",
        examples=[["directors"]],
    )
    every_minutes: int = Field(
        60, ge=15, le=1_440, description="from one to the next, on the watch's clock: 60 is at each full hour"
    )


class RoomSpec(Spec):
    """Who does what in a crisis, and where it is carried; what is left out stays as it is."""

    make: bool = Field(False, description="make a private conversation in Slack, with those on duty in it")
    name: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$",
        description="of the conversation that is made; empty: after the watch and the incident",
        examples=[None],
    )
    slack_channel: str | None = Field(
        None,
        pattern=r"^[CG][A-Z0-9]{2,20}$",
        description="id of a conversation that is there already; invite the app into it",
        examples=[None],
    )
    lead: str | None = Field(None, max_length=120, description="name of a person", examples=["Léa"])
    spokesperson: str | None = Field(None, max_length=120, description="name of a person", examples=["Max"])
    scribe: str | None = Field(None, max_length=120, description="name of a person", examples=[None])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.make and self.slack_channel is not None:
            raise ValueError("either a conversation is made, or slack_channel names one")
        if self.name is not None and not self.make:
            raise ValueError("a name is for a conversation that is made")
        return self
