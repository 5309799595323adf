"""What an earlier version stored under other words is read under those of today, on both databases."""

from datetime import UTC, datetime

from sqlalchemy import MetaData, insert, select

from alembic import command
from app import db
from app.channels.facts import Facts
from app.models import Incident, Source, Transition

AT = datetime(2026, 11, 1, tzinfo=UTC)


def _filled_at_0016(url: str) -> None:
    command.upgrade(db.config(url), "0016")
    stamps = {"created_at": AT, "updated_at": AT}
    engine = db.connect(url)
    with engine.begin() as connection:
        old = MetaData()
        old.reflect(connection)
        for table, row in (
            ("policy", {"name": "default", "alarms_per_month": 1.0, "floor": 5, "calm_minutes": 60,
                        "out_minutes": 360, "rekindle_hours": 72} | stamps),
            ("source", {"name": "press", "kind": "rss", "settings": {}, "cadence_seconds": 300, "cursor": {},
                        "enabled": True, "failures": 0, "health": "down", "health_since": AT,
                        "health_why": "", "told_health": "down"} | stamps),
            ("watch", {"name": "Vélinor", "kind": "brand", "objective": "", "query": {}, "languages": [],
                       "time_zone": "UTC", "language": "", "enabled": True, "policy_id": 1} | stamps),
            ("incident", {"watch_id": 1, "state": "burning", "level": 2, "onset_at": AT, "opened_at": AT,
                          "burning_at": AT, "peak_at": AT, "peak": 9.0, "mentions": 40, "alerted": 8.5,
                          "told_at": AT, "spoken_at": AT, "spoken_of": {"sources": ["press"]},
                          "hushed": True, "quiet": True, "top_score": 3.0, "line": 2.7}),
            ("transition", {"incident_id": 1, "at": AT, "reason": "ignited", "state": "burning", "level": 2,
                            "by": "tocsin", "note": "", "facts": FACTS_OF_0_1,
                            "standing": {"opened_at": AT.isoformat(), "hushed": True}}),
        ):  # fmt: skip
            connection.execute(insert(old.tables[table]).values(**row))
    engine.dispose()


FACTS_OF_0_1 = {
    "observed": 9.0, "expected": 1.0, "low": 0.0, "high": 3.0, "score": 3.0, "line": 2.7,
    "quiet_below": 7.0, "onset_at": AT.isoformat(), "mentions": 40, "authors": 12, "loudest": None,
    "sources": [], "amplified": 3,
}  # fmt: skip


def test_what_was_stored_under_the_old_words_is_read_under_the_new_ones(empty_database: str) -> None:
    url = empty_database
    _filled_at_0016(url)
    db.migrate(url)
    engine = db.connect(url)
    with db.sessions_of(engine)() as session:
        incident = session.get_one(Incident, 1)
        assert (incident.threshold, incident.alerted_rate, incident.alert_context) == (
            2.7, 8.5, {"sources": ["press"]},
        )  # fmt: skip
        assert incident.last_transition_at == incident.last_alert_at == AT
        assert (incident.suppressed_by_cooldown, incident.suppressed_by_kind) == (True, True)
        assert session.get_one(Source, 1).announced_health == "down"
        facts = Facts.model_validate(session.get_one(Transition, 1).facts)
        assert (facts.threshold, facts.mentions) == (2.7, 40)
        assert facts.model_dump()["line"] == 2.7, "a version before reads what this one writes"
    command.downgrade(db.config(url), "0016")
    with engine.connect() as connection:
        old = MetaData()
        old.reflect(connection)
        row = connection.execute(select(old.tables["incident"])).one()
        assert (row.line, row.alerted, row.hushed, row.quiet) == (2.7, 8.5, True, True)
        assert connection.execute(select(old.tables["source"].c.told_health)).scalar_one() == "down"
    engine.dispose()
