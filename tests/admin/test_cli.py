"""`tocsin keys` and `tocsin apply`: what they print, and the exit codes that scripts test."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from app.cli import keys
from app.cli.apply import apply

Run = Callable[..., Result]
FILE = """
sources:
  - {name: tool, kind: push}
watches:
  - {name: Danone, query: "any of: Danone"}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(apply)
    app.add_typer(keys.app)

    def call(*words: str) -> Result:
        environment = {
            "TOCSIN_DATA_DIR": str(tmp_path / "var"),
            "COLUMNS": "200",
            "PUSH": "a-secret-long-enough",
        }
        return CliRunner().invoke(app, list(words), env=environment)

    return call


def test_a_key_is_printed_alone_so_that_a_script_can_take_it(run: Run) -> None:
    made = run("keys", "create", "Grafana", "--days", "30")
    assert made.exit_code == 0
    assert made.stdout.startswith("tocsin_v_")
    assert len(made.stdout.split()) == 1
    assert "shown this once" in made.stderr
    listed = run("keys", "list")
    assert "Grafana" in listed.stdout
    assert made.stdout.strip() not in listed.stdout
    assert "opens nothing" in run("keys", "revoke", "1").stdout
    assert "revoked" in run("keys", "list").stdout


def test_a_key_is_rotated_and_the_new_one_printed_alone(run: Run) -> None:
    first = run("keys", "create", "Grafana").stdout
    made = run("keys", "rotate", "1", "--days", "0")
    assert made.exit_code == 0
    assert made.stdout.startswith("tocsin_v_")
    assert len(made.stdout.split()) == 1
    assert made.stdout != first
    assert "“Grafana (2)” is shown this once" in made.stderr
    again = run("keys", "rotate", "1")
    assert (again.exit_code, "opens nothing any more" in again.stderr) == (1, True)
    listed = run("keys", "list").stdout
    assert ("expired" in listed, "Grafana (2)" in listed) == (True, True)


def test_what_is_wrong_with_a_key_is_an_exit_code(run: Run) -> None:
    assert run("keys", "rotate", "7").exit_code == 1
    assert run("keys", "rotate", "1", "--days", "91").exit_code == 2
    assert run("keys", "revoke", "7").exit_code == 1
    assert run("keys", "create", "").exit_code == 1
    assert run("keys", "create", "x", "--role", "root").exit_code == 2
    assert run("keys").exit_code == 2


def test_a_fresh_secret_key_is_one(run: Run) -> None:
    Fernet(run("keys", "secret").stdout.strip())


def test_a_file_is_shown_asked_about_and_applied_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(FILE)
    pending = run("apply", str(file), "--dry-run")
    assert pending.exit_code == 3
    assert "+ watch Danone" in pending.stdout
    assert "Secret" not in pending.stdout
    unasked = run("apply", str(file))
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (1, True)
    assert run("apply", str(file), "--dry-run").exit_code == 3  # nothing was done
    done = run("apply", str(file), "--yes")
    assert (done.exit_code, "Secret of tool" in done.stdout) == (0, True)
    again = run("apply", str(file), "--dry-run")
    assert (again.exit_code, "Nothing to change" in again.stdout) == (0, True)


def test_a_change_shows_before_and_after(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(FILE)
    run("apply", str(file), "--yes")
    file.write_text(FILE.replace("any of: Danone", "any of: Danone, Danonino"))
    changed = run("apply", str(file), "--dry-run")
    assert changed.exit_code == 3
    assert '["Danone"] → ["Danone", "Danonino"]' in changed.stdout


def test_a_wrong_file_is_one_error_and_a_missing_one_wrong_usage(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("watches:\n  - {name: a}\n  - {name: b, query: x AND}\n")
    wrong = run("apply", str(file))
    assert wrong.exit_code == 1
    assert "line 2, watches[0].query" in wrong.stderr
    assert "line 3, watches[1].query" in wrong.stderr
    assert run("apply", str(tmp_path / "none.yaml")).exit_code == 2
