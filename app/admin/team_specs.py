"""What is set of people and their keys, and of who is on duty when."""

from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from app.admin.fields import Instant, Name, Role, TeamName, TimeZone
from app.admin.spec import Spec

_HOUR = 60  # minutes
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock(given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
    """A time of day as people write it; YAML reads 18:00 as a number to the base of 60."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 24 * _HOUR:
        return time(given // _HOUR, given % _HOUR)
    if isinstance(given, time):
        return given
    try:
        hours, minutes = str(given).split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError("a time of day is written as 09:00") from None


Clock = Annotated[
    time,
    BeforeValidator(_clock),
    PlainSerializer(lambda clock: f"{clock:%H:%M}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}),
]


class TeamSpec(Spec):
    """Some people with what is theirs, which nobody of another team sees."""

    name: Name = Field(min_length=1, max_length=120, description="unique", examples=["Vélinor"])


class NightSpec(Spec):
    """When people sleep, and what they are woken for."""

    since: Clock = Field(examples=["22:00"])
    until: Clock = Field(examples=["07:00"])
    from_level: int = Field(
        1, ge=1, le=20, description="a fire wakes people once it has doubled so often since its alert"
    )


class PersonSpec(Spec):
    """Somebody of the team."""

    name: Name = Field(
        min_length=1, max_length=120, description="unique; as alerts and rotas show it", examples=["Léa"]
    )
    role: Role = Field(
        "responder", description="in Slack a viewer looks, a responder acts on incidents, an admin too"
    )
    language: Literal["", "en", "fr"] = Field("", description="of what they are told; empty: the service's")
    slack_user: str | None = Field(
        None,
        pattern=r"^[UW][A-Z0-9]{2,20}$",
        description="their id in Slack (profile, “Copy member ID”), by which they are mentioned and may act",
        examples=["U0LEA"],
    )
    time_zone: TimeZone | Literal[""] = Field(
        "", description="of `quiet`; empty: the rota's", examples=["Europe/Paris"]
    )
    quiet: NightSpec | None = Field(
        None,
        description="hours in which they are called for no smaller fire unless they are on duty, or nobody "
        "else answers",
        examples=[None],
    )
    teams: dict[str, Role] = Field(
        default_factory=dict,
        max_length=200,
        description="role by name of team; empty: of the house, with `role` in every team",
        examples=[{"Vélinor": "responder"}],
    )


class SlackUserSpec(Spec):
    """A person in Slack, and what they may do."""

    name: Name = Field(min_length=1, max_length=120, description="as alerts show it", examples=["Léa"])
    role: Role = Field("responder", description="a viewer looks, a responder acts on incidents, an admin too")


class HoursSpec(Spec):
    """The part of a week in which a layer is on duty."""

    since: Clock = Field(examples=["08:00"])
    until: Clock = Field(description="not later than `since`: on the next day", examples=["20:00"])
    days: list[Weekday] = Field(
        default_factory=list, max_length=7, description="on which it begins; empty: each", examples=[["sat"]]
    )


class LayerSpec(Spec):
    """People who take turns."""

    people: list[str] = Field(
        min_length=1, max_length=50, description="names, in the order of their turns", examples=[["Léa"]]
    )
    starts_on: date = Field(
        ge=date(1990, 1, 1),
        le=date(2200, 1, 1),
        description="first day of the first turn; nobody is on duty before",
        examples=["2026-11-30"],
    )
    hand_over: Clock = Field(time(9), description="when a turn ends and the next begins", examples=["09:00"])
    days: int = Field(7, ge=1, le=366, description="of a turn")
    hours: HoursSpec | None = Field(None, description="empty: day and night", examples=[None])


class RotaSpec(Spec):
    """Who is on duty when, and how they are called."""

    name: Name = Field(min_length=1, max_length=120, description="unique", examples=["comms on call"])
    time_zone: TimeZone = Field("UTC", description="of hand-overs and nights", examples=["Europe/Paris"])
    layers: list[LayerSpec] = Field(
        min_length=1, max_length=10, description="whoever is on duty in the first is called first, then next"
    )
    lead: str | None = Field(
        None,
        max_length=120,
        description="name of the person who is called when nobody else answers",
        examples=[None],
    )
    call_minutes: int = Field(3, ge=1, le=60, description="from one call to the next, while nobody has it")
    lapse_minutes: int = Field(
        60,
        ge=0,
        le=1_440,
        description="a fire that burns on, and that whoever took it did nothing about for so long, is in "
        "nobody's hands again; twice as long after each time; 0: never",
    )
    night: NightSpec | None = Field(None, description="empty: people are called at any hour", examples=[None])
    team: TeamName = None


class SubstitutionSpec(Spec):
    """A time in which one person is on duty in the place of another."""

    person: str = Field(max_length=120, description="name of who is on duty", examples=["Léa"])
    instead_of: str | None = Field(
        None,
        max_length=120,
        description="name of whose place it is, in every layer; empty: of whoever is on duty first",
        examples=[None],
    )
    starts_at: Instant = Field(description="with a time zone", examples=["2026-12-05T08:00:00Z"])
    ends_at: Instant = Field(description="with a time zone", examples=["2026-12-06T08:00:00Z"])
    why: str = Field("", max_length=500, description="for the others", examples=["Swap with Max"])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        if self.person == self.instead_of:
            raise ValueError("nobody stands in for themselves")
        return self


class KeySpec(Spec):
    """A key of the REST API."""

    name: Name = Field(
        min_length=1, max_length=120, description="of who or what uses it", examples=["Grafana"]
    )
    role: Role = Field(
        "viewer", description="viewer reads, responder acts on incidents, admin changes settings"
    )
    expires_at: Instant | None = Field(None, description="empty: never", examples=["2027-11-22T00:00:00Z"])
    team: TeamName = None


class RotationSpec(Spec):
    """How a key is replaced by another like it."""

    overlap_days: int = Field(
        1,
        ge=0,
        le=90,
        description="for so long the old key goes on opening what it opens; 0: it ends at once",
    )
