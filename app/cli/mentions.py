"""`tocsin mentions`: what was said, searched, shown or written into a file."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.orm import Session

from app import logs
from app.admin import mention_files, mentions
from app.admin.mention_files import Format
from app.admin.mention_query import Wanted, how_many
from app.admin.watches import named_or_numbered
from app.channels.text import cut, line
from app.errors import AppError, Conflict
from app.runtime import Runtime, open_runtime
from app.settings import Settings

_SHOWN = 20


def mentions_of(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]…", help='words, "phrases", beginnings* and -words')
    ] = None,
    watch: Annotated[str, typer.Option("--watch", "-w", help="its name or id; else of all watches")] = "",
    days: Annotated[
        float | None, typer.Option(min=0, max=36_500, help="of the last days; else of any time")
    ] = None,
    author: Annotated[str, typer.Option(help="as posts are signed")] = "",
    tag: Annotated[str, typer.Option(help="that the team gave them")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="write all of them: to a name in .csv or .xlsx")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there")] = False,
) -> None:
    """List the newest mentions that hold all of WORDS, or write all of them into a file.

    Case and accents do not count. A -word must not be there: write -- before the first of these.
    """
    logs.configure("warning", "auto")
    console = Console()
    try:
        form = _form(file, force=force)
        with open_runtime(Settings()) as runtime:
            since = runtime.now() - timedelta(days=days) if days is not None else None
            asked = _asked(runtime, " ".join(words or []), watch, since, author, tag)
            if file is None or form is None:
                _list(console, runtime, asked)
                return
            _write(runtime, asked, file, form)
    except AppError as error:
        Console(stderr=True).print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    console.print(f"Written: {file}", soft_wrap=True)


def _form(file: Path | None, *, force: bool) -> Format | None:
    if file is None:
        return None
    form = file.suffix.lower().removeprefix(".")
    if form not in mention_files.MEDIA_TYPES:
        raise typer.BadParameter("give it a name that ends in .csv or .xlsx", param_hint="--file")
    if file.exists() and not force:
        raise Conflict(f"{file} is there already. Choose another name, or replace it with --force.")
    return form


def _asked(runtime: Runtime, q: str, watch: str, since: datetime | None, author: str, tag: str) -> Wanted:
    with runtime.sessions() as session:
        watches = (named_or_numbered(session, watch).id,) if watch else ()
        return mentions.wanted(
            session, q=q, watches=watches, since=since, author=author or None, tag=tag or None
        )


def _list(console: Console, runtime: Runtime, asked: Wanted) -> None:
    with runtime.sessions() as session:
        rows = mentions.found(session, asked, limit=_SHOWN + 1)
    for row in rows[:_SHOWN]:
        said = cut(line(f"{row.post.title} {row.post.text}".strip()), 160)
        of = f"  {row.watch} · {row.source} · {row.post.author or '–'}  "
        console.print(Text.assemble((f"{row.post.published_at:%Y-%m-%d %H:%M}", "dim"), (of, "cyan"), said))
    if not rows:
        console.print("No mention holds that.")
    if len(rows) > _SHOWN:
        console.print(f"These are the newest {_SHOWN}; --file writes all of them.")


def _write(runtime: Runtime, asked: Wanted, file: Path, form: Format) -> None:
    def reading() -> AbstractContextManager[Session]:
        return runtime.sessions()

    with runtime.sessions() as session:
        mention_files.require_few(how_many(session, asked, mention_files.MOST))
    rows = mentions.every(reading, asked)
    try:
        with file.open("wb") as target:
            if form == "xlsx":
                mention_files.write_xlsx(target, rows, runtime.settings.language)
            else:
                target.writelines(mention_files.csv_file(rows))
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error}", param_hint="--file") from error
