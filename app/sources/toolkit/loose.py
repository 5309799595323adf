"""Values in strangers' JSON, each taken only if it is what it should be: a missing field breaks nothing."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from app import http_client
from app.clock import EPOCH
from app.errors import SourceError

_LARGEST = 2**31 - 1


def document(response: http_client.HttpResponse) -> dict[str, Any]:
    """The JSON object of the answer; a SourceError says what it is instead."""
    found = response.json()
    if not isinstance(found, dict):
        raise SourceError(
            f"{http_client.shown(response.url)} gives JSON of a shape that is not known. Check the settings."
        )
    return found


def listed(response: http_client.HttpResponse, *names: str) -> list[dict[str, Any]]:
    """The objects of the list with the first of these names; a SourceError if there is none of them.

    An answer may say that it went well and hold an error in place of the list: its words are told.
    """
    found = document(response)
    for name in names:
        if isinstance(value := found.get(name), list):
            return rows(value)
        if name in found and found[name] is None:
            return []
    raise SourceError(f"{http_client.shown(response.url)} answers without {names[0]!r}. {_says(response)}")


def rows_of(response: http_client.HttpResponse) -> list[dict[str, Any]]:
    """The objects of an answer that is a list; a SourceError says what it is instead."""
    found = response.json()
    if isinstance(found, list):
        return rows(found)
    raise SourceError(
        f"{http_client.shown(response.url)} gives JSON of a shape that is not known. {_says(response)}"
    )


def _says(response: http_client.HttpResponse) -> str:
    why = http_client.message(response)
    said_so = f"It says: “{why}”. " if why else ""
    return f"{said_so}It is asked again; if this stays, check the settings."


def rows(value: object) -> list[dict[str, Any]]:
    """The objects in a list; nothing if it is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def inner(value: object, *path: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What lies at the end of the path of keys, None where the path breaks off.

    >>> inner({"post": {"score": 3}}, "post", "score"), inner({"post": None}, "post", "score")
    (3, None)
    """
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def word(value: object) -> str:
    """A text or a number as text; empty if it is neither.

    >>> word("a"), word(12), word(None), word(True)
    ('a', '12', '', '')
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """A count, also where it comes as text; None if it is none.

    >>> whole(12), whole("1200"), whole(3.0), whole(-2), whole(10**400), whole("many"), whole(None)
    (12, 1200, 3, 0, 2147483647, None, None)
    """
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    return min(max(int(value), 0), _LARGEST)


def whole_us(value: object) -> int | None:
    """An instant in microseconds since 1970, also where it comes as text; None if it is none.

    >>> whole_us(1779719009157119), whole_us("1779719009157119"), whole_us(-1), whole_us(None)
    (1779719009157119, 1779719009157119, None, None)
    """
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**17
    return value if fits and isinstance(value, int) else None


def instant(value: object) -> datetime | None:
    """An instant as ISO 8601 has it, in UTC if it names no zone; None if it is none.

    >>> instant("2026-11-22T10:00:00.1234567+01:00").isoformat()
    '2026-11-22T09:00:00.123456+00:00'
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def epoch(value: object) -> datetime | None:
    """An instant given as seconds since 1970, also where they come as text; None if it is none.

    >>> epoch(1795338000).isoformat(), epoch("x")
    ('2026-11-22T09:00:00+00:00', None)
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 2**36:
        return None
    return EPOCH + timedelta(seconds=value)
