"""`tocsin export`: all settings as the file that `tocsin apply` takes."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from app import logs
from app.admin import export as admin
from app.admin import scope
from app.errors import AppError, Conflict, NotFound
from app.models import Team
from app.runtime import open_runtime
from app.settings import Settings


def export(
    file: Annotated[Path | None, typer.Argument(help="where to; else it is printed")] = None,
    team: Annotated[str, typer.Option("--team", help="only what is this team's")] = "",
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there")] = False,
) -> None:
    """Write all settings into FILE, as `tocsin apply` takes them back: people, rotas, watches and more.

    No secret is in it. Silences, planned events and posts are not settings: see `tocsin backup` for all.

    Exit codes: 0 done; 1 error; 2 wrong usage.
    """
    logs.configure("warning", "auto")
    try:
        with open_runtime(Settings()) as runtime, runtime.sessions() as session:
            if team:
                row = session.scalar(select(Team).where(Team.name == team))
                if row is None:
                    raise NotFound(f"there is no team “{team}”")
                scope.bind(session, frozenset({row.id}))
            text = admin.export(session)
        if file is None:
            typer.echo(text, nl=False)
            return
        _write(file, text, force=force)
    except AppError as error:
        Console(stderr=True).print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    Console().print(f"Written: {file}", soft_wrap=True)


def _write(file: Path, text: str, *, force: bool) -> None:
    if file.exists() and not force:
        raise Conflict(f"{file} is there already. Choose another name, or replace it with --force.")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error}", param_hint="FILE") from error
