"""What was forgotten is forgotten for good: no feed and no backup brings it back."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import db
from app.admin import forgetting
from app.forgotten import Forgotten, of_address, of_author, of_post
from app.models import Post, Source, Transition
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import forget, store
from app.settings import Settings
from app.sources.base import Item
from app.vault import new_key, open_vault
from tests.backup.conftest import LATER, NOW, Keeping
from tests.backup.test_backup import ACROSS

pytestmark = pytest.mark.story

HOUR = timedelta(hours=1)
POSTS = [
    Item("1", "Bonjour", NOW - HOUR, author="@lea", url="https://example.org/1"),
    Item("2", "Bonsoir", NOW - HOUR, author="@marc", url="https://example.org/2"),
    Item("3", "Salut", NOW - HOUR, author="@noe", url="https://example.org/3"),
    Item("4", "Coucou", NOW - HOUR, author="@ida", url="https://example.org/4/"),
]


@pytest.fixture
def house(furnished: Engine, keeping: Keeping) -> Keeping:
    """Four posts, shown in what was told of an incident, backed up."""
    keys = {"secret_key": Settings(secret_key=new_key()).secret_key}
    keeping.here, keeping.there = keeping.here.model_copy(update=keys), keeping.there.model_copy(update=keys)
    with db.sessions_of(furnished).begin() as session:
        store(session, Matchers().current(session), 1, POSTS, now=NOW)
        for transition in session.scalars(select(Transition)):
            transition.facts = {
                "samples": [
                    {"post_id": n, "url": p.url, "author": p.author, "title": "", "text": p.text}
                    for n, p in enumerate(POSTS, 100)
                ],
                "loudest": {"name": "@lea", "count": 3},
            }
    keeping.save()
    return keeping


def list_of(settings: Settings) -> Forgotten:
    return Forgotten(settings.forgotten(), open_vault(settings).derive)


@ACROSS
def test_what_was_forgotten_since_the_backup_is_forgotten_again(furnished: Engine, house: Keeping) -> None:
    at = NOW + HOUR
    known = list_of(house.here)
    with db.sessions_of(furnished).begin() as session:
        for word in ("Lea", "https://example.org/4"):
            known.note(forgetting.words_of(word), now=at)
            forgetting.forget(session, word, keyed=known._keyed, by="t", now=at)
        forget(session, 1, ["3"], now=at, forgotten=known)
    house.there = house.there.model_copy(update={"forgotten_file": known.path})
    house.restore()
    engine = db.connect(house.there.database())
    with db.sessions_of(engine).begin() as session:
        assert ids(session) == {"2"}
        for transition in session.scalars(select(Transition)):
            shown = [sample["author"] for sample in transition.facts["samples"]]
            assert shown[0] is None
            assert shown[3] is None
            assert shown[1] == "@marc"
            assert transition.facts["loudest"]["name"] == ""
        # The feed still shows them all, and has news of one who was forgotten.
        news = Item("5", "Me revoilà", LATER, author="@lea", url="https://example.org/5")
        store(
            session, Matchers().current(session), 1, [*POSTS, news], now=LATER, forgotten=list_of(house.there)
        )
        assert ids(session) == {"2", "5"}
    engine.dispose()


def ids(session: Session) -> set[str]:
    """Our posts that are there."""
    return set(session.scalars(select(Post.external_id).where(Post.external_id.in_(list("12345")))))


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_the_list_is_in_the_backup_and_none_of_it_is_there_twice(house: Keeping) -> None:
    known = list_of(house.here)
    known.note([of_author("@lea")], now=NOW - HOUR)
    house.save(force=True)
    house.restore()
    house.restore(force=True)
    (entry,) = list_of(house.there).entries()
    assert entry.at == NOW - HOUR
    assert list_of(house.there).since(of_author("lea")) == NOW - HOUR


@pytest.mark.parametrize(("database", "empty_database"), [("sqlite", "sqlite")], indirect=True)
def test_what_was_forgotten_before_the_backup_leaves_what_was_written_later(house: Keeping) -> None:
    list_of(house.here).note([of_author("@marc")], now=NOW - 2 * HOUR)
    house.there = house.there.model_copy(update={"forgotten_file": house.here.forgotten()})
    house.restore()
    engine = db.connect(house.there.database())
    with db.sessions_of(engine)() as session:
        assert ids(session) == {"1", "2", "3", "4"}
        assert session.scalars(select(Source)).first() is not None
    engine.dispose()


def test_the_list_names_nobody_and_is_added_to_by_several(tmp_path: Path) -> None:
    path = tmp_path / "var" / "forgotten.list"
    first = Forgotten(path, lambda word: f"{hash(word):032x}")
    second = Forgotten(path, first._keyed)
    assert second.since(of_author("lea")) is None
    first.note([of_author("@Lea"), of_address("https://example.org/1/")], now=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "lea" not in path.read_text().lower()
    with path.open("a") as torn:
        torn.write("2026-11-22T1")  # a crash cut it short
    second.note([of_post(1, "a")], now=NOW)
    for known in (first, second):
        assert known.since(of_author("lea")) == NOW
        assert known.since(of_post(1, "a")) == NOW
        assert known.keeps_out(of_address("https://example.org/1"), written_at=NOW - HOUR)
        assert not known.keeps_out(of_author("lea"), written_at=NOW + HOUR)
        assert known.keeps_out(of_author("lea"), written_at=None)
        assert not known.keeps_out(of_post(2, "a"), written_at=None)


def test_an_instant_is_kept_to_the_second_that_it_was(tmp_path: Path) -> None:
    known = Forgotten(tmp_path / "list", lambda word: word)
    at = datetime.fromisoformat("2026-11-22T10:00:00.250000+01:00")
    known.note(["x"], now=at)
    assert [entry.at for entry in known.entries()] == [at]
