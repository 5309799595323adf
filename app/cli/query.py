"""`tocsin query`: a query tried before it is saved."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import logs
from app.admin.queries import Attempt, attempt
from app.channels.text import line
from app.pipeline.simulation.trial import DAYS, MOST_DAYS, Trial, TriedPost
from app.reading.query import parse
from app.runtime import open_runtime
from app.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Try what a watch would listen for.")


@app.callback()
def queries() -> None:
    """Try what a watch would listen for."""


@app.command("try")
def try_query(
    query: Annotated[str, typer.Argument(help="""such as 'Orange AND (réseau OR fibre) -"rue Orange"'""")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="how far back")] = DAYS,
    watch: Annotated[
        str, typer.Option(help="whose query it would replace, by name or id: shows what is gained and lost")
    ] = "",
    source: Annotated[
        list[str] | None, typer.Option(help="only posts of this source; again for more")
    ] = None,
    live: Annotated[list[str] | None, typer.Option(help="also ask this source now; again for more")] = None,
    noise: Annotated[
        list[int] | None, typer.Option(help="id of a post that is not about the brand; again for more")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="for programs: all of it")] = False,
) -> None:
    """Show what QUERY would have matched of the stored posts: how many, some of them, and why. Saves nothing.

    Also what each exclusion takes away, and words that would set posts about something else apart.
    """
    logs.configure("error", "auto")
    asked = Attempt(
        query=parse(query),
        days=days,
        watch=watch,
        sources=tuple(source or ()),
        live=tuple(live or ()),
        noise=frozenset(noise or ()),
    )
    problems = Console(stderr=True)
    with open_runtime(Settings()) as runtime:
        trial, doubts = attempt(runtime.sessions, runtime.ingest, asked, now=runtime.now())
    for doubt in doubts:
        problems.print(Text.assemble(("? ", "yellow"), doubt.sentence()), soft_wrap=True)
    if json:
        sys.stdout.write(trial.model_dump_json(indent=2) + "\n")
    else:
        draw(Console(), trial, days)


def draw(console: Console, trial: Trial, days: int) -> None:
    """The trial for people."""
    over = f"in {days} day{'s' if days > 1 else ''}"
    newest = "" if trial.whole else " (the newest; there are more)"
    found = (_posts(trial.matched), "bold")
    console.print(
        Text.assemble("This query would have matched ", found, f" of {trial.posts:,} {over}{newest}."),
        soft_wrap=True,
    )
    if trial.by_source:
        each = ", ".join(f"{name} {count:,}" for name, count in trial.by_source.items())
        console.print(Text(f"By source: {each}", "dim"), soft_wrap=True)
    if trial.by_day:
        each = ", ".join(f"{day[5:]}: {count:,}" for day, count in trial.by_day.items())
        console.print(Text(f"By day: {each}", "dim"), soft_wrap=True)
    _table(console, trial.samples)
    for exclusion in trial.exclusions:
        console.print(Text(f"{exclusion.part} takes away {_posts(exclusion.posts)}.", "bold"))
        _table(console, exclusion.samples)
    if trial.change is not None:
        for word, count, samples in (
            ("gained", trial.change.gained, trial.change.gained_samples),
            ("lost", trial.change.lost, trial.change.lost_samples),
        ):
            console.print(Text(f"Against the watch as it is: {_posts(count)} {word}.", "bold"))
            _table(console, samples)
    for look in trial.looks:
        said = look.error or f"{look.matched:,} of the {_posts(look.posts)} that it brings now"
        console.print(Text(f"{look.source}: {said}", "red" if look.error else "bold"), soft_wrap=True)
        _table(console, look.samples)
    if trial.suggestion is not None:
        for what, words in (
            ("Words of posts about something else", trial.suggestion.noise),
            ("Words of the others", trial.suggestion.brand),
        ):
            if words:
                console.print(Text(f"{what}: {', '.join(words)}"), soft_wrap=True)


def _posts(count: int) -> str:
    return f"{count:,} post{'' if count == 1 else 's'}"


def _table(console: Console, samples: tuple[TriedPost, ...]) -> None:
    if not samples:
        return
    table = Table("id", "published", "source", "post", "why")
    for post in samples:
        published = f"{post.published_at:%Y-%m-%d %H:%M}" if post.published_at else "–"
        why = "\n".join(f"{place.term}: {line(place.text)}" for place in post.why)
        cells = (str(post.post_id or "–"), published, line(post.source)[:30], line(post.text)[:160], why)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
