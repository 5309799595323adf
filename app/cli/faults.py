"""`tocsin faults`: what the chain could not work off, and another try for it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.admin import faults
from app.cli.keys import actor
from app.runtime import open_runtime
from app.settings import Settings

app = typer.Typer(name="faults", help="What the chain could not work off.", no_args_is_help=True)


@app.command("list")
def list_faults() -> None:
    """Show each row that a step cannot work off, why, and when it is tried again."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        rows = faults.listed(session)
    table = Table("id", "step", "what", "why", "tries", "again")
    for row in rows:
        again = f"{row.due_at:%Y-%m-%d %H:%M} UTC" if row.due_at else "when asked: tocsin faults retry"
        table.add_row(str(row.id), row.step, Text(row.name), Text(row.error), str(row.attempts), again)
    Console().print(table if rows else "Nothing is put off: the chain works off everything.")


@app.command()
def retry(
    number: Annotated[int, typer.Argument(help="id of the fault, as `tocsin faults list` shows it")],
) -> None:
    """Have the next pass try a row again, whatever its wait."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        fault = faults.retry(session, number, by=actor(), now=runtime.now())
        text = f"the next pass tries {fault.name} again (step {fault.step})"
    typer.echo(text)
