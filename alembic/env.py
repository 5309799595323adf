"""Runs the migrations against the database of the settings, or the one that the caller names."""

from typing import Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from alembic import context
from app.db import alone, connect
from app.models import Base, UTCDateTime
from app.models.post_words import is_known
from app.settings import Settings


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    # A migration must not change when the code does, so it names only SQLAlchemy's own types.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def run(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and raw is not None:
        # SQLite changes a table by making it anew, which the keys of others that point to it would forbid.
        raw.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render,
        include_name=is_known,
        # SQLite takes back changed tables too. Alembic would commit after each revision, and of two that
        # start at once the second would go on from the middle of the first.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        alone(connection, "tocsin: migrate")  # of several that start at once, one makes the tables
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.attributes.get("url") or Settings().database()
    engine = connect(url)
    try:
        with engine.connect() as connection:
            run(connection)
            connection.commit()
    finally:
        engine.dispose()
