"""`tocsin emergency`, as a user runs it, and what the API and `check` say of such a watch."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.admin import sources, watches
from app.admin.specs import SourceSpec, WatchSpec
from app.api.history import HistoryView
from app.api.watches import view
from app.cli import app as command_line
from app.models import WHOLE, LookBack, Source, Watch
from app.pipeline.ingest.look_back import progress_of
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.conftest import keeping_logs


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")

    def called(*words: str) -> Result:
        return CliRunner().invoke(command_line, ["emergency", *words])

    with keeping_logs():
        yield called


@pytest.fixture
def runtime(call: Callable[..., Result]) -> Iterator[Runtime]:
    assert call("--help").exit_code == 0
    with open_runtime(Settings()) as runtime:
        yield runtime


def add_source(runtime: Runtime, name: str, kind: str, settings: dict[str, str]) -> None:
    spec = SourceSpec(name=name, kind=kind, settings=settings)
    with runtime.sessions.begin() as session:
        sources.create(session, spec, vault=runtime.vault, by="test", now=runtime.now())


def test_it_makes_a_watch_or_takes_the_one_that_is_there(
    runtime: Runtime, call: Callable[..., Result]
) -> None:
    told = call("Vélinor").stdout
    assert "Vélinor is watched as an emergency: it rings at 10 mentions an hour." in told
    assert "There is no source" in told
    add_source(runtime, "news", "hackernews", {"query": "velinor"})
    told = call("Vélinor", "--per-hour", "30", "--query", "Vélinor OR Velinor").stdout
    assert "it rings at 30 mentions an hour" in told
    assert "Sources: 1; 1 look back" in told
    with runtime.sessions() as session:
        watch = session.scalars(select(Watch).options(*WHOLE)).one()
        assert (watch.emergency, watch.query["text"]) == ({"mentions_per_hour": 30}, "Vélinor OR Velinor")
        shown = view(session, watch)
        assert (shown.emergency, shown.learning) == ({"mentions_per_hour": 30}, None)
        assert [(row.done, row.posts, row.reaching) for row in shown.history] == [(False, 0, None)]
    assert call("").exit_code == 1
    assert call("Vélinor", "--per-hour", "0").exit_code == 2


@pytest.mark.parametrize(
    ("given", "kept"), [(True, 10), ({"mentions_per_hour": 3}, 3), (False, None), (None, None)]
)
def test_the_field_takes_yes_no_or_a_number(given: object, kept: int | None) -> None:
    spec = WatchSpec.model_validate({"name": "V", "query": "Vélinor", "emergency": given})
    assert (spec.emergency and spec.emergency.mentions_per_hour) == kept


def test_sources_that_can_look_back_do_once_and_again_with_other_settings(runtime: Runtime) -> None:
    add_source(runtime, "news", "hackernews", {"query": "velinor"})
    add_source(runtime, "shop", "push", {})
    with runtime.sessions.begin() as session:
        watches.create(session, WatchSpec(name="V", query="Vélinor"), by="test", now=runtime.now())
        row = session.scalars(select(LookBack)).one()
        assert progress_of(row) == "looking back: begins once it is heard"
        row.until, row.reached, row.posts = row.asked_at, row.since, 1_240
        assert progress_of(row) == "looking back: 90 of 90 days, 1,240 posts"
        row.ended_at, row.note = row.asked_at, "so much is enough"
        assert progress_of(row) == "looked back on 90 days, 1,240 posts (so much is enough)"
        assert HistoryView.of(row).done
    with runtime.sessions.begin() as session:
        source = session.scalars(select(Source).where(Source.kind == "hackernews")).one()
        changes = {"settings": {"query": "velinor yaourt"}}
        sources.update(session, source.id, changes, vault=runtime.vault, by="test", now=runtime.now())
    with runtime.sessions() as session:
        assert session.scalars(select(LookBack.ended_at)).one() is None
