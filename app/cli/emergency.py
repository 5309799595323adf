"""`tocsin emergency`: a watch for a brand whose crisis has begun, which rings before it has learnt."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import func, select

from app import logs
from app.admin import watches
from app.admin.specs import EmergencySpec, WatchSpec
from app.cli.keys import actor
from app.models import LookBack, Source, Watch
from app.pipeline.scoring.lending import MENTIONS_PER_HOUR
from app.runtime import open_runtime
from app.settings import Settings


def emergency(
    brand: Annotated[str, typer.Argument(help="name of the brand, or of a watch that is there already")],
    query: Annotated[
        str, typer.Option("--query", "-q", help="what a post must hold; the name itself unless given")
    ] = "",
    per_hour: Annotated[
        int, typer.Option("--per-hour", "-n", min=1, max=1_000_000, help="mentions in an hour that ring")
    ] = MENTIONS_PER_HOUR,
) -> None:
    """Watch BRAND from now on, and ring at so many mentions an hour until it has learnt what is usual.

    Half as many ring if they are negative. Sources that can look back do so meanwhile: with three days of
    history it has learnt, and is judged as every other watch. Each alert says which of the two it rests on.
    """
    logs.configure("warning", "auto")
    console, spec = Console(), EmergencySpec(mentions_per_hour=per_hour)
    with open_runtime(Settings()) as runtime:
        now = runtime.now()
        with runtime.sessions.begin() as session:
            known = session.scalar(select(Watch.id).where(Watch.name == brand))
            if known is None:
                words = query or f'"{brand}"'
                made = WatchSpec.model_validate({"name": brand, "query": words, "emergency": spec})
                watches.create(session, made, by=actor(), now=now)
            else:
                changes = {"emergency": spec.model_dump(), "enabled": True} | (
                    {"query": query} if query else {}
                )
                watches.update(session, known, changes, by=actor(), now=now)
            session.flush()
            sources = session.scalar(select(func.count()).where(Source.enabled)) or 0
            looking = session.scalar(select(func.count()).where(LookBack.ended_at.is_(None))) or 0
    done = "is watched" if known is None else "was watched, and is so"
    console.print(
        Text.assemble((brand, "bold"), f" {done} as an emergency: it rings at {per_hour} mentions an hour.")
    )
    console.print(f"Sources: {sources}; {looking} look back on the time before. `tocsin check` says how far.")
    if not sources:
        console.print(
            Text("There is no source: nothing is heard. Add one with `tocsin apply FILE`.", "yellow")
        )
