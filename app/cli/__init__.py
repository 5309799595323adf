"""The command line: `tocsin`, a thin shell around the same chain as the service."""

import typer

from app.cli.replay import replay

app = typer.Typer(
    name="tocsin",
    help="Rings the bell while a fire is still small.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(replay)


@app.callback()
def _main() -> None:
    pass
