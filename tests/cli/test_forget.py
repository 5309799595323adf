"""`tocsin forget`: it shows what it would take, asks, and says what is out of its reach."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.cli import app
from app.models import Post, Source
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import open_runtime
from app.settings import Settings
from app.sources.base import Item

AT = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        source = Source(name="forum", kind="push", settings={}, health_since=AT, created_at=AT, updated_at=AT)
        session.add(source)
        session.flush()
        items = [Item("a", "Bonjour", AT, author="@lea"), Item("b", "Bonsoir", AT, author="@marc")]
        store(session, Matchers().current(session), source.id, items, now=AT)
    return tmp_path


def called(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["forget", *words], input=answer)


def left() -> list[str]:
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        return list(session.scalars(select(Post.external_id).order_by(Post.id)))


def test_it_asks_first_and_takes_no_for_an_answer(house: Path) -> None:
    assert house
    no = called("@lea", answer="n\n")
    assert (no.exit_code, "Posts: 1" in no.output, "Out of reach" in no.output) == (1, True, True)
    assert left() == ["a", "b"]
    yes = called("lea", "--yes")
    assert (yes.exit_code, "It is forgotten." in yes.output) == (0, True)
    assert left() == ["b"]
    for path in house.glob("*.db"):
        assert b"bonjour" not in path.read_bytes(), "nothing of its words is left in the file"
        assert b"bonsoir" in path.read_bytes()


def test_of_a_stranger_nothing_is_known(house: Path) -> None:
    assert house
    assert called("nobody", "--yes").exit_code == 1
    assert left() == ["a", "b"]
