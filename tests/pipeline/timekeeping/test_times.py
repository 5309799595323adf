"""The rule of time over every column that holds one: classified, and not believed where it lies ahead."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from sqlalchemy import Column, Table, insert, select

from app.db import Sessions
from app.models import Base, ClockMark, Delivery, PostPrecision, UTCDateTime
from app.models.base import JsonArray, JsonObject, Word
from app.pipeline.timekeeping.keep_time import keep_time
from app.pipeline.timekeeping.times import LONGEST, TIMES, Says

NOW = datetime(2026, 11, 22, 9, 14, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
_NUMBER = 4_100  # of each row: no sequence has come so far
# Columns that may hold nothing, in a row of each table that nothing forbids.
_EMPTY = {"notice_id", "story_id", "period", "rematch_until", "expires_at", "snoozed_until"}


def columns() -> dict[str, Column[Any]]:
    """All columns that hold a time, by table and name."""
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, UTCDateTime)
    }


def test_every_column_that_holds_a_time_says_what_it_holds() -> None:
    assert columns().keys() == TIMES.keys()
    assert {name for name, says in TIMES.items() if says is Says.DUE} == LONGEST.keys()


def test_no_time_of_tomorrow_is_believed_whatever_the_column(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(insert(table).values(_row(table)))
    jump = keep_time(sessions, now=NOW)
    assert jump is not None
    assert -timedelta(days=1, minutes=1) < jump <= -timedelta(days=1)
    ahead: dict[str, datetime] = {}
    with sessions() as session:
        for name, column in columns().items():
            if TIMES[name] not in {Says.MEANT, Says.TOLD}:
                found = session.scalars(select(column).where(column > NOW)).all()
                ahead |= dict.fromkeys([name] * len(found), TOMORROW)
        assert ahead == {}
        assert session.get_one(ClockMark, 1).passed_at == NOW
        assert session.get_one(Delivery, _NUMBER).due_at is not None


@pytest.mark.parametrize("name", sorted(name for name, says in TIMES.items() if says is Says.MEANT))
def test_what_people_set_may_lie_ahead(sessions: Sessions, name: str) -> None:
    table = columns()[name].table
    with sessions.begin() as session:
        for each in Base.metadata.sorted_tables:
            session.execute(
                insert(each).values(_row(each) | ({columns()[name].name: TOMORROW} if each is table else {}))
            )
    keep_time(sessions, now=NOW)
    with sessions() as session:
        assert session.scalars(select(columns()[name])).first() == TOMORROW


def test_right_times_are_left_alone(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(insert(table).values(_row(table, at=NOW - timedelta(minutes=1))))
    assert keep_time(sessions, now=NOW) is None
    with sessions() as session:
        for name, column in columns().items():
            held = set(session.scalars(select(column)))
            assert name.startswith("clock_mark") or held <= {NOW - timedelta(minutes=1), None}


def _row(table: Table, at: datetime = TOMORROW) -> dict[str, Any]:
    return {c.name: _value(c, at) for c in table.columns if c.name not in _EMPTY or not c.nullable}


def _value(column: Column[Any], at: datetime) -> Any:  # noqa: ANN401 - of any type
    kind = column.type
    if column.name == "precision":
        return PostPrecision.first_seen  # our own clock dated it
    if isinstance(kind, UTCDateTime):
        return at
    if isinstance(kind, Word):
        words: list[Enum] = list(kind.words)
        return words[0]
    if isinstance(kind, JsonObject | JsonArray):
        return kind.shape()
    if column.table is ClockMark.__table__ and column.primary_key:
        return 1
    return {bool: False, float: 1.0, int: _NUMBER}.get(kind.python_type, "")
