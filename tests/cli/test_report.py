"""`tocsin report`, as a user runs it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import db
from app.cli import app as command_line
from tests.conftest import keeping_logs
from tests.pipeline.reports.burnt import a_fire

CALL = Callable[..., Result]


@pytest.fixture
def call(sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CALL]:
    engine = db.connect(sqlite, durable=False)
    assert a_fire(db.sessions_of(engine)) == 1
    engine.dispose()
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", sqlite)

    def called(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(command_line, words, input=typed)

    with keeping_logs():
        yield called


def test_a_report_is_shown_written_to_a_file_and_edited(call: CALL, tmp_path: Path) -> None:
    assert call("report", "1", "--language", "en").stdout.startswith("# Fire report · Nimbus")
    assert call("report", "1", "-o", str(tmp_path / "a.pdf")).exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    week = call("report", "--watch", "Nimbus", "--period", "2026-W47").stdout
    assert week.startswith("# Semaine 47 de 2026 · Nimbus")
    said = call("report", "edit", "1", "--summary", "Un bocal.", "--remarks", "-", typed="Merci.\n").stdout
    assert said == "written: summary, remarks of incident 1\n"
    edited = call("report", "1").stdout
    assert edited.index("Un bocal.") < edited.index("## Remarques") < edited.index("Merci.")


def test_what_is_asked_wrongly_is_said_and_nothing_is_written(call: CALL, tmp_path: Path) -> None:
    for words, why in (
        (("report", "99"), "there is no incident 99"),
        (("report", "1", "--week"), "say which report"),
        (("report", "--watch", "Nimbus", "--week", "--month"), "say which report"),
        (("report", "--watch", "Rival", "--week"), "there is no watch “Rival”"),
        (("report", "--watch", "Nimbus", "--period", "soon"), "2026-W48 or 2026-11"),
        (("report", "edit", "1"), "say what to write"),
        (("report", "1", "--send", "nobody"), "there is no channel “nobody”"),
        (("report", "1", "--send", "desk"), "takes no file"),
    ):
        result = call(*words, *(() if "edit" in words else ("-o", str(tmp_path / "x.md"))))
        assert result.exit_code == 1, words
        assert why in str(result.exception), words
    assert not (tmp_path / "x.md").exists()
