"""The migrations make the tables that the code speaks of, on both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, event, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from alembic import command
from app import db
from app.models import Base, Delivery, Fault, Incident, PlannedEvent, Policy, Watch
from app.models.post_words import is_known

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_migrations_make_the_tables_of_the_models(database: str) -> None:
    engine = db.connect(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_known})
        assert compare_metadata(context, Base.metadata) == []
    here, newest = db.revision(engine)
    engine.dispose()
    assert here == newest is not None


def test_a_database_of_the_first_version_keeps_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    command.upgrade(db.config(url), "0001")
    stamps = {"created_at": AT, "updated_at": AT}
    engine = db.connect(url)
    with engine.begin() as connection:
        # Not the models: they speak of today's tables.
        old = MetaData()
        old.reflect(connection)
        for table, row in (
            ("policy", {"name": "default", "alarms_per_month": 1.0, "floor": 5, "calm_minutes": 60,
                        "out_minutes": 360, "rekindle_hours": 72} | stamps),
            ("watch", {"name": "Vélinor", "kind": "brand", "objective": "", "query": {}, "languages": [],
                       "time_zone": "UTC", "language": "", "enabled": True, "policy_id": 1} | stamps),
            ("incident", {"watch_id": 1, "state": "out", "level": 0, "onset_at": AT, "opened_at": AT,
                          "peak_at": AT, "peak": 9.0, "mentions": 40, "alerted": 9.0, "line": 2.7}),
            ("planned_event", {"watch_id": 1, "name": "T3", "starts_at": AT, "ends_at": AT, "factor": 3.0,
                               "created_by": "t", "created_at": AT}),
        ):  # fmt: skip
            connection.execute(insert(old.tables[table]).values(**row))
    db.migrate(url)
    with db.sessions_of(engine)() as session:
        assert session.get_one(Policy, 1).cooldown_minutes == 360
        assert session.get_one(Watch, 1).country == ""
        incident = session.get_one(Incident, 1)
        assert (
            incident.peak,
            incident.suppressed_by_cooldown,
            incident.alert_context,
            incident.onset_at,
        ) == (9.0, False, {}, AT)
        assert session.get_one(PlannedEvent, 1).factor == 3.0
    command.downgrade(db.config(url), "0001")
    engine.dispose()


def test_a_change_of_tables_that_fails_changes_none(empty_database: str) -> None:
    def fail(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if "CREATE TABLE person " in statement:
            raise RuntimeError("out of room")

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError, match="out of room"):
            db.migrate(empty_database)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    engine = db.connect(empty_database)
    assert db.revision(engine)[0] is None
    assert inspect(engine).get_table_names() == []
    db.migrate(empty_database)
    assert len(set(db.revision(engine))) == 1
    engine.dispose()


def test_what_was_queued_in_a_table_of_its_own_is_queued_with_the_alerts(database: str) -> None:
    before_it = "0018"
    command.downgrade(db.config(database), before_it)
    engine = db.connect(database)
    stamps = {"created_at": AT, "updated_at": AT}
    later = AT + timedelta(minutes=15)
    with engine.begin() as connection:
        old = MetaData()
        old.reflect(connection)
        fault = {"step": "deliver", "name": "n", "error": "", "attempts": 1, "first_at": AT, "last_at": AT}
        for table, row in (
            ("channel", {"name": "slack", "kind": "slack", "settings": {}, "enabled": True, "broken_why": ""}
             | stamps),
            ("notice", {"at": AT, "since": AT, "health": "", "why": "", "period": "2026-10", "facts": {}}),
            ("notice", {"at": AT, "since": AT, "health": "", "why": "", "period": "2026-11", "facts": {}}),
            ("notice_delivery", {"notice_id": 1, "channel_id": 1, "state": "sent", "due_at": None,
                                 "attempts": 1, "sent_at": AT, "error": ""}),
            ("notice_delivery", {"notice_id": 2, "channel_id": 1, "state": "pending", "due_at": later,
                                 "attempts": 3, "sent_at": None, "error": "no answer"}),
            ("fault", {"subject": "notice_delivery", "subject_id": 2} | fault),
            ("fault", {"subject": "delivery", "subject_id": 2} | fault),
        ):  # fmt: skip
            connection.execute(insert(old.tables[table]).values(**row))
    db.migrate(database)
    with db.sessions_of(engine)() as session:
        first, second = session.scalars(select(Delivery).order_by(Delivery.id))
        assert (first.notice_id, first.state, first.sent_at, first.due_at) == (1, "sent", AT, None)
        assert (second.notice_id, second.state, second.due_at, second.attempts) == (2, "pending", later, 3)
        assert (second.error, second.created_at, second.ambiguous) == ("no answer", AT, False)
        assert (second.transition_id, second.incident_id) == (None, None)
        assert [one.subject for one in session.scalars(select(Fault))] == ["delivery"]
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(Delivery).values(channel_id=1, created_at=AT))  # of what?
    indexes = {index["name"] for index in inspect(engine).get_indexes("delivery")}
    assert "ix_delivery_due_at" in indexes, "what is due is found without reading all that was sent"
    engine.dispose()
    command.downgrade(db.config(database), before_it)
    engine = db.connect(database)
    with engine.connect() as connection:
        asked = "SELECT notice_id, state, attempts FROM notice_delivery ORDER BY id"
        assert [tuple(row) for row in connection.execute(text(asked))] == [(1, "sent", 1), (2, "pending", 3)]
        assert connection.scalar(text("SELECT count(*) FROM delivery")) == 0
    engine.dispose()


def test_what_is_told_by_its_number_is_numbered_by_the_table_itself(sqlite: str) -> None:
    engine = db.connect(sqlite)
    with engine.connect() as connection:
        asked = text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        made = {name: str(sql) for name, sql in connection.execute(asked)}
    engine.dispose()
    wanted = {
        name
        for name, table in Base.metadata.tables.items()
        if table.dialect_options["sqlite"]["autoincrement"]
    }
    assert wanted >= {"incident", "transition", "delivery", "notice", "proposal"}
    # A migration that makes one of them anew must say so again: `table_kwargs` of 0024.
    assert {name for name, sql in made.items() if "AUTOINCREMENT" in sql} == wanted
