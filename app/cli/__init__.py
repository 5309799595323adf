"""The command line: `tocsin`, a thin shell around the same chain as the service."""

import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli.commands import Commands, register
from app.reading.query.wrong import LANGUAGE
from app.settings import Settings

app = typer.Typer(
    name="tocsin",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
register(app)


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
        from app.cli.errors import sentence  # noqa: PLC0415 - half of what `tocsin --help` would take

        text = sentence(error)
        if text is None:
            raise
        Console(stderr=True).print(Text(text, "red"))
        sys.exit(1)
