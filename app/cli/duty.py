"""`tocsin duty`: who is on duty, and when; swaps; and the rota as a calendar."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin import rotas
from app.admin.change import checked, get_by_name
from app.admin.people import names_of
from app.admin.rota_calendar import calendar_of
from app.admin.team_specs import SubstitutionSpec
from app.cli.keys import actor
from app.clock import known_zone
from app.errors import BadInput
from app.models import Rota
from app.pipeline.oncall.duty import read_duty
from app.pipeline.reports.calls import call_figures
from app.runtime import open_runtime
from app.settings import Settings

app = typer.Typer(name="duty", help="Who is on duty, and when.", no_args_is_help=False)
_FORM = "%Y-%m-%d %H:%M"
RotaName = Annotated[str, typer.Argument(metavar="ROTA", help="its name; may be left out if there is one")]
Days = Annotated[int, typer.Option(min=1, max=366, help="how far ahead")]


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show who is on duty now, and who is called next."""
    if context.invoked_subcommand is not None:
        return
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        now = runtime.now()
        found = list(session.scalars(select(Rota).order_by(Rota.name)))
        table = Table("rota", "on duty", "until", "called next", "out of reach")
        for rota in found:
            duty = read_duty(session, rota, since=now, until=now + rotas.AHEAD)
            shift, names = duty.plan.shifts(now, now + rotas.AHEAD)[0], names_of(session)
            order = duty.plan.call_order(now)
            on_duty = shift.people[:1]
            zone = ZoneInfo(known_zone(rota.time_zone))
            table.add_row(
                Text(rota.name),
                Text(", ".join(names[one] for one in on_duty) or "nobody", "" if on_duty else "red"),
                f"{shift.until.astimezone(zone):{_FORM}}",
                Text(", ".join(names[one] for one in order if one not in on_duty)),
                Text(", ".join(rotas.out_of_reach(session, rota, now)), "red"),
            )
    Console().print(table if found else "There is no rota yet: docs/on-call.md shows how one is made.")


@app.command()
def shifts(rota: RotaName = "", days: Days = 28) -> None:
    """Show who is on duty in the days to come, gaps among them."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        row, now = _rota(session, rota), runtime.now()
        zone, names = ZoneInfo(known_zone(row.time_zone)), names_of(session)
        table = Table(f"from ({zone})", "until", "on duty", "then")
        for one in rotas.shifts(session, row, now, now + timedelta(days=days)):
            first, *others = [names[person] for person in one.people] or ["nobody"]
            table.add_row(
                f"{one.since.astimezone(zone):{_FORM}}",
                f"{one.until.astimezone(zone):{_FORM}}",
                Text(first, "" if one.people else "red"),
                Text(", ".join(others)),
            )
    Console().print(table)


@app.command()
def swap(
    person: Annotated[str, typer.Argument(help="name of who is on duty instead")],
    since: Annotated[datetime, typer.Argument(help="by the rota's clock: 2026-12-05T09:00")],
    until: Annotated[datetime, typer.Argument(help="the same")],
    rota: Annotated[str, typer.Option(help="its name; may be left out if there is one")] = "",
    instead_of: Annotated[str, typer.Option(help="whose place it is; else of whoever is first")] = "",
    why: Annotated[str, typer.Option(help="for the others")] = "",
) -> None:
    """Have PERSON on duty in the place of another for a while."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        row = _rota(session, rota)
        zone = ZoneInfo(known_zone(row.time_zone))
        given = {
            "person": person, "instead_of": instead_of or None, "why": why,
            "starts_at": _at(since, zone), "ends_at": _at(until, zone),
        }  # fmt: skip
        rotas.substitute(session, row.id, checked(SubstitutionSpec, given), by=actor(), now=runtime.now())
        text = f"{person} is on duty in {row.name} from {since:{_FORM}} until {until:{_FORM}} ({zone})"
    typer.echo(text)


@app.command()
def figures(
    rota: RotaName = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="how far back")] = 28,
) -> None:
    """Show how fast fires were taken in hand, and who was called how often."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        row, now = _rota(session, rota), runtime.now()
        found = call_figures(session, row, now - timedelta(days=days), now)
    typer.echo(
        f"{found.fires} fires with a call in {days} days, {found.taken} taken in hand, "
        f"{found.within} of them in a quarter of an hour"
        + (f", half of them in {found.median_minutes:g} min" if found.median_minutes is not None else "")
        + f"; {found.unanswered} that nobody answered at first, {found.lapsed} that lapsed"
    )
    table = Table("person", "calls", "at night", "taken", "false alarms")
    for one in found.people:
        counts = (one.calls, one.at_night, one.taken, one.false_alarms)
        table.add_row(Text(one.name), *map(str, counts))
    if found.people:
        Console().print(table)


@app.command()
def calendar(
    rota: RotaName = "",
    days: Days = 90,
    to: Annotated[Path | None, typer.Option(help="file to write; else it is shown")] = None,
) -> None:
    """Write the shifts as a calendar (.ics) that other programs read."""
    settings = Settings()
    with open_runtime(settings) as runtime, runtime.sessions() as session:
        row, now = _rota(session, rota), runtime.now()
        until = now + timedelta(days=days)
        text = calendar_of(session, row, now, until, language=settings.language, now=now)
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_bytes(text.encode())


def _rota(session: Session, name: str) -> Rota:
    if name:
        return get_by_name(session, Rota, name, "#/rota")
    found = list(session.scalars(select(Rota).order_by(Rota.name)))
    if len(found) != 1:
        known = ", ".join(rota.name for rota in found) or "none yet: docs/on-call.md shows how one is made"
        raise BadInput(f"say which rota is meant; there are: {known}")
    return found[0]


def _at(given: datetime, zone: ZoneInfo) -> datetime:
    return given.replace(tzinfo=zone).astimezone(UTC) if given.tzinfo is None else given
