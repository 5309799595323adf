"""`tocsin drill`: a made-up fire told to the real team as a drill, and how fast they took it."""

import time
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from app import db, logs
from app.admin.watches import named_or_numbered
from app.cli.drill_posts import WORD, posts
from app.cli.keys import actor
from app.errors import Conflict
from app.models import DRILL_NAME, AuditEntry, Incident, Watch
from app.pipeline.delivery.notify import notify
from app.pipeline.simulation import drill as drills
from app.runtime import Runtime, open_runtime
from app.settings import Settings

_EVERY = 1.0  # second
_GOODBYE = timedelta(seconds=60)  # for the channels to be told that it is over


def drill(
    watch: Annotated[str, typer.Argument(help="its name or number; empty: the first one")] = "",
    wait: Annotated[
        float, typer.Option(min=0, max=1440, help="minutes until it is over if nobody takes it")
    ] = 30,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="end a drill that was broken off")] = False,
    past: Annotated[bool, typer.Option("--past", help="show the times of earlier drills")] = False,
) -> None:
    """Tell the real channels of a made-up fire, marked as a drill, and time the team.

    The posts run through the whole chain, aside: nothing of it is counted with the watch. Buttons in Slack
    work while `tocsin serve` runs. It is over once somebody takes it, says what it is, or closes it. Ends
    with 1 if a channel was not told.
    """
    console = Console()
    settings = Settings()
    logs.configure("error", settings.log_format)
    with open_runtime(settings, console=console) as runtime:
        if past:
            _past(runtime, console)
        elif stop:
            _stop(runtime, console)
        else:
            times = _drill(runtime, console, watch, timedelta(minutes=wait), sure=yes)
            if times is not None and not times.told:
                raise typer.Exit(1)


def _drill(
    runtime: Runtime, console: Console, word: str, wait: timedelta, *, sure: bool
) -> drills.Times | None:
    with runtime.sessions() as session:
        db.only_read(session)
        if word:
            watch = named_or_numbered(session, word)
        else:
            first = select(Watch).where(Watch.enabled).order_by(Watch.id).limit(1)
            existing = session.scalars(first).first()
            if existing is None:
                raise Conflict("there is no watch: make one with `tocsin apply`")
            watch = existing
        text = ", ".join(f"{channel.name} ({channel.kind})" for channel in drills.told_of(session, watch))
    name, language = watch.name, watch.language or runtime.settings.language
    console.print(Text(f"A drill of “{name}” rings in: {text or 'no channel'}."))
    if not sure and not typer.confirm("It calls real people. Go on?"):
        return None
    facts = drills.rehearse(
        posts(runtime.now(), language, seed=int(runtime.now().timestamp())),
        name=name,
        query=WORD,
        time_zone=watch.time_zone,
    )
    with runtime.sessions.begin() as session:
        here = session.get_one(Watch, watch.id)
        number = drills.begin(session, here, facts, by=actor(), now=runtime.now()).id
    try:
        times = _follow(runtime, console, number, wait)
    finally:
        _end(runtime, name, number)
    _show(console, times)
    return times


def _follow(runtime: Runtime, console: Console, number: int, wait: timedelta) -> drills.Times:
    """Tell what is due, and look how far it is, until it is over."""
    said: set[str] = set()
    until = runtime.now() + wait
    while True:
        notify(runtime.sessions, runtime.chain.delivery, now=runtime.now())
        with runtime.sessions() as session:
            db.only_read(session)
            times = drills.times_of(session, number)
        for one in times.reached:
            news = f"told {one.channel} after {_span(one.after)}" if one.after is not None else one.error
            if news and (one.channel + news) not in said:
                said.add(one.channel + news)
                console.print(Text(f"  {news if one.after is not None else f'{one.channel}: {news}'}"))
        if times.taken_by or times.over or runtime.now() >= until:
            return times
        time.sleep(_EVERY)


def _end(runtime: Runtime, name: str, number: int) -> None:
    """Close it, let the channels say so, and keep its times only."""
    by = actor()
    with runtime.sessions.begin() as session:
        times = drills.times_of(session, number)
        drills.end(session, number, by=by, now=runtime.now())
    began_somewhere = any(one.after is not None for one in times.reached)
    until = runtime.now() + (_GOODBYE if began_somewhere else timedelta(0))
    while runtime.now() < until:
        notify(runtime.sessions, runtime.chain.delivery, now=runtime.now())
        with runtime.sessions() as session:
            db.only_read(session)
            if not drills.waits(session, number):
                break
        time.sleep(_EVERY / 4)
    with runtime.sessions.begin() as session:
        drills.forget(session, name, times, by=by, now=runtime.now())


def _show(console: Console, times: drills.Times) -> None:
    if times.taken_by:
        console.print(
            Text(f"{times.taken_by} took it {_span(times.taken_after)} after the alert.", "bold green")
        )
    elif times.over:
        console.print(Text("It was ended without anybody taking it.", "yellow"))
    else:
        console.print(Text("Nobody took it.", "bold red"))
    console.print(Text("The drill is over, and forgotten but for its times: tocsin drill --past", "dim"))


def _stop(runtime: Runtime, console: Console) -> None:
    with runtime.sessions() as session:
        names = drills.running(session)
    for name in names:
        with runtime.sessions() as session:
            query = select(Incident.id).join(Watch).where(Watch.name == f"{DRILL_NAME}{name}"[:120])
            number = session.scalars(query).first()
        if number is not None:
            _end(runtime, name, number)
        else:
            with runtime.sessions.begin() as session:
                drills.forget(session, name, None, by=actor(), now=runtime.now())
        console.print(Text(f"The drill of “{name}” is over."))
    if not names:
        console.print("No drill is under way.")


def _past(runtime: Runtime, console: Console) -> None:
    with runtime.sessions() as session:
        query = (
            select(AuditEntry).where(AuditEntry.action == "drill").order_by(AuditEntry.id.desc()).limit(50)
        )
        entries = [entry.after or {} for entry in session.scalars(query)]
    table = Table("when", "watch", "first told after", "taken by", "after")
    for entry in entries:
        told = [seconds for seconds in entry["told_after_seconds"].values() if seconds is not None]
        table.add_row(
            f"{datetime.fromisoformat(entry['began']):%Y-%m-%d %H:%M}",
            Text(entry["watch"]),
            _span(timedelta(seconds=min(told))) if told else "-",
            Text(entry["taken_by"] or "nobody"),
            "-"
            if entry["taken_after_seconds"] is None
            else _span(timedelta(seconds=entry["taken_after_seconds"])),
        )
    console.print(table if entries else "There was no drill yet.")


def _span(span: timedelta | None) -> str:
    seconds = span.total_seconds() if span else 0.0
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
