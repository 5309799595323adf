"""The index of words is in no backup: the database that it is restored into makes it anew."""

import pytest
from sqlalchemy import Engine

from alembic import command
from app import db
from app.admin.mentions import found, wanted
from app.backup.rows import tables_of
from tests.backup.conftest import Keeping

pytestmark = [
    pytest.mark.story,
    pytest.mark.parametrize(
        ("database", "empty_database"), [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True
    ),
]


@pytest.mark.parametrize("older", [False, True])
def test_what_is_restored_is_found_by_its_words(
    furnished: Engine, keeping: Keeping, database: str, older: bool
) -> None:
    if older:
        command.downgrade(db.config(database), "0033_from_0023")
    with furnished.connect() as connection:
        known = {table.name for table in tables_of(connection, known=False)}
    assert not {name for name in known if name.startswith("post_words")}
    keeping.save()
    keeping.restore()
    engine = db.connect(keeping.there.database())
    with db.sessions_of(engine)() as session:
        assert len(found(session, wanted(session, q="x"), limit=9)) == 3
        assert [row.post.id for row in found(session, wanted(session, q="2 x"), limit=9)] == [2]
    engine.dispose()
