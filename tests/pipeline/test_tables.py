"""The migrations make the tables that the code speaks of, on both databases."""

from datetime import UTC, datetime
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert

from alembic import command
from app import db
from app.models import Base, Incident, PlannedEvent, Policy, Watch

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_migrations_make_the_tables_of_the_models(database: str) -> None:
    engine = db.connect(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
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
        assert (incident.peak, incident.hushed, incident.spoken_of, incident.onset_at) == (9.0, False, {}, AT)
        assert session.get_one(PlannedEvent, 1).factor == 3.0
    command.downgrade(db.config(url), "0001")
    engine.dispose()
