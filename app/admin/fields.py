"""The kinds of values that people set, each with the error that says what would be right."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from app.errors import BadInput
from app.pipeline.scoring import rest_days
from app.reading.query import Query, parse

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LANGUAGES = frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)
_DEEPEST = 20


def storable(value: Any, depth: int = 0) -> None:  # noqa: ANN401 - whatever a request holds
    """Nothing, if a database can keep it; else a ValueError."""
    # No database keeps a NUL or half a surrogate pair, so they are refused before one is asked.
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueError("holds a character that cannot be stored (NUL, or half of a pair)")
        return
    if depth > _DEEPEST:
        raise ValueError(f"is nested more than {_DEEPEST} levels deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            storable(key, depth + 1)
            storable(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            storable(inner, depth + 1)


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
        {
            "type": "string",
            "examples": [
                'Danone OR "Les 2 Vaches" -"Danone Nations Cup"',
                'any of: Danone, "Les 2 Vaches"; none of: Danone Nations Cup',
            ],
        },
        {
            "type": "object",
            "properties": {
                "text": {"type": "string", "maxLength": 20_000},
                "any_of": _TERMS,
                "all_of": _TERMS,
                "none_of": _TERMS,
            },
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

TeamName = Annotated[
    str | None,
    Field(
        max_length=120,
        description="name of the team whose it is; empty: the house's, or that of a key that opens one",
        examples=[None],
    ),
]
