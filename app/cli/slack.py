"""`tocsin slack`: who of the people in Slack may act on incidents."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from app.admin import people
from app.admin.fields import Role
from app.admin.team_specs import SlackUserSpec
from app.cli.keys import actor
from app.models import Person
from app.runtime import open_runtime
from app.settings import Settings

app = typer.Typer(name="slack", help="People in Slack: who may act on incidents.", no_args_is_help=True)
_ID = "id of the person: in Slack, their profile, “Copy member ID” (U…)"


@app.command("users")
def list_users() -> None:
    """Show who may act; everybody else in the channel may look only."""
    with open_runtime(Settings()) as runtime, runtime.sessions() as session:
        rows = session.scalars(
            select(Person).where(Person.slack_user.is_not(None)).order_by(Person.name)
        ).all()
    table = Table("id", "name", "role", "since")
    for row in rows:
        table.add_row(str(row.slack_user), Text(row.name), row.role, f"{row.created_at:%Y-%m-%d}")
    Console().print(table if rows else "Nobody may act in Slack yet: tocsin slack bind U… “name”")


@app.command()
def bind(
    user: Annotated[str, typer.Argument(help=_ID)],
    name: Annotated[str, typer.Argument(help="as alerts and the audit log show it")],
    role: Annotated[Role, typer.Option(help="viewer looks, responder and admin act")] = "responder",
) -> None:
    """Let a person in Slack act, or change what they may do."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        spec = SlackUserSpec(name=name, role=role)
        person = people.bind(session, user, spec, by=actor(), now=runtime.now())
        text = f"{person.name} ({person.slack_user}) is {person.role} in Slack"
    typer.echo(text)


@app.command()
def unbind(user: Annotated[str, typer.Argument(help=_ID)]) -> None:
    """Let a person look only."""
    with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
        people.unbind(session, user, by=actor(), now=runtime.now())
    typer.echo(f"{user} may look only")
