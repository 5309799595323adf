"""What people set, checked once at the door; each error is a sentence."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from babel import Locale
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from app.errors import BadInput
from app.models import IncidentKind
from app.pipeline import rest_days
from app.reading.query import Query, parse
from detectors import FEWEST, MOST

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LANGUAGES = frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)
_SMALL = 2**31 - 1
_DEEPEST = 20


def _storable(value: Any, depth: int = 0) -> None:  # noqa: ANN401 - whatever a request holds
    # No database keeps a NUL or half a surrogate pair, so they are refused before one is asked.
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueError("holds a character that cannot be stored (NUL, or half of a pair)")
        return
    if depth > _DEEPEST:
        raise ValueError(f"is nested more than {_DEEPEST} levels deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _storable(key, depth + 1)
            _storable(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _storable(inner, depth + 1)


def _read_query(given: object) -> Query:
    if not isinstance(given, str | Mapping | Query):
        raise ValueError("a query is written as text, or as any_of, all_of and none_of")  # noqa: TRY004 - pydantic
    try:
        return parse(given)
    except BadInput as error:
        raise ValueError(str(error)) from error


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone “{name[:64]}”; write one such as Europe/Paris") from error
    return name


def _country(code: str) -> str:
    code = code.upper()
    if code and not rest_days.known(code):
        raise ValueError(f"the holidays of “{code}” are not known; write a country such as FR, or DE-BY")
    return code


def _language(code: str) -> str:
    code = code.lower()
    if code not in _LANGUAGES:
        raise ValueError(f"“{code[:12]}” is not a language of ISO 639-1; write two letters such as fr or en")
    return code


def _instant(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("must be between the years 1990 and 2200")
    return at.astimezone(UTC)


def _plain(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be one line of printable characters")
    return name


_TERMS = {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 500}
QUERY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "examples": ['any of: Danone, "Les 2 Vaches"; none of: Danone Nations Cup']},
        {
            "type": "object",
            "properties": {"any_of": _TERMS, "all_of": _TERMS, "none_of": _TERMS},
            "additionalProperties": False,
        },
    ],
}

Name = Annotated[str, AfterValidator(_plain)]
QueryText = Annotated[Query, BeforeValidator(_read_query), WithJsonSchema(QUERY_SCHEMA)]
TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_time_zone)]
Country = Annotated[str, Field(max_length=12), AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]
Instant = Annotated[AwareDatetime, AfterValidator(_instant)]
Role = Literal["viewer", "responder", "admin"]


class Spec(BaseModel):
    """Something that is set as a whole; an unknown field is an error, not a guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
        _storable(given)
        return given


class PolicySpec(Spec):
    """How a watch rings."""

    name: Name = Field(min_length=1, max_length=80, description="unique", examples=["calm"])
    alarms_per_month: float = Field(
        1.0,
        ge=FEWEST,
        le=MOST,
        description="alarm budget: false alarms that are accepted in a month",
        examples=[1],
    )
    threshold: float | None = Field(
        None, gt=0, le=1e9, description="score that rings, instead of the one that the budget gives"
    )
    floor: int = Field(5, ge=1, le=_SMALL, description="an excess of fewer posts is never a fire")
    calm_minutes: int = Field(60, ge=5, le=10_080, description="below the calm line so long: contained")
    out_minutes: int = Field(360, ge=5, le=43_200, description="contained so long: out")
    rekindle_hours: int = Field(72, ge=0, le=8_760, description="a new fire within this is the same story")
    cooldown_minutes: int = Field(
        360,
        ge=0,
        le=10_080,
        description="after an alert, so long only that is told aloud which doubled, spread or turned",
    )
    remind_minutes: int = Field(
        30, ge=0, le=1_440, description="an alert that nobody takes is told of again, three times; 0: never"
    )
    rings: list[IncidentKind] = Field(
        ["fire"],
        min_length=1,
        description="kinds of incident that ring; the others are recorded and can be looked at",
        examples=[["fire", "amplified"]],
    )


class SourceSpec(Spec):
    """A place that posts come from."""

    name: Name = Field(min_length=1, max_length=200, description="unique", examples=["Le Monde, économie"])
    kind: str = Field(max_length=30, description="see /api/v1/kinds", examples=["rss"])
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="what this kind needs; see /api/v1/kinds",
        examples=[{"url": "https://www.lemonde.fr/economie/rss_full.xml"}],
    )
    secret: SecretStr | None = Field(
        None, max_length=4096, description="for kinds that take one; written, never read", examples=[None]
    )
    cadence_seconds: int | None = Field(
        None,
        ge=10,
        le=86_400,
        description="pause between two runs; empty: what suits the kind",
        examples=[300],
    )
    enabled: bool = Field(True, description="whether it is listened to")


class ChannelSpec(Spec):
    """Where alerts go."""

    name: Name = Field(min_length=1, max_length=120, description="unique", examples=["comms on call"])
    kind: str = Field(max_length=20, description="see /api/v1/kinds", examples=["slack"])
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="what this kind needs; see /api/v1/kinds",
        examples=[{"channel": "C0123456789"}],
    )
    secret: SecretStr | None = Field(
        None, max_length=4096, description="for kinds that take one; written, never read", examples=[None]
    )
    enabled: bool = Field(True, description="whether it is told anything")


class WatchSpec(Spec):
    """What is listened for."""

    name: Name = Field(min_length=1, max_length=120, description="unique", examples=["Danone"])
    kind: Literal["brand", "competitor", "topic", "risk"] = Field("brand", description="what is watched")
    objective: str = Field(
        "",
        max_length=500,
        description="why, in one line",
        examples=["Hear of a recall before the press does"],
    )
    query: QueryText = Field(
        description="any of, all of, none of: words, phrases, #hashtags, @handles, domains; without any term "
        "every post is a mention",
        examples=['any of: Danone, "Les 2 Vaches", #danone; none of: Danone Nations Cup'],
    )
    languages: list[Language] = Field(
        default_factory=list, max_length=50, description="ISO 639-1; empty: all", examples=[["fr", "en"]]
    )
    time_zone: TimeZone = Field("UTC", description="whose days and nights count", examples=["Europe/Paris"])
    country: Country = Field(
        "",
        description="whose public holidays count as Sundays: ISO 3166; empty: none",
        examples=["FR", "DE-BY"],
    )
    language: Literal["", "en", "fr"] = Field("", description="of the alerts; empty: the service's")
    enabled: bool = Field(True, description="whether it is listened for")
    policy: str = Field("default", max_length=80, description="name of its policy")
    sources: list[str] = Field(
        default_factory=list, max_length=1000, description="names; empty: every source", examples=[[]]
    )
    channels: list[str] = Field(
        default_factory=list, max_length=100, description="names; empty: every channel", examples=[[]]
    )


class _Window(Spec):
    """From one instant to a later one."""

    watch: str | None = Field(None, max_length=120, description="name of the watch; empty: every watch")
    starts_at: Instant = Field(description="with a time zone", examples=["2026-11-23T08:00:00Z"])
    ends_at: Instant = Field(description="with a time zone", examples=["2026-11-23T18:00:00Z"])

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        return self


class SilenceSpec(_Window):
    """A time in which a watch does not notify; scores and incidents go on being recorded."""

    why: str = Field(min_length=1, max_length=500, description="for the others", examples=["Crisis drill"])


class PlannedEventSpec(_Window):
    """A known reason for volume."""

    name: Name = Field(min_length=1, max_length=200, examples=["Half-year results"])
    kind: Name = Field(
        "",
        max_length=80,
        description="events of one kind teach each other; empty: those of the same name",
        examples=["results"],
    )
    factor: float | None = Field(
        None,
        ge=1,
        le=1000,
        description="times the usual volume to expect; empty: what earlier events of its kind did",
        examples=[3],
    )


class KeySpec(Spec):
    """A key of the REST API."""

    name: Name = Field(
        min_length=1, max_length=120, description="of who or what uses it", examples=["Grafana"]
    )
    role: Role = Field(
        "viewer", description="viewer reads, responder acts on incidents, admin changes settings"
    )
    expires_at: Instant | None = Field(None, description="empty: never", examples=["2027-11-22T00:00:00Z"])


class SlackUserSpec(Spec):
    """A person in Slack, and what they may do."""

    name: Name = Field(min_length=1, max_length=120, description="as alerts show it", examples=["Léa"])
    role: Role = Field("responder", description="a viewer looks, a responder acts on incidents, an admin too")
