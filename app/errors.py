"""Errors that a user can do something about; every shell shows them in its own way."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "there is no such field",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "date_parsing": "write a date as 2026-11-30",
    "date_from_datetime_parsing": "write a date as 2026-11-30",
}


def sentence(error: Mapping[str, Any]) -> str:
    """What pydantic found wrong, in plain words and without the value that was given."""
    return _WORDS.get(str(error.get("type"))) or str(error["msg"]).removeprefix("Value error, ")


def invalid(error: ValidationError) -> str:
    """All that pydantic found wrong, each with its place, for people: "url: is missing; app: is missing"."""
    found = error.errors(include_input=False, include_url=False)
    return "; ".join(": ".join([*filter(None, [".".join(map(str, e["loc"]))]), sentence(e)]) for e in found)


class AppError(Exception):
    """An error whose sentence says what is wrong and what to do.

    `status` is the HTTP status that fits; `code` is a stable word that a script can test.
    """

    status = 400
    code = "bad_request"


class BadInput(AppError):  # noqa: N818 - the names of these errors are read in sentences
    """What was given cannot be used as it is."""

    status = 422
    code = "bad_input"


class Unreadable(BadInput):
    """What was given cannot even be read."""

    status = 400
    code = "bad_request"


class NotFound(AppError):  # noqa: N818
    """There is no such thing."""

    status = 404
    code = "not_found"


class Conflict(AppError):  # noqa: N818
    """Somebody else was first, or the name is taken."""

    status = 409
    code = "conflict"


class Unauthorized(AppError):  # noqa: N818
    """No key, or one that is not known."""

    status = 401
    code = "unauthorized"


class Forbidden(AppError):  # noqa: N818
    """The key is known but its role may not do this."""

    status = 403
    code = "forbidden"


class TooLarge(AppError):  # noqa: N818
    """More bytes or rows than are taken at once."""

    status = 413
    code = "too_large"


class Unavailable(AppError):  # noqa: N818
    """It cannot be done at the moment, or not on this machine."""

    status = 503
    code = "unavailable"


class TooNew(AppError):  # noqa: N818
    """The database was brought further by a newer version than this one knows."""

    status = 503
    code = "unavailable"


class SourceError(AppError):
    """A source could not be read.

    `permanent`: asking again will not help before somebody mends the settings.
    `retry_after`: how long the source asked to be left alone, if it said so.
    `asked`: who said so, as the paces know it (host, digest of the credential): whom others leave alone, too.
    """

    status = 502
    code = "source_failed"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        asked: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.asked = asked


class NotYet(SourceError):  # noqa: N818 - read in sentences
    """A source was not asked, because its host would rather not be asked now: this is no failure."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message, retry_after=wait)
        self.wait = wait


class ChannelError(AppError):
    """A channel could not tell an alert.

    `permanent`: trying again will not help before somebody mends the channel.
    `ambiguous`: the message may have arrived all the same, so look before sending again.
    `retry_after`: how long the channel asked to be left alone, if it said so.
    """

    status = 502
    code = "channel_failed"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
