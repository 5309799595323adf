"""A request that comes again is obeyed once, on each database."""

from datetime import UTC, datetime, timedelta

from app import db
from app.admin.people import obeyed_before

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)


def test_the_same_request_is_obeyed_once_and_another_one_as_well(sessions: db.Sessions) -> None:
    heard = []
    for press, after in (("a", 0), ("a", 0), ("b", 1), ("a", 23), ("", 23), ("", 23)):
        with sessions.begin() as session:
            heard.append(obeyed_before(session, press, now=NOW + timedelta(hours=after)))
    assert heard == [False, True, False, True, False, False]
