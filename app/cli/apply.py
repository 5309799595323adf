"""`tocsin apply`: makes the settings what a file says, after showing what would change."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app.admin import apply as admin
from app.admin.yaml_file import Read, read
from app.cli.keys import actor
from app.errors import AppError, Conflict
from app.runtime import Runtime, open_runtime
from app.settings import Settings

_PENDING = 3


def apply(
    file: Annotated[Path, typer.Argument(help="YAML file with policies, sources, channels and watches")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only show; exit code 3 if something would change")
    ] = False,
) -> None:
    """Make the settings what FILE says, by name: change what differs, make what is missing, delete nothing.

    What would change is shown first. A secret is written ${NAME} and taken from the environment.

    Exit codes: 0 done, or nothing to do; 1 error, or not agreed to; 2 wrong usage; 3 changes are pending
    (--dry-run).
    """
    console, problems = Console(), Console(stderr=True)
    try:
        given = read(_text(file), os.environ)
        with open_runtime(Settings()) as runtime:
            planned = _run(runtime, given, keep=False)
            for change in planned.changes:
                console.print(drawn(change))
            for name, doubt in planned.doubts:
                problems.print(Text.assemble((f"? {name}: ", "yellow"), doubt), soft_wrap=True)
            if not planned.changes:
                console.print("Nothing to change.")
                return
            if dry_run:
                raise typer.Exit(_PENDING)
            _agreed(yes, len(planned.changes))
            done = _run(runtime, given, keep=True, expected=planned)
    except AppError as error:
        problems.print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    console.print(f"Done: {len(done.changes)} changes.")
    for name, secret in done.secrets:
        console.print(
            Text.assemble("Secret of ", (name, "bold"), ", shown this once: ", secret), soft_wrap=True
        )


def drawn(change: admin.FileChange) -> Text:
    """One change, as a person reads it."""
    sign, style = ("+", "green") if change.action == "create" else ("~", "yellow")
    text = Text.assemble((f"{sign} {change.subject} ", style), (change.name, "bold"))
    for path, before, after in change.fields:
        text.append(f"\n    {path}: ")
        if change.action != "create":
            text.append(_shown(before), "red").append(" → ")
        text.append(_shown(after), "green")
    return text


def _run(
    runtime: Runtime, given: Read, *, keep: bool, expected: admin.Applied | None = None
) -> admin.Applied:
    with runtime.sessions() as session:
        applied = admin.apply(session, given, vault=runtime.vault, by=actor(), now=runtime.now())
        if expected is not None and applied.changes != expected.changes:
            raise Conflict("somebody changed settings meanwhile, nothing was done: look again")
        if keep:
            session.commit()
    return applied


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}", param_hint="FILE") from error


def _agreed(yes: bool, changes: int) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Conflict("nobody is there to ask: give --yes to go on without asking; nothing was changed")
    if not typer.confirm(f"Make these {changes} changes?"):
        raise Conflict("nothing was changed")


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    return (
        "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )
