"""`tocsin relevance`: what a team taught of what its watch is about."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app import logs
from app.admin import relevance as admin
from app.admin.watches import named_or_numbered
from app.channels.text import cut, line
from app.cli.keys import actor
from app.errors import AppError
from app.models import Post, Watch
from app.reading.relevance import LEAST_EACH
from app.runtime import open_runtime
from app.settings import Settings


def relevance(
    watch: Annotated[str, typer.Argument(help="its name, or its id")],
    learn: Annotated[bool, typer.Option("--learn", help="learn from its labels")] = False,
    on: Annotated[bool, typer.Option("--on", help="use what was learnt")] = False,
    off: Annotated[bool, typer.Option("--off", help="let every post that matches count again")] = False,
    aside: Annotated[bool, typer.Option("--aside", help="list the newest posts that were set aside")] = False,
) -> None:
    """Show how many posts are set aside as not about WATCH, and how well that was measured to do.

    Posts are labelled below an alert in Slack (“Not about us…”), or over the API with the id of the post:
    PUT /api/v1/watches/ID/labels/POST with {"about": false}, {"about": true} or {"tone": …}. It takes 20 of
    each kind, all different; then --learn. What is learnt is used only if it is measured to set nothing aside
    that counts. Posts that are set aside are kept: --aside lists the newest. What is negative, speaks of harm
    or says what is new always counts, and where the watch would ring with the others they count again.
    `relevance: off` of the watch, in the file of `tocsin apply`, keeps it off whatever is learnt.

    Exit codes: 0 done; 1 error, or too few labels; 2 wrong usage.
    """
    logs.configure("warning", "auto")
    if learn + on + off > 1:
        raise typer.BadParameter("give one of --learn, --on and --off", param_hint="--learn")
    try:
        with open_runtime(Settings()) as runtime:
            with runtime.sessions() as session:
                watch_id = named_or_numbered(session, watch).id
            if learn:
                admin.teach(runtime.sessions, watch_id, by=actor(), now=runtime.now())
            if on or off:
                with runtime.sessions.begin() as session:
                    admin.switch(session, watch_id, on=on, by=actor(), now=runtime.now())
            with runtime.sessions() as session:
                row = session.get_one(Watch, watch_id)
                counted = admin.counted(session, watch_id, now=runtime.now())
                _draw(Console(), row, admin.count(session, watch_id), *counted)
                if aside:
                    _list(Console(), admin.newest_aside(session, watch_id))
    except AppError as error:
        Console(stderr=True).print(Text(str(error), "red"))
        raise typer.Exit(1) from error


def _draw(console: Console, watch: Watch, labels: admin.Labels, mentions: int, aside: int) -> None:
    on = bool(watch.relevance and watch.relevance["on"])
    told = f" · {mentions} mentions in {admin.DAYS} days, {aside} set aside as not about it"
    console.print(Text.assemble((watch.name, "bold"), told))
    console.print(f"{'On' if on else 'Off'} · {labels.about} labels about it, {labels.noise} not")
    if watch.rematch_until is not None:
        console.print("What is stored is being matched again: the numbers follow within minutes")
    learnt = admin.learnt_of(watch)
    if learnt is None:
        console.print(f"Nothing is learnt yet; it takes {LEAST_EACH} labels of each, then --learn")
        return
    console.print(
        f"Measured on labels that it was not fitted on: {learnt.found:.0%} of what is not about it is set "
        f"aside, {learnt.lost:.0%} of what is" + ("" if learnt.useful else ": not good enough to be used")
    )
    for name, words in (("about it", learnt.telling(about=True)), ("not", learnt.telling(about=False))):
        console.print(Text(f"  marks what is {name}: {', '.join(words) or 'nothing'}"))


def _list(console: Console, posts: list[tuple[datetime, Post]]) -> None:
    for at, post in posts:
        text = cut(line(f"{post.title} {post.text}".strip()), 160)
        console.print(Text.assemble((f"{at:%Y-%m-%d %H:%M}", "dim"), f"  {post.id}  {text}"))
