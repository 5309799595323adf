"""`tocsin demo`: a week of a made-up brand through the real chain, then the service with what happened."""

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
from app.channels.terminal import render
from app.cli import demo_week
from app.cli.replay import watch_row
from app.cli.serve import listen, show_first_key
from app.clock import EPOCH, floor, utc_now
from app.models import PlannedEvent, Policy
from app.pipeline.detect import Judge
from app.pipeline.replay import Replay
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
    logs.configure("warning", settings.log_format)
    for old in folder.glob("tocsin.db*"):
        old.unlink()
    # The last whole week, so that what is shown is not long ago.
    monday = floor(utc_now(), timedelta(days=1)) - timedelta(days=7 + utc_now().weekday())
    _replay(settings, monday, language, console)
    with open_runtime(settings, console=console) as runtime:
        show_first_key(runtime, console)
        if serve:
            address = f"http://{settings.host}:{settings.port}"
            text = (
                f"{address}/docs  the REST API\n"
                f"curl -H 'Authorization: Bearer KEY' {address}/api/v1/incidents\n"
                "Ctrl-C stops it; make run starts the service for real use."
            )
            console.print(Panel(Text(text), title="The service is up", border_style="green", expand=False))
            listen(runtime, cycle_seconds=settings.cycle_seconds)


def _replay(settings: Settings, monday: datetime, language: str, console: Console) -> None:
    posts = demo_week.week(monday)
    db.migrate(settings.database())
    engine = db.connect(settings.database(), durable=False)
    replaying = Replay(db.sessions_of(engine), Judge(FireDetector()), language)
    spec = WatchSpec.model_validate(
        {
            "name": demo_week.BRAND,
            "objective": "Hear of a food-safety problem before the press does",
            "query": demo_week.QUERY,
            "time_zone": "Europe/Paris",
            "language": language,
        }
    )
    launch = PlannedEvent(
        name=demo_week.LAUNCH_NAME,
        starts_at=monday + demo_week.LAUNCH[0],
        ends_at=monday + demo_week.LAUNCH[1],
        factor=4.0, created_by="demo", created_at=monday,
    )  # fmt: skip
    sunday = monday + demo_week.LENGTH - timedelta(days=1)
    console.print(Text(f"{len(posts):,} posts about {demo_week.BRAND}, {monday:%d %B} to {sunday:%d %B %Y}"))
    shown = 0

    def show(_done: int) -> None:
        nonlocal shown
        calls = replaying.rehearsal.web.calls
        for call in calls[shown:]:
            if call["method"] == "chat.postMessage":
                progress.console.print(render(call["payload"]))
        shown = len(calls)

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Replaying a week", total=len(posts))

        def advance(done: int) -> None:
            progress.update(task, completed=done)
            show(done)

        replaying.run(
            posts,
            [watch_row(spec)],
            Policy(name="default", created_at=EPOCH, updated_at=EPOCH),
            channel="terminal",
            planned=[launch],
            progress=advance,
        )
    updates = sum(call["method"] == "chat.update" for call in replaying.rehearsal.web.calls)
    console.print(Text(f"Beside these, the first message was repainted in place {updates} times.", "dim"))
    engine.dispose()
