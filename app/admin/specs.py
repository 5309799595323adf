"""What people set, checked once at the door; each error is a sentence."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from app.admin.fields import Country, Instant, Language, Name, QueryText, TeamName, TimeZone
from app.admin.policy_specs import PolicyOverrides
from app.admin.spec import Spec
from app.models import IncidentKind
from app.pipeline.scoring.lending import MENTIONS_PER_HOUR
from app.sources.presets import expanded


def _or_preset(schema: dict[str, Any]) -> None:
    """A source has a kind, or a preset, which gives it one."""
    schema["required"].remove("kind")
    schema["anyOf"] = [{"required": ["kind"]}, {"required": ["preset"]}]


class SourceSpec(Spec):
    """A place that posts come from."""

    model_config = ConfigDict(json_schema_extra=_or_preset)

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
    preset: str | None = Field(
        None,
        max_length=40,
        description="a known feed in the place of kind and settings; see /api/v1/kinds",
        examples=[None],
    )
    team: TeamName = None

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
        return expanded(given) if isinstance(given, dict) else given


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
    person: str | None = Field(
        None,
        max_length=120,
        description="name of the person whose own way to be called it is; empty: it is the team's",
        examples=[None],
    )
    enabled: bool = Field(True, description="whether it is told anything")
    language: Literal["", "en", "fr"] = Field("", description="of what it is told; empty: the watch's")
    from_level: int = Field(
        0, ge=0, le=20, description="a fire is told here once it has doubled so often since its alert"
    )
    kinds: list[IncidentKind] = Field(
        default_factory=list, description="kinds of incident that are told here; empty: all that ring"
    )
    fallback: list[str] = Field(
        default_factory=list,
        max_length=10,
        description="names of channels that are told instead while this one fails, in their order",
        examples=[["on-call mailbox"]],
    )
    team: TeamName = None


class EmergencySpec(Spec):
    """How a watch rings before it has learnt what is usual for it."""

    mentions_per_hour: int = Field(
        MENTIONS_PER_HOUR,
        ge=1,
        le=1_000_000,
        description="that ring, whatever may be usual; half as many ring if they are negative",
        examples=[10],
    )


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
        description="what a post must hold: words, phrases, #hashtags, @handles, domains and fields, joined "
        "by AND, OR, NOT, -, NEAR/n and parentheses (docs/queries.md); or any of, all of, none of; without "
        "any term every post is a mention",
        examples=['Danone OR "Les 2 Vaches" OR #danone -"Danone Nations Cup"'],
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
    emergency: EmergencySpec | None = Field(
        None,
        description="for a watch that is made in a crisis: it rings at an absolute number until it has "
        "learnt what is usual, and by that from then on; `true` takes the usual number",
        examples=[{"mentions_per_hour": 10}],
    )
    relevance: bool | None = Field(
        None,
        description="whether posts are set aside as not about it, as its team taught; empty: as it is, and "
        "to begin with once that is measured to lose nothing",
        examples=[None],
    )
    policy: str = Field("default", max_length=80, description="name of its policy")
    overrides: PolicyOverrides = Field(
        default_factory=PolicyOverrides,
        description="what it does otherwise than its policy; the rest follows the policy, also when that is "
        "changed",
        examples=[{"floor": 8}],
    )
    sources: list[str] = Field(
        default_factory=list, max_length=1000, description="names; empty: every source", examples=[[]]
    )
    channels: list[str] = Field(
        default_factory=list, max_length=100, description="names; empty: every channel", examples=[[]]
    )
    team: TeamName = None

    @field_validator("overrides", mode="before")
    @classmethod
    def _none(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
        return {} if given is None else given

    @field_validator("emergency", mode="before")
    @classmethod
    def _yes_or_no(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives anything
        return ({} if given else None) if isinstance(given, bool) else given


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
