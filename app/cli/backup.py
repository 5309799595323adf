"""`tocsin backup` and `tocsin restore`: the database and its key as one file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.text import Text

from app import logs
from app.backup.mend import mend
from app.backup.restore import Restored
from app.backup.restore import restore as put_back
from app.backup.save import Saved, Seen, save
from app.clock import utc_now
from app.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="where to write it, e.g. tocsin.backup")],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="leave the key of stored secrets out; keep it elsewhere")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="replace a file of that name")] = False,
) -> None:
    """Back up the database and the key of stored secrets, as one file, while the service runs.

    The file is for its owner alone: it holds what people wrote, and with the key it opens all stored
    secrets. A key that was given as TOCSIN_SECRET_KEY is never in it. `tocsin restore` puts it back, also
    into the other kind of database.
    """
    logs.configure("warning", "auto")
    problems = Console(stderr=True)
    with _progress(problems) as seen:
        saved = save(Settings(), file, with_key=not without_key, force=force, seen=seen, now=utc_now())
    problems.print(Text(_said(saved, file)))


def _said(saved: Saved, file: Path) -> str:
    manifest = saved.manifest
    text = f"Backed up to {file}: {sum(manifest.tables.values())} rows, {_size(saved.size)}. "
    if manifest.holds_key:
        return text + "The key of stored secrets is in it: whoever has the file has them all."
    if not manifest.key:
        return text + "There is no key of stored secrets yet."
    return text + "The key of stored secrets is not in it: keep it elsewhere, nothing else opens them."


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="as `tocsin backup` has written it")],
    force: Annotated[
        bool, typer.Option("--force", help="in the place of a database in use; SQLite's is kept beside it")
    ] = False,
) -> None:
    """Put a backup back into an empty database, with the service stopped; whole, or not at all.

    What was missed since the backup is caught up with. Tables of an older version are brought up.
    """
    logs.configure("warning", "auto")
    problems = Console(stderr=True)
    settings = Settings()
    with _progress(problems) as seen:
        now = utc_now()
        restored = put_back(
            settings,
            file,
            force=force,
            mend=lambda session, of, forgotten: mend(session, of, forgotten, now=now),
            seen=seen,
            now=now,
        )
    for line in _found(restored):
        problems.print(line)


def _found(restored: Restored) -> Iterator[Text]:
    manifest = restored.manifest
    rows = sum(manifest.tables.values())
    yield Text(
        f"Restored: {rows} rows, as they were at {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.", "bold green"
    )
    for path in restored.aside:
        yield Text(f"What was there before is kept as {path}; delete it once you need it no more.")
    if restored.sealed:
        yield Text(
            f"The key at hand does not open the secrets of: {', '.join(restored.sealed)}. Give the key that "
            "they were sealed with as TOCSIN_SECRET_KEY, or set these secrets again.",
            "yellow",
        )


@contextmanager
def _progress(console: Console) -> Iterator[Seen]:
    """What is shown of long work; nothing where nobody looks on."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def seen(table: str, done: int, wanted: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table, total=wanted)
            progress.update(tasks[table], completed=done)

        yield seen


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
