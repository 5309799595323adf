"""`tocsin crisis`: how the team carries an incident: its log and its statements."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from app.admin import crisis_log, stakeholder_updates, statements
from app.admin.change import checked, get_or_404
from app.admin.crisis_specs import (
    DraftSpec,
    LogSpec,
    PublishedSpec,
    RoomSpec,
    SettledSpec,
    StakeholderUpdatesSpec,
    WordingSpec,
)
from app.channels.crisis import RoomLine, StatementLine
from app.channels.document import Inline, inline, plain
from app.channels.notices import known_language
from app.channels.text import bare
from app.channels.wording.crisis import log_line, roles_line
from app.channels.wording.words import Words
from app.cli.keys import actor
from app.clock import known_zone
from app.desk.rooms import open_room
from app.errors import BadInput
from app.models import WITH_WATCH, Incident, LogKind, LogState, StakeholderUpdates, StatementAct
from app.pipeline.crisis.course import line_of, log_of, room_line, room_of, statements_of
from app.runtime import Runtime, open_runtime
from app.settings import Settings

app = typer.Typer(name="crisis", help="How the team carries an incident.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="INCIDENT", help="its number")]
Wording = Annotated[str, typer.Argument(help="3.2 is the second wording of statement 3")]


@app.command()
def show(incident: Number) -> None:
    """Show the log of INCIDENT and of those that are told with it."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        row, now = _incident(session, incident), runtime.now()
        words = _words(runtime, row)
        lines = [log_line(one, words, now=now, numbered=True) for one in log_of(session, row, at=now)]
    _print(*lines or [inline(f"Nothing is in the log of incident {incident} yet.")])


@app.command()
def log(
    incident: Number,
    kind: Annotated[LogKind, typer.Argument(help="what it is")],
    text: Annotated[str, typer.Argument(help="what was decided, said, is to be checked or done")],
    owner: Annotated[str, typer.Option(help="of a task: who does it")] = "",
    until: Annotated[
        datetime | None, typer.Option(help="of a task: by the watch's clock, 2026-12-05T09:00")
    ] = None,
) -> None:
    """Write a line into the log of INCIDENT; it stays as it is written."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        row, now = _incident(session, incident), runtime.now()
        due = None if until is None else until.replace(tzinfo=ZoneInfo(known_zone(row.watch.time_zone)))
        given = {
            "kind": kind.value, "text": text, "owner": owner, "due_at": due and due.astimezone(UTC),
        }  # fmt: skip
        entry = crisis_log.write(session, row, checked(LogSpec, given), by=actor(), now=now)
        said = log_line(line_of(entry), _words(runtime, row), now=now, numbered=True)
    _print(said)


@app.command()
def settle(
    incident: Number,
    entry: Annotated[int, typer.Argument(metavar="LINE", help="number of the line, as `show` has it")],
    state: Annotated[LogState, typer.Argument(help="of a fact: true, false, open; of a task: done, open")],
) -> None:
    """Say how a fact or a task in the log of INCIDENT stands now."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        row, now = _incident(session, incident), runtime.now()
        settled = crisis_log.settle(session, row, entry, SettledSpec(state=state), by=actor(), now=now)
        said = log_line(line_of(settled), _words(runtime, row), now=now, numbered=True)
    _print(said)


@app.command("statements")
def list_statements(incident: Number) -> None:
    """Show the statements of INCIDENT and of those that are told with it, with who approved them."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        lines = statements_of(session, _incident(session, incident), at=runtime.now())
    for line in lines:
        _print_statement(line)
    if not lines:
        typer.echo(f"Incident {incident} has no statement yet.")


@app.command()
def draft(
    incident: Number,
    template: Annotated[str, typer.Argument(help="its name, as `tocsin apply` set it")],
    language: Annotated[str, typer.Option(help="en or fr; else the watch's")] = "",
) -> None:
    """Draft a statement from TEMPLATE with the facts of INCIDENT; it waits for those who may approve it."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = checked(DraftSpec, {"template": template, "language": language})
        line = statements.draft(
            session, _incident(session, incident), spec, language=runtime.settings.language, by=actor(),
            now=runtime.now(),
        )  # fmt: skip
    _print_statement(line)


@app.command()
def reword(
    incident: Number, wording: Wording, text: Annotated[str, typer.Argument(help="the whole of it")]
) -> None:
    """Give a statement another TEXT in the place of WORDING; it has to be approved anew."""
    number, version = _numbers(wording)
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = checked(WordingSpec, {"version": version, "text": text})
        row = _incident(session, incident)
        line = statements.edit(session, row, number, spec, by=actor(), now=runtime.now())
    _print_statement(line)


@app.command()
def published(
    incident: Number, wording: Wording, where: Annotated[str, typer.Argument(help="for the trace")]
) -> None:
    """Note that a person published an approved WORDING. Approving is done in Slack or over HTTP, by name."""
    number, version = _numbers(wording)
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = checked(PublishedSpec, {"version": version, "where": where})
        row = _incident(session, incident)
        line = statements.publish(session, row, number, spec, by=actor(), now=runtime.now())
    _print_statement(line)


@app.command()
def updates(
    incident: Number,
    channels: Annotated[list[str] | None, typer.Argument(help="names of channels; none: show them")] = None,
    every: Annotated[int, typer.Option(help="minutes from one to the next: 60 is at each full hour")] = 60,
    end: Annotated[int | None, typer.Option(help="number of the updates that are to end")] = None,
) -> None:
    """Tell CHANNELS of INCIDENT at once and at an interval until it is out; or show, or end, its updates."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        row, now = _incident(session, incident), runtime.now()
        if channels:
            spec = checked(StakeholderUpdatesSpec, {"channels": channels, "every_minutes": every})
            stakeholder_updates.switch_on(session, row, spec, by=actor(), now=now)
        if end is not None:
            stakeholder_updates.switch_off(session, row, end, by=actor(), now=now)
        zone = ZoneInfo(known_zone(row.watch.time_zone))
        lines = [_updates_line(session, one, zone) for one in stakeholder_updates.updates_of(session, row)]
    for line in lines or [f"Nobody is told of incident {incident} at an interval."]:
        typer.echo(line)


def _updates_line(session: Session, one: StakeholderUpdates, zone: ZoneInfo) -> str:
    names = bare(", ".join(stakeholder_updates.audit_view(session, one)["channels"]))
    due = f"next {one.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.due_at else "ended"
    return f"{one.id} · {names} · every {one.every_minutes} min · {one.told} told · {due}"


@app.command()
def room(
    incident: Number,
    make: Annotated[bool, typer.Option("--make", help="make a private conversation in Slack")] = False,
    name: Annotated[str | None, typer.Option(help="of that conversation")] = None,
    slack_channel: Annotated[str | None, typer.Option(help="id of one that is there already")] = None,
    lead: Annotated[str | None, typer.Option(help="name of a person")] = None,
    spokesperson: Annotated[str | None, typer.Option(help="name of a person")] = None,
    scribe: Annotated[str | None, typer.Option(help="name of a person")] = None,
) -> None:
    """Give people their roles in INCIDENT, and open its room in Slack or name one; show what there is."""
    given = {
        "make": make, "name": name, "slack_channel": slack_channel, "lead": lead,
        "spokesperson": spokesperson, "scribe": scribe,
    }  # fmt: skip
    with open_runtime(Settings()) as runtime:
        notes: tuple[str, ...] = ()
        if any(given.values()):
            spec = checked(RoomSpec, given)
            notes = open_room(runtime, runtime.sessions, incident, spec, by=actor(), now=runtime.now()).notes
        with runtime.sessions() as session:
            row = _incident(session, incident)
            found = room_of(session, row)
            line = room_line(found) if found is not None else RoomLine()
            words = _words(runtime, row)
    there = line.name or line.slack_channel or "none"
    _print(roles_line(line, words), inline(f"Slack: {there}"), *map(inline, notes))


def _numbers(wording: str) -> tuple[int, int]:
    number, _, version = wording.partition(".")
    if not (number.isdecimal() and version.isdecimal()):
        raise BadInput(f"a wording is written as 3.2, the second one of statement 3; not {wording[:20]!r}")
    return int(number), int(version)


def _print_statement(line: StatementLine) -> None:
    approved = ", ".join(step.by for step in line.approvals) or "nobody yet"
    typer.echo(f"{line.id}.{line.version} · {bare(line.template)} · approved by {bare(approved)}")
    for step in line.of(StatementAct.said):
        typer.echo(f"{line.id}.{step.version} published by {bare(step.by)}: {bare(step.text)}")
    typer.echo(bare(line.text) + "\n")


def _incident(session: Session, number: int) -> Incident:
    return get_or_404(session, Incident, number, WITH_WATCH)


def _words(runtime: Runtime, incident: Incident) -> Words:
    language = known_language(incident.watch.language, runtime.settings.language)
    return Words(language, known_zone(incident.watch.time_zone))


def _print(*lines: Inline) -> None:
    for one in lines:
        typer.echo(bare(plain(one)))
