"""`tocsin sign-in`: a link that signs somebody in to the console, for who gets none by e-mail."""

from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from app.admin import people, sign_in
from app.admin.fields import Role
from app.admin.team_specs import PersonSpec
from app.cli.keys import actor
from app.errors import AppError, NotFound, invalid
from app.models import Person
from app.runtime import open_runtime
from app.settings import Settings


def make_link(
    name: Annotated[str, typer.Argument(help="of a person, as `GET /api/v1/people` shows it")],
    new: Annotated[Role | None, typer.Option(help="make the person, with this role")] = None,
) -> None:
    """Print a link that signs a person in to the console: once, within three days."""
    problems = Console(stderr=True)
    try:
        with open_runtime(Settings()) as runtime, runtime.sessions.begin() as session:
            now = runtime.now()
            person = session.scalar(select(Person).where(Person.name == name))
            if person is None and new is not None:
                spec = PersonSpec(name=name, role=new)
                person = people.create(session, spec, by=actor(), now=now)
            if person is None:
                known = ", ".join(session.scalars(select(Person.name).order_by(Person.name))) or "nobody yet"
                raise NotFound(f"nobody is called {name!r}: known are {known}; --new admin makes somebody")
            token = sign_in.make_link(session, person.id, holds=sign_in.HANDED_HOLDS, now=now)
            address = sign_in.address(runtime.settings, token)
    except ValidationError as error:
        problems.print(Text(invalid(error), "red"))
        raise typer.Exit(1) from error
    except AppError as error:
        problems.print(Text(str(error), "red"))
        raise typer.Exit(1) from error
    problems.print(f"It signs {name} in, once, within three days. Give it to nobody else.")
    typer.echo(address)
