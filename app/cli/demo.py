"""`tocsin demo`: a week of a made-up brand through the real chain, then the service with what happened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress
from rich.text import Text

from app import db, logs
from app.admin.specs import WatchSpec
from app.channels.slack.rehearsal import Rehearsal
from app.channels.terminal import render
from app.cli import demo_week
from app.cli.replay import watch_row
from app.cli.serve import ensure_port_free, listen, show_first_key, show_first_link
from app.clock import EPOCH, step_start, utc_now
from app.models import PlannedEvent, Policy
from app.pipeline.scoring.detect import ScoringEngine
from app.pipeline.simulation.replay import Replay
from app.runtime import open_runtime
from app.settings import Settings
from detectors import FireDetector


def demo(
    folder: Annotated[Path, typer.Option(help="for its database; made anew")] = Path("demo"),
    language: Annotated[Literal["en", "fr"], typer.Option(help="of the messages")] = "en",
    serve: Annotated[bool, typer.Option(help="leave the service up")] = True,
) -> None:
    """Replay a week of posts about a made-up brand through the real chain, and show what Slack would show.

    French and English posts, a planned launch, a giveaway that flashes and dies, and one fire. The service
    then stays up on 127.0.0.1 until you stop it with Ctrl-C.
    """
    console = Console()
    settings = Settings(data_dir=folder, database_url="", slack_bot_token=None)
    if serve:
        ensure_port_free(settings)
    logs.configure("warning", settings.log_format)
    for old in folder.glob("tocsin.db*"):
        old.unlink()
    # The last whole week, so that what is shown is not long ago.
    monday = step_start(utc_now(), timedelta(days=1)) - timedelta(days=7 + utc_now().weekday())
    _replay(settings, monday, language, console)
    with open_runtime(settings, console=console) as runtime:
        show_first_key(runtime, console, always=True)  # of a database that is made anew
        if serve:
            show_first_link(runtime, console, always=True)
            address = f"http://{settings.host}:{settings.port}"
            text = (
                f"{address}/docs  the REST API\n"
                f"curl -H 'Authorization: Bearer KEY' {address}/api/v1/incidents\n"
                "Ctrl-C stops it; make run starts the service for real use."
            )
            console.print(Panel(Text(text), title="The service is up", border_style="green", expand=False))
            listen(runtime, cycle_seconds=settings.cycle_seconds)


def replay_week(
    settings: Settings,
    monday: datetime,
    language: Literal["en", "fr"],
    show: Callable[[int, int, Rehearsal], None] = lambda _done, _total, _rehearsal: None,
    *,
    until: datetime | None = None,
) -> Rehearsal:
    """Replay the week that begins on `monday` into the settings' database; what Slack would have got.

    `show` is told the posts done, the posts in all, and what came of them so far; `until`: no later ones.
    """
    posts = [
        one for one in demo_week.week(monday) if until is None or (one[1].published_at or monday) < until
    ]
    db.migrate(settings.database())
    engine = db.connect(settings.database(), durable=False)
    replaying = Replay(db.sessions_of(engine), ScoringEngine(FireDetector()), language)
    spec = WatchSpec.model_validate(
        {
            "name": demo_week.BRAND,
            "objective": demo_week.OBJECTIVE[language],
            "query": demo_week.QUERY,
            "time_zone": "Europe/Paris",
            "language": language,
        }
    )
    launch = PlannedEvent(
        name=demo_week.LAUNCH_NAME,
        starts_at=monday + demo_week.LAUNCH[0],
        ends_at=monday + demo_week.LAUNCH[1],
        factor=4.0,
        created_by="demo",
        created_at=monday,
    )
    replaying.run(
        posts,
        [watch_row(spec)],
        Policy(name="default", created_at=EPOCH, updated_at=EPOCH),
        channel="terminal",
        planned=[launch],
        progress=lambda done: show(done, len(posts), replaying.rehearsal),
    )
    engine.dispose()
    return replaying.rehearsal


def _replay(settings: Settings, monday: datetime, language: Literal["en", "fr"], console: Console) -> None:
    sunday = monday + demo_week.LENGTH - timedelta(days=1)
    console.print(Text(f"A week of {demo_week.BRAND}, {monday:%d %B} to {sunday:%d %B %Y}:"))
    shown = 0
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Replaying a week", total=None)

        def show(done: int, total: int, rehearsal: Rehearsal) -> None:
            nonlocal shown
            progress.update(task, completed=done, total=total)
            for document, threaded in rehearsal.posted[shown:]:
                progress.console.print(render(document, threaded=threaded))
            shown = len(rehearsal.posted)

        rehearsal = replay_week(settings, monday, language, show)
    updates = sum(call["method"] == "chat.update" for call in rehearsal.web.calls)
    text = f"That is all that was told of {len(demo_week.week(monday)):,} posts"
    console.print(Text(f"{text}; the first message was repainted in place {updates} times.", "dim"))
