"""`tocsin keys`: keys of the REST API, and the key that stored secrets are encrypted with."""

import getpass
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from app.admin import keys, teams
from app.admin.fields import Role
from app.admin.team_specs import KeySpec, RotationSpec
from app.errors import AppError
from app.models import ApiKey
from app.runtime import open_runtime
from app.settings import Settings
from app.vault import new_key

app = typer.Typer(
    name="keys", help="Keys of the REST API, and the key of stored secrets.", no_args_is_help=True
)


def actor() -> str:
    """Who the audit log says it was, when it was done on the command line."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container's user need not have a name
        return "command line"


@app.command("list")
def list_keys() -> None:
    """Show all keys: their beginning, role, and last use."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        rows = session.scalars(select(ApiKey).order_by(ApiKey.id)).all()
        team = {row.id: teams.name_of(session, row.team_id) or "" for row in rows}
        now = runtime.now()
    table = Table("id", "name", "role", "team", "begins with", "state", "ends", "last used")
    for row in rows:
        used = f"{row.used_at:%Y-%m-%d %H:%M}Z" if row.used_at else "never"
        state = keys.state(row, now=now)
        ends = f"{row.expires_at:%Y-%m-%d %H:%M}Z" if row.expires_at else "never"
        name, whose = Text(row.name), Text(team[row.id])
        table.add_row(str(row.id), name, row.role, whose, row.prefix, state, ends, used)
    Console().print(table)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="of who or what uses it")],
    role: Annotated[
        Role, typer.Option(help="viewer reads, responder acts on incidents, admin changes settings")
    ] = "viewer",
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="expires after so many; else never")
    ] = None,
    team: Annotated[str | None, typer.Option(help="which is all that it opens; else the whole house")] = None,
) -> None:
    """Make a key and print it, alone on standard output. It is shown this once."""
    problems = Console(stderr=True)
    try:
        with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
            now = runtime.now()
            expires = now + timedelta(days=days) if days else None
            spec = KeySpec(name=name, role=role, expires_at=expires, team=team)
            token = keys.create(session, spec, by=actor(), now=now)[1]
    except (AppError, ValueError) as error:
        problems.print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    problems.print("Keep it: it is shown this once.")
    typer.echo(token)


@app.command()
def rotate(
    key_id: Annotated[int, typer.Argument(help="as `tocsin keys list` shows it")],
    days: Annotated[
        int, typer.Option(min=0, max=90, help="so long the old key still opens; 0: it ends at once")
    ] = 1,
) -> None:
    """Make a new key like that one and print it, alone on standard output; the old one ends later."""
    problems = Console(stderr=True)
    try:
        with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
            spec = RotationSpec(overlap_days=days)
            old, new, token = keys.rotate(session, key_id, spec, by=actor(), now=runtime.now())
            name, begins, ends = new.name, old.prefix, old.expires_at
    except AppError as error:
        problems.print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    problems.print(Text(f"Keep it: “{name}” is shown this once. {begins}… ends at {ends:%Y-%m-%d %H:%M}Z."))
    typer.echo(token)


@app.command()
def revoke(key_id: Annotated[int, typer.Argument(help="as `tocsin keys list` shows it")]) -> None:
    """Revoke a key: it opens nothing from now on."""
    try:
        with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
            key = keys.revoke(session, key_id, by=actor(), now=runtime.now())
    except AppError as error:
        Console(stderr=True).print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    typer.echo(f"{key.name} ({key.prefix}…) opens nothing any more")


@app.command()
def secret() -> None:
    """Print a fresh TOCSIN_SECRET_KEY. Keep it: without it, stored secrets cannot be opened."""
    typer.echo(new_key())
