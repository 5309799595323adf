"""`tocsin tone`, as a user runs it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.admin import tone, watches
from app.admin.specs import WatchSpec
from app.cli import app as command_line
from app.models import Post, Source
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import open_runtime
from app.settings import Settings
from app.sources.base import Item
from tests.conftest import keeping_logs

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DRINKS = ("lager", "stout", "ale", "cider", "porter", "pilsner")
PLACES = ("at home", "in Lyon", "on Monday", "with lunch", "again")
SAID = [
    (f"Vélinor {drink} {place} was {taste}", said)
    for taste, said in (("flat", "negative"), ("sour", "positive"))
    for drink in DRINKS
    for place in PLACES
]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = WatchSpec.model_validate({"name": "Vélinor", "query": "any of: Vélinor"})
        watches.create(session, spec, by="test", now=NOW)
        stamps = {"health_since": NOW, "created_at": NOW, "updated_at": NOW}
        session.add(Source(name="pub", kind="push", settings={}, **stamps))
        session.flush()
        items = [Item(f"b{i}", text, NOW, lang="en") for i, (text, _) in enumerate(SAID)]
        store(session, Matchers().current(session), 1, items, now=NOW)
        ids = dict(iter(session.execute(select(Post.external_id, Post.id))))
        for i, (_, sentence) in enumerate(SAID):
            tone.label(session, 1, ids[f"b{i}"], sentence, by="test", now=NOW)  # type: ignore[arg-type]

    def called(*words: str) -> Result:
        return CliRunner().invoke(command_line, ["tone", *words])

    with keeping_logs():
        yield called


def test_it_shows_learns_and_forgets(call: Callable[..., Result]) -> None:
    assert "Vélinor · judged by default · 60 labels" in call("Vélinor").stdout
    learnt = call("1", "--learn").stdout
    assert "judged as its team taught" in learnt
    assert "heard as negative: flat" in learnt
    assert "judged by default" in call("Vélinor", "--forget").stdout


def test_what_cannot_be_done_is_said(call: Callable[..., Result]) -> None:
    assert "there is no watch “Evian”" in call("Evian").stderr
    assert call("Vélinor", "--learn", "--forget").exit_code == 2
