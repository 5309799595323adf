"""The migrations make the tables that the code speaks of, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app import db
from app.models import Base


def test_the_migrations_make_the_tables_of_the_models(database: str) -> None:
    engine = db.connect(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    here, newest = db.revision(engine)
    engine.dispose()
    assert here == newest is not None
