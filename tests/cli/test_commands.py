"""The list of commands, which is shown without loading one of them."""

from typer.testing import CliRunner

from app.cli import app
from app.cli.commands import COMMANDS, load
from tests.cli.conftest import Shell

HEAVY = ("alembic", "app.pipeline", "fastapi", "numpy", "scipy", "sqlalchemy")


def test_the_list_says_of_each_command_what_its_own_help_says() -> None:
    for listed in COMMANDS:
        told = " ".join((load(listed.name).help or "").split("\n\n")[0].split())
        assert told == listed.summary, listed.name


def test_what_is_alike_is_named() -> None:
    done = CliRunner().invoke(app, ["demoo"])
    assert done.exit_code == 2
    assert "Did you mean 'demo'?" in " ".join(done.output.split())


def test_the_list_waits_for_nothing_that_only_a_command_needs(shell: Shell) -> None:
    code = (
        "import atexit, sys\nfrom app.cli import main\natexit.register(lambda: print(*sys.modules))\nmain()"
    )
    shell.afresh = True
    process = shell.start_code(code, "--help")
    out, err = process.communicate()
    assert all(f" {listed.name} " in out for listed in COMMANDS), err
    assert not set(HEAVY) & set(out.split())
