"""The command line: `tocsin`, a thin shell around the same chain as the service."""

import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli import faults, keys, query, slack, sources
from app.cli.apply import apply
from app.cli.backup import backup, restore
from app.cli.check import check
from app.cli.demo import demo
from app.cli.detect import detect
from app.cli.drill import drill
from app.cli.errors import sentence
from app.cli.forget import forget
from app.cli.preview import preview
from app.cli.replay import replay
from app.cli.serve import cycle, migrate, serve
from app.cli.tone import tone
from app.reading.query.wrong import LANGUAGE
from app.settings import Settings

app = typer.Typer(
    name="tocsin",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    serve,
    cycle,
    demo,
    check,
    apply,
    preview,
    replay,
    detect,
    tone,
    drill,
    forget,
    backup,
    restore,
    migrate,
):
    app.command()(command)
app.add_typer(faults.app, name="faults")
app.add_typer(keys.app, name="keys")
app.add_typer(query.app, name="query")
app.add_typer(slack.app, name="slack")
app.add_typer(sources.app, name="sources")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"tocsin {version('tocsin')}")
        raise typer.Exit


@app.callback()
def before_any_command(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Rings the bell while a fire is still small."""


def main() -> None:
    """Run the command; an error that somebody can mend is a sentence and ends with 1."""
    with suppress(ValueError):  # settings that are not right are told by what needs them
        LANGUAGE.set(Settings().language)
    try:
        app()
    except Exception as error:
        text = sentence(error)
        if text is None:
            raise
        Console(stderr=True).print(Text(text, "red"))
        sys.exit(1)
