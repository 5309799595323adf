"""`tocsin crisis`, as a user runs it: what is written is shown as text; what cannot be says what to do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import db
from app.admin import watches
from app.admin.specs import WatchSpec
from app.cli import app as command_line
from app.models import Incident, State
from tests.conftest import keeping_logs

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def call(sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs the command beside a fire of a French watch, incident 1."""
    engine = db.connect(sqlite, durable=False)
    with db.sessions_of(engine).begin() as session:
        spec = WatchSpec.model_validate(
            {"name": "Nimbus", "query": "Nimbus", "language": "fr", "time_zone": "Europe/Paris"}
        )
        watch = watches.create(session, spec, by="t", now=AT)
        session.add(
            Incident(
                watch=watch, state=State.burning, onset_at=AT, opened_at=AT, burning_at=AT, peak_at=AT,
                peak=9, threshold=2.9,
            )
        )  # fmt: skip
    engine.dispose()
    monkeypatch.setenv("TOCSIN_DATABASE_URL", sqlite)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    with keeping_logs():
        yield lambda *words: CliRunner().invoke(command_line, ["crisis", *words])


def test_the_log_is_written_settled_and_shown(call: Callable[..., Result]) -> None:
    assert call("show", "1").output == "Nothing is in the log of incident 1 yet.\n"
    assert call("log", "1", "decision", "on répond \x1b[31mà midi").exit_code == 0
    task = call("log", "1", "task", "appeler", "--owner", "Max", "--until", "2126-12-05T14:00")
    assert "À faire · appeler · pour Max, avant 5 déc. 14:00 CET" in task.output
    assert "Fait · appeler" in call("settle", "1", "2", "done").output
    shown = call("show", "1").output
    assert "Décision · on répond [31mà midi · command line" in shown
    assert len(shown.splitlines()) == 2
    assert call("updates", "1").output == "Nobody is told of incident 1 at an interval.\n"
    assert call("room", "1").output.endswith("Slack: none\n")
    for words, why in (
        (("room", "1", "--make"), "Slack has no token"),
        (("room", "1", "--lead", "Zoé"), "there is no person “Zoé”"),
        (("updates", "1", "directors"), "there is no channel “directors”"),
        (("updates", "1", "--end", "4"), "there are no updates 4"),
        (("draft", "1", "rappel"), "there is no statement template “rappel”"),
        (("published", "1", "3", "X"), "a wording is written as 3.2"),
        (("show", "7"), "there is no incident 7"),
        (("settle", "1", "1", "done"), "write another line"),
        (("log", "1", "said", "x", "--owner", "Max"), "only a task has an owner"),
    ):
        assert why in str(call(*words).exception), words
