"""What is called otherwise since a version: the old name answers for one version more, and says so."""

from datetime import UTC, datetime
from email.utils import format_datetime

from fastapi import Response

SINCE = datetime(2026, 11, 29, tzinfo=UTC)  # 0.2.0
UNTIL = datetime(2027, 6, 1, tzinfo=UTC)  # not before 0.3.0
OLD = {"deprecated": True}  # of a field, in the description of the API


def deprecate(response: Response, successor: str) -> None:
    """Say in the headers of an answer that its address is an old one, until when it answers, and the new one.

    `Deprecation` as in RFC 9745, `Sunset` as in RFC 8594, `Link` as in RFC 8288.
    """
    response.headers["Deprecation"] = f"@{int(SINCE.timestamp())}"
    response.headers["Sunset"] = format_datetime(UNTIL, usegmt=True)
    response.headers["Link"] = f'<{successor}>; rel="successor-version"'
