"""`tocsin relevance`, as a user runs it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from app.admin import relevance, watches
from app.admin.specs import WatchSpec
from app.cli import app as command_line
from app.models import Post, Source, Watch
from app.pipeline.ingest.match import Matchers
from app.pipeline.ingest.store import store
from app.runtime import open_runtime
from app.settings import Settings
from app.sources.base import Item
from tests.conftest import keeping_logs
from tests.pipeline.rematching import rematched
from tests.reading.ambiguous import BRANDS
from tests.reading.test_relevance import LABELS

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = WatchSpec.model_validate({"name": "Pomelo", "query": "any of: Pomelo"})
        watches.create(session, spec, by="test", now=NOW)
        stamps = {"health_since": NOW, "created_at": NOW, "updated_at": NOW}
        session.add(Source(name="pub", kind="push", settings={}, **stamps))
        session.flush()
        for kind in ("about", "noise"):
            texts = BRANDS[0].posts(kind, LABELS, seed=1, part=0)
            items = [Item(f"{kind}{i}", text, NOW) for i, text in enumerate(texts)]
            store(session, Matchers().current(session), 1, items, now=NOW)
        for post in session.scalars(select(Post)):
            about = post.external_id.startswith("about")
            relevance.relate(session, 1, post.id, about=about, by="test", now=NOW)
        session.execute(update(Watch).values(rematch_until=None))

    def called(*words: str) -> Result:
        return CliRunner().invoke(command_line, ["relevance", *words])

    with keeping_logs():
        yield called


def test_it_learns_lists_what_is_set_aside_and_lets_it_count_again(call: Callable[..., Result]) -> None:
    before = call("Pomelo").stdout
    assert "Off · 20 labels about it, 20 not" in before
    assert "Nothing is learnt yet" in before
    learnt = call("1", "--learn")
    assert learnt.exit_code == 0, learnt.output
    assert "On · 20 labels about it, 20 not" in learnt.stdout
    assert "matched again: the numbers follow" in learnt.stdout
    with open_runtime(Settings()) as runtime:
        rematched(runtime.sessions, runtime.now())
    listed = call("Pomelo", "--aside").stdout
    assert "matched again" not in listed
    assert listed.lower().count("pomelo") > LABELS / 2
    assert "juice" in listed
    assert call("Pomelo", "--off").stdout.count("Off ·") == 1


def test_what_it_cannot_do_it_says(call: Callable[..., Result]) -> None:
    for words, code, said in (
        (("Azur",), 1, "there is no watch “Azur”"),
        (("Pomelo", "--on"), 1, "nothing is learnt yet"),
        (("Pomelo", "--on", "--off"), 2, "give one of"),
    ):
        done = call(*words)
        assert done.exit_code == code, words
        assert said in done.output, words
