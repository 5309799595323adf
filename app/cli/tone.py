"""`tocsin tone`: what a team taught of the tone of its watch."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app import logs
from app.admin import tone as admin
from app.admin.watches import named_or_numbered
from app.cli.keys import actor
from app.errors import AppError
from app.models import Watch
from app.reading.learning import LEAST_LABELS
from app.runtime import open_runtime
from app.settings import Settings


def tone(
    watch: Annotated[str, typer.Argument(help="its name, or its id")],
    learn: Annotated[bool, typer.Option("--learn", help="learn from its labels and verdicts")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="go back to the default judgement")] = False,
) -> None:
    """Show how the tone of WATCH's posts is judged: by default, or as its team taught, with its gain.

    Posts are labelled over the API: PUT /api/v1/watches/ID/labels/POST. What is learnt of them is used only
    if it is measured to be better on labels that it was not fitted on.

    Exit codes: 0 done; 1 error, or too few labels; 2 wrong usage.
    """
    logs.configure("warning", "auto")
    if learn and forget:
        raise typer.BadParameter("give either --learn or --forget", param_hint="--forget")
    try:
        with open_runtime(Settings()) as runtime:
            with runtime.sessions() as session:
                watch_id = named_or_numbered(session, watch).id
            if learn:
                admin.teach(runtime.sessions, watch_id, by=actor(), now=runtime.now())
            if forget:
                with runtime.sessions.begin() as session:
                    admin.forget(session, watch_id, by=actor(), now=runtime.now())
            with runtime.sessions() as session:
                row = session.get_one(Watch, watch_id)
                _draw(Console(), row, admin.count(session, watch_id))
    except AppError as error:
        Console(stderr=True).print(Text(str(error), "red"))
        raise typer.Exit(1) from error


def _draw(console: Console, watch: Watch, labels: int) -> None:
    learnt = admin.learnt_of(watch)
    used = bool(watch.taught and watch.taught["used"])
    judged = "as its team taught" if used else "by default"
    console.print(Text.assemble((watch.name, "bold"), f" · judged {judged} · {labels} labels"))
    if learnt is None:
        console.print(f"Nothing is learnt yet; it takes {LEAST_LABELS} labels, then --learn")
        return
    console.print(
        f"Measured on {learnt.labels} labels: macro-F1 {learnt.before:.2f} → {learnt.after:.2f}, "
        f"gain {learnt.gain:.2f} ± {learnt.doubt:.2f} nats a post"
        + ("" if used else ": not clearly better, so it is not used")
    )
    for name, words in (("negative", learnt.telling("negative")), ("positive", learnt.telling("positive"))):
        console.print(Text(f"  heard as {name}: {', '.join(words) or 'nothing new'}"))
