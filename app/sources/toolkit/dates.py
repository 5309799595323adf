"""Dates as feeds write them, in the languages of their readers: read as they are meant, or not at all.

What could be meant in two ways is not read: a post that was "just seen" is better than one at an hour at
which it was not written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from app.clock import EPOCH
from app.sources.toolkit.date_words import (
    ABROAD,
    FILLERS,
    HOMES,
    LANGUAGES,
    TOKEN,
    ZONES,
    days,
    folded,
    month_of,
    months,
    places_of_zones,
)

Order = Literal["day first", "month first"]
_FIRST_YEAR, _LAST_YEAR = 1990, 2200  # before the web there was nothing to post on
_LONGEST = 100
_DAY = timedelta(days=1)
_UNKNOWN: Literal["unknown"] = "unknown"  # the zone of a name that nobody here knows
_COMMENT = re.compile(r"\([^()]*\)")
_EPOCH = re.compile(r"(\d{10})(?:\.\d{1,9})?|(\d{10})\d{3}")
_PLAIN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:t(\d\d)(\d\d)(\d\d)?)?(?=z|[+-]|\s|$)")  # 20261123T100000Z
_BETWEEN = re.compile(r"(?<=\d)t(?=\d)")
_TIME = re.compile(
    r"(?<![\d.:])(\d{1,2})(?::(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?|\s?h(?:\s?(\d\d))?(?![a-z])"
    r"|\.(\d\d)(?=\s*uhr)|(?=\s?[ap]\.?\s?m\b))\s*([ap]\.?\s?m\b\.?)?(?![\d:])"
)
_OFFSET = re.compile(r"\s*(?:(?:utc|gmt|z|ut)\s*)?([+-])(\d\d?)(?::?(\d\d))?(?!\d)")
_NAMED_ZONE = re.compile(r"\s*([a-z]+(?:[/_+-][a-z0-9_+-]+)*)")


@dataclass(frozen=True, slots=True)
class Written:
    """What a date says: an instant, or a day (its midnight in UTC) if that is all that it says for sure."""

    at: datetime
    precision: Literal["exact", "day"]


def read_date(text: str, *, order: Order | None = "day first", language: str | None = None) -> Written | None:
    """What was written; None if it cannot be read, could be meant in two ways, or is before the web.

    `order`: how 02/11/2026 is meant, None: nobody knows. `language`: that of the feed, a BCP 47 tag.

    >>> read_date("mar., 06 avr. 2021 07:38:50 +0200")
    Written(at=datetime.datetime(2021, 4, 6, 5, 38, 50, tzinfo=datetime.timezone.utc), precision='exact')
    """
    told = _COMMENT.sub(" ", folded(text[:_LONGEST])).strip()
    if epoch := _EPOCH.fullmatch(told):
        at = EPOCH + timedelta(seconds=int(epoch[1] or epoch[2]))
        return Written(at, "exact") if at.year >= _FIRST_YEAR else None
    told = _PLAIN.sub(_spaced, told, count=1) if _PLAIN.match(told) else told
    told = _BETWEEN.sub(" ", told)
    hour = _TIME.search(told)
    after = told[hour.end() :] if hour else ""
    zone, rest = _zone(after) if hour else (None, "")
    before = told[: hour.start()] if hour else told
    found = _day(f"{before} {rest}", order)
    if found is None:
        return None
    day, languages = found
    midnight = Written(datetime.combine(day, time(), UTC), "day")
    if hour is None or zone == _UNKNOWN:
        return midnight
    moment = _moment(hour)
    if moment is None:
        return None
    place = _home(languages, language) if zone is None else zone
    try:
        at = datetime.combine(day, time(), place) + moment  # by the clock on the wall
        return Written(at.astimezone(UTC), "exact")
    except OverflowError:
        return None


def order_of(texts: Iterable[str], language: str | None = None) -> Order | None:
    """How these dates of one feed write 02/11/2026: as one of them shows, or as is usual in its language."""
    votes = {"day first": 0, "month first": 0}
    for text in texts:
        numbers = _numbers(text)
        if numbers and numbers[0] > 12 >= numbers[1]:
            votes["day first"] += 1
        elif numbers and numbers[1] > 12 >= numbers[0]:
            votes["month first"] += 1
    if votes["day first"] and votes["month first"]:
        return None
    if votes["month first"] or votes["day first"]:
        return "month first" if votes["month first"] else "day first"
    tag = (language or "").lower()
    if tag in {"en-us", "en-ph"}:
        return "month first"
    return None if tag == "en" else "day first"


def _spaced(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}:{second or '00'}" if hour else "")


def _numbers(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date that is written in numbers alone, its year last."""
    told = _COMMENT.sub(" ", folded(text[:_LONGEST]))
    hour = _TIME.search(told)
    tokens = TOKEN.findall(told[: hour.start()] if hour else told)
    if len(tokens) != 3 or not all(token.isdecimal() for token in tokens) or len(tokens[0]) > 2:
        return None
    return int(tokens[0]), int(tokens[1])


def _day(text: str, order: Order | None) -> tuple[date, set[str]] | None:
    """(the day that is written, the languages in which its words are those of dates)."""
    tokens = [token for token in TOKEN.findall(text) if token not in FILLERS]
    words = [token for token in tokens if not token.isdecimal()]
    numbers = [token for token in tokens if token.isdecimal()]
    named = [word for word in words if month_of(word)]
    if len(named) > 1:  # "mar., 06 avr. 2021": a Tuesday
        named = [word for word in named if word not in days()]
    others = [word for word in words if word not in named]
    if any(word not in days() for word in others) or len(named) > 1:
        return None
    languages = set(LANGUAGES)
    for word in others:
        languages &= days()[word]
    if named and (month := month_of(named[0])):
        return _named_day(tokens, named[0], month[0], languages & month[1])
    if len(numbers) != 3:
        return None
    return _numbered_day(text, numbers, order, languages if others else {"en"})


def _named_day(tokens: list[str], word: str, month: int, languages: set[str]) -> tuple[date, set[str]] | None:
    at = tokens.index(word)
    before, after = (
        [token for token in part if token.isdecimal()] for part in (tokens[:at], tokens[at + 1 :])
    )
    if len(before) == 1 and len(after) == 1:
        year, day = (before[0], after[0]) if len(before[0]) == 4 else (after[0], before[0])
    elif not before and len(after) == 2:
        day, year = after
    else:
        return None
    return _date(year, month, day, languages)


def _numbered_day(
    text: str, numbers: list[str], order: Order | None, languages: set[str]
) -> tuple[date, set[str]] | None:
    first, second, third = numbers
    if len(first) == 4:
        return _date(first, int(second), third, languages)
    if len(third) != 4 and not (len(third) == 2 and len(first) <= 2):
        return None
    if int(first) > 12 or f"{first}.{second}" in text:  # with points it is the day that comes first
        order = "day first"
    elif int(second) > 12:
        order = "month first"
    elif first.lstrip("0") == second.lstrip("0"):
        order = order or "day first"
    if order is None:
        return None
    day, month = (first, second) if order == "day first" else (second, first)
    return _date(third, int(month), day, languages)


def _date(year: str, month: int, day: str, languages: set[str]) -> tuple[date, set[str]] | None:
    full = int(year) + (0 if len(year) > 2 else 2000 if int(year) < 70 else 1900)
    if not _FIRST_YEAR <= full <= _LAST_YEAR or len(day) > 2:
        return None
    try:
        return date(full, month, int(day)), languages
    except ValueError:
        return None


def _moment(found: re.Match[str]) -> timedelta | None:
    hour, minute, second = int(found[1]), int(found[2] or found[4] or found[5] or 0), int(found[3] or 0)
    half = (found[6] or "")[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _zone(after: str) -> tuple[tzinfo | Literal["unknown"] | None, str]:
    """(the zone that follows a time, None: it names none; what is left of the text)."""
    if offset := _OFFSET.match(after):
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        rest = _without_zone(after[offset.end() :])
        return (timezone(-away if offset[1] == "-" else away) if away < _DAY else _UNKNOWN), rest
    named = _NAMED_ZONE.match(after)
    if named is None or _is_word_of_date(named[1]):
        return None, after
    rest = after[named.end() :]
    if named[1] in ZONES:
        return timezone(timedelta(hours=ZONES[named[1]])), rest
    place = places_of_zones().get(named[1])
    return (ZoneInfo(place) if place else _UNKNOWN), rest


def _without_zone(rest: str) -> str:
    """What is left after an offset without the name of its zone: "+0100 CET"."""
    named = _NAMED_ZONE.match(rest)
    return rest[named.end() :] if named and named[1] in ZONES else rest


def _is_word_of_date(word: str) -> bool:
    return word in FILLERS or word in months() or word in days()


def _home(languages: set[str], language: str | None) -> tzinfo:
    """The zone of a time that names none: UTC, but where only the words of another language were used."""
    tag = (language or "").lower()
    spoken = tag.partition("-")[0]
    if "en" in languages or not languages:
        return UTC
    if spoken in languages and tag in ABROAD:
        return ZoneInfo(ABROAD[tag])
    likely = [each for each in HOMES if each in languages]
    chosen = spoken if spoken in likely else likely[0]
    return ZoneInfo(HOMES[chosen])
